package insights

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"slices"
)

// An aggregate is a call of an aggregate function within stats.
type aggregate struct {
	of   expr // nil counts every row
	make func() state
}

// A state is what an aggregate knows of one group so far. Two states of the same
// aggregate join, so that processors share the work.
type state interface {
	add(v Value, r *Row)
	join(other state)
	value() Value
}

// aggregates make the states of aggregate functions by their names in lower case.
// The argument is that of pct, from 0 to 100.
var aggregates = map[string]func(percent float64) state{
	"count":          func(float64) state { return new(counter) },
	"count_distinct": func(float64) state { return &distinct{} },
	"sum":            func(float64) state { return new(moments) },
	"avg":            func(float64) state { return &moments{what: average} },
	"stddev":         func(float64) state { return &moments{what: deviation} },
	"min":            func(float64) state { return &best{sign: -1} },
	"max":            func(float64) state { return &best{sign: 1} },
	"sortsfirst":     func(float64) state { return &best{sign: -1} },
	"sortslast":      func(float64) state { return &best{sign: 1} },
	"earliest":       func(float64) state { return &timed{sign: -1} },
	"latest":         func(float64) state { return &timed{sign: 1} },
	"pct":            func(p float64) state { return &sketch{percent: p} },
	"percentile":     func(p float64) state { return &sketch{percent: p} },
	"median":         func(float64) state { return &sketch{percent: 50} },
}

// aggregate reads the arguments of an aggregate function's call.
func (p *parser) aggregate(name token, lower string, make func(float64) state) (expr, *Error) {
	if p.calls == nil {
		return nil, p.fail(name.start, name.end, "%s can be called in stats only", name.text)
	}
	calls := p.calls
	p.calls = nil // none within another
	defer func() { p.calls = calls }()
	own, percent := aggregate{}, 0.0
	if lower == "count" && (p.symbol("*") || p.next.text == ")") {
		own.of = nil
	} else {
		var err *Error
		if own.of, err = p.expression(); err != nil {
			return nil, err
		}
	}
	if lower == "pct" || lower == "percentile" {
		if !p.symbol(",") {
			return nil, p.unexpected(",")
		}
		at := p.advance()
		n, ok := textOf(at.text).num()
		if at.kind != numberToken || !ok || n < 0 || n > 100 {
			return nil, p.fail(at.start, at.end, "a percentile is from 0 to 100")
		}
		percent = n
	}
	if !p.symbol(")") {
		return nil, p.unexpected(")")
	}
	own.make = func() state { return make(percent) }
	i := len(*calls)
	*calls = append(*calls, own)
	return func(r *Row) Value { return r.vars[i] }, nil // stats lays their values there
}

type counter struct{ n float64 }

func (c *counter) add(v Value, r *Row) { c.n++ }
func (c *counter) join(o state)        { c.n += o.(*counter).n }
func (c *counter) value() Value        { return numberOf(c.n) }

type momentsWhat uint8

const (
	total momentsWhat = iota
	average
	deviation
)

// moments keep what sums, means and deviations are made of (Welford's way).
type moments struct {
	what           momentsWhat
	n, sum, m2, mu float64
}

func (m *moments) add(v Value, _ *Row) {
	x, ok := v.num()
	if !ok {
		return
	}
	m.n++
	m.sum += x
	delta := x - m.mu
	m.mu += delta / m.n
	m.m2 += delta * (x - m.mu)
}

func (m *moments) join(other state) {
	o := other.(*moments)
	if o.n == 0 {
		return
	}
	n, delta := m.n+o.n, o.mu-m.mu
	m.m2 += o.m2 + delta*delta*m.n*o.n/n
	m.mu += delta * o.n / n
	m.n, m.sum = n, m.sum+o.sum
}

func (m *moments) value() Value {
	switch {
	case m.what == total:
		return numberOf(m.sum)
	case m.n == 0:
		return Value{}
	case m.what == average:
		return numberOf(m.sum / m.n)
	}
	return numberOf(math.Sqrt(m.m2 / m.n))
}

// best keeps the least or the greatest value.
type best struct {
	sign int
	v    Value
}

func (b *best) add(v Value, _ *Row) {
	if v.kind != missing && (b.v.kind == missing || compare(v, b.v)*b.sign > 0) {
		b.v = v.clone()
	}
}
func (b *best) join(other state) { b.add(other.(*best).v, nil) }
func (b *best) value() Value     { return b.v }

// timed keeps the value of the first or the last event that has one.
type timed struct {
	sign int
	at   int64
	v    Value
}

func (t *timed) add(v Value, r *Row) { t.take(v, r.event.Time.UnixMilli()) }

func (t *timed) take(v Value, at int64) {
	if v.kind != missing && (t.v.kind == missing || (at-t.at)*int64(t.sign) > 0) {
		t.v, t.at = v.clone(), at
	}
}
func (t *timed) join(other state) { t.take(other.(*timed).v, other.(*timed).at) }
func (t *timed) value() Value     { return t.v }

