package search

import (
	"context"
	"fmt"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
)

// A Source gives all documents of one kind, page by page: those of the next
// records behind after, in the order of their ids.
type Source struct {
	Kind string
	Read func(ctx context.Context, q database.Queryer, t tenant.Tenant, after id.ID, limit int) ([]Doc, error)
}

const (
	selectWorkspaces = `SELECT id FROM workspaces ORDER BY id`
	rebuildAtOnce    = 100 // records of one transaction
)

// Rebuild indexes all records of all workspaces anew, as after a change of how
// they are indexed, and returns how many there were. It may run while people
// work: each page is a transaction of its own.
func Rebuild(ctx context.Context, db *database.DB, sources ...Source) (n int, err error) {
	var workspaces []uint32
	err = db.View(ctx, func(ctx context.Context, q database.Queryer) error {
		workspaces, err = database.All(ctx, q, database.Scalar[uint32], selectWorkspaces)
		return err
	})
	for _, workspace := range workspaces {
		for _, source := range sources {
			done, err := pages(ctx, db, tenant.Tenant{Workspace: workspace}, source.Read)
			n += done
			if err != nil {
				return n, fmt.Errorf("index %s of workspace %d: %w", source.Kind, workspace, err)
			}
		}
	}
	return n, err
}

// pages indexes what read gives, page by page, and returns how much it was.
func pages(ctx context.Context, db *database.DB, t tenant.Tenant, read func(context.Context, database.Queryer, tenant.Tenant, id.ID, int) ([]Doc, error)) (n int, err error) {
	var after id.ID
	for {
		var docs []Doc
		err := db.Batch(ctx, func(ctx context.Context, q database.Queryer) error {
			if docs, err = read(ctx, q, t, after, rebuildAtOnce); err != nil {
				return err
			}
			return Put(ctx, q, t, docs...)
		})
		n += len(docs)
		if err != nil || len(docs) < rebuildAtOnce {
			return n, err
		}
		after = docs[len(docs)-1].ID
	}
}
