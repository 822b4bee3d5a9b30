package series

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A tierSpec is how long a tier's slots are, how long they are kept, and how much
// time a file spans, all in seconds.
type tierSpec struct {
	name               string
	period, keep, span int64
}

const (
	minute = 60
	hour   = 3600
	day    = 24 * hour
)

// specs are the tiers, the finest first (CloudWatch: metrics retention).
var specs = []tierSpec{
	{"1s", 1, 3 * hour, 5 * minute},
	{"1m", minute, 15 * day, day},
	{"5m", 5 * minute, 63 * day, 7 * day},
	{"1h", hour, 455 * day, 35 * day},
}

// A tier is the files of one length of slots.
type tier struct {
	*tierSpec
	dir      string
	starts   map[int64]*segment // by the span's start; nil until it is opened
	complete int64              // all before it was added up from the finer tier
}

func openTier(dir string, spec *tierSpec) (*tier, error) {
	t := &tier{tierSpec: spec, dir: dir, starts: map[int64]*segment{}}
	names, err := filepath.Glob(filepath.Join(dir, spec.name+"-*"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		start, err := strconv.ParseInt(strings.TrimPrefix(filepath.Base(name), spec.name+"-"), 10, 64)
		if err == nil {
			t.starts[start] = nil
		}
	}
	return t, nil
}

func floor(t, step int64) int64 {
	if t < 0 {
		return -((-t + step - 1) / step) * step
	}
	return t - t%step
}

// segment returns the file for a time; nil if there is none and create is false.
func (t *tier) segment(at int64, create bool) (*segment, error) {
	start := floor(at, t.span)
	s, known := t.starts[start]
	if s != nil || !known && !create {
		return s, nil
	}
	s, err := openSegment(t.dir, t.tierSpec, start)
	if err != nil {
		return nil, err
	}
	t.starts[start] = s
	return s, nil
}

// overlapping returns the starts of the files that hold any of [from, to), in
// order.
func (t *tier) overlapping(from, to int64) []int64 {
	var starts []int64
	for start := range t.starts {
		if start < to && start+t.span > from {
			starts = append(starts, start)
		}
	}
	slices.Sort(starts)
	return starts
}

// read calls fn with every record of a series in [from, to).
func (t *tier) read(series uint32, from, to int64, fn func(at int64, slot *Slot)) error {
	for _, start := range t.overlapping(from, to) {
		s, err := t.segment(start, false)
		if err != nil {
			return err
		}
		s.read(series, from, to, fn)
	}
	return nil
}

// newestMark returns the time up to which the tier says it is complete.
func (t *tier) newestMark() (int64, error) {
	starts := slices.Sorted(maps.Keys(t.starts))
	for _, start := range slices.Backward(starts) {
		s, err := t.segment(start, false)
		if err != nil {
			return 0, err
		}
		if s.mark > 0 {
			return s.mark, nil
		}
	}
	return 0, nil
}

// expire deletes the files that are too old, and trims those that time has passed.
func (t *tier) expire(now int64) error {
	var faults error
	for start, s := range t.starts {
		switch end := start + t.span; {
		case end+t.keep < now:
			if s != nil {
				faults = errors.Join(faults, s.close(s.used))
			}
			delete(t.starts, start)
			faults = errors.Join(faults, os.Remove(filepath.Join(t.dir, t.name+"-"+strconv.FormatInt(start, 10))))
		case end+10*minute < now && s != nil:
			faults = errors.Join(faults, s.trim())
		}
	}
	return faults
}

func (t *tier) close() error {
	var faults error
	for _, s := range t.starts {
		if s != nil {
			faults = errors.Join(faults, s.close(s.used))
		}
	}
	if faults != nil {
		return fmt.Errorf("close series of %s: %w", t.name, faults)
	}
	return nil
}
