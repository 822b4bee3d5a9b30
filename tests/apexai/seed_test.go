package apexai

import (
	"encoding/json"
	"strings"
	"testing"
)

// A list is one page of records.
type list struct {
	Total string
	Items []map[string]any
}

func (p person) list(t *testing.T, path string) (l list) {
	t.Helper()
	if err := json.Unmarshal([]byte(p.do(t, "GET", "/api/v1/"+path, "")), &l); err != nil {
		t.Fatal(err)
	}
	return l
}

// seeds fills the demo workspace by a task that is run by hand; a second one
// finds everything there. The records are the same on every machine.
func seeds(t *testing.T, s stack) {
	if out := s.Apex(t, "run", "server", "--", "seed", "--demo"); !strings.Contains(out, `"made":980,"of":980`) {
		t.Errorf("apex run server -- seed --demo:\n%s", out)
	}
	p := s.signIn(t)
	first := p.list(t, "people?limit=200&count=exact&sort=name")
	for path, want := range map[string]string{"companies": "60", "people": "200", "deals": "80"} {
		if l := p.list(t, path+"?limit=1&count=exact"); l.Total != want {
			t.Errorf("%s %s, want %s", l.Total, path, want)
		}
	}
	known := map[string]bool{}
	for _, one := range first.Items {
		known[one["firstName"].(string)+" "+one["lastName"].(string)+" at "+one["companyName"].(string)] = true
	}
	for _, name := range seeded {
		if !known[name] {
			t.Errorf("%s is not among the people", name)
		}
	}
	if out := s.Apex(t, "run", "server", "--", "seed", "--demo"); !strings.Contains(out, "the demo records are there already") {
		t.Errorf("the second time:\n%s", out)
	}
	if l := p.list(t, "people?limit=1&count=exact"); l.Total != "200" {
		t.Errorf("%s people after the second time", l.Total)
	}
	if out, err := s.TryApex(t.Context(), "run", "server", "--", "seed"); err == nil || !strings.Contains(out, "seed takes --demo") {
		t.Errorf("without --demo: %v\n%s", err, out)
	}
}

// seeded are some of the people whom every seed makes.
var seeded = []string{"Ben Abara at Quarry Robotics", "Zoë Andersson at Northwind Studios", "Noor Diallo at Tidewater Energy"}
