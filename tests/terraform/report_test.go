package terraform

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A report is what a run of Terraform said in its JSON lines.
type report struct {
	planned  map[string]string   // address → action
	done     map[string][]string // address → actions that were completed
	drifted  []string            // addresses that are not as the state has them
	outputs  []string            // outputs that would change
	problems []string            // diagnostics of severity error
}

// A message is one JSON line of Terraform.
type message struct {
	Type   string
	Change struct {
		Resource resourceName
		Action   string
	}
	Hook struct {
		Resource resourceName
		Action   string
	}
	Outputs    map[string]struct{ Action string }
	Diagnostic struct{ Severity, Summary, Detail, Address string }
}

type resourceName struct{ Addr string }

func parseReport(out string) report {
	r := report{planned: map[string]string{}, done: map[string][]string{}}
	for line := range strings.Lines(out) {
		var m message
		if json.Unmarshal([]byte(line), &m) != nil {
			continue
		}
		switch m.Type {
		case "planned_change":
			r.planned[m.Change.Resource.Addr] = m.Change.Action
		case "resource_drift":
			r.drifted = append(r.drifted, m.Change.Resource.Addr)
		case "outputs":
			for name, o := range m.Outputs {
				if o.Action != "" && o.Action != "noop" {
					r.outputs = append(r.outputs, name+": "+o.Action)
				}
			}
		case "apply_complete":
			r.done[m.Hook.Resource.Addr] = append(r.done[m.Hook.Resource.Addr], m.Hook.Action)
		case "diagnostic":
			if m.Diagnostic.Severity == "error" {
				d := m.Diagnostic
				r.problems = append(r.problems, fmt.Sprintf("%s: %s\n  %s", d.Address, d.Summary, d.Detail))
			}
		}
	}
	return r
}

// errors are Terraform's own words on what went wrong, or all its output.
func (r report) errors(out string) string {
	if len(r.problems) == 0 {
		return out
	}
	return strings.Join(r.problems, "\n")
}

// with returns the addresses for which the action was planned.
func (r report) with(action string) (addrs []string) {
	for _, addr := range slices.Sorted(maps.Keys(r.planned)) {
		if r.planned[addr] == action {
			addrs = append(addrs, addr)
		}
	}
	return addrs
}

// completed returns the addresses for which the action was done.
func (r report) completed(action string) (addrs []string) {
	for _, addr := range slices.Sorted(maps.Keys(r.done)) {
		if slices.Contains(r.done[addr], action) {
			addrs = append(addrs, addr)
		}
	}
	return addrs
}
