package imports

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"

	"apexai/crm/internal/database"
	"apexai/crm/internal/fields"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

const (
	thereAlready = "is there already"
	nothingNew   = "says nothing new"
)

// An effect is what a row did to one record.
type effect struct {
	kind        string // as changes call it
	record      id.ID
	was, became members // was is nil for a new record
}

// A verdict is a row's outcome, with what it did.
type verdict struct {
	outcome, message string
	effects          []effect
}

func failed(err error) verdict { return verdict{outcome: rowFailed, message: cut(explain(err), 500)} }

// explain is a fault in one line, as the person with the table reads it.
func explain(err error) string {
	p, ok := errors.AsType[*problem.Problem](err)
	if !ok {
		return err.Error()
	}
	var parts []string
	for _, f := range p.Errors {
		name := strings.TrimPrefix(f.Pointer, "/")
		if name == "" {
			parts = append(parts, f.Message)
		} else {
			parts = append(parts, name+": "+f.Message)
		}
	}
	if len(parts) == 0 {
		return p.Detail
	}
	return strings.Join(parts, "; ")
}

// refused says that err is about the row, and not a fault of ours: the import
// goes on with the next one.
func refused(err error) bool {
	p, ok := errors.AsType[*problem.Problem](err)
	return ok && p.Status < 500
}

// match finds the record that a row is about.
func match(kind string, r parsed, k known) (id.ID, bool) {
	switch kind {
	case People:
		for _, email := range r.emails {
			if which, ok := k.people[email]; ok {
				return which, true
			}
		}
	case Companies:
		return r.company.find(k)
	case Deals:
		title, _ := r.draft["title"].(string)
		which, ok := k.deals[r.company.key(title)]
		return which, ok && title != ""
	}
	return id.ID{}, false
}

// find is the company that is meant: by its domain, else by its name.
func (r companyRef) find(k known) (id.ID, bool) {
	if r.domain != "" {
		if which, ok := k.domains[r.domain]; ok {
			return which, true
		}
	}
	which, ok := k.companies[strings.ToLower(r.name)]
	return which, ok && r.name != ""
}

// remember makes a new record known to the rows that follow.
func (k known) remember(kind string, r parsed, which id.ID) {
	switch kind {
	case People:
		for _, email := range r.emails {
			if _, ok := k.people[email]; !ok {
				k.people[email] = which
			}
		}
	case Companies:
		r.company.remember(k, which)
	case Deals:
		title, _ := r.draft["title"].(string)
		k.deals[r.company.key(title)] = which
	}
}

func (r companyRef) remember(k known, which id.ID) {
	if r.domain != "" {
		k.domains[r.domain] = which
	}
	if r.name != "" {
		k.companies[strings.ToLower(r.name)] = which
	}
}

// links puts what a row belongs to into its draft, but for a company that is
// yet to be made.
func (m Mapping) links(r *parsed, k known) error {
	if m.Kind != Companies && !r.company.none() {
		if which, ok := r.company.find(k); ok {
			r.draft["companyId"] = which
		}
	}
	if m.Kind != Deals {
		return nil
	}
	if r.contact != "" {
		who, ok := k.people[r.contact]
		if !ok {
			return errors.New("there is nobody with the address " + cut(r.contact, 100))
		}
		r.draft["primaryPersonId"] = who
	}
	pipeline, stage, err := stageOf(k.pipelines, m.PipelineID, r.pipeline, r.stage)
	if err == nil && len(k.pipelines) > 0 {
		r.draft["pipelineId"], r.draft["stageId"] = pipeline, stage
	}
	return err
}

// merged is a patch of a record by a row: what the table has and the record
// has not. Lists grow, nothing is emptied.
func merged(record, draft members) members {
	patch := members{}
	for name, value := range draft {
		switch name {
		case "pipelineId", "stageId": // a deal is moved by hand
			continue
		case "emails", "phones":
			value = joined(record[name], value)
		case "tags":
			value = tagged(record[name], value)
		case "custom":
			value = own(record[name], value)
			if len(value.(map[string]any)) == 0 {
				continue
			}
		}
		if !same(record[name], value) {
			patch[name] = value
		}
	}
	return patch
}

// joined are a record's addresses or numbers and those of a row that it lacks.
func joined(have, more any) any {
	all, _ := have.([]any)
	added, _ := more.([]map[string]any)
	var known []map[string]any
	for _, c := range all {
		if m, ok := c.(map[string]any); ok {
			known = append(known, m)
		}
	}
	for _, c := range added {
		if v, _ := c["value"].(string); !twice(known, v) {
			known = append(known, c)
			all = append(all, c)
		}
	}
	return all
}

func tagged(have, more any) any {
	all, _ := have.([]any)
	seen := map[string]bool{}
	for _, t := range all {
		if m, ok := t.(map[string]any); ok {
			name, _ := m["name"].(string)
			seen[strings.ToLower(name)] = true
		}
	}
	names, _ := more.([]string)
	for _, name := range names {
		if !seen[strings.ToLower(name)] {
			all = append(all, name)
		}
	}
	return all
}

func own(have, more any) any {
	old, _ := have.(map[string]any)
	changed := map[string]any{}
	given, _ := more.(map[string]any)
	for key, value := range given {
		if !same(old[key], value) {
			changed[key] = value
		}
	}
	return changed
}

// same compares as JSON does.
func same(a, b any) bool {
	return reflect.DeepEqual(plain(a), plain(b))
}

func plain(v any) any {
	var p any
	if into(v, &p) != nil {
		return v
	}
	return p
}

// differing are the members in which two records differ, as they are in each.
func differing(before, after members, names []string) (was, became members) {
	was, became = members{}, members{}
	for _, name := range names {
		if !same(before[name], after[name]) {
			was[name], became[name] = before[name], after[name]
		}
	}
	return was, became
}

// judged is what check finds wrong with a draft that a row makes, or changes
// a record to, without writing it.
func judged(ctx context.Context, q database.Queryer, t tenant.Tenant, s subject, p parser, r parsed, update bool) error {
	draft := members{}
	for name, value := range r.draft {
		draft[name] = value
	}
	if update { // what is required is there already
		for _, name := range []string{"firstName", "name", "title"} {
			if v, ok := draft[name]; (!ok || v == "") && (name != "title" || s.name == "deal") {
				draft[name] = "x"
			}
		}
	}
	if err := s.check(draft); err != nil {
		return err
	}
	own, ok := draft["custom"]
	if !ok {
		return nil
	}
	var values fields.Values
	text, err := json.Marshal(own)
	if err == nil {
		err = json.Unmarshal(text, &values)
	}
	if err != nil {
		return err
	}
	return fields.Check(ctx, q, t, p.defs, values)
}
