package metricmath

import (
	"math"
	"slices"
	"strings"
	"time"
)

// A function takes values that were computed. Its arity is least to most.
type function struct {
	least, most int
	call        func(*Scope, []Value) (Value, error)
}

// functions returns the function of a name. A switch and no table: some call
// others.
func functions(name string) (function, bool) {
	if fn, ok := perValue[name]; ok {
		return function{1, 1, func(_ *Scope, args []Value) (Value, error) { return mapped(args[0], fn) }}, true
	}
	if fn, ok := perSeries[name]; ok {
		return function{1, 1, func(_ *Scope, args []Value) (Value, error) { return perEach(args[0], fn) }}, true
	}
	if fn, ok := aggregates[name]; ok {
		return function{1, 1, func(_ *Scope, args []Value) (Value, error) { return aggregate(args[0], fn) }}, true
	}
	switch name {
	case "IF":
		return function{2, 3, conditional}, true
	case "FILL":
		return function{2, 2, fill}, true
	case "METRICS":
		return function{0, 1, metrics}, true
	case "METRIC_COUNT":
		return function{1, 1, metricCount}, true
	case "PERIOD":
		return function{1, 1, period}, true
	case "FIRST":
		return function{1, 1, func(_ *Scope, args []Value) (Value, error) { return pick(args[0], 0) }}, true
	case "LAST":
		return function{1, 1, func(_ *Scope, args []Value) (Value, error) { return pick(args[0], -1) }}, true
	case "REMOVE_EMPTY":
		return function{1, 1, removeEmpty}, true
	case "SLICE":
		return function{2, 3, slice}, true
	case "SORT":
		return function{2, 4, order}, true
	case "TIME_SERIES":
		return function{1, 1, timeSeries}, true
	case "SEARCH":
		return function{2, 3, search}, true
	}
	return function{}, false
}

// Check refuses an expression that calls what there is not, or with too few or too
// many arguments.
func (e *Expr) Check() error {
	var fault error
	e.walk(func(one *Expr) {
		if one.kind != call || fault != nil {
			return
		}
		fn, ok := functions(one.text)
		switch {
		case one.text == "ANOMALY_DETECTION_BAND":
			fault = errorf("ANOMALY_DETECTION_BAND: anomaly detection models are not built")
		case !ok:
			fault = errorf("Unknown function '%s'", one.text)
		case len(one.args) < fn.least || len(one.args) > fn.most:
			fault = errorf("The function %s takes %d to %d arguments, not %d", one.text, fn.least, fn.most, len(one.args))
		}
	})
	return fault
}

func (e *Expr) apply(s *Scope) (Value, error) {
	fn, ok := functions(e.text)
	if !ok {
		return nil, errorf("Unknown function '%s'", e.text)
	}
	var args []Value
	for _, arg := range e.args {
		v, err := arg.Eval(s)
		if err != nil {
			return nil, err
		}
		args = append(args, v)
	}
	return fn.call(s, args)
}

// perValue are the functions of a number, and of a series' numbers.
var perValue = map[string]func(float64) float64{
	"ABS": math.Abs, "CEIL": math.Ceil, "FLOOR": math.Floor, "LOG": math.Log, "LOG10": math.Log10,
}

func mapped(v Value, fn func(float64) float64) (Value, error) {
	if n, ok := v.(Scalar); ok {
		return Scalar(fn(float64(n))), nil
	}
	return perEach(v, func(s Series) Series {
		return finite(s.each(func(_ int64, x float64) float64 { return fn(x) }))
	})
}

// perSeries are the functions of a series, and of each series of an array.
var perSeries = map[string]func(Series) Series{
	"DIFF":        func(s Series) Series { return steps(s, func(dv, _ float64) float64 { return dv }) },
	"DIFF_TIME":   func(s Series) Series { return steps(s, func(_, dt float64) float64 { return dt }) },
	"RATE":        func(s Series) Series { return steps(s, func(dv, dt float64) float64 { return dv / dt }) },
	"RUNNING_SUM": runningSum,
	"EPOCH":       clock(func(t time.Time) int { return int(t.Unix()) }),
	"MINUTE":      clock(time.Time.Minute),
	"HOUR":        clock(time.Time.Hour),
	"DAY":         clock(weekday),
	"DATE":        clock(time.Time.Day),
	"MONTH":       clock(func(t time.Time) int { return int(t.Month()) }),
	"YEAR":        clock(time.Time.Year),
}

