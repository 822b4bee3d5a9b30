package main

import (
	"fmt"
	"os"
	"strings"
)

// A table is the figures of one run.
type table []row

type row struct {
	what   string
	figure string
	wanted string
	held   string
}

// add notes a figure that is to be at most bound; 0 is no bound.
func (t *table) add(what string, figure float64, unit, wanted string, bound float64) {
	t.note(what, figure, unit, wanted, bound == 0 || figure <= bound)
}

// addLeast notes a figure that is to be at least bound.
func (t *table) addLeast(what string, figure float64, unit, wanted string, bound float64) {
	t.note(what, figure, unit, wanted, figure >= bound)
}

func (t *table) note(what string, figure float64, unit, wanted string, held bool) {
	r := row{what: what, figure: strings.TrimSpace(fmt.Sprintf("%.4g %s", figure, unit)), wanted: wanted}
	if wanted != "" {
		r.held = "yes"
		if !held {
			r.held = "**no**"
		}
	}
	*t = append(*t, r)
	fmt.Fprintf(os.Stderr, "%-50s %-14s %s %s\n", r.what, r.figure, r.wanted, r.held)
}

func (t table) write(file string) error {
	var b strings.Builder
	b.WriteString("| | figure | wanted | held |\n|---|---|---|---|\n")
	for _, r := range t {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.what, r.figure, r.wanted, r.held)
	}
	fmt.Print(b.String())
	if file == "" {
		return nil
	}
	return os.WriteFile(file, []byte(b.String()), 0o644)
}
