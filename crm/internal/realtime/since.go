package realtime

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"apexai/crm/internal/change"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API tells clients what they missed while they had no socket.
type API struct{ DB *database.DB }

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	return []web.Route{{
		Pattern: "GET /changes", Needs: tenant.Viewer, Operation: web.Read(a.since), Summary: "List changes since a cursor",
		Query: []web.Param{{Name: "since", Kind: web.Integer, Doc: "The cursor of an earlier answer or of a socket's event. Without it, only the present cursor is answered."}},
	}}
}

// Missed are the changes since a cursor. Some that the client has seen may be
// among them. With more there are too many to list, and all is to be read anew.
type Missed struct {
	Items  []Changed `json:"items"`
	Cursor int64     `json:"cursor"`
	More   bool      `json:"more"`
}

const (
	listAtMost = 2000
	selectAt   = `SELECT at FROM audit_log WHERE workspace_id = ? AND id <= ? ORDER BY id DESC LIMIT 1`
	// A change is numbered when it is made and seen when it is committed, so
	// some may turn up behind a cursor: those of as long before it as a
	// transaction may last are told again.
	selectSettled = `SELECT COALESCE((SELECT id FROM audit_log WHERE workspace_id = ? AND id <= ? AND at < ? ORDER BY id DESC LIMIT 1), 0)`
	selectSince   = `SELECT id, target_kind, target_id, version, verb, actor_id, near FROM audit_log
		WHERE workspace_id = ? AND id > ? ORDER BY id LIMIT ?`
)

func (a API) since(ctx context.Context, c *web.Call) (m Missed, err error) {
	m.Items = []Changed{}
	text := c.URL.Query().Get("since")
	since, err := strconv.ParseInt(text, 10, 64)
	if text != "" && (err != nil || since < 0) {
		return m, problem.Syntax("since is not a cursor")
	}
	err = a.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		if m.Cursor, err = change.Newest(ctx, q, c.Tenant); err != nil || text == "" {
			return err
		}
		m.Items, err = missed(ctx, q, c.Tenant, since)
		return err
	})
	if len(m.Items) > listAtMost {
		m.Items, m.More = []Changed{}, true
	}
	return m, err
}

func missed(ctx context.Context, q database.Queryer, t tenant.Tenant, since int64) ([]Changed, error) {
	at, ok, err := database.One(ctx, q, database.Scalar[time.Time], selectAt, t.Workspace, since)
	if err != nil {
		return nil, err
	}
	settled := int64(0)
	if ok {
		before := at.Add(-database.Longest)
		if settled, _, err = database.One(ctx, q, database.Scalar[int64], selectSettled, t.Workspace, since, before); err != nil {
			return nil, err
		}
	}
	items, err := database.All(ctx, q, scanChanged, selectSince, t.Workspace, settled, listAtMost+1)
	if items == nil {
		items = []Changed{}
	}
	return items, err
}

func scanChanged(row database.Row, c *Changed) error {
	var n change.Notice
	var which, by id.ID
	var near []byte
	if err := row.Scan(&n.Audit, &n.Kind, &which, &n.Version, &n.Verb, &by, &near); err != nil {
		return err
	}
	n.ID, n.By = which, by
	*c = changed(n)
	if len(near) == 0 {
		return nil
	}
	return json.Unmarshal(near, &c.Near)
}