// weekday is 1 for Monday to 7 for Sunday.
func weekday(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }

func clock(of func(time.Time) int) func(Series) Series {
	return func(s Series) Series {
		return s.each(func(at int64, _ float64) float64 { return float64(of(time.Unix(at, 0).UTC())) })
	}
}

// steps makes a value of each datapoint and the one before it.
func steps(s Series, fn func(dv, dt float64) float64) Series {
	var at []int64
	var values []float64
	for i := 1; i < len(s.At); i++ {
		at = append(at, s.At[i])
		values = append(values, fn(s.Values[i]-s.Values[i-1], float64(s.At[i]-s.At[i-1])))
	}
	return s.with(at, values)
}

func runningSum(s Series) Series {
	sum := 0.0
	return s.each(func(_ int64, v float64) float64 {
		sum += v
		return sum
	})
}

func perEach(v Value, fn func(Series) Series) (Value, error) {
	switch v := v.(type) {
	case Series:
		return fn(v), nil
	case Array:
		return eachOf(v, func(s Series) (Value, error) { return fn(s), nil })
	}
	return nil, errorf("Error in expression: a time series belongs where %s is", v.kind())
}

// aggregates are the functions that make one number of many.
var aggregates = map[string]func([]float64) float64{
	"SUM":             sum,
	"AVG":             func(v []float64) float64 { return sum(v) / float64(len(v)) },
	"MIN":             slices.Min[[]float64],
	"MAX":             slices.Max[[]float64],
	"STDDEV":          stddev,
	"DATAPOINT_COUNT": func(v []float64) float64 { return float64(len(v)) },
}

func sum(values []float64) float64 {
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total
}

func stddev(values []float64) float64 {
	mean := sum(values) / float64(len(values))
	squares := 0.0
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	return math.Sqrt(squares / float64(len(values)))
}

// aggregate makes a scalar of a series, and of an array a series: at each time the
// number of those that have a value there.
func aggregate(v Value, fn func([]float64) float64) (Value, error) {
	switch v := v.(type) {
	case Scalar:
		return v, nil
	case Series:
		if len(v.Values) == 0 {
			return Scalar(0), nil
		}
		return Scalar(fn(v.Values)), nil
	case Array:
		return across(v, fn), nil
	}
	return nil, errorf("Error in expression: a time series belongs where %s is", v.kind())
}

func across(all Array, fn func([]float64) float64) Series {
	byTime := map[int64][]float64{}
	out := Series{}
	for _, s := range all {
		out.Period = max(out.Period, s.Period)
		for i, at := range s.At {
			byTime[at] = append(byTime[at], s.Values[i])
		}
	}
	for at := range byTime {
		out.At = append(out.At, at)
	}
	slices.Sort(out.At)
	for _, at := range out.At {
		out.Values = append(out.Values, fn(byTime[at]))
	}
	return out
}

func metrics(s *Scope, args []Value) (Value, error) {
	all, err := s.Metrics()
	if err != nil || len(args) == 0 {
		return all, err
	}
	part, ok := args[0].(String)
	if !ok {
		return nil, errorf("Error in expression: METRICS takes a string")
	}
	return slices.DeleteFunc(all, func(one Series) bool { return !strings.Contains(one.ID, string(part)) }), nil
}

func search(s *Scope, args []Value) (Value, error) {
	expression, ok := args[0].(String)
	statistic, ok2 := args[1].(String)
	length := s.Period
	if len(args) == 3 {
		seconds, ok3 := args[2].(Scalar)
		ok2 = ok2 && ok3 && seconds >= 1
		length = time.Duration(seconds) * time.Second
	}
	if !ok || !ok2 {
		return nil, errorf("Error in expression: SEARCH takes an expression, a statistic and a period")
	}
	if s.Search == nil {
		return nil, errorf("SEARCH is not supported here")
	}
	return s.Search(string(expression), string(statistic), length)
}
