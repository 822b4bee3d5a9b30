package score

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/jobs"
	"apexai/crm/internal/tenant"
)

const (
	selectNewest = `SELECT COALESCE(MAX(id), 0) FROM audit_log WHERE workspace_id > 0`
	// What was changed lately. Numbers are given before a transaction commits,
	// so the last few are read again.
	selectChanged = `SELECT workspace_id, id, target_kind, target_id, near FROM audit_log WHERE workspace_id > 0 AND id > ? ORDER BY id LIMIT 2000`
	overlap       = 500
	selectPeople  = `SELECT workspace_id, id FROM people WHERE (workspace_id, id) > (?, ?) AND deleted_at IS NULL ORDER BY workspace_id, id LIMIT 500`
	selectFirms   = `SELECT workspace_id, id FROM companies WHERE (workspace_id, id) > (?, ?) AND deleted_at IS NULL ORDER BY workspace_id, id LIMIT 500`
)

// Work keeps scores up to date: those of records that were changed within half
// a minute, and all of them each day, as contact grows old by itself.
type Work struct {
	Store Store

	mu   sync.Mutex
	last int64 // the last number seen in the audit log; 0: none yet
}

// Periodic is the work that is due by the clock.
func (w *Work) Periodic() []jobs.Periodic {
	return []jobs.Periodic{
		{Name: "score.changed", Every: 30 * time.Second, Run: w.Changed},
		{Name: "score.all", Every: 24 * time.Hour, Run: w.All},
	}
}

// touched is a row of the audit log, or a record to score.
type touched struct {
	workspace uint32
	number    int64
	kind      string
	id        id.ID
	near      []byte
}

// Changed scores anew what was changed since it ran last, and what stands
// near that: the person of a deal, the company of a person.
func (w *Work) Changed(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.begin(ctx); err != nil {
		return err
	}
	for {
		rows, err := read(ctx, w.Store.DB, func(row database.Row, t *touched) error {
			return row.Scan(&t.workspace, &t.number, &t.kind, &t.id, &t.near)
		}, selectChanged, max(0, w.last-overlap))
		if err != nil {
			return err
		}
		if err := w.rescore(ctx, rows); err != nil {
			return err
		}
		if len(rows) == 0 || rows[len(rows)-1].number <= w.last {
			return nil
		}
		w.last = rows[len(rows)-1].number
	}
}

// begin, in a task that has just begun to lead, goes back to what the one
// before it may have left.
func (w *Work) begin(ctx context.Context) error {
	if w.last != 0 {
		return nil
	}
	newest, err := read(ctx, w.Store.DB, database.Scalar[int64], selectNewest)
	if err == nil && len(newest) == 1 {
		w.last = max(1, newest[0]-4*overlap)
	}
	return err
}

func read[T any](ctx context.Context, db *database.DB, scan func(database.Row, *T) error, query string, args ...any) (rows []T, err error) {
	err = db.View(ctx, func(ctx context.Context, q database.Queryer) error {
		rows, err = database.All(ctx, q, scan, query, args...)
		return err
	})
	return rows, err
}

func (w *Work) rescore(ctx context.Context, rows []touched) error {
	type group struct {
		workspace uint32
		kind      string
	}
	all, seen := map[group][]id.ID{}, map[touchedKey]bool{}
	add := func(workspace uint32, kind string, which id.ID) {
		k := touchedKey{workspace, kind, which}
		if (kind == "person" || kind == "company") && !seen[k] {
			seen[k] = true
			all[group{workspace, kind}] = append(all[group{workspace, kind}], which)
		}
	}
	for _, t := range rows {
		add(t.workspace, t.kind, t.id)
		var near []struct {
			Kind string `json:"kind"`
			ID   id.ID  `json:"id"`
		}
		json.Unmarshal(t.near, &near) // NULL if there is none
		for _, n := range near {
			add(t.workspace, n.Kind, n.ID)
		}
	}
	for g, ids := range all {
		if err := w.Store.Rescore(ctx, tenant.Tenant{Workspace: g.workspace}, g.kind, ids); err != nil {
			return err
		}
	}
	return nil
}

type touchedKey struct {
	workspace uint32
	kind      string
	id        id.ID
}

// All scores every record anew.
func (w *Work) All(ctx context.Context) error {
	for kind, query := range map[string]string{"person": selectPeople, "company": selectFirms} {
		after := touched{}
		for {
			rows, err := read(ctx, w.Store.DB, func(row database.Row, t *touched) error {
				t.kind = kind
				return row.Scan(&t.workspace, &t.id)
			}, query, after.workspace, after.id)
			if err != nil {
				return err
			}
			if len(rows) == 0 {
				break
			}
			if err := w.rescore(ctx, rows); err != nil {
				return err
			}
			after = rows[len(rows)-1]
		}
	}
	return nil
}
