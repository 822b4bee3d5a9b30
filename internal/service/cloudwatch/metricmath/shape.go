package metricmath

import (
	"slices"
)

// conditional is IF(condition, value, otherwise). Each may be a scalar or a series;
// without otherwise there is no datapoint where the condition fails.
func conditional(_ *Scope, args []Value) (Value, error) {
	var otherwise Value
	if len(args) == 3 {
		otherwise = args[2]
	}
	switch condition := args[0].(type) {
	case Scalar:
		if condition != 0 {
			return args[1], nil
		}
		if otherwise == nil {
			return Series{}, nil
		}
		return otherwise, nil
	case Series:
		return choose(condition, args[1], otherwise)
	}
	return nil, errorf("Error in expression: the condition of IF is %s", args[0].kind())
}

func choose(condition Series, yes, no Value) (Value, error) {
	out := condition.with(nil, nil)
	for i, at := range condition.At {
		from := no
		if condition.Values[i] != 0 {
			from = yes
		}
		var v float64
		ok := true
		switch from := from.(type) {
		case nil:
			ok = false
		case Scalar:
			v = float64(from)
		case Series:
			v, ok = from.at(at)
		default:
			return nil, errorf("Error in expression: IF takes scalars and time series, not %s", from.kind())
		}
		if ok {
			out.At = append(out.At, at)
			out.Values = append(out.Values, v)
		}
	}
	return out, nil
}

// fill is FILL(series, number | series | REPEAT | LINEAR).
func fill(s *Scope, args []Value) (Value, error) {
	if all, ok := args[0].(Array); ok {
		return eachOf(all, func(one Series) (Value, error) { return fill(s, []Value{one, args[1]}) })
	}
	series, ok := args[0].(Series)
	if !ok {
		return nil, errorf("Error in expression: FILL takes a time series, not %s", args[0].kind())
	}
	var missing func(at int64) (float64, bool)
	switch with := args[1].(type) {
	case Scalar:
		missing = func(int64) (float64, bool) { return float64(with), true }
	case Series:
		missing = with.at
	case String:
		switch with {
		case "REPEAT":
			missing = series.before
		case "LINEAR":
			missing = series.between
		}
	}
	if missing == nil {
		return nil, errorf("Error in expression: FILL takes a number, a time series, REPEAT or LINEAR")
	}
	step := series.Period
	if step == 0 {
		step = s.Period
	}
	out := series.with(nil, nil)
	for _, at := range s.grid(step) {
		v, known := series.at(at)
		if !known {
			v, known = missing(at)
		}
		if known {
			out.At = append(out.At, at)
			out.Values = append(out.Values, v)
		}
	}
	return out, nil
}

// before returns the last value before a time.
func (s Series) before(at int64) (float64, bool) {
	i, _ := slices.BinarySearch(s.At, at)
	if i == 0 {
		return 0, false
	}
	return s.Values[i-1], true
}

// between returns what lies on the line between the values around a time.
func (s Series) between(at int64) (float64, bool) {
	i, _ := slices.BinarySearch(s.At, at)
	if i == 0 || i == len(s.At) {
		return 0, false
	}
	share := float64(at-s.At[i-1]) / float64(s.At[i]-s.At[i-1])
	return s.Values[i-1] + share*(s.Values[i]-s.Values[i-1]), true
}

func metricCount(_ *Scope, args []Value) (Value, error) {
	all, err := asArray(args[0])
	return Scalar(len(all)), err
}

func asArray(v Value) (Array, error) {
	switch v := v.(type) {
	case Series:
		return Array{v}, nil
	case Array:
		return v, nil
	}
	return nil, errorf("Error in expression: an array of time series belongs where %s is", v.kind())
}

func period(s *Scope, args []Value) (Value, error) {
	series, ok := args[0].(Series)
	if !ok {
		return nil, errorf("Error in expression: PERIOD takes a time series, not %s", args[0].kind())
	}
	if series.Period == 0 {
		return Scalar(s.Period.Seconds()), nil
	}
	return Scalar(series.Period.Seconds()), nil
}

// pick returns one series of an array; -1 is the last.
func pick(v Value, index int) (Value, error) {
	all, err := asArray(v)
	if err != nil || len(all) == 0 {
		return Series{}, err
	}
	if index < 0 {
		index = len(all) - 1
	}
	return all[index], nil
}

func removeEmpty(_ *Scope, args []Value) (Value, error) {
	all, err := asArray(args[0])
	return slices.DeleteFunc(slices.Clone(all), func(s Series) bool { return len(s.At) == 0 }), err
}

// slice is SLICE(array, from[, to]).
func slice(_ *Scope, args []Value) (Value, error) {
	all, err := asArray(args[0])
	if err != nil {
		return nil, err
	}
	bounds := []int{0, len(all)}
	for i, arg := range args[1:] {
		n, ok := arg.(Scalar)
		if !ok || n < 0 {
			return nil, errorf("Error in expression: SLICE takes an array and places in it")
		}
		bounds[i] = min(int(n), len(all))
	}
	if bounds[0] > bounds[1] {
		return nil, errorf("Error in expression: SLICE from %d to %d", bounds[0], bounds[1])
	}
	if len(args) == 2 { // one place is one series
		return pick(all[bounds[0]:min(bounds[0]+1, len(all))], 0)
	}
	return all[bounds[0]:bounds[1]], nil
}

// order is SORT(array, AVG|MIN|MAX|SUM, ASC|DESC, limit).
func order(_ *Scope, args []Value) (Value, error) {
	all, err := asArray(args[0])
	if err != nil {
		return nil, err
	}
	by, ok := args[1].(String)
	measure := aggregates[string(by)]
	direction, limit := String("ASC"), len(all)
	if len(args) > 2 {
		var named bool
		direction, named = args[2].(String)
		ok = ok && named && (direction == "ASC" || direction == "DESC")
	}
	if len(args) > 3 {
		n, isNumber := args[3].(Scalar)
		ok = ok && isNumber && n >= 0
		limit = min(int(n), limit)
	}
	if !ok || measure == nil || by == "STDDEV" || by == "DATAPOINT_COUNT" {
		return nil, errorf("Error in expression: SORT takes an array, one of AVG, MIN, MAX and SUM, ASC or DESC, and a limit")
	}
	key := func(s Series) float64 {
		if len(s.Values) == 0 {
			return 0
		}
		return measure(s.Values)
	}
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b Series) int {
		x, y := key(a), key(b)
		if direction == "DESC" {
			x, y = y, x
		}
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	return sorted[:limit], nil
}

func timeSeries(s *Scope, args []Value) (Value, error) {
	n, ok := args[0].(Scalar)
	if !ok {
		return nil, errorf("Error in expression: TIME_SERIES takes a scalar, not %s", args[0].kind())
	}
	out := Series{Period: s.Period, At: s.grid(s.Period)}
	for range out.At {
		out.Values = append(out.Values, float64(n))
	}
	return out, nil
}
