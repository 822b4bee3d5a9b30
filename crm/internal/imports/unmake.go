package imports

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/records"
	"apexai/crm/internal/tenant"
)

// leaving is the order in which new records go: what belongs to others first.
var leaving = []string{Deals, People, Companies}

// unmake puts records that the import made into the trash, or notes why they
// stay.
func (s Store) unmake(ctx context.Context, q database.Queryer, t tenant.Tenant, i *Import, all []past) error {
	subjects := s.subjects()
	for _, name := range leaving {
		var some []past
		for _, p := range all {
			if p.kind == subjects[name].name {
				some = append(some, p)
			}
		}
		if err := s.unmakeKind(ctx, q, t, i, subjects[name].kind, some); err != nil {
			return err
		}
	}
	return nil
}

func (s Store) unmakeKind(ctx context.Context, q database.Queryer, t tenant.Tenant, i *Import, kind records.Kind, all []past) error {
	which := make([]id.ID, len(all))
	for n, p := range all {
		which[n] = p.record
	}
	if err := kind.Hold(ctx, q, t, which...); err != nil {
		return err
	}
	found, err := kind.Some(ctx, q, t, which)
	if err != nil {
		return err
	}
	var leave []records.Record
	numbers := map[string][]int{} // by the reason to keep what they made
	for _, p := range all {
		reason, gone, err := p.stays(found)
		if err != nil {
			return err
		}
		if reason == "" && !gone {
			leave = append(leave, found[p.record])
		}
		numbers[reason] = append(numbers[reason], p.number)
	}
	if err := kind.DiscardAll(ctx, q, t, leave...); err != nil {
		return err
	}
	for reason, some := range numbers {
		if err := i.settle(ctx, q, t, reason, some...); err != nil {
			return err
		}
	}
	return nil
}

// stays says why a record that the import made is kept, and whether it is in
// the trash already.
func (p past) stays(found map[id.ID]records.Record) (reason string, gone bool, err error) {
	r, ok := found[p.record]
	if !ok {
		return explain(problem.NotFound(p.kind)), false, nil
	}
	if r.Deleted != nil {
		return "", true, nil
	}
	now, err := membersOf(r.Value)
	if err != nil {
		return "", false, err
	}
	if reason = p.changed(now); reason == "" {
		reason = attached(now)
	}
	return reason, false, nil
}
