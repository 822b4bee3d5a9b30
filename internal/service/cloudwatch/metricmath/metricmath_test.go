package metricmath_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"apex/internal/service/cloudwatch/metricmath"
)

// start is the first minute of the grid, which has five.
var start = time.Date(2026, 11, 25, 13, 58, 0, 0, time.UTC)

// series makes a series of a minute's period out of "1 2 _ 4".
func series(id, points string) metricmath.Series {
	s := metricmath.Series{ID: id, Label: id, Period: time.Minute}
	for i, p := range strings.Fields(points) {
		if p == "_" {
			continue
		}
		var v float64
		fmt.Sscan(p, &v)
		s.At = append(s.At, start.Add(time.Duration(i)*time.Minute).Unix())
		s.Values = append(s.Values, v)
	}
	return s
}

func scope() *metricmath.Scope {
	all := metricmath.Array{series("m1", "1 2 3 4 5"), series("m2", "10 _ 30 _ 50"), series("err", "0 0 4 0 _"), series("none", "")}
	return &metricmath.Scope{
		Lookup: func(id string) (metricmath.Value, error) {
			for _, s := range all {
				if s.ID == id {
					return s, nil
				}
			}
			return nil, fmt.Errorf("no query %s", id)
		},
		Metrics: func() (metricmath.Array, error) { return append(metricmath.Array{}, all...), nil },
		Search: func(expression, statistic string, period time.Duration) (metricmath.Array, error) {
			return metricmath.Array{series(expression+"/"+statistic+"/"+period.String(), "7")}, nil
		},
		From: start, To: start.Add(5 * time.Minute), Period: time.Minute,
	}
}

// show writes a value as the tests do.
func show(v metricmath.Value) string {
	switch v := v.(type) {
	case metricmath.Scalar:
		return fmt.Sprintf("= %.4g", float64(v))
	case metricmath.Series:
		points := []string{"_", "_", "_", "_", "_"}
		for i, at := range v.At {
			points[(at-start.Unix())/60] = fmt.Sprintf("%.4g", v.Values[i])
		}
		return strings.Join(points, " ")
	case metricmath.Array:
		var all []string
		for _, s := range v {
			all = append(all, show(s))
		}
		return "[" + strings.Join(all, " | ") + "]"
	}
	return fmt.Sprint(v)
}

