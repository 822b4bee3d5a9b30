package insights

import "testing"

func TestFaults(t *testing.T) {
	for query, want := range map[string]struct {
		message    string
		start, end int
	}{
		"":                          {"unexpected end of the query: expected a command", 0, 0},
		"field a":                   {"unexpected symbol found field at line 1 and position 0: expected a command", 0, 5},
		"fields a |":                {"unexpected end of the query: expected a command", 10, 10},
		"fields a\n| filter a ==":   {"unexpected symbol found = at line 2 and position 12: expected an expression", 21, 22},
		"fields a b":                {"unexpected symbol found b at line 1 and position 9: expected |", 9, 10},
		"fields (a":                 {"unexpected end of the query: expected )", 9, 9},
		`filter a = "x`:             {"a quote that is not closed", 11, 13},
		"filter a like /x":          {"a regular expression that is not closed", 14, 16},
		"filter a like /(/":         {"regular expression: error parsing regexp: missing closing ): `(`", 14, 17},
		"filter a like 5":           {"unexpected symbol found 5 at line 1 and position 14: expected a string or a regular expression", 14, 15},
		"filter a not b":            {"unexpected symbol found b at line 1 and position 13: expected like or in", 13, 14},
		"filter a in b":             {"unexpected symbol found b at line 1 and position 12: expected [", 12, 13},
		"fields nofun(a)":           {"unknown function nofun", 7, 12},
		"fields abs(a, b)":          {"abs takes from 1 to 1 arguments, and has 2", 7, 16},
		"fields count(*)":           {"count can be called in stats only", 7, 12},
		"stats sum(avg(a))":         {"avg can be called in stats only", 10, 13},
		"stats count(*) + a":        {"a is not within an aggregate function", 17, 18},
		"stats pct(a, 101)":         {"a percentile is from 0 to 100", 13, 16},
		"stats count(*) by bin(5x)": {"5x is no length of time", 22, 24},
		"stats count(*) by bin()":   {"unexpected symbol found ) at line 1 and position 22: expected a length of time such as 5m", 22, 23},
		"limit 0":                   {"a limit is from 1 to 10000", 6, 7},
		"limit x":                   {"unexpected symbol found x at line 1 and position 6: expected a number", 6, 7},
		`parse "a*b*" as x`:         {"the pattern has 2 wildcards and 1 names", 6, 12},
		"parse @message /(a)/":      {"the regular expression needs a name for each of its groups", 15, 20},
		"parse @message":            {"unexpected end of the query: expected a string or a regular expression", 14, 14},
		"pattern @message":          {"the command pattern is not built", 0, 7},
		"fields 5m":                 {"unexpected symbol found 5m at line 1 and position 7: expected a number", 7, 9},
	} {
		_, err := Parse(query)
		if err == nil {
			t.Errorf("%q: no fault", query)
		} else if err.Message != want.message || err.Start != want.start || err.End != want.end {
			t.Errorf("%q: %q at %d to %d, want %q at %d to %d", query, err.Message, err.Start, err.End, want.message, want.start, want.end)
		}
	}
}
