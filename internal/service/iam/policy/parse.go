package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// maxDocument is the longest document read; IAM's own limits are lower.
const maxDocument = 128 << 10

// Parse reads a document. It refuses what IAM calls malformed: unknown elements,
// missing ones, and pairs that exclude each other.
func Parse(text string) (Document, error) {
	var raw struct {
		Version   string
		ID        string `json:"Id"`
		Statement oneOrMore[rawStatement]
	}
	if len(text) > maxDocument {
		return Document{}, fmt.Errorf("policy of %d bytes is longer than %d", len(text), maxDocument)
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&raw); err != nil {
		return Document{}, fmt.Errorf("policy: %w", err)
	}
	if dec.More() {
		return Document{}, fmt.Errorf("policy: text after the document")
	}
	if raw.Version != "" && raw.Version != "2012-10-17" && raw.Version != "2008-10-17" {
		return Document{}, fmt.Errorf("policy version %q: want 2012-10-17", raw.Version)
	}
	if len(raw.Statement) == 0 {
		return Document{}, fmt.Errorf("policy has no statement")
	}
	doc := Document{Version: raw.Version, ID: raw.ID}
	for i, r := range raw.Statement {
		s, err := r.statement()
		if err != nil {
			return Document{}, fmt.Errorf("statement %d: %w", i+1, err)
		}
		doc.Statements = append(doc.Statements, s)
	}
	return doc, nil
}

// oneOrMore is a JSON list that may be written as its only item.
type oneOrMore[T any] []T

func (l *oneOrMore[T]) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(b), []byte("[")) {
		return strict(b, (*[]T)(l))
	}
	var one T
	if err := strict(b, &one); err != nil {
		return err
	}
	*l = oneOrMore[T]{one}
	return nil
}

// strict decodes JSON and refuses unknown members, also below custom decoders.
func strict(b []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	return dec.Decode(v)
}

type rawStatement struct {
	SID          string `json:"Sid"`
	Effect       string
	Principal    *Principals
	NotPrincipal *Principals
	Action       oneOrMore[string]
	NotAction    oneOrMore[string]
	Resource     oneOrMore[string]
	NotResource  oneOrMore[string]
	Condition    map[string]map[string]oneOrMore[scalar]
}

// scalar is a string, number or boolean, kept as text.
type scalar string

func (s *scalar) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, (*string)(s))
	}
	if bytes.ContainsAny(b[:1], "[{n") {
		return fmt.Errorf("condition value %s: want a string, number or boolean", b)
	}
	*s = scalar(b)
	return nil
}

func (r rawStatement) statement() (Statement, error) {
	s := Statement{
		SID: r.SID, Effect: r.Effect, Principal: r.Principal, NotPrincipal: r.NotPrincipal,
		Action: r.Action, NotAction: r.NotAction, Resource: r.Resource, NotResource: r.NotResource,
	}
	switch {
	case s.Effect != Allow && s.Effect != Deny:
		return s, fmt.Errorf("effect %q: want Allow or Deny", s.Effect)
	case (len(s.Action) == 0) == (len(s.NotAction) == 0):
		return s, fmt.Errorf("want just one of Action and NotAction")
	case len(s.Resource) > 0 && len(s.NotResource) > 0:
		return s, fmt.Errorf("elements Resource and NotResource exclude each other")
	case s.Principal != nil && s.NotPrincipal != nil:
		return s, fmt.Errorf("elements Principal and NotPrincipal exclude each other")
	}
	for _, a := range slices.Concat(s.Action, s.NotAction) {
		if a != "*" && !strings.Contains(a, ":") {
			return s, fmt.Errorf("action %q: want SERVICE:ACTION", a)
		}
	}
	var err error
	s.Conditions, err = conditions(r.Condition)
	return s, err
}

// UnmarshalJSON reads "*" or an object of lists.
func (p *Principals) UnmarshalJSON(b []byte) error {
	if b[0] == '"' {
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		if s != "*" {
			return fmt.Errorf("principal %q: want \"*\" or an object", s)
		}
		p.Anyone = true
		return nil
	}
	var raw struct{ AWS, Service, Federated, CanonicalUser oneOrMore[string] }
	if err := strict(b, &raw); err != nil {
		return err
	}
	p.AWS, p.Service, p.Federated = raw.AWS, raw.Service, raw.Federated
	p.Anyone = slices.Contains(raw.AWS, "*")
	return nil
}
