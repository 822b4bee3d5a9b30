package series

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"time"
)

// A Store keeps series. Its methods may be called at the same time.
type Store struct {
	mu      sync.Mutex // guards all below
	now     func() time.Time
	names   *catalogue
	tiers   []*tier
	nextSum int64 // when tiers are added up again, Unix seconds
	buffer  []byte
	closed  bool
}

// errClosed is what a store answers after Close.
var errClosed = errors.New("series: the store is closed")

// Open returns the store whose files are in dir.
func Open(dir string) (*Store, error) { return OpenAt(dir, time.Now) }

// OpenAt is Open with a clock, which says what is old.
func OpenAt(dir string, now func() time.Time) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open series: %w", err)
	}
	names, err := openCatalogue(dir)
	if err != nil {
		return nil, fmt.Errorf("open series in %s: %w", dir, err)
	}
	s := &Store{now: now, names: names}
	for i := range specs {
		t, err := openTier(dir, &specs[i])
		if err != nil {
			return nil, fmt.Errorf("open series in %s: %w", dir, err)
		}
		s.tiers = append(s.tiers, t)
	}
	if err := s.resume(); err != nil {
		return nil, fmt.Errorf("open series in %s: %w", dir, err)
	}
	return s, nil
}

// Close gives back what the files have spare. What was added survives without it.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	faults := s.names.close()
	for _, t := range s.tiers {
		faults = errors.Join(faults, t.close())
	}
	return faults
}

// Add adds samples to a series, which begins with the first. What Add returned
// from survives the process.
func (s *Store) Add(id ID, unit string, samples ...Sample) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, err := s.begin(id, unit)
	if err != nil || len(samples) == 0 {
		return err
	}
	for i := 0; i < len(samples); { // samples of one second are one record
		at := samples[i].At.Unix()
		var slot Slot
		for ; i < len(samples) && samples[i].At.Unix() == at; i++ {
			count := samples[i].Count
			if count == 0 {
				count = 1
			}
			one := sampleSlot(samples[i].Value, count)
			slot.join(&one)
		}
		if err := s.put(k, at, &slot); err != nil {
			return err
		}
	}
	return nil
}

// AddSet adds samples of which only the outline is known.
func (s *Store) AddSet(id ID, unit string, set Set) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, err := s.begin(id, unit)
	if err != nil {
		return err
	}
	slot := Slot{Count: set.Count, Sum: set.Sum, Min: set.Min, Max: set.Max}
	slot.outline = set.Min != set.Max
	return s.put(k, set.At.Unix(), &slot)
}

func (s *Store) begin(id ID, unit string) (*known, error) {
	if s.closed {
		return nil, errClosed
	}
	if err := s.sumUp(); err != nil {
		return nil, err
	}
	return s.names.number(id, unit)
}

// put writes a slot of one second: to the finest tier, and to those that have
// passed its time.
func (s *Store) put(k *known, at int64, slot *Slot) error {
	if slot.Count <= 0 {
		return nil
	}
	now := s.now().Unix()
	for i, t := range s.tiers {
		if at < now-t.keep || i > 0 && at >= t.complete {
			continue
		}
		if err := s.write(t, k.number, at, slot, false); err != nil {
			return err
		}
	}
	s.names.see(k, at)
	return nil
}

// write appends a slot to a tier.
func (s *Store) write(t *tier, series uint32, at int64, slot *Slot, addedUp bool) error {
	seg, err := t.segment(at, true)
	if err != nil {
		return err
	}
	r := record{series: series, slot: uint32((at - seg.start) / t.period), addedUp: addedUp}
	s.buffer, err = seg.append(s.buffer, r, slot)
	return err
}

// Read returns the slots of a series that begin in [from, to), oldest first: those
// of which something is known. Periods begin at multiples of their length, whole
// seconds.
func (s *Store) Read(id ID, from, to time.Time, period time.Duration) []Slot {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.names.byKey[id.Key()]
	step := max(1, int64(period/time.Second))
	if k == nil || s.closed || s.sumUp() != nil {
		return nil
	}
	found := map[int64]*Slot{}
	first, last := ceil(from, step), ceil(to, step)
	s.collect(k.number, first, last, step, func(at int64, slot *Slot) {
		start := floor(at, step)
		one := found[start]
		if one == nil {
			one = &Slot{Start: time.Unix(start, 0).UTC()}
			found[start] = one
		}
		one.join(slot)
	})
	out := make([]Slot, 0, len(found))
	for _, at := range slices.Sorted(maps.Keys(found)) {
		out = append(out, *found[at])
	}
	return out
}

// ceil returns the first multiple of step that is not before t.
func ceil(t time.Time, step int64) int64 {
	seconds := t.Unix()
	if t.Nanosecond() > 0 {
		seconds++
	}
	return -floor(-seconds, step)
}

// collect reads [from, to) from the coarsest tier that fits and, where that is not
// complete, from the finer ones.
func (s *Store) collect(series uint32, from, to, step int64, fn func(at int64, slot *Slot)) {
	for i, t := range slices.Backward(s.tiers) {
		if step%t.period != 0 {
			continue
		}
		end := to
		if i > 0 {
			end = min(to, t.complete)
		}
		// A file that does not open has nothing to read; Add reports it.
		_ = t.read(series, from, end, fn)
		from = max(from, end)
	}
}

// List returns the series of a scope, in no order.
func (s *Store) List(scope string) []ID {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []ID
	for _, k := range s.names.all {
		if k.id.Scope == scope {
			ids = append(ids, k.id)
		}
	}
	return ids
}

// Unit is the unit in which a series was last given; empty for none.
func (s *Store) Unit(id ID) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.names.byKey[id.Key()]; k != nil {
		return k.unit
	}
	return ""
}

// Seen is the time of a series' newest sample, to the second; the year 1970 if
// there is none.
func (s *Store) Seen(id ID) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.names.byKey[id.Key()]; k != nil && !s.closed {
		return s.names.seenAt(k)
	}
	return time.Unix(0, 0).UTC()
}
