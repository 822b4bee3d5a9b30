package graph

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// The tags by which a resource of a stack is found again.
const (
	TagStack       = "apex:stack"
	TagEnvironment = "apex:environment"
	TagResource    = "apex:resource"
	// TagMessage is what somebody said of a release: a tag of task definitions.
	TagMessage = "apex:message"
)

// An ID names a resource in its stack: "Subnet/public-a", or "VPC" where there
// is one only. It is the value of the tag apex:resource.
type ID string

// Kind is what sort of resource it is: "Subnet".
func (id ID) Kind() string {
	kind, _, _ := strings.Cut(string(id), "/")
	return kind
}

// Label tells resources of one kind apart: "public-a"; empty if there is one only.
func (id ID) Label() string {
	_, label, _ := strings.Cut(string(id), "/")
	return label
}

// A Meta is what every resource has.
type Meta struct {
	ID   ID
	Name string // as AWS knows it: "apexai-dev-public-a"
}

// Base returns the resource's identity.
func (m Meta) Base() Meta { return m }

// A Resource is one of the structs of this package.
type Resource interface{ Base() Meta }

// A Graph is one environment of a stack as AWS resources, each after those that
// it refers to.
type Graph struct {
	Stack, Environment, Region string
	Resources                  []Resource
}

// Prefix begins the names of all the graph's resources: "apexai-dev".
func (g Graph) Prefix() string { return g.Stack + "-" + g.Environment }

// Tags are what a resource of the graph carries.
func (g Graph) Tags(id ID) map[string]string {
	return map[string]string{TagStack: g.Stack, TagEnvironment: g.Environment, TagResource: string(id)}
}

// Get returns the resource with an ID.
func (g Graph) Get(id ID) (Resource, bool) {
	for _, r := range g.Resources {
		if r.Base().ID == id {
			return r, true
		}
	}
	return nil, false
}

// Closure returns the resources with the given IDs and all that they refer to,
// directly or not, in the graph's order.
func (g Graph) Closure(ids ...ID) Graph {
	wanted := map[ID]bool{}
	var want func(ID)
	want = func(id ID) {
		if r, ok := g.Get(id); ok && !wanted[id] {
			wanted[id] = true
			for _, ref := range References(r) {
				want(ref)
			}
		}
	}
	for _, id := range ids {
		want(id)
	}
	part := Graph{Stack: g.Stack, Environment: g.Environment, Region: g.Region}
	for _, r := range g.Resources {
		if wanted[r.Base().ID] {
			part.Resources = append(part.Resources, r)
		}
	}
	return part
}

// References are the IDs that a resource holds, each once, in the order of its
// fields.
func References(r Resource) []ID {
	var ids []ID
	collect(reflect.Indirect(reflect.ValueOf(r)), &ids)
	return ids
}

// collect walks a value for the IDs in it, apart from the resource's own.
func collect(v reflect.Value, ids *[]ID) {
	switch v.Kind() {
	case reflect.String:
		if id, ok := v.Interface().(ID); ok && id != "" && !slices.Contains(*ids, id) {
			*ids = append(*ids, id)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() && field.Type != reflect.TypeFor[Meta]() {
				collect(v.Field(i), ids)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			collect(v.Index(i), ids)
		}
	case reflect.Map:
		for _, key := range sortedMapKeys(v) {
			collect(v.MapIndex(key), ids)
		}
	}
}

func sortedMapKeys(v reflect.Value) []reflect.Value {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	return keys
}

// order sorts resources so that each follows those it refers to, and otherwise
// stays where it was.
func order(resources []Resource) ([]Resource, error) {
	byID := make(map[ID]Resource, len(resources))
	for _, r := range resources {
		if _, twice := byID[r.Base().ID]; twice {
			return nil, fmt.Errorf("resource %s: there are two", r.Base().ID)
		}
		byID[r.Base().ID] = r
	}
	const visiting, done = 1, 2
	state := map[ID]int{}
	var sorted []Resource
	var visit func(r Resource) error
	visit = func(r Resource) error {
		id := r.Base().ID
		switch state[id] {
		case done:
			return nil
		case visiting:
			return fmt.Errorf("resource %s: refers to itself in a circle", id)
		}
		state[id] = visiting
		for _, ref := range References(r) {
			next, ok := byID[ref]
			if !ok {
				return fmt.Errorf("resource %s: refers to %s, which is not there", id, ref)
			}
			if err := visit(next); err != nil {
				return err
			}
		}
		state[id] = done
		sorted = append(sorted, r)
		return nil
	}
	for _, r := range resources {
		if err := visit(r); err != nil {
			return nil, err
		}
	}
	return sorted, nil
}
