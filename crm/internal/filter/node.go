// Package filter is the one language in which lists are narrowed: in ?filter=,
// saved views, exports, bulk changes, and what is made of a question in words.
//
// A filter is a small tree in JSON:
//
//	{"and":[{"f":"owner","op":"=","v":"me"},{"f":"cf.budget","op":">","v":100}]}
//
// Parse judges its shape; SQL judges it against the fields that a kind of
// record has and turns it into a condition in which every value is an
// argument. Nothing else of it reaches the database.
package filter

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"

	"apexai/crm/internal/check"
	"apexai/crm/internal/problem"
)

// What a filter may be at most.
const (
	MaxDepth  = 4
	MaxLeaves = 20
	MaxList   = 100  // values of one in or notIn
	MaxText   = 8192 // bytes of JSON
)

// A Node is a group (And, Or), a negation (Not) or a leaf: a field, an
// operator and its value. The zero Node holds for every record.
type Node struct {
	And   []Node          `json:"and,omitempty"`
	Or    []Node          `json:"or,omitempty"`
	Not   *Node           `json:"not,omitempty"`
	Field string          `json:"f,omitempty"`
	Op    Op              `json:"op,omitempty"`
	Value json.RawMessage `json:"v,omitempty"`
}

// Leaf is a condition on one field; value is what JSON can carry.
func Leaf(field string, op Op, value any) Node {
	encoded, err := json.Marshal(value)
	if err != nil || value == nil {
		encoded = nil
	}
	return Node{Field: field, Op: op, Value: encoded}
}

// All holds where every one of the given nodes does.
func All(nodes ...Node) Node {
	var given []Node
	for _, n := range nodes {
		if !n.Empty() {
			given = append(given, n)
		}
	}
	if len(given) == 1 {
		return given[0]
	}
	return Node{And: given}
}

// Parse reads a filter and judges its shape. No text is the zero Node.
func Parse(text []byte) (Node, error) {
	var n Node
	if len(bytes.TrimSpace(text)) == 0 {
		return n, nil
	}
	if len(text) > MaxText {
		return n, refuse("", "too-long", "a filter has at most "+strconv.Itoa(MaxText)+" bytes")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&n); err != nil {
		return Node{}, problem.Syntax("the filter is not one: " + err.Error())
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Node{}, problem.Syntax("the filter is more than one JSON value")
	}
	return n, n.Check()
}

// Check judges the shape of a filter: each node is one thing, not too deep,
// not too many.
func (n Node) Check() error {
	s := shape{}
	s.walk(n, "", 1)
	if s.leaves > MaxLeaves {
		s.faults.Add("", "too-many", "a filter has at most "+strconv.Itoa(MaxLeaves)+" conditions, not "+strconv.Itoa(s.leaves))
	}
	return s.faults.Problem()
}

// Empty says that the filter holds for every record.
func (n Node) Empty() bool {
	return len(n.And) == 0 && len(n.Or) == 0 && n.Not == nil && n.Field == "" && n.Op == "" && n.Value == nil
}

// String is the filter as JSON, the same text for the same filter; a cursor
// is bound to it. The zero Node has none.
func (n Node) String() string {
	if n.Empty() {
		return ""
	}
	text, err := json.Marshal(n)
	if err != nil {
		return "?" // a value that is not JSON, which Parse lets nobody make
	}
	return string(text)
}

// Names are the fields that the filter is about, each once.
func (n Node) Names() []string {
	var names []string
	seen := map[string]bool{}
	n.each(func(leaf Node) {
		if !seen[leaf.Field] {
			seen[leaf.Field] = true
			names = append(names, leaf.Field)
		}
	})
	return names
}

func (n Node) each(fn func(Node)) {
	if n.Field != "" {
		fn(n)
	}
	for _, inner := range n.And {
		inner.each(fn)
	}
	for _, inner := range n.Or {
		inner.each(fn)
	}
	if n.Not != nil {
		n.Not.each(fn)
	}
}

// shape counts what a filter is made of.
type shape struct {
	faults check.Faults
	leaves int
}

func (s *shape) walk(n Node, at string, depth int) {
	if depth > MaxDepth {
		s.faults.Add(at, "too-deep", "a filter is at most "+strconv.Itoa(MaxDepth)+" levels deep")
		return
	}
	if n.Empty() && depth == 1 {
		return
	}
	if n.kinds() != 1 {
		s.faults.Add(at, "shape", "a node is one of and, or, not, or a field f with an operator op")
		return
	}
	for i, inner := range n.And {
		s.walk(inner, at+"/and/"+strconv.Itoa(i), depth+1)
	}
	for i, inner := range n.Or {
		s.walk(inner, at+"/or/"+strconv.Itoa(i), depth+1)
	}
	if n.Not != nil {
		s.walk(*n.Not, at+"/not", depth+1)
	}
	if n.Field != "" {
		s.leaves++
	}
}

// kinds counts what a node claims to be; it should be one thing.
func (n Node) kinds() int {
	count := 0
	for _, is := range []bool{len(n.And) > 0, len(n.Or) > 0, n.Not != nil, n.Field != ""} {
		if is {
			count++
		}
	}
	if n.Field == "" && (n.Op != "" || n.Value != nil) {
		return 0
	}
	return count
}

func refuse(pointer, code, message string) error {
	return problem.Validation(problem.Fault{Pointer: pointer, Code: code, Message: message})
}
