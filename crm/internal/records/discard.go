package records

import (
	"context"

	"apexai/crm/internal/change"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/search"
	"apexai/crm/internal/tenant"
)

// Hold locks records by a query that ends in "IN (".
func Hold(ctx context.Context, q database.Queryer, t tenant.Tenant, query string, which ...id.ID) error {
	if len(which) == 0 {
		return nil
	}
	_, err := database.All(ctx, q, database.Scalar[int], query+page.Marks(len(which))+") FOR UPDATE", among([]any{t.Workspace}, which)...)
	return err
}

// ExecAmong runs a statement that ends in "IN (", for some records.
func ExecAmong(ctx context.Context, q database.Queryer, statement string, args []any, which []id.ID) error {
	if len(which) == 0 {
		return nil
	}
	_, err := database.Exec(ctx, q, statement+page.Marks(len(which))+")", among(args, which)...)
	return err
}

func among(args []any, which []id.ID) []any {
	for _, one := range which {
		args = append(args, one)
	}
	return args
}

// discardAll is Kind.DiscardAll.
func (by Keeper[T, P]) discardAll(ctx context.Context, q database.Queryer, t tenant.Tenant, kind string, some []Record) error {
	was, which := map[id.ID]T{}, make([]id.ID, len(some))
	for i, r := range some {
		was[r.ID], which[i] = r.Value.(T), r.ID
	}
	if err := by.Trash(ctx, q, t, which...); err != nil {
		return err
	}
	all, err := by.Some(ctx, q, t, which)
	if err != nil {
		return err
	}
	changes := make([]change.Change, len(all))
	for i, now := range all {
		before := was[by.Record(now).ID]
		changes[i] = by.Noted("deleted", before, now)
		if by.Dropped == nil {
			continue
		}
		if err := by.Dropped(ctx, q, t, before, now); err != nil {
			return err
		}
	}
	if err := change.RecordAll(ctx, q, t, changes); err != nil {
		return err
	}
	return search.Drop(ctx, q, t, kind, which...)
}
