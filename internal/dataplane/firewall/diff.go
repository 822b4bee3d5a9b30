package firewall

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A step is one command of the transaction that leads from one ruleset to
// another. It prints as nft writes the command.
type step struct {
	verb     string // "add", "delete", "flush"
	object   string // "set", "chain", "rule", "element"
	name     string
	set      set       // of add set
	chain    chain     // of add chain
	line     line      // of add rule
	kind     kind      // of elements: their set's
	elements []element // of add and delete element
}

func (s step) String() string {
	head := fmt.Sprintf("%s %s inet %s %s", s.verb, s.object, tableName, s.name)
	switch {
	case s.line != nil:
		return head + " " + s.line.String()
	case s.elements != nil:
		texts := make([]string, len(s.elements))
		for i, e := range s.elements {
			texts[i] = e.String()
		}
		return head + " { " + strings.Join(texts, ", ") + " }"
	}
	return head
}

// diff lists the steps from have to want, in an order in which nothing is named
// before it is there or removed while it is named.
func diff(have, want ruleset) []step {
	var steps []step
	add := func(s ...step) { steps = append(steps, s...) }
	for _, name := range missing(want.sets, have.sets) {
		add(step{verb: "add", object: "set", name: name, set: want.sets[name]})
	}
	for _, name := range missing(want.chains, have.chains) {
		add(step{verb: "add", object: "chain", name: name, chain: want.chains[name]})
	}
	for _, name := range slices.Sorted(maps.Keys(have.sets)) {
		add(elementSteps("delete", name, have.sets[name], want.sets[name])...)
	}
	add(refill(have, want)...)
	for _, name := range slices.Sorted(maps.Keys(want.sets)) {
		add(elementSteps("add", name, want.sets[name], have.sets[name])...)
	}
	for _, name := range missing(have.chains, want.chains) {
		add(step{verb: "delete", object: "chain", name: name})
	}
	for _, name := range missing(have.sets, want.sets) {
		add(step{verb: "delete", object: "set", name: name})
	}
	return steps
}

// refill empties the chains that change or go, then fills those that stay.
func refill(have, want ruleset) []step {
	var steps []step
	for _, name := range slices.Sorted(maps.Keys(have.chains)) {
		if c, ok := want.chains[name]; len(have.chains[name].lines) > 0 && (!ok || !sameLines(have.chains[name], c)) {
			steps = append(steps, step{verb: "flush", object: "chain", name: name})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want.chains)) {
		if c, ok := have.chains[name]; ok && sameLines(c, want.chains[name]) {
			continue
		}
		for _, l := range want.chains[name].lines {
			steps = append(steps, step{verb: "add", object: "rule", name: name, line: l})
		}
	}
	return steps
}

// batch is how many elements one netlink message carries: their attribute's
// length is a 16-bit number.
const batch = 256

// elementSteps names the elements of a that b lacks or has otherwise.
func elementSteps(verb, name string, a, b set) []step {
	var elements []element
	for text, e := range a.elements {
		if other, ok := b.elements[text]; !ok || other.jump != e.jump {
			elements = append(elements, e)
		}
	}
	slices.SortFunc(elements, func(x, y element) int { return strings.Compare(x.text, y.text) })
	var steps []step
	for part := range slices.Chunk(elements, batch) {
		steps = append(steps, step{verb: verb, object: "element", name: name, kind: a.kind, elements: part})
	}
	return steps
}

func sameLines(a, b chain) bool {
	return slices.EqualFunc(a.lines, b.lines, func(x, y line) bool { return slices.Equal(x, y) })
}

// missing lists the keys of a that b lacks, sorted.
func missing[V any](a, b map[string]V) []string {
	var names []string
	for name := range a {
		if _, ok := b[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
