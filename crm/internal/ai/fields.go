package ai

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"apexai/crm/internal/companies"
	"apexai/crm/internal/database"
	"apexai/crm/internal/deals"
	"apexai/crm/internal/filter"
	"apexai/crm/internal/id"
	"apexai/crm/internal/people"
	"apexai/crm/internal/tenant"
)

// A vocabulary is what a question can be about: fields, and the names of what
// filters know by id.
type vocabulary struct {
	fields  map[string]filter.Fields
	stages  map[string][]string // ids by name in small letters; several pipelines may use one name
	names   []string            // of stages, as they are written
	members map[string]string   // id by name in small letters
}

const (
	selectStages  = `SELECT id, name FROM stages WHERE workspace_id = ? AND deleted_at IS NULL ORDER BY position, name`
	selectMembers = `SELECT m.user_id, u.name FROM members m JOIN users u ON u.id = m.user_id WHERE m.workspace_id = ? AND m.role <> 'nobody'`
)

type named struct {
	id   id.ID
	name string
}

func scanNamed(row database.Row, n *named) error { return row.Scan(&n.id, &n.name) }

func (a Assistant) vocabulary(ctx context.Context, t tenant.Tenant) (v vocabulary, err error) {
	v = vocabulary{stages: map[string][]string{}, members: map[string]string{}, fields: map[string]filter.Fields{"deals": deals.Listing.Known(t, a.now())}}
	err = a.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		if v.fields["people"], err = people.Listing.Fields(ctx, q, t, a.now()); err != nil {
			return err
		}
		if v.fields["companies"], err = companies.Listing.Fields(ctx, q, t, a.now()); err != nil {
			return err
		}
		stages, err := database.All(ctx, q, scanNamed, selectStages, t.Workspace)
		if err != nil {
			return err
		}
		for _, s := range stages {
			name := strings.ToLower(s.name)
			if v.stages[name] == nil {
				v.names = append(v.names, s.name)
			}
			v.stages[name] = append(v.stages[name], s.id.String())
		}
		members, err := database.All(ctx, q, scanNamed, selectMembers, t.Workspace)
		for _, m := range members {
			v.members[strings.ToLower(m.name)] = m.id.String()
		}
		return err
	})
	return v, err
}

// offer is what the model is told of it: fields, and no names of members.
func (v vocabulary) offer(only string) []offeredKind {
	list := []offeredKind{}
	for _, kind := range kinds {
		all, ok := v.fields[kind]
		if !ok || only != "" && only != kind {
			continue
		}
		k := offeredKind{Kind: kind}
		for _, f := range all.List {
			o := offered{Name: f.Name, Label: f.Label, Type: string(f.Type), Options: f.Options}
			if f.Type == filter.Ref {
				if f.Name != "stage" { // other ids, of which a question knows none
					continue
				}
				o.Type, o.Options = string(filter.Choice), v.names
			}
			for _, op := range f.Operators() {
				o.Ops = append(o.Ops, string(op))
			}
			k.Fields = append(k.Fields, o)
		}
		list = append(list, k)
	}
	return list
}

// understood reads an answer that was kept.
func (v vocabulary) understood(r result, err error) (Reading, error) {
	var got read
	if err != nil {
		return Reading{}, err
	}
	if err := json.Unmarshal(r.body, &got); err != nil {
		return Reading{}, fmt.Errorf("read what was understood: %w", err)
	}
	return v.reading(got, r.model), nil
}
