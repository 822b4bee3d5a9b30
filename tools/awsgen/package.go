package main

import (
	"fmt"
	"maps"
	"slices"
)

// A Package is what is generated for one service: the operations chosen and all
// they reach.
type Package struct {
	service    Service
	model      *Model
	operations []string // sorted
	structs    map[string]bool
	inputs     map[string]bool // the structs that an input reaches
	enums      map[string]bool
	errors     map[string]bool
	roles      map[string]string // structure → "the input of CreateVpc"
	names      map[string]string // exported name → what bears it, to find collisions
}

func newPackage(service Service, model *Model) (*Package, error) {
	p := &Package{
		service: service, model: model,
		operations: slices.Sorted(slices.Values(service.Operations)),
		structs:    map[string]bool{}, inputs: map[string]bool{}, enums: map[string]bool{},
		errors: map[string]bool{}, roles: map[string]string{}, names: map[string]string{},
	}
	for _, name := range p.operations {
		if err := p.addOperation(name); err != nil {
			return nil, fmt.Errorf("operation %s: %w", name, err)
		}
	}
	return p, p.checkNames()
}

func (p *Package) addOperation(name string) error {
	operation, ok := p.model.Operations[name]
	if !ok {
		return fmt.Errorf("not in the model %s nor in the overlay", p.service.Model)
	}
	p.ensureShapes(name, operation)
	if p.takesEvents(operation.Input.Shape) {
		return fmt.Errorf("shape %s: event streams of inputs are not generated", operation.Input.Shape)
	}
	p.roles[operation.Input.Shape] = "the input of " + name
	p.roles[operation.Output.Shape] = "the output of " + name
	if err := p.reach(operation.Input.Shape, p.inputs); err != nil {
		return err
	}
	if err := p.reach(operation.Output.Shape, map[string]bool{}); err != nil {
		return err
	}
	for _, ref := range operation.Errors {
		p.errors[ref.Shape] = true
	}
	return nil
}

// ensureShapes gives an operation without an input or output an empty one, so
// that every operation has two types.
func (p *Package) ensureShapes(name string, operation *Operation) {
	if operation.Input == nil {
		operation.Input = &Ref{Shape: name + "Input"}
	}
	if operation.Output == nil {
		operation.Output = &Ref{Shape: name + "Output"}
	}
	for _, name := range []string{operation.Input.Shape, operation.Output.Shape} {
		if _, ok := p.model.Shapes[name]; !ok {
			p.model.Shapes[name] = &Shape{Type: "structure"}
		}
	}
}

// reach marks a shape and all it leads to. The set seen holds the structures
// already visited in this direction.
func (p *Package) reach(name string, seen map[string]bool) error {
	shape, ok := p.model.Shapes[name]
	if !ok {
		return fmt.Errorf("shape %s: not in the model nor in the overlay", name)
	}
	if shape.EventStream {
		return p.reachEvents(name, shape, seen)
	}
	if len(shape.Enum) > 0 {
		p.enums[name] = true
	}
	if shape.Type == "structure" {
		if seen[name] {
			return nil
		}
		seen[name] = true
		p.structs[name] = true
	}
	for _, ref := range shape.refs() {
		if err := p.reach(ref.Shape, seen); err != nil {
			return err
		}
	}
	return nil
}

// reachEvents marks the events of an operation's output stream. The stream itself
// gets no type: a handler sends its events one by one.
func (p *Package) reachEvents(name string, stream *Shape, seen map[string]bool) error {
	for _, event := range stream.Members {
		if p.model.Shapes[event.Ref.Shape].Exception {
			p.errors[event.Ref.Shape] = true
			continue
		}
		if err := p.reach(event.Ref.Shape, seen); err != nil {
			return fmt.Errorf("event stream %s: %w", name, err)
		}
	}
	return nil
}

// takesEvents reports whether a structure has an event stream among its members.
func (p *Package) takesEvents(structure string) bool {
	return slices.ContainsFunc(p.model.Shapes[structure].Members, func(m Member) bool {
		shape, ok := p.model.Shapes[m.Ref.Shape]
		return ok && shape.EventStream
	})
}

func (s *Shape) refs() []Ref {
	var refs []Ref
	for _, member := range s.Members {
		refs = append(refs, member.Ref)
	}
	for _, ref := range []*Ref{s.Member, s.Key, s.Value} {
		if ref != nil {
			refs = append(refs, *ref)
		}
	}
	return refs
}

// checkNames finds two things that would bear one name in Go.
func (p *Package) checkNames() error {
	claim := func(name, by string) error {
		if other, taken := p.names[name]; taken {
			return fmt.Errorf("name %s: both %s and %s", name, other, by)
		}
		p.names[name] = by
		return nil
	}
	if err := claim("Operations", "the list of operations"); err != nil {
		return err
	}
	for _, name := range p.operations {
		if err := claim(name, "operation "+name); err != nil {
			return err
		}
	}
	for _, name := range sorted(p.structs) {
		if err := claim(exported(name), "structure "+name); err != nil {
			return err
		}
	}
	return nil
}

func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }
