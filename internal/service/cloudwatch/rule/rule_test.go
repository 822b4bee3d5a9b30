package rule_test

import (
	"slices"
	"strings"
	"testing"

	"apex/internal/service/cloudwatch/rule"
)

func TestEval(t *testing.T) {
	states := map[string]string{"a": "ALARM", "b": "OK", "c d": "INSUFFICIENT_DATA", `q"`: "ALARM", "arn:aws:cloudwatch:us-east-1:1:alarm:x": "ALARM"}
	for text, want := range map[string]bool{
		"ALARM(a)":                 true,
		"ALARM(b)":                 false,
		"ok(b)":                    true,
		`INSUFFICIENT_DATA("c d")`: true,
		`ALARM("q\"")`:             true,
		"ALARM(arn:aws:cloudwatch:us-east-1:1:alarm:x)": true,
		"ALARM(unknown)":                 false,
		"TRUE":                           true,
		"NOT TRUE":                       false,
		"NOT NOT FALSE":                  false,
		"ALARM(b) AND FALSE OR TRUE":     true, // AND binds closer
		"TRUE OR ALARM(b) AND FALSE":     true, // not (TRUE OR …) AND FALSE
		"(TRUE OR ALARM(b)) AND FALSE":   false,
		"NOT FALSE AND FALSE":            false, // NOT binds closest
		"NOT (FALSE AND FALSE)":          true,
		" ALARM( a )\n AND\tOK ( b ) ":   true,
		"ALARM(a) and ok(b) or alarm(b)": true,
	} {
		r, err := rule.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := r.Eval(func(name string) string { return states[name] }); got != want {
			t.Errorf("%s is %v", text, got)
		}
	}
}

func TestAlarms(t *testing.T) {
	r, err := rule.Parse(`ALARM(b) OR (NOT OK("a x") AND ALARM(b)) OR TRUE`)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Alarms(); !slices.Equal(got, []string{"b", "a x"}) {
		t.Errorf("alarms %q", got)
	}
}

func TestParseRefuses(t *testing.T) {
	for text, says := range map[string]string{
		"":                                   "ends",
		"ALARM":                              `"("`,
		"ALARM()":                            "missing",
		`ALARM("")`:                          "empty",
		`ALARM("a)`:                          "does not end",
		"ALARM(a":                            `")"`,
		"ALARM(a b)":                         `")"`,
		"ALARM(a) OK(b)":                     "unexpected",
		"ALARM(a) AND":                       "ends",
		"(ALARM(a)":                          `")"`,
		"XYZ(a)":                             "no condition",
		"AND TRUE":                           "no condition",
		"TRUE)":                              "unexpected",
		strings.Repeat("NOT ", 600) + "TRUE": "",
	} {
		if _, err := rule.Parse(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: got %v, want %q", text, err, says)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`(ALARM("a b") OR NOT OK(c)) AND INSUFFICIENT_DATA(d)`)
	f.Add(`ALARM("\`)
	f.Fuzz(func(t *testing.T, text string) {
		if r, err := rule.Parse(text); err == nil {
			r.Eval(func(string) string { return "OK" })
			r.Alarms()
		}
	})
}
