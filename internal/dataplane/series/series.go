package series

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"
)

// A Label is one dimension of a series.
type Label struct{ Name, Value string }

// An ID names a series.
type ID struct {
	Scope  string // whose it is: an account and region, such as arn.Scope's Prefix
	Space  string // "AWS/ECS"
	Name   string // "CPUUtilization"
	Labels []Label
}

// NewID returns the ID of a series; labels are name, value, name, value, ….
func NewID(scope, space, name string, labels ...string) ID {
	id := ID{Scope: scope, Space: space, Name: name}
	for i := 0; i+1 < len(labels); i += 2 {
		id.Labels = append(id.Labels, Label{labels[i], labels[i+1]})
	}
	slices.SortFunc(id.Labels, func(a, b Label) int { return cmp.Compare(a.Name, b.Name) })
	return id
}

// Key is the ID in one string: equal IDs have the same.
func (id ID) Key() string {
	var b strings.Builder
	for _, part := range []string{id.Scope, id.Space, id.Name} {
		b.WriteString(part)
		b.WriteByte(0)
	}
	for _, l := range id.Labels {
		b.WriteString(l.Name)
		b.WriteByte(0)
		b.WriteString(l.Value)
		b.WriteByte(0)
	}
	return b.String()
}

// A Sample is a value that was seen Count times.
type Sample struct {
	At    time.Time
	Value float64
	Count float64 // 0 means 1
}

// A Slot is what a series was during one period.
type Slot struct {
	Start         time.Time
	Count         float64 // 0: nothing is known of the period
	Sum, Min, Max float64
	values        map[float64]float64 // how often each value was seen
}

func (s *Slot) add(v Sample) {
	n := cmp.Or(v.Count, 1)
	if s.Count == 0 {
		s.Min, s.Max, s.values = v.Value, v.Value, map[float64]float64{}
	}
	s.Min, s.Max = min(s.Min, v.Value), max(s.Max, v.Value)
	s.Count += n
	s.Sum += n * v.Value
	s.values[v.Value] += n
}

// Distributed tells whether the values of all samples are known.
func (s *Slot) Distributed() bool { return s.values != nil }

// Values yields how often each value was seen, in the order of the values.
func (s *Slot) Values() iter.Seq2[float64, float64] {
	return func(yield func(value, count float64) bool) {
		for _, v := range slices.Sorted(maps.Keys(s.values)) {
			if !yield(v, s.values[v]) {
				return
			}
		}
	}
}

// Percentile returns the value below which p percent (0 to 100) of the samples
// lie; false if there are none.
func (s *Slot) Percentile(p float64) (float64, bool) {
	if s.Count == 0 {
		return 0, false
	}
	rank, seen := p/100*s.Count, 0.0
	var values []float64
	for v := range s.values {
		values = append(values, v)
	}
	slices.Sort(values)
	for _, v := range values {
		if seen += s.values[v]; seen >= rank {
			return v, true
		}
	}
	return s.Max, true
}
