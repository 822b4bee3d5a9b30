package metricmath

import (
	"fmt"
	"slices"
	"time"
)

// A Series is numbers by time.
type Series struct {
	ID     string // of the query that it came from
	Label  string
	Period time.Duration
	At     []int64 // Unix seconds, ascending
	Values []float64
}

// with returns a series of the same name with other points.
func (s Series) with(at []int64, values []float64) Series {
	s.At, s.Values = at, values
	return s
}

// each returns the series with every value changed.
func (s Series) each(fn func(at int64, v float64) float64) Series {
	values := make([]float64, len(s.Values))
	for i, v := range s.Values {
		values[i] = fn(s.At[i], v)
	}
	return s.with(s.At, values)
}

// at returns the value at a time.
func (s Series) at(t int64) (float64, bool) {
	if i, ok := slices.BinarySearch(s.At, t); ok {
		return s.Values[i], true
	}
	return 0, false
}

// A Value is what an expression comes to: one of Scalar, Series, Array, String.
type Value interface{ kind() string }

type (
	// Scalar is a number.
	Scalar float64
	// Array is a list of series.
	Array []Series
	// String is a word or text, an argument of some functions.
	String string
)

func (Scalar) kind() string { return "a scalar" }
func (Series) kind() string { return "a time series" }
func (Array) kind() string  { return "an array of time series" }
func (String) kind() string { return "a string" }

// An Error is an expression that cannot be read or computed.
type Error struct{ Message string }

func (e *Error) Error() string { return e.Message }

func errorf(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }
