package cli

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"apex/internal/region"
	"apex/internal/stack"
)

type doctorCmd struct {
	Output string `short:"o" help:"text or json." enum:"text,json" default:"text"`
}

// A finding is what one check found.
type finding struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Needed bool   `json:"needed"` // up cannot work without it
	Detail string `json:"detail"`
	Fix    string `json:"fix,omitempty"`
}

// A check looks at one thing that regions need.
type check struct {
	name   string
	needed bool
	look   func(context.Context, region.Home) (detail string, err error)
	fix    string
	unused func(stack.Stack) bool // no need to look for such a stack; may be nil
}

func (c check) run(ctx context.Context, home region.Home) finding {
	detail, err := c.look(ctx, home)
	f := finding{Name: c.name, OK: err == nil, Needed: c.needed, Detail: detail}
	if err != nil {
		f.Detail, f.Fix = err.Error(), c.fix
		var h hint
		if errors.As(err, &h) {
			f.Fix = h.text
		}
	}
	return f
}

// Run prints all findings; it fails if one keeps up from working.
func (c doctorCmd) Run(a *app) error {
	home, err := region.HomeFromEnv()
	if err != nil {
		return err
	}
	var findings []finding
	bad := 0
	for _, check := range append(machineChecks(), extraChecks()...) {
		f := check.run(a.ctx, home)
		findings = append(findings, f)
		if !f.OK && f.Needed {
			bad++
		}
	}
	if err := c.print(a, findings); err != nil {
		return err
	}
	if bad > 0 {
		return fmt.Errorf("check this machine: %s missing for `apex up`", plural(bad, "thing"))
	}
	return nil
}

func (c doctorCmd) print(a *app, findings []finding) error {
	if c.Output == "json" {
		return writeJSON(a.stdout, map[string]any{"checks": findings})
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, f := range findings {
		mark := "ok"
		switch {
		case !f.OK && f.Needed:
			mark = "MISSING"
		case !f.OK:
			mark = "without"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", mark, f.Name, f.Detail)
		if f.Fix != "" {
			fmt.Fprintf(w, "\t\tfix: %s\n", f.Fix)
		}
	}
	return w.Flush()
}

// ableToRun says what keeps this machine from running the stack, if anything does.
func ableToRun(ctx context.Context, home region.Home, s stack.Stack) error {
	for _, check := range machineChecks() {
		if check.unused != nil && check.unused(s) {
			continue
		}
		if f := check.run(ctx, home); !f.OK && f.Needed {
			return hinted(fmt.Errorf("start the region: %s: %s", f.Name, f.Detail), f.Fix+" (apex doctor checks everything)")
		}
	}
	return nil
}