func TestEval(t *testing.T) {
	for source, want := range map[string]string{
		"1 + 2 * 3 ^ 2":                          "= 19",
		"2 ^ 3 ^ 2":                              "= 512",
		"-2 * (3 - 5) / 4":                       "= 1",
		"1.5e2 - .5":                             "= 149.5",
		"m1 * 2":                                 "2 4 6 8 10",
		"10 - m1":                                "9 8 7 6 5",
		"m1 + m2":                                "11 _ 33 _ 55",
		"m1 / err":                               "_ _ 0.75 _ _", // nought has no datapoint
		"m1 > 2 && m2 > 40":                      "0 _ 0 _ 1",
		"m1 == 2 OR m1 == 3":                     "0 1 1 0 0",
		"m1 >= 2 AND m1 != 3":                    "0 1 0 1 1",
		"[m1, m2] * 10":                          "[10 20 30 40 50 | 100 _ 300 _ 500]",
		"SUM(m1)":                                "= 15",
		"AVG(m2)":                                "= 30",
		"MIN(m2) + MAX(m1)":                      "= 15",
		"STDDEV(m1)":                             "= 1.414",
		"SUM([m1, m2])":                          "11 2 33 4 55",
		"MAX(METRICS())":                         "10 2 30 4 50",
		"AVG(METRICS('m'))":                      "5.5 2 16.5 4 27.5",
		"METRIC_COUNT(METRICS())":                "= 4",
		"DATAPOINT_COUNT(m2)":                    "= 3",
		"ABS(m1 - 3)":                            "2 1 0 1 2",
		"CEIL(m1 / 2)":                           "1 1 2 2 3",
		"FLOOR(2.7)":                             "= 2",
		"LOG10(m2 * 10)":                         "2 _ 2.477 _ 2.699",
		"LOG(1)":                                 "= 0",
		"DIFF(m2)":                               "_ _ 20 _ 20",
		"DIFF_TIME(m2)":                          "_ _ 120 _ 120",
		"RATE(m2)":                               "_ _ 0.1667 _ 0.1667",
		"RUNNING_SUM(m1)":                        "1 3 6 10 15",
		"FILL(m2, 0)":                            "10 0 30 0 50",
		"FILL(m2, REPEAT)":                       "10 10 30 30 50",
		"FILL(m2, LINEAR)":                       "10 20 30 40 50",
		"FILL(m2, m1)":                           "10 2 30 4 50",
		"FILL(none, 3)":                          "3 3 3 3 3",
		"FILL(METRICS('none'), 3)":               "[3 3 3 3 3]",
		"IF(m1 > 3, m1, 0)":                      "0 0 0 4 5",
		"IF(m1 > 3, 1)":                          "_ _ _ 1 1",
		"IF(m1 > 1, m2, m1)":                     "1 _ 30 _ 50",
		"IF(1, m1, 0)":                           "1 2 3 4 5",
		"IF(SUM(err) > 5, m1)":                   "_ _ _ _ _",
		"PERIOD(m1)":                             "= 60",
		"m1 / PERIOD(m1)":                        "0.01667 0.03333 0.05 0.06667 0.08333",
		"MINUTE(m1)":                             "58 59 0 1 2",
		"HOUR(m1)":                               "13 13 14 14 14",
		"DAY(m1)":                                "3 3 3 3 3", // Wednesday
		"MONTH(m1)":                              "11 11 11 11 11",
		"YEAR(m1) - 2000":                        "26 26 26 26 26",
		"FIRST([m2, m1])":                        "10 _ 30 _ 50",
		"LAST([m2, m1])":                         "1 2 3 4 5",
		"METRIC_COUNT(REMOVE_EMPTY([none, m1]))": "= 1",
		"SLICE([m1, m2, err], 1, 3)":             "[10 _ 30 _ 50 | 0 0 4 0 _]",
		"SLICE([m1, m2, err], 1)":                "10 _ 30 _ 50",
		"SORT([m1, m2, err], MAX, DESC, 2)":      "[10 _ 30 _ 50 | 1 2 3 4 5]",
		"SORT([m1, err], SUM, ASC)":              "[0 0 4 0 _ | 1 2 3 4 5]",
		"TIME_SERIES(3)":                         "3 3 3 3 3",
		"SUM(SEARCH('{A,B} x', 'Average', 60))":  "7 _ _ _ _",
		"sum(m1)":                                "= 15",
	} {
		e, err := metricmath.Parse(source)
		if err == nil {
			err = e.Check()
		}
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		got, err := e.Eval(scope())
		if err != nil || show(got) != want {
			t.Errorf("%s = %v, %v; want %s", source, show(got), err, want)
		}
	}
}

func TestRefuses(t *testing.T) {
	for source, says := range map[string]string{
		"":                             "ends",
		"m1 +":                         "ends",
		"(m1":                          `")"`,
		"SUM(m1":                       `","`,
		"m1 m2":                        "unexpected",
		"m1 $ 2":                       "unexpected",
		"'open":                        "does not end",
		"1.2.3":                        "no number",
		"NOSUCH(m1)":                   "Unknown function",
		"SUM()":                        "arguments",
		"ANOMALY_DETECTION_BAND(m1)":   "not built",
		"[m1] + [m2]":                  "unsupported operand",
		"m1 + 'x'":                     "unsupported operand",
		"FILL(1, 2)":                   "FILL",
		"FILL(m1, OTHER)":              "FILL",
		"SORT([m1], MEDIAN)":           "SORT",
		"nobody":                       "no query",
		"IF('x', 1, 2)":                "condition",
		strings.Repeat("(", 500) + "1": "too deep",
		strings.Repeat("-", 500) + "1": "too deep",
	} {
		e, err := metricmath.Parse(source)
		if err == nil {
			err = e.Check()
		}
		if err == nil {
			_, err = e.Eval(scope())
		}
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.40s: got %v, want %q", source, err, says)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"IF(m1 > 3, FILL(m2, LINEAR), -err ^ 2)", "SORT(METRICS('m'), MAX, DESC, 1e3)", "SLICE([m1,m2],1,1)", "SUM(SEARCH('a', \"b\", 1))/0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		e, err := metricmath.Parse(source)
		if err != nil || e.Check() != nil {
			return
		}
		e.Names()
		_, _ = e.Eval(scope())
	})
}
