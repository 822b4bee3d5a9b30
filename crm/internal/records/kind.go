// Package records is what all kinds of record have in common: each can be
// listed, narrowed, changed, put into the trash and taken out of it, so bulk
// changes, merges, saved views and the trash are written once.
package records

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/filter"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
)

// A Record is one record of any kind, with its JSON.
type Record struct {
	ID      id.ID
	Version int
	Name    string
	Deleted *time.Time
	Value   any
}

// A Kind is how one kind of record is worked with. Its functions take part in
// the caller's transaction.
type Kind struct {
	Listing
	Path string // people
	From string // " FROM people p … WHERE p.workspace_id = ?"
	Bare string // From without what else a record's fields are read from
	Now  func() time.Time
	// Words is the condition that a search in the list makes.
	Words   func(words []string) (sql string, args []any)
	Read    func(context.Context, database.Queryer, tenant.Tenant, id.ID) (Record, error)
	Some    func(context.Context, database.Queryer, tenant.Tenant, []id.ID) (map[id.ID]Record, error)
	Alter   func(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, version int, patch json.RawMessage) (Record, error)
	Fits    func(patch json.RawMessage) error // whether Alter could read the patch
	Discard func(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, version int) error
	Revive  func(context.Context, database.Queryer, tenant.Tenant, id.ID) (Record, error)
	// Hold keeps others from changing records until the transaction ends.
	Hold func(ctx context.Context, q database.Queryer, t tenant.Tenant, which ...id.ID) error
	// DiscardAll puts living records, as Some gave them since Hold, into the
	// trash in few statements. Each has a change of its own.
	DiscardAll func(ctx context.Context, q database.Queryer, t tenant.Tenant, some ...Record) error
}

// Fields are those that the workspace's lists can be narrowed by now.
func (k Kind) Fields(ctx context.Context, q database.Queryer, t tenant.Tenant) (filter.Fields, error) {
	return k.Listing.Fields(ctx, q, t, k.Now().UTC())
}

// Kinds are those of an installation.
type Kinds []Kind

// Find is the kind of that name.
func (k Kinds) Find(name string) (Kind, bool) {
	i := slices.IndexFunc(k, func(x Kind) bool { return x.Name == name })
	if i < 0 {
		return Kind{}, false
	}
	return k[i], true
}

// Names are those of all kinds.
func (k Kinds) Names() []string {
	var names []string
	for _, kind := range k {
		names = append(names, kind.Name)
	}
	return names
}

// A Selection is which living records are meant.
type Selection struct {
	Filter filter.Node
	Words  []string
}

// Where is all that follows SELECT for a selection, with its arguments.
func (k Kind) Where(ctx context.Context, q database.Queryer, t tenant.Tenant, s Selection) (string, []any, filter.Fields, error) {
	known, err := k.Fields(ctx, q, t)
	if err != nil {
		return "", nil, known, err
	}
	words, args := k.Words(s.Words)
	narrowed, more, err := s.Filter.SQL(known)
	if narrowed != "" {
		narrowed = " AND " + narrowed
	}
	args = append([]any{t.Workspace}, append(args, more...)...)
	return k.From + " AND " + k.Alias + ".deleted_at IS NULL" + words + narrowed, args, known, err
}

// IDs are those of a selection, oldest first, at most limit.
func (k Kind) IDs(ctx context.Context, q database.Queryer, t tenant.Tenant, s Selection, limit int) ([]id.ID, error) {
	where, args, _, err := k.Where(ctx, q, t, s)
	if err != nil {
		return nil, err
	}
	return database.All(ctx, q, database.Scalar[id.ID], "SELECT "+k.Alias+".id"+where+" ORDER BY "+k.Alias+".id LIMIT ?", append(args, limit)...)
}
