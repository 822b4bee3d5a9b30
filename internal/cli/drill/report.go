package drill

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"
)

// A Report is what a drill found.
type Report struct {
	Fault     string         `json:"fault"`
	Requests  int            `json:"requests"`
	Failed    int            `json:"failed"`
	Reasons   map[string]int `json:"reasons,omitempty"` // of failures
	Methods   map[string]int `json:"failedByMethod,omitempty"`
	Available float64        `json:"availablePercent"`
	P50       float64        `json:"p50Milliseconds"`
	P99       float64        `json:"p99Milliseconds"`
	Worst     float64        `json:"maxMilliseconds"`
	// First and Last are when requests failed: seconds after the fault.
	First float64 `json:"firstFailureSeconds,omitempty"`
	Last  float64 `json:"lastFailureSeconds,omitempty"`
	// Late are failures of requests that started later than Settled after the
	// fault, when health checks have acted.
	Late      int     `json:"failedAfterSettled"`
	Settled   float64 `json:"settledSeconds"`
	Recovered float64 `json:"recoveredSeconds,omitempty"` // after the fault; 0 if that was not waited for
	Objective float64 `json:"objectivePercent"`
	Met       bool    `json:"met"`
	Seconds   float64 `json:"seconds"`
}

// Judge makes a report of the requests around a fault that happened at a time.
// Failures later than settled after it are counted apart.
func Judge(shots []Shot, fault string, at time.Time, settled time.Duration, objective float64) Report {
	r := Report{Fault: fault, Requests: len(shots), Objective: objective, Settled: settled.Seconds(), Reasons: map[string]int{}, Methods: map[string]int{}}
	slices.SortFunc(shots, func(a, b Shot) int { return a.At.Compare(b.At) })
	var times []time.Duration
	for _, s := range shots {
		if !s.Failed() {
			times = append(times, s.Took)
			continue
		}
		since := s.At.Sub(at).Seconds()
		if r.Failed == 0 {
			r.First = since
		}
		r.Last = since
		r.Failed++
		r.Methods[s.Method]++
		r.Reasons[cmp.Or(s.Fault, "status "+strconv.Itoa(s.Status))]++
		if s.At.After(at.Add(settled)) {
			r.Late++
		}
	}
	if len(shots) > 0 {
		r.Available = 100 * float64(len(shots)-r.Failed) / float64(len(shots))
		r.Seconds = shots[len(shots)-1].At.Sub(shots[0].At).Seconds()
	}
	slices.Sort(times)
	r.P50, r.P99, r.Worst = quantile(times, 0.5), quantile(times, 0.99), quantile(times, 1)
	r.Met = len(shots) > 0 && r.Available >= objective
	return r
}

// quantile is in milliseconds.
func quantile(sorted []time.Duration, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	i := min(int(q*float64(len(sorted))), len(sorted)-1)
	return float64(sorted[i].Microseconds()) / 1000
}

// Print writes the report for people.
func (r Report) Print(out io.Writer) error {
	_, err := fmt.Fprintf(out, "%s: %d requests in %.0f s, %d failed: %.3f %% available, wanted %g %%\n",
		r.Fault, r.Requests, r.Seconds, r.Failed, r.Available, r.Objective)
	for _, reason := range slices.Sorted(maps.Keys(r.Reasons)) {
		fmt.Fprintf(out, "  %5d  %s\n", r.Reasons[reason], reason)
	}
	if r.Failed > 0 {
		fmt.Fprintf(out, "  the first %.1f s and the last %.1f s after the fault; %d after the first %.1f s\n", r.First, r.Last, r.Late, r.Settled)
	}
	fmt.Fprintf(out, "  answers took %.1f ms (median), %.1f ms (p99), %.0f ms (longest)\n", r.P50, r.P99, r.Worst)
	if r.Recovered > 0 {
		fmt.Fprintf(out, "  all tasks healthy again after %.1f s\n", r.Recovered)
	}
	return err
}
