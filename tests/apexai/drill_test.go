package apexai

import (
	"encoding/json"
	"testing"
)

// A drillReport is what `apex drill --output json` tells.
type drillReport struct {
	Requests, Failed   int
	Reasons            map[string]int
	FailedAfterSettled int
}

// drills breaks the stack under load. Whoever kills loses no request; what hangs
// may cost some until health checks have acted, and none later.
func drills(t *testing.T, s stack) {
	for _, d := range []struct {
		fault string
		hangs bool
	}{
		{"task-kill", false},
		{"balancer-kill", false},
		{"region-kill", false},
		{"deploy-under-load", false},
		{"task-freeze", true},
		{"az-down", true},
	} {
		t.Run(d.fault, func(t *testing.T) {
			var r drillReport
			out := s.Apex(t, "drill", d.fault, "studio", "--rps", "200", "--for", "4s", "--objective", "0", "--output", "json")
			if err := json.Unmarshal([]byte(out), &r); err != nil {
				t.Fatalf("%v in %s", err, out)
			}
			t.Logf("%d requests, %d failed: %v", r.Requests, r.Failed, r.Reasons)
			if r.Requests < 500 || r.FailedAfterSettled > 0 || r.Failed > 0 && !d.hangs {
				t.Errorf("report %+v", r)
			}
		})
	}
}
