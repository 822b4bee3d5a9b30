package metricmath

import (
	"math"
	"time"
)

// A Scope is what an expression is computed in.
type Scope struct {
	// Lookup returns the value of a query of the request.
	Lookup func(id string) (Value, error)
	// Metrics returns the series of the request's queries that read a metric.
	Metrics func() (Array, error)
	// Search finds series; nil where there is no search, as in alarms.
	Search func(expression, statistic string, period time.Duration) (Array, error)
	// From, To and Period are the times for which values are wanted.
	From, To time.Time
	Period   time.Duration
}

// grid returns the times for which values are wanted.
func (s *Scope) grid(period time.Duration) []int64 {
	var at []int64
	for t := s.From.Truncate(period); t.Before(s.To); t = t.Add(period) {
		if !t.Before(s.From) {
			at = append(at, t.Unix())
		}
	}
	return at
}

// Eval computes an expression.
func (e *Expr) Eval(s *Scope) (Value, error) {
	switch e.kind {
	case number:
		return Scalar(e.value), nil
	case text:
		return String(e.text), nil
	case name:
		if isWord(e.text) {
			return String(e.text), nil
		}
		return s.Lookup(e.text)
	case list:
		return e.array(s)
	case operator:
		left, err := e.args[0].Eval(s)
		if err != nil {
			return nil, err
		}
		right, err := e.args[1].Eval(s)
		if err != nil {
			return nil, err
		}
		return combine(e.text, left, right)
	}
	return e.apply(s)
}

func (e *Expr) array(s *Scope) (Value, error) {
	out := Array{}
	for _, arg := range e.args {
		v, err := arg.Eval(s)
		if err != nil {
			return nil, err
		}
		switch v := v.(type) {
		case Series:
			out = append(out, v)
		case Array:
			out = append(out, v...)
		default:
			return nil, errorf("Error in expression: an array holds time series, not %s", v.kind())
		}
	}
	return out, nil
}

// combine applies an operator, to each where there are several.
func combine(op string, left, right Value) (Value, error) {
	fn := func(a, b float64) float64 { return arithmetic(op, a, b) }
	switch l := left.(type) {
	case Scalar:
		switch r := right.(type) {
		case Scalar:
			return Scalar(fn(float64(l), float64(r))), nil
		case Series:
			return finite(r.each(func(_ int64, v float64) float64 { return fn(float64(l), v) })), nil
		case Array:
			return eachOf(r, func(one Series) (Value, error) { return combine(op, l, one) })
		}
	case Series:
		switch r := right.(type) {
		case Scalar:
			return finite(l.each(func(_ int64, v float64) float64 { return fn(v, float64(r)) })), nil
		case Series:
			return finite(joined(l, r, fn)), nil
		case Array:
			return eachOf(r, func(one Series) (Value, error) { return combine(op, l, one) })
		}
	case Array:
		switch right.(type) {
		case Scalar, Series:
			return eachOf(l, func(one Series) (Value, error) { return combine(op, one, right) })
		}
	}
	return nil, errorf("Error in expression: unsupported operand types for %s: %s and %s", op, left.kind(), right.kind())
}

// eachOf applies fn to each series.
func eachOf(all Array, fn func(Series) (Value, error)) (Value, error) {
	out := Array{}
	for _, one := range all {
		v, err := fn(one)
		if err != nil {
			return nil, err
		}
		made := v.(Series)
		made.ID, made.Label = one.ID, one.Label
		out = append(out, made)
	}
	return out, nil
}

// joined combines the values at the times that both have.
func joined(a, b Series, fn func(x, y float64) float64) Series {
	var at []int64
	var values []float64
	for i, j := 0, 0; i < len(a.At) && j < len(b.At); {
		switch {
		case a.At[i] < b.At[j]:
			i++
		case a.At[i] > b.At[j]:
			j++
		default:
			at = append(at, a.At[i])
			values = append(values, fn(a.Values[i], b.Values[j]))
			i++
			j++
		}
	}
	return a.with(at, values)
}

// finite leaves out what is no number: a division by nought has no datapoint.
func finite(s Series) Series {
	var at []int64
	var values []float64
	for i, v := range s.Values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			at = append(at, s.At[i])
			values = append(values, v)
		}
	}
	return s.with(at, values)
}

func arithmetic(op string, a, b float64) float64 {
	switch op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		return a / b
	case "^":
		return math.Pow(a, b)
	}
	return truth(compare(op, a, b))
}

func compare(op string, a, b float64) bool {
	switch op {
	case "==":
		return a == b
	case "!=":
		return a != b
	case "<":
		return a < b
	case ">":
		return a > b
	case "<=":
		return a <= b
	case ">=":
		return a >= b
	case "&&":
		return a != 0 && b != 0
	}
	return a != 0 || b != 0
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
