package series

import (
	"errors"
	"maps"
	"slices"
)

// lateness is how long after the end of a period it is added up. What comes later
// still is added to the sum.
const lateness = 2

// resume finds out how far each tier is complete, and cuts off what was added up
// without its mark.
func (s *Store) resume() error {
	now := s.now().Unix()
	for i, t := range s.tiers {
		if i == 0 {
			continue
		}
		mark, err := t.newestMark()
		if err != nil {
			return err
		}
		t.complete = mark
		if mark == 0 {
			t.complete = floor(min(now, s.tiers[i-1].oldest(now)), t.period)
			if err := s.mark(t); err != nil {
				return err
			}
		}
		for _, start := range t.overlapping(t.complete, 1<<62) {
			seg, err := t.segment(start, false)
			if err != nil {
				return err
			}
			seg.cutAddedUp(t.complete)
		}
	}
	return s.sumUp()
}

// oldest is the start of the tier's oldest file; now if there is none.
func (t *tier) oldest(now int64) int64 {
	if len(t.starts) == 0 {
		return now
	}
	return slices.Min(slices.Collect(maps.Keys(t.starts)))
}

// sumUp adds up what periods have passed, if any have since the last time.
func (s *Store) sumUp() error {
	now := s.now().Unix()
	if now < s.nextSum {
		return nil
	}
	s.nextSum = floor(now-lateness, minute) + minute + lateness
	for i, t := range s.tiers[1:] {
		below := s.tiers[i]
		end := floor(now-lateness, t.period)
		if i > 0 {
			end = min(end, floor(below.complete, t.period))
		}
		if end <= t.complete {
			continue
		}
		if err := s.sum(below, t, t.complete, end); err != nil {
			return err
		}
	}
	var faults error
	for _, t := range s.tiers {
		faults = errors.Join(faults, t.expire(now))
	}
	return faults
}

// sum adds up [from, to) of a tier into the next coarser one, and marks it done. If
// it cannot, it leaves nothing.
func (s *Store) sum(below, t *tier, from, to int64) error {
	touched := map[*segment]int{}
	for _, start := range below.overlapping(from, to) {
		seg, err := below.segment(start, false)
		if err != nil {
			return err
		}
		if err := s.sumSegment(seg, t, max(from, start), min(to, start+below.span), touched); err != nil {
			undo(touched)
			return err
		}
	}
	before := t.complete
	t.complete = to
	if err := s.mark(t); err != nil {
		t.complete = before
		undo(touched)
		return err
	}
	return nil
}

// mark writes down how far a tier is complete.
func (s *Store) mark(t *tier) error {
	last := t.complete - t.period
	seg, err := t.segment(last, true)
	if err != nil {
		return err
	}
	s.buffer, err = seg.append(s.buffer, record{kind: kindMark, slot: uint32((last - seg.start) / t.period)}, nil)
	return err
}

// sumSegment adds up every series of one file. Files span whole periods of the
// coarser tier, so that none of those is split.
func (s *Store) sumSegment(seg *segment, t *tier, from, to int64, touched map[*segment]int) error {
	for series, offset := range seg.last {
		if offset == 0 {
			continue
		}
		sums := map[int64]*Slot{}
		seg.read(uint32(series), from, to, func(at int64, slot *Slot) {
			start := floor(at, t.period)
			if sums[start] == nil {
				sums[start] = &Slot{}
			}
			sums[start].join(slot)
		})
		for _, at := range slices.Sorted(maps.Keys(sums)) {
			into, err := t.segment(at, true)
			if err != nil {
				return err
			}
			if _, known := touched[into]; !known {
				touched[into] = into.used
			}
			if err := s.write(t, uint32(series), at, sums[at], true); err != nil {
				return err
			}
		}
	}
	return nil
}

// undo cuts off what was written in vain.
func undo(touched map[*segment]int) {
	for seg, used := range touched {
		seg.cut(used)
	}
}
