package house

import (
	"go/ast"
	"path"
	"slices"
	"strings"
	"testing"
)

// Proportions that the code keeps, in lines, over all hand-written files that
// ship. The hard limits hold for each file and function.
const (
	fileMedian, fileP90, fileMax = 150, 400, 600
	funcMedian, funcP90, funcMax = 12, 40, 100
)

func TestShape(t *testing.T) {
	var files, funcs []int
	for _, f := range sources(t) {
		if f.isTest() {
			continue
		}
		files = append(files, f.lines)
		if f.lines > fileMax {
			t.Errorf("%s has %d lines: split it by subject (at most %d)", f.path, f.lines, fileMax)
		}
		for _, d := range f.syntax.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			n := f.fset.Position(fn.End()).Line - f.fset.Position(fn.Pos()).Line + 1
			funcs = append(funcs, n)
			if n > funcMax {
				t.Errorf("%s: %s has %d lines (at most %d)", f.path, fn.Name.Name, n, funcMax)
			}
			if fn.Name.Name == "init" && fn.Recv == nil {
				t.Errorf("%s has an init function: wire by hand", f.path)
			}
		}
	}
	for _, q := range []struct {
		what      string
		got, most int
	}{
		{"median file", quantile(files, 50), fileMedian},
		{"90th percentile of files", quantile(files, 90), fileP90},
		{"median function", quantile(funcs, 50), funcMedian},
		{"90th percentile of functions", quantile(funcs, 90), funcP90},
	} {
		t.Logf("%s: %d lines (at most %d)", q.what, q.got, q.most)
		if q.got > q.most {
			t.Errorf("the %s has %d lines, more than %d", q.what, q.got, q.most)
		}
	}
}

func quantile(values []int, percent int) int {
	slices.Sort(values)
	return values[len(values)*percent/100]
}

func TestNames(t *testing.T) {
	documented := map[string]bool{}
	for _, f := range sources(t) {
		if f.isTest() {
			continue
		}
		documented[f.dir()] = documented[f.dir()] || f.syntax.Doc != nil
		switch base := path.Base(f.dir()); base {
		case "util", "utils", "common", "helper", "helpers", "misc", "lib", "shared":
			t.Errorf("%s: a folder named %q says nothing of what is in it", f.path, base)
		}
		if name := f.syntax.Name.Name; strings.ContainsAny(name, "_") || strings.ToLower(name) != name {
			t.Errorf("%s: package %s: want one lower-case word", f.path, name)
		}
	}
	for dir, ok := range documented {
		if !ok {
			t.Errorf("%s: its package has no doc comment", dir)
		}
	}
}
