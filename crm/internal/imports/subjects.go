package imports

import (
	"context"
	"encoding/json"
	"fmt"

	"apexai/crm/internal/companies"
	"apexai/crm/internal/database"
	"apexai/crm/internal/deals"
	"apexai/crm/internal/id"
	"apexai/crm/internal/people"
	"apexai/crm/internal/records"
	"apexai/crm/internal/tenant"
)

// members are a record's or draft's members as JSON has them, by which
// imports write, compare and restore records of every kind alike.
type members map[string]any

// A subject is how an import writes one kind of record.
type subject struct {
	name  string // as changes call it
	check func(draft members) error
	read  func(context.Context, database.Queryer, tenant.Tenant, id.ID) (any, error)
	add   func(context.Context, database.Queryer, tenant.Tenant, members) (any, error)
	alter func(context.Context, database.Queryer, tenant.Tenant, id.ID, members) (any, error)
	kind  records.Kind
	// drafted are the members that a draft may have, which are what an undo
	// compares and restores.
	drafted []string
}

func (s Store) subjects() map[string]subject {
	person, company, deal := s.People, s.Companies, s.Deals
	person.Quiet, company.Quiet, deal.Quiet = true, true, true
	return map[string]subject{
		People: {
			name: "person", drafted: keys(people.Draft{}), check: checks[people.Draft], read: reads(people.Read),
			add: adds(person.Add), alter: alters(person.Alter), kind: person.Kind(),
		},
		Companies: {
			name: "company", drafted: keys(companies.Draft{}), check: checks[companies.Draft], read: reads(companies.Read),
			add: adds(company.Add), alter: alters(company.Alter), kind: company.Kind(),
		},
		Deals: {
			name: "deal", drafted: keys(deals.Draft{}), check: checks[deals.Draft], read: reads(deal.Read),
			add: adds(deal.Add), alter: alters(deal.Alter), kind: deal.Kind(),
		},
	}
}

// named finds the subject that changes call by a name.
func (s Store) named(name string) (subject, error) {
	for _, subject := range s.subjects() {
		if subject.name == name {
			return subject, nil
		}
	}
	return subject{}, fmt.Errorf("import change of a %s: there is no such kind", name)
}

type checker[D any] interface {
	*D
	Check() error
}

func checks[D any, P checker[D]](draft members) error {
	var d D
	if err := into(draft, &d); err != nil {
		return err
	}
	return P(&d).Check()
}

func reads[R any](fn func(context.Context, database.Queryer, tenant.Tenant, id.ID) (R, error)) func(context.Context, database.Queryer, tenant.Tenant, id.ID) (any, error) {
	return func(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID) (any, error) {
		return fn(ctx, q, t, which)
	}
}

func adds[D, R any](fn func(context.Context, database.Queryer, tenant.Tenant, D) (R, error)) func(context.Context, database.Queryer, tenant.Tenant, members) (any, error) {
	return func(ctx context.Context, q database.Queryer, t tenant.Tenant, draft members) (any, error) {
		var d D
		if err := into(draft, &d); err != nil {
			return nil, err
		}
		return fn(ctx, q, t, d)
	}
}

func alters[P, R any](fn func(context.Context, database.Queryer, tenant.Tenant, id.ID, int, P) (R, error)) func(context.Context, database.Queryer, tenant.Tenant, id.ID, members) (any, error) {
	return func(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, patch members) (any, error) {
		var p P
		if err := into(patch, &p); err != nil {
			return nil, err
		}
		return fn(ctx, q, t, which, 0, p)
	}
}

// into turns members into a draft, a patch or a record.
func into(from, v any) error {
	text, err := json.Marshal(from)
	if err != nil {
		return fmt.Errorf("turn members into a draft: %w", err)
	}
	return json.Unmarshal(text, v)
}

// membersOf are a record's members.
func membersOf(record any) (members, error) {
	var m members
	err := into(record, &m)
	return m, err
}

func keys(draft any) []string {
	m, _ := membersOf(draft) // a draft is plain data
	var all []string
	for name := range m {
		all = append(all, name)
	}
	return all
}

// only are the named members.
func (m members) only(names []string) members {
	some := members{}
	for _, name := range names {
		if v, ok := m[name]; ok {
			some[name] = v
		}
	}
	return some
}

func (m members) id() (id.ID, error) {
	text, _ := m["id"].(string)
	return id.Parse(text)
}
