package records

import (
	"context"
	"encoding/json"

	"apexai/crm/internal/change"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// A Keeper is how the package of one kind of record T, with its patch P, works
// with it as part of a transaction.
type Keeper[T, P any] struct {
	Record  func(T) Record
	Read    func(context.Context, database.Queryer, tenant.Tenant, id.ID) (T, error)
	Some    func(context.Context, database.Queryer, tenant.Tenant, []id.ID) ([]T, error)
	Alter   func(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, version int, patch P) (T, error)
	Discard func(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, version int) error
	Revive  func(context.Context, database.Queryer, tenant.Tenant, id.ID) (T, error)

	Lock    string                                                                               // a query of records that ends in "IN ("
	Trash   func(ctx context.Context, q database.Queryer, t tenant.Tenant, which ...id.ID) error // puts rows there, and no more
	Noted   func(verb string, was any, now T) change.Change
	Dropped func(ctx context.Context, q database.Queryer, t tenant.Tenant, was, now T) error // what else follows, if anything
}

// Of completes a kind by how its package works with it.
func Of[T, P any](k Kind, by Keeper[T, P]) Kind {
	k.Read = func(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID) (Record, error) {
		v, err := by.Read(ctx, q, t, which)
		return by.Record(v), err
	}
	k.Some = func(ctx context.Context, q database.Queryer, t tenant.Tenant, which []id.ID) (map[id.ID]Record, error) {
		some, err := by.Some(ctx, q, t, which)
		all := make(map[id.ID]Record, len(some))
		for _, v := range some {
			r := by.Record(v)
			all[r.ID] = r
		}
		return all, err
	}
	k.Alter = func(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, version int, patch json.RawMessage) (Record, error) {
		p, err := decode[P](patch)
		if err != nil {
			return Record{}, err
		}
		v, err := by.Alter(ctx, q, t, which, version, p)
		return by.Record(v), err
	}
	k.Fits = func(patch json.RawMessage) error {
		_, err := decode[P](patch)
		return err
	}
	k.Discard = by.Discard
	k.Hold = func(ctx context.Context, q database.Queryer, t tenant.Tenant, which ...id.ID) error {
		return Hold(ctx, q, t, by.Lock, which...)
	}
	k.DiscardAll = func(ctx context.Context, q database.Queryer, t tenant.Tenant, some ...Record) error {
		return by.discardAll(ctx, q, t, k.Name, some)
	}
	k.Revive = func(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID) (Record, error) {
		v, err := by.Revive(ctx, q, t, which)
		return by.Record(v), err
	}
	return k
}

// Some reads records by their ids: one query, which ends in "IN (", and then
// what fill asks for all of them.
func Some[T any](ctx context.Context, q database.Queryer, t tenant.Tenant, scan func(database.Row, *T) error, query string, which []id.ID,
	fill func(context.Context, database.Queryer, tenant.Tenant, []T) error,
) ([]T, error) {
	if len(which) == 0 {
		return nil, nil
	}
	all, err := database.All(ctx, q, scan, query+page.Marks(len(which))+")", among([]any{t.Workspace}, which)...)
	if err != nil {
		return nil, err
	}
	return all, fill(ctx, q, t, all)
}

// decode reads a patch of one kind as it was read from a request.
func decode[P any](patch json.RawMessage) (p P, err error) {
	err = web.Decode(patch, &p)
	return p, err
}
