package proposals

import (
	"context"
	"slices"
	"strings"

	"apexai/crm/internal/companies"
	"apexai/crm/internal/database"
	"apexai/crm/internal/deals"
	"apexai/crm/internal/people"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tasks"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// apply does what a proposal proposes, in the transaction q, through the
// store of whatever it changes: that judges the values as it would a form's.
func (s Store) apply(ctx context.Context, q database.Queryer, t tenant.Tenant, p Proposal, e Edit) (Ref, error) {
	if p.Kind != Field {
		return s.addTask(ctx, q, t, p, e)
	}
	change, err := s.change(ctx, q, t, p)
	if err != nil {
		return Ref{}, err
	}
	return Ref{Kind: p.Target.Kind, ID: p.Target.ID}, change()
}

func (s Store) addTask(ctx context.Context, q database.Queryer, t tenant.Tenant, p Proposal, e Edit) (Ref, error) {
	who := &t.User
	if e.AssigneeID != nil {
		who = e.AssigneeID
	}
	made, err := s.Tasks.Add(ctx, q, t, tasks.Draft{
		Title: p.Payload.Title, DueDate: p.Payload.DueDate, Note: p.Payload.Reason, AssigneeID: who,
		Target: &tasks.Target{Kind: p.Target.Kind, ID: p.Target.ID},
	})
	return Ref{Kind: "task", ID: made.ID}, err
}

// change looks at the record as it is now: if the member is no longer what it
// was when the change was proposed, somebody was quicker. What it returns
// makes the change.
func (s Store) change(ctx context.Context, q database.Queryer, t tenant.Tenant, p Proposal) (func() error, error) {
	switch p.Target.Kind {
	case "person":
		return s.changePerson(ctx, q, t, p)
	case "company":
		return s.changeCompany(ctx, q, t, p)
	case "deal":
		return s.changeDeal(ctx, q, t, p)
	}
	return nil, unknown(p)
}

func unknown(p Proposal) error {
	return problem.Conflict("a " + p.Target.Kind + " has no " + p.Payload.Field + " that could be changed")
}

// given is a member of a merge patch, if the record still has the old value.
func given[T ~string](p Proposal, now T, current any) (web.Field[T], error) {
	if string(now) != p.Payload.Was {
		return web.Field[T]{}, problem.Stale(current)
	}
	return web.Field[T]{Given: true, Value: T(p.Payload.Value)}, nil
}

func (s Store) changePerson(ctx context.Context, q database.Queryer, t tenant.Tenant, p Proposal) (func() error, error) {
	now, err := s.People.Read(ctx, q, t, p.Target.ID)
	if err != nil {
		return nil, err
	}
	var patch people.Patch
	switch p.Payload.Field {
	case "title":
		patch.Title, err = given(p, now.Title, now)
	case "address":
		patch.Address, err = given(p, now.Address, now)
	case "email":
		patch.Emails = added(now.Emails, p.Payload.Value)
	case "phone":
		patch.Phones = added(now.Phones, p.Payload.Value)
	default:
		err = unknown(p)
	}
	return func() error { return second(s.People.Alter(ctx, q, t, p.Target.ID, now.Version, patch)) }, err
}

// added puts a way to reach a person behind those that there are.
func added(list []people.Contact, value string) web.Field[[]people.Contact] {
	if slices.ContainsFunc(list, func(c people.Contact) bool { return strings.EqualFold(c.Value, value) }) {
		return web.Field[[]people.Contact]{}
	}
	return web.Field[[]people.Contact]{Given: true, Value: append(slices.Clone(list), people.Contact{Value: value})}
}

func (s Store) changeCompany(ctx context.Context, q database.Queryer, t tenant.Tenant, p Proposal) (func() error, error) {
	now, err := s.Companies.Read(ctx, q, t, p.Target.ID)
	if err != nil {
		return nil, err
	}
	var patch companies.Patch
	switch p.Payload.Field {
	case "domain":
		patch.Domain, err = given(p, now.Domain, now)
	case "industry":
		patch.Industry, err = given(p, now.Industry, now)
	case "address":
		patch.Address, err = given(p, now.Address, now)
	default:
		err = unknown(p)
	}
	return func() error { return second(s.Companies.Alter(ctx, q, t, p.Target.ID, now.Version, patch)) }, err
}

func (s Store) changeDeal(ctx context.Context, q database.Queryer, t tenant.Tenant, p Proposal) (func() error, error) {
	now, err := s.Deals.Read(ctx, q, t, p.Target.ID)
	if err != nil {
		return nil, err
	}
	if p.Payload.Field != "closeDate" {
		return nil, unknown(p)
	}
	was := ""
	if now.CloseDate != nil {
		was = *now.CloseDate
	}
	date, err := given(p, was, now)
	patch := deals.Patch{CloseDate: web.Field[*string]{Given: true, Value: &date.Value}}
	return func() error { return second(s.Deals.Alter(ctx, q, t, p.Target.ID, now.Version, patch)) }, err
}

func second[T any](_ T, err error) error { return err }
