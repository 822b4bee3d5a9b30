package insights

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"time"
)

// A kind is the type of a value.
type kind uint8

const (
	missing kind = iota
	number
	text
	truth  // n is 0 or 1
	moment // n is milliseconds since 1970
)

// A Value is what an expression yields. Its text may lie in a buffer that is used
// again: who keeps it clones it.
type Value struct {
	kind kind
	n    float64
	s    string
}

func numberOf(n float64) Value { return Value{kind: number, n: n} }
func textOf(s string) Value    { return Value{kind: text, s: s} }
func momentOf(ms int64) Value  { return Value{kind: moment, n: float64(ms)} }

func truthOf(b bool) Value {
	if b {
		return Value{kind: truth, n: 1}
	}
	return Value{kind: truth}
}

func (v Value) clone() Value {
	v.s = strings.Clone(v.s)
	return v
}

// num returns a value as a number, if it is or reads as one.
func (v Value) num() (float64, bool) {
	switch v.kind {
	case missing:
		return 0, false
	case text:
		if v.s == "" || v.s[0] > '9' {
			return 0, false
		}
		n, err := strconv.ParseFloat(v.s, 64)
		return n, err == nil
	}
	return v.n, true
}

// holds returns a value as a condition.
func (v Value) holds() bool {
	switch v.kind {
	case missing:
		return false
	case text:
		return v.s != "" && v.s != "false" && v.s != "0"
	}
	return v.n != 0
}

// timeLayout is how moments are written.
const timeLayout = "2006-01-02 15:04:05.000"

// String returns a value as results have it: numbers with four decimals at most.
func (v Value) String() string {
	switch v.kind {
	case text:
		return v.s
	case number, truth:
		if v.n == math.Trunc(v.n) && math.Abs(v.n) < 1e15 {
			return strconv.FormatInt(int64(v.n), 10)
		}
		return strconv.FormatFloat(math.Round(v.n*1e4)/1e4, 'f', -1, 64)
	case moment:
		return time.UnixMilli(int64(v.n)).UTC().Format(timeLayout)
	}
	return ""
}

// compare orders two values: as numbers if both are, else as texts. What is
// missing comes first.
func compare(a, b Value) int {
	if a.kind == missing || b.kind == missing {
		return cmp.Compare(min(a.kind, 1), min(b.kind, 1))
	}
	x, ok := a.num()
	y, both := b.num()
	switch {
	case ok && both:
		return cmp.Compare(x, y)
	case a.kind == text && b.kind == text:
		return cmp.Compare(a.s, b.s)
	}
	return cmp.Compare(a.String(), b.String())
}
