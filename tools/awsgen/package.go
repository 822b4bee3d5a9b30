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
	p.ensureShapes(operation)
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
func (p *Package) ensureShapes(operation *Operation) {
	if operation.Input == nil {
		operation.Input = &Ref{Shape: operation.Name + "Input"}
	}
	if operation.Output == nil {
		operation.Output = &Ref{Shape: operation.Name + "Output"}
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
		return fmt.Errorf("shape %s: event streams are not generated", name)
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
