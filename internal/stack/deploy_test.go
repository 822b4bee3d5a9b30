package stack

import (
	"strings"
	"testing"
)

func TestDeployProblems(t *testing.T) {
	for deploy, want := range map[string]string{
		"{strategy: green}":                      "none of rolling, blue-green, canary and linear",
		"{minimum: 120%}":                        "more than all",
		"{maximum: 80%}":                         "less than the count",
		"{maximum: 100%}":                        "no task could ever be replaced",
		"{step: 10%}":                            "rolling has no steps",
		"{strategy: linear, step: 2%}":           "steps of 3% at least",
		"{strategy: canary, bake: 2000 minutes}": "more than a day",
		"{bake: 5s}":                             "no number of minutes",
		"{alarms: [\"\"]}":                       "no alarm's name",
	} {
		text := "name: shop\nservices:\n  api:\n    image: a:1\n    http: {paths: [/*]}\n    deploy: " + deploy + "\n"
		if _, err := Parse("apex.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", deploy, err, want)
		}
	}
}

func TestShiftingNeedsRequestsAndOneRule(t *testing.T) {
	const service = "name: shop\nservices:\n  api:\n    image: a:1\n    deploy: {strategy: blue-green}\n"
	if _, err := Parse("apex.yaml", []byte(service)); err == nil || !strings.Contains(err.Error(), "takes none") {
		t.Errorf("no requests: %v", err)
	}
	between := service + "    http: {paths: [/a/b/*, /*]}\n  other:\n    image: b:1\n    http: {paths: [/a/*]}\n"
	if _, err := Parse("apex.yaml", []byte(between)); err == nil || !strings.Contains(err.Error(), "has to stand between") {
		t.Errorf("a pattern between: %v", err)
	}
	apart := service + "    http: {paths: [/a/b/*, /c/*]}\n  other:\n    image: b:1\n    http: {paths: [/a/*, /*]}\n"
	if _, err := Parse("apex.yaml", []byte(apart)); err != nil {
		t.Errorf("patterns that do not meet: %v", err)
	}
}
