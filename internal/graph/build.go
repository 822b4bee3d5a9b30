package graph

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"apex/internal/stack"
)

// A builder collects resources and the IDs that later ones refer to.
type builder struct {
	stack     stack.Stack
	prefix    string
	resources []Resource

	vpc, gateway                ID
	public, private, routes     []ID
	balancerGroup, serviceGroup ID
	loadBalancer                ID // empty if no service wants requests
	databaseGroup, cacheGroup   ID
	executionRole, taskRole     ID
	cluster                     ID
	secret                      map[string]ID // by the name that a service refers to
	targets                     map[string]ID // target groups, by service
	alternates                  map[string]ID // the second ones, of services whose traffic shifts
	shiftRole                   ID
	rules                       map[string][]ID
}

// Build returns the resources of a stack, each after those that it refers to.
func Build(s stack.Stack) (Graph, error) {
	b := &builder{
		stack: s, prefix: s.Name + "-" + s.Environment,
		secret: map[string]ID{}, targets: map[string]ID{}, alternates: map[string]ID{}, rules: map[string][]ID{},
	}
	b.network()
	b.groups()
	b.database() // the slowest to come up stand first
	b.cache()
	b.secrets()
	b.roles()
	b.cluster = b.add(Cluster{b.meta("Cluster", ""), stack.Enabled(s.Insights)})
	b.balancer()
	for name, svc := range sorted(s.Services) {
		b.service(name, svc)
	}
	resources, err := order(b.resources)
	return Graph{Stack: s.Name, Environment: s.Environment, Region: s.Region, Resources: resources}, err
}

// add takes a resource in and returns its ID, for references.
func (b *builder) add(r Resource) ID {
	b.resources = append(b.resources, r)
	return r.Base().ID
}

// meta names a resource "apexai-dev-label".
func (b *builder) meta(kind, label string) Meta {
	if label == "" {
		return Meta{ID(kind), b.prefix}
	}
	return Meta{ID(kind + "/" + label), b.prefix + "-" + label}
}

// path names a resource "apexai-dev/label", where AWS's names are paths.
func (b *builder) path(kind, label string) Meta {
	name := b.prefix + "/" + label
	if kind == "LogGroup" {
		name = "/" + name
	}
	return Meta{ID(kind + "/" + label), name}
}

// ports are those that services listen on.
func (b *builder) ports() []int {
	var ports []int
	for _, s := range b.stack.Services {
		ports = append(ports, s.Port)
	}
	slices.Sort(ports)
	return slices.Compact(ports)
}

// secretKeys turns "database.url" into a secret and its key.
func (b *builder) secretKeys(refs map[string]string) map[string]SecretKey {
	if len(refs) == 0 {
		return nil
	}
	keys := map[string]SecretKey{}
	for variable, ref := range refs {
		name, key, _ := strings.Cut(ref, ".")
		keys[variable] = SecretKey{b.secret[name], key}
	}
	return keys
}

// sorted ranges over a map in the order of its keys.
func sorted[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}
