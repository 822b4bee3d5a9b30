package terraform

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// imported forgets all resources that can be imported, imports them by their
// ids, and holds that Terraform then finds nothing to change.
func (w *workspace) imported(t testing.TB) {
	t.Helper()
	var blocks strings.Builder
	forget := []string{"state", "rm"}
	for _, res := range w.resources(t) {
		if id := importID(res); id != "" {
			fmt.Fprintf(&blocks, "import {\n  to = %s\n  id = %q\n}\n", res.Address, id)
			forget = append(forget, res.Address)
		}
	}
	if len(forget) == 2 {
		return
	}
	file := filepath.Join(w.dir, "imports.tf")
	if err := os.WriteFile(file, []byte(blocks.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	w.must(t, forget...)
	plan := filepath.Join(w.dir, "imports.plan")
	w.must(t, append([]string{"plan", "-input=false", "-no-color", "-out=" + plan}, w.vars...)...)
	w.onlyImports(t, plan, len(forget)-2)
	w.must(t, "apply", "-input=false", "-no-color", plan)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	w.unchanged(t, "the plan after import")
	t.Logf("%d resources imported", len(forget)-2)
}

// A resource is one of Terraform's state.
type resource struct {
	Address, Type string
	Values        map[string]any
}

// resources returns the managed resources of the state, as its file has them:
// asking Terraform would start the provider.
func (w *workspace) resources(t testing.TB) (list []resource) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, "terraform.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	var state struct {
		Resources []struct {
			Module, Mode, Type, Name string
			Instances                []struct {
				Key        any `json:"index_key"`
				Attributes map[string]any
			}
		}
	}
	if err := json.Unmarshal(text, &state); err != nil {
		t.Fatal(err)
	}
	for _, r := range state.Resources {
		if r.Mode != "managed" {
			continue
		}
		address := r.Type + "." + r.Name
		if r.Module != "" {
			address = r.Module + "." + address
		}
		for _, i := range r.Instances {
			list = append(list, resource{address + index(i.Key), r.Type, i.Attributes})
		}
	}
	return list
}

// index is how an address names one of several: [0], ["a"].
func index(key any) string {
	switch key := key.(type) {
	case string:
		return fmt.Sprintf("[%q]", key)
	case float64:
		return fmt.Sprintf("[%d]", int(key))
	}
	return ""
}

// A plannedChange is a resource of a saved plan.
type plannedChange struct {
	Address, Type string
	Change        struct {
		Actions       []string
		Before, After map[string]any
		AfterUnknown  map[string]any `json:"after_unknown"`
		Importing     *struct{ ID string }
	}
}

// A savedPlan is what a plan file says.
type savedPlan struct {
	Changes []plannedChange `json:"resource_changes"`
	Drift   []plannedChange `json:"resource_drift"`
}

func (w *workspace) plan(t testing.TB, file string) (p savedPlan) {
	t.Helper()
	if err := json.Unmarshal([]byte(w.must(t, "show", "-json", file)), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// onlyImports holds that the plan imports so many resources and does nothing
// else, but for attributes that no API gives back.
func (w *workspace) onlyImports(t testing.TB, plan string, want int) {
	t.Helper()
	n := 0
	for _, c := range w.plan(t, plan).Changes {
		if c.Change.Importing != nil {
			n++
		}
		switch action := strings.Join(c.Change.Actions, " "); action {
		case "no-op", "read":
		case "update":
			for _, name := range changedAttributes(c) {
				if !unreadable(c.Type, name) {
					t.Errorf("import of %s: %s is %v, want %v", c.Address, name, c.Change.Before[name], c.Change.After[name])
				}
			}
		default:
			t.Errorf("import of %s: the plan would %s it", c.Address, action)
		}
	}
	if n != want {
		t.Errorf("the plan imports %d resources, want %d", n, want)
	}
	if t.Failed() {
		t.FailNow()
	}
}

func changedAttributes(c plannedChange) (names []string) {
	for name, after := range c.Change.After {
		if !reflect.DeepEqual(after, c.Change.Before[name]) && c.Change.AfterUnknown[name] != true {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
