package policy

import (
	"encoding/json"
	"slices"
	"strings"
)

// Matches returns all statements, of any effect, that apply to a request: what
// Decide weighs.
func Matches(id *Identity, on Resource, r Request) []Match {
	r.prepare()
	all := matches(OfIdentity, id.Policies, &r)
	if on.Policy != nil {
		all = append(all, matches(OfResource, []Named{*on.Policy}, &r)...)
	}
	if id.Boundary != nil {
		all = append(all, matches(OfBoundary, []Named{*id.Boundary}, &r)...)
	}
	return append(all, matches(OfSession, id.Session, &r)...)
}

func matches(kind Kind, policies []Named, r *Request) (all []Match) {
	for i := range policies {
		for n := range policies[i].Statements {
			s := &policies[i].Statements[n]
			if !s.applies(r) {
				continue
			}
			if at := s.reaches(r, kind); at != unnamed {
				all = append(all, Match{Kind: kind, Policy: &policies[i], Statement: n, reach: at})
			}
		}
	}
	return all
}

// RequiredKeys returns the condition keys, as lower-case names in order, that the
// policies ask for: in conditions, and as variables.
func RequiredKeys(policies ...Named) []string {
	found := map[string]bool{}
	add := func(key string) { found[strings.ToLower(key)] = true }
	for _, p := range policies {
		for _, s := range p.Statements {
			for _, c := range s.Conditions {
				add(c.Key)
				for _, v := range c.Values {
					variables(v, add)
				}
			}
			for _, r := range slices.Concat(s.Resource, s.NotResource) {
				variables(r, add)
			}
		}
	}
	keys := make([]string, 0, len(found))
	for key := range found {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// A Position is a place in a document, counted from 1.
type Position struct{ Line, Column int64 }

// Span returns where a statement of the document begins and ends.
func (d *Document) Span(statement int) (from, to Position) {
	start, end := span(d.Text, statement)
	return positionOf(d.Text, start), positionOf(d.Text, end)
}

// span returns the offsets of a statement in a document that was parsed. As for
// the parser, the last element of the name counts.
func span(text string, statement int) (start, end int) {
	dec := json.NewDecoder(strings.NewReader(text))
	if _, err := dec.Token(); err != nil {
		return 0, 0
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return 0, 0
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return 0, 0
		}
		if key, ok := name.(string); !ok || !strings.EqualFold(key, "Statement") {
			continue
		}
		end = int(dec.InputOffset())
		if start = end - len(value); value[0] == '[' {
			from, to := element(value, statement)
			start, end = start+from, start+to
		}
	}
	return start, end
}

// element returns the offsets of an item of a list.
func element(list []byte, n int) (start, end int) {
	dec := json.NewDecoder(strings.NewReader(string(list)))
	if _, err := dec.Token(); err != nil {
		return 0, 0
	}
	for range n + 1 {
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return 0, 0
		}
		end = int(dec.InputOffset())
		start = end - len(value)
	}
	return start, end
}

func positionOf(text string, offset int) Position {
	before := text[:offset]
	return Position{
		Line:   int64(strings.Count(before, "\n")) + 1,
		Column: int64(len(before)-strings.LastIndexByte(before, '\n')-1) + 1,
	}
}
