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

// ErrSyntax indicates a text that is no policy document: AWS says no more of it.
var ErrSyntax = malformed("Syntax errors in policy.")

// malformed says what is wrong with a document in AWS's words.
func malformed(format string, args ...any) error { return fmt.Errorf(format, args...) }

// Parse reads a document. It refuses what AWS calls malformed in any policy:
// unknown elements, missing ones, and pairs that exclude each other.
func Parse(text string) (Document, error) {
	var raw struct {
		Version   string
		ID        string `json:"Id"`
		Statement oneOrMore[rawStatement]
	}
	if len(text) > maxDocument {
		return Document{}, malformed("Policy document of %d bytes is longer than %d.", len(text), maxDocument)
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&raw); err != nil {
		return Document{}, ErrSyntax
	}
	if dec.More() {
		return Document{}, ErrSyntax
	}
	if raw.Version != "" && raw.Version != latest && raw.Version != "2008-10-17" {
		return Document{}, malformed("The policy must contain a valid version string")
	}
	if len(raw.Statement) == 0 {
		return Document{}, ErrSyntax
	}
	doc := Document{Version: raw.Version, ID: raw.ID, Text: text}
	seen := map[string]bool{}
	for _, r := range raw.Statement {
		s, err := r.statement(raw.Version != latest)
		if err != nil {
			return Document{}, err
		}
		if s.SID != "" && seen[s.SID] {
			return Document{}, malformed("Statement IDs (SID) in a single policy must be unique.")
		}
		seen[s.SID] = true
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
		return ErrSyntax
	}
	*s = scalar(b)
	return nil
}

func (r *rawStatement) statement(literal bool) (Statement, error) {
	s := Statement{
		SID: r.SID, Effect: r.Effect, Principal: r.Principal, NotPrincipal: r.NotPrincipal,
		Action: lowerAll(r.Action), NotAction: lowerAll(r.NotAction), Resource: r.Resource, NotResource: r.NotResource,
		Literal: literal,
	}
	switch {
	case s.Effect != Allow && s.Effect != Deny:
		return s, ErrSyntax
	case len(s.Action) == 0 && len(s.NotAction) == 0:
		return s, malformed("Policy statement must contain actions.")
	case len(s.Action) > 0 && len(s.NotAction) > 0,
		len(s.Resource) > 0 && len(s.NotResource) > 0,
		s.Principal != nil && s.NotPrincipal != nil:
		return s, ErrSyntax
	}
	for _, a := range slices.Concat(s.Action, s.NotAction) {
		if vendor, _, ok := strings.Cut(a, ":"); a != "*" && (!ok || vendor == "") {
			return s, malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
		}
	}
	var err error
	s.Conditions, err = conditions(r.Condition, literal)
	return s, err
}

func lowerAll(list []string) []string {
	if list == nil {
		return nil
	}
	lower := make([]string, len(list))
	for i, s := range list {
		lower[i] = strings.ToLower(s)
	}
	return lower
}

// UnmarshalJSON reads "*" or an object of lists.
func (p *Principals) UnmarshalJSON(b []byte) error {
	if b[0] == '"' {
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		if s != "*" {
			return ErrSyntax
		}
		p.Anyone = true
		return nil
	}
	var raw struct{ AWS, Service, Federated, CanonicalUser oneOrMore[string] }
	if err := strict(b, &raw); err != nil {
		return err
	}
	p.AWS, p.Service, p.Federated, p.CanonicalUser = raw.AWS, raw.Service, raw.Federated, raw.CanonicalUser
	p.Anyone = slices.Contains(raw.AWS, "*")
	return nil
}
