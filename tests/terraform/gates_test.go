package terraform

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// lifecycle runs all gates on the workspace.
func (w *workspace) lifecycle(t *testing.T) {
	w.create(t)
	w.refresh(t)
	w.update(t)
	w.imported(t)
	w.destroy(t)
}

// create holds that all that was planned is made, and that a second plan is empty.
func (w *workspace) create(t testing.TB) {
	t.Helper()
	r := w.changing(t, "apply")
	if planned, made := r.with("create"), r.completed("create"); !slices.Equal(planned, made) || len(made) == 0 {
		t.Fatalf("planned %d resources and made %d:\n%v\n%v", len(planned), len(made), planned, made)
	}
	t.Logf("%d resources made", len(r.completed("create")))
	w.unchanged(t, "the plan after apply")
}

// refresh holds that looking at everything changes nothing. The provider fills
// late attributes at the first look. The plan's exit status says nothing here:
// Terraform 1.11 gives 2 for a lone aws_sns_topic whose states before and after
// are the same byte by byte, so the plan itself is asked.
func (w *workspace) refresh(t testing.TB) {
	t.Helper()
	w.changing(t, "apply", "-refresh-only")
	file := filepath.Join(w.dir, "refresh.plan")
	args := append([]string{"plan", "-refresh-only", "-input=false", "-json", "-out=" + file}, w.vars...)
	code, out, err := w.run(t.Context(), args...)
	r := parseReport(out)
	if err != nil || code != 0 || len(r.outputs) > 0 {
		t.Fatalf("the refresh-only plan: exit status %d %v, outputs: %v\n%s", code, err, r.outputs, strings.Join(r.problems, "\n"))
	}
	if len(r.drifted) == 0 {
		return
	}
	for _, c := range w.plan(t, file).Drift {
		for _, name := range changedAttributes(c) {
			if !slices.Contains(moving, name) {
				t.Errorf("the refresh-only plan finds %s changed: %s is %v and was %v", c.Address, name, c.Change.After[name], c.Change.Before[name])
			}
		}
	}
}

// moving are attributes that change by themselves, on AWS too.
var moving = []string{"latest_restorable_time"}

// update applies update.tfvars, where there is one. Nothing goes but what the
// file says.
func (w *workspace) update(t testing.TB) {
	t.Helper()
	file := filepath.Join(w.dir, "update.tfvars")
	text, err := os.ReadFile(file)
	if err != nil {
		return
	}
	w.vars = append(w.vars, "-var-file="+file)
	w.overlay(t)
	r := w.changing(t, "apply")
	goes := replaces(string(text))
	for _, addr := range append(r.with("replace"), r.with("delete")...) {
		if !goes(addr) {
			t.Errorf("the update replaced or removed %s", addr)
		}
	}
	if len(r.with("update"))+len(r.with("create"))+len(r.with("replace")) == 0 {
		t.Error("the update changed nothing")
	}
	t.Logf("%d resources updated in place, %d replaced", len(r.with("update")), len(r.with("replace")))
	w.unchanged(t, "the plan after the update")
}

// overlay puts the files of the folder "update" in the place of those of the same
// names.
func (w *workspace) overlay(t testing.TB) {
	t.Helper()
	changed, _ := filepath.Glob(filepath.Join(w.dir, "update", "*"))
	for _, file := range changed {
		if err := os.Rename(file, filepath.Join(w.dir, filepath.Base(file))); err != nil {
			t.Fatal(err)
		}
	}
}

// replaces reads the "# replaces:" lines: types, or addresses.
func replaces(text string) func(addr string) bool {
	var named []string
	for line := range strings.Lines(text) {
		if list, ok := strings.CutPrefix(line, "# replaces:"); ok {
			named = append(named, strings.Fields(list)...)
		}
	}
	return func(addr string) bool {
		return slices.ContainsFunc(named, func(n string) bool { return n == addr || n == typeOf(addr) })
	}
}

// typeOf returns the resource type in an address: module.a.aws_lb.b["c"] → aws_lb.
func typeOf(addr string) string {
	parts := strings.Split(instanceKey.ReplaceAllString(addr, ""), ".")
	return parts[max(0, len(parts)-2)]
}

var instanceKey = regexp.MustCompile(`\[("[^"]*"|\d+)\]`)

// destroy holds that all goes, and that Terraform remembers nothing.
func (w *workspace) destroy(t testing.TB) {
	t.Helper()
	r := w.changing(t, "destroy")
	if planned, gone := r.with("delete"), r.completed("delete"); !slices.Equal(planned, gone) {
		t.Errorf("of %d resources %d were destroyed", len(planned), len(gone))
	}
	if left := w.must(t, "state", "list"); left != "" {
		t.Errorf("the state still holds\n%s", left)
	}
}
