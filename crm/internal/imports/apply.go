package imports

import (
	"context"
	"errors"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
)

const (
	savepoint   = `SAVEPOINT import_row`
	backToPoint = `ROLLBACK TO SAVEPOINT import_row`
)

// work is what a piece of an import is done with.
type work struct {
	parser   parser
	subject  subject
	company  subject
	workings Mapping
}

// apply does what a row says. What the database refuses is the row's failure,
// and nothing of the row stays.
func (w work) apply(ctx context.Context, q database.Queryer, t tenant.Tenant, k known, r parsed) (verdict, error) {
	m := w.workings
	if r.fault != "" {
		return failed(errors.New(r.fault)), nil
	}
	if err := m.links(&r, k); err != nil {
		return failed(err), nil
	}
	which, there := match(m.Kind, r, k)
	if there && m.Existing == onSkip {
		return verdict{outcome: rowSkipped, message: thereAlready}, nil
	}
	if _, err := database.Exec(ctx, q, savepoint); err != nil {
		return verdict{}, err
	}
	v, made, err := w.write(ctx, q, t, &r, which, there && m.Existing == onUpdate)
	if err == nil {
		made.remember(k, r, m.Kind)
		return v, nil
	}
	if !refused(err) {
		return v, err
	}
	if _, undone := database.Exec(ctx, q, backToPoint); undone != nil {
		return v, undone
	}
	return failed(err), nil
}

// made are the records that a row made.
type made struct{ record, company id.ID }

func (m made) remember(k known, r parsed, kind string) {
	if !m.company.IsZero() {
		r.company.remember(k, m.company)
	}
	if !m.record.IsZero() {
		k.remember(kind, r, m.record)
	}
}

func (w work) write(ctx context.Context, q database.Queryer, t tenant.Tenant, r *parsed, which id.ID, update bool) (v verdict, m made, err error) {
	if _, linked := r.draft["companyId"]; !linked && w.workings.Kind != Companies && !r.company.none() && w.workings.CreateCompanies {
		e, err := w.addCompany(ctx, q, t, r.company)
		if err != nil {
			return v, m, err
		}
		v.effects = append(v.effects, e)
		m.company = e.record
		r.draft["companyId"] = e.record
	}
	if update {
		err = w.update(ctx, q, t, *r, which, &v)
		return v, m, err
	}
	if _, owned := r.draft["ownerId"]; !owned && w.workings.OwnerID != nil {
		r.draft["ownerId"] = *w.workings.OwnerID
	}
	e, err := create(ctx, q, t, w.subject, r.draft)
	v.effects, v.outcome, m.record = append(v.effects, e), rowCreated, e.record
	return v, m, err
}

func (w work) addCompany(ctx context.Context, q database.Queryer, t tenant.Tenant, r companyRef) (effect, error) {
	name := r.name
	if name == "" {
		name = r.domain
	}
	draft := members{"name": name, "domain": r.domain}
	if w.workings.OwnerID != nil {
		draft["ownerId"] = *w.workings.OwnerID
	}
	return create(ctx, q, t, w.company, draft)
}

func create(ctx context.Context, q database.Queryer, t tenant.Tenant, s subject, draft members) (effect, error) {
	record, err := s.add(ctx, q, t, draft)
	if err != nil {
		return effect{}, err
	}
	became, err := membersOf(record)
	if err != nil {
		return effect{}, err
	}
	which, err := became.id()
	return effect{s.name, which, nil, became.only(s.drafted)}, err
}

func (w work) update(ctx context.Context, q database.Queryer, t tenant.Tenant, r parsed, which id.ID, v *verdict) error {
	record, err := w.subject.read(ctx, q, t, which)
	if err != nil {
		return err
	}
	before, err := membersOf(record)
	if err != nil {
		return err
	}
	patch := merged(before, r.draft)
	if len(patch) == 0 {
		v.outcome, v.message = rowSkipped, nothingNew
		return nil
	}
	if record, err = w.subject.alter(ctx, q, t, which, patch); err != nil {
		return err
	}
	after, err := membersOf(record)
	was, became := differing(before, after, w.subject.drafted)
	v.outcome = rowUpdated
	v.effects = append(v.effects, effect{w.subject.name, which, was, became})
	return err
}
