package series

import (
	"iter"
	"math"
	"slices"
	"time"
)

// A Slot is what a series was during one period.
type Slot struct {
	Start         time.Time
	Count         float64 // 0: nothing is known of the period
	Sum, Min, Max float64
	buckets       []bucket // in the order of their values; none if all samples are equal
	outline       bool     // the values of some samples are not known
}

// A bucket counts the samples of about one value.
type bucket struct {
	key   int32
	count float64
}

// growth is how far apart the values of neighbouring buckets are; maxBuckets
// bounds those of one slot: beyond it the lowest are counted as one.
const (
	growth     = 1.01
	maxBuckets = 4096
	keyOfOne   = 100_000 // the key of the value 1
)

var logGrowth = math.Log(growth)

// keyOf returns the bucket of a value. Keys are in the order of their values.
func keyOf(v float64) int32 {
	if v == 0 {
		return 0
	}
	key := int32(math.Round(math.Log(math.Abs(v))/logGrowth)) + keyOfOne
	if v < 0 {
		return -key
	}
	return key
}

// valueOf returns the value that stands for a bucket: of those in it the one with
// the fewest digits, so that small whole numbers come out as they went in.
func valueOf(key int32) float64 {
	switch {
	case key == 0:
		return 0
	case key < 0:
		return -valueOf(-key)
	}
	v := math.Exp(float64(key-keyOfOne) * logGrowth)
	order := int(math.Floor(math.Log10(v)))
	for unit := order; unit > order-3; unit-- {
		if round := rounded(v, unit); keyOf(round) == key {
			return round
		}
	}
	return v
}

// rounded rounds to a multiple of ten to the power of unit.
func rounded(v float64, unit int) float64 {
	if unit < 0 {
		scale := math.Pow10(-unit)
		return math.Round(v*scale) / scale
	}
	scale := math.Pow10(unit)
	return math.Round(v/scale) * scale
}

func sampleSlot(v, count float64) Slot {
	return Slot{Count: count, Sum: v * count, Min: v, Max: v}
}

// join adds what another slot holds.
func (s *Slot) join(o *Slot) {
	switch {
	case o.Count == 0:
		return
	case s.Count == 0:
		start := s.Start
		*s = *o
		s.Start, s.buckets = start, slices.Clone(o.buckets)
		return
	}
	s.outline = s.outline || o.outline
	if !s.outline && (s.Min != o.Min || s.Max != o.Max || s.Min != s.Max) {
		s.buckets = joinBuckets(s.known(), o.known())
	}
	if s.outline {
		s.buckets = nil
	}
	s.Count += o.Count
	s.Sum += o.Sum
	s.Min, s.Max = min(s.Min, o.Min), max(s.Max, o.Max)
}

// known returns the buckets, made up where all samples are equal.
func (s *Slot) known() []bucket {
	if len(s.buckets) == 0 && s.Min == s.Max {
		return []bucket{{keyOf(s.Min), s.Count}}
	}
	return s.buckets
}

func joinBuckets(a, b []bucket) []bucket {
	out := make([]bucket, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].key < b[0].key:
			out, a = append(out, a[0]), a[1:]
		case a[0].key > b[0].key:
			out, b = append(out, b[0]), b[1:]
		default:
			out = append(out, bucket{a[0].key, a[0].count + b[0].count})
			a, b = a[1:], b[1:]
		}
	}
	out = append(append(out, a...), b...)
	for len(out) > maxBuckets {
		out[1].count += out[0].count
		out = out[1:]
	}
	return out
}

// Distributed tells whether the values of all samples are known, to 1 %.
func (s *Slot) Distributed() bool { return s.Count > 0 && (!s.outline || s.Min == s.Max) }

// Values yields how often each value was seen, in the order of the values.
func (s *Slot) Values() iter.Seq2[float64, float64] {
	return func(yield func(value, count float64) bool) {
		for _, b := range s.known() {
			if !yield(min(max(valueOf(b.key), s.Min), s.Max), b.count) {
				return
			}
		}
	}
}

// Percentile returns the value below which p percent (0 to 100) of the samples
// lie; false if there are none, or if their values are not known.
func (s *Slot) Percentile(p float64) (float64, bool) {
	if !s.Distributed() {
		return 0, false
	}
	rank, seen := p/100*s.Count, 0.0
	for value, count := range s.Values() {
		if seen += count; seen >= rank {
			return value, true
		}
	}
	return s.Max, true
}