// maxDistinct is up to how many values count_distinct is exact.
const maxDistinct = 1 << 16

var seed = maphash.MakeSeed()

// distinct counts different values by their hashes. Beyond maxDistinct it keeps
// only those that end in so many zero bits, and multiplies.
type distinct struct {
	hashes map[uint64]struct{}
	bits   int
}

func (d *distinct) add(v Value, _ *Row) {
	if v.kind != missing {
		d.put(maphash.String(seed, v.String()))
	}
}

func (d *distinct) put(hash uint64) {
	if hash&(1<<d.bits-1) != 0 {
		return
	}
	if d.hashes == nil {
		d.hashes = map[uint64]struct{}{}
	}
	d.hashes[hash] = struct{}{}
	if len(d.hashes) > maxDistinct {
		d.thin(d.bits + 1)
	}
}

func (d *distinct) thin(bits int) {
	for d.bits = bits; ; d.bits++ {
		for hash := range d.hashes {
			if hash&(1<<d.bits-1) != 0 {
				delete(d.hashes, hash)
			}
		}
		if len(d.hashes) <= maxDistinct {
			return
		}
	}
}

func (d *distinct) join(other state) {
	o := other.(*distinct)
	if o.bits > d.bits {
		d.thin(o.bits)
	}
	for hash := range o.hashes {
		d.put(hash)
	}
}

func (d *distinct) value() Value {
	return numberOf(float64(len(d.hashes)) * math.Exp2(float64(d.bits)))
}

// maxExact is up to how many values percentiles are exact.
const maxExact = 4096

// sketchBase parts a sketch's buckets: each value is known to one percent.
var sketchBase = math.Log(1.02)

// sketch keeps the distribution of values: all of them while they are few, then
// how many lie in each of buckets that grow by two percent.
type sketch struct {
	percent float64
	exact   []float64
	buckets map[int]float64 // by sign and logarithm
	n       float64
}

func (s *sketch) add(v Value, _ *Row) {
	if x, ok := v.num(); ok && !math.IsNaN(x) && !math.IsInf(x, 0) {
		s.n++
		if s.buckets == nil && len(s.exact) < maxExact {
			s.exact = append(s.exact, x)
			return
		}
		s.spill()
		s.buckets[bucketOf(x)]++
	}
}

// spill turns exact values into buckets.
func (s *sketch) spill() {
	if s.buckets == nil {
		s.buckets = map[int]float64{}
	}
	for _, x := range s.exact {
		s.buckets[bucketOf(x)]++
	}
	s.exact = nil
}

// smallest is what counts as zero; bucketZero separates the signs' buckets.
const (
	smallest   = 1e-9
	bucketZero = 1 << 20
)

func bucketOf(x float64) int {
	if math.Abs(x) < smallest {
		return 0
	}
	n := int(math.Round(math.Log(math.Abs(x))/sketchBase)) + bucketZero
	if x < 0 {
		return -n
	}
	return n
}

func middleOf(bucket int) float64 {
	switch {
	case bucket == 0:
		return 0
	case bucket < 0:
		return -middleOf(-bucket)
	}
	return math.Exp(float64(bucket-bucketZero) * sketchBase)
}

func (s *sketch) join(other state) {
	o := other.(*sketch)
	if s.buckets == nil && o.buckets == nil && len(s.exact)+len(o.exact) <= maxExact {
		s.exact, s.n = append(s.exact, o.exact...), s.n+o.n
		return
	}
	s.spill()
	for _, x := range o.exact {
		s.buckets[bucketOf(x)]++
	}
	for b, n := range o.buckets {
		s.buckets[b] += n
	}
	s.n += o.n
}

// value takes the nearest rank.
func (s *sketch) value() Value {
	if s.n == 0 {
		return Value{}
	}
	rank := max(1, math.Ceil(s.percent/100*s.n))
	if s.buckets == nil {
		slices.Sort(s.exact)
		return numberOf(s.exact[int(rank)-1])
	}
	var order []int
	for b := range s.buckets {
		order = append(order, b)
	}
	slices.Sort(order)
	seen := 0.0
	for _, b := range order {
		if seen += s.buckets[b]; seen >= rank {
			return numberOf(middleOf(b))
		}
	}
	return numberOf(middleOf(order[len(order)-1]))
}

// appendKey appends a group's values such that equal ones alone give equal bytes.
func appendKey(b []byte, values []Value) []byte {
	for _, v := range values {
		b = append(b, byte(v.kind))
		if v.kind == text {
			b = binary.AppendUvarint(b, uint64(len(v.s)))
			b = append(b, v.s...)
		} else {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v.n))
		}
	}
	return b
}
