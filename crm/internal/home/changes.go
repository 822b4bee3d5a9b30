package home

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"apexai/crm/internal/change"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/search"
	"apexai/crm/internal/tenant"
)

// A Change is what a colleague did to one record, lately.
type Change struct {
	ActorID   id.ID     `json:"actorId"`
	ActorName string    `json:"actorName"`
	Verb      string    `json:"verb"` // created, updated, deleted, restored, moved, logged, …
	Kind      string    `json:"kind"`
	ID        id.ID     `json:"id"`
	Title     string    `json:"title"`
	Times     int       `json:"times"` // how often
	At        time.Time `json:"at"`
}

const (
	// The log is read from its end, and not to its beginning for somebody who
	// has no colleagues.
	selectChanges = `SELECT a.actor_id, u.name, a.verb, a.target_kind, a.target_id, a.near, a.at FROM (
			SELECT l.id, l.actor_id, l.verb, l.target_kind, l.target_id, l.near, l.at FROM audit_log l
			WHERE l.workspace_id = ? AND l.id > (SELECT GREATEST(MAX(x.id), 20000) - 20000 FROM audit_log x WHERE x.workspace_id = ?)
			AND l.actor_id <> ? AND l.quiet = 0 AND l.target_kind IN ('person', 'company', 'deal', 'activity') ORDER BY l.id DESC LIMIT 80
		) a JOIN users u ON u.id = a.actor_id ORDER BY a.id DESC`
	selectTitles = `SELECT d.kind, d.target_id, d.title FROM search_docs d WHERE d.workspace_id = ?`
	mostChanges  = 8
)

// Changes lists what colleagues did lately, what one did to one record once.
func (s Store) Changes(ctx context.Context, t tenant.Tenant) (list []Change, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		all, err := database.All(ctx, q, scanChange, selectChanges, t.Workspace, t.Workspace, t.User)
		if err != nil {
			return err
		}
		list = gathered(all)
		return titled(ctx, q, t, list)
	})
	return slices.DeleteFunc(list, func(c Change) bool { return c.Title == "" && c.Verb != "deleted" }), err
}

// scanChange reads a row; an activity counts for the record it is about.
func scanChange(row database.Row, c *Change) error {
	var near []byte
	if err := row.Scan(&c.ActorID, &c.ActorName, &c.Verb, &c.Kind, &c.ID, &near, &c.At); err != nil {
		return err
	}
	c.Times = 1
	if c.Kind != "activity" {
		return nil
	}
	var refs []change.Ref
	if json.Unmarshal(near, &refs) != nil || len(refs) == 0 || c.Verb != "created" {
		c.Kind = ""
		return nil
	}
	c.Kind, c.ID, c.Verb = refs[0].Kind, refs[0].ID, "logged"
	return nil
}

func gathered(all []Change) []Change {
	list := []Change{}
	for _, c := range all {
		if c.Kind == "" {
			continue
		}
		same := func(o Change) bool { return o.ActorID == c.ActorID && o.ID == c.ID && o.Verb == c.Verb }
		if i := slices.IndexFunc(list, same); i >= 0 {
			list[i].Times++
		} else if len(list) < mostChanges {
			list = append(list, c)
		}
	}
	return list
}

// titled fills in what the records are called.
func titled(ctx context.Context, q database.Queryer, t tenant.Tenant, list []Change) error {
	if len(list) == 0 {
		return nil
	}
	var refs []search.Ref
	for _, c := range list {
		refs = append(refs, search.Ref{Kind: c.Kind, ID: c.ID})
	}
	among, args := search.Among(refs)
	_, err := database.All(ctx, q, func(row database.Row, found *Change) error {
		if err := row.Scan(&found.Kind, &found.ID, &found.Title); err != nil {
			return err
		}
		for i := range list {
			if list[i].ID == found.ID {
				list[i].Title = found.Title
			}
		}
		return nil
	}, selectTitles+among, append([]any{t.Workspace}, args...)...)
	return err
}
