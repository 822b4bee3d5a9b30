// Package change notes what is done to records. A change is recorded in the
// transaction that makes it: once in the audit log, where it stays, and once
// in the outbox, from where sockets, webhooks and whoever else cares hear of
// it after the commit.
package change

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/outbox"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/trace"
)

// Topic is changes' topic in the outbox; bodies are Notices.
const Topic = "change"

// A Change is one thing that was done to one record.
type Change struct {
	Kind          string // "person", "company", "deal", …
	ID            id.ID
	Version       int    // after the change
	Verb          string // created, updated, deleted, restored, moved, merged, …
	Before, After any    // the record as JSON; only members that differ are kept
	Near          []Ref  // other records whose timeline or page shows this
	Quiet         bool   // part of a mass change: audited and published, not in the timeline
}

// A Ref names a record.
type Ref struct {
	Kind string `json:"kind"`
	ID   id.ID  `json:"id"`
}

// A Notice is what the outbox says of a change: ids and names of members, no
// values, as it passes through Redis. The values are in the audit log.
type Notice struct {
	Workspace uint32   `json:"workspace"`
	Audit     int64    `json:"audit"` // the row of the audit log
	Kind      string   `json:"kind"`
	ID        id.ID    `json:"id"`
	Version   int      `json:"version"`
	Verb      string   `json:"verb"`
	By        id.ID    `json:"by"`
	Fields    []string `json:"fields,omitempty"`
	Near      []Ref    `json:"near,omitempty"`
	Quiet     bool     `json:"quiet,omitempty"`
	Trace     string   `json:"trace,omitempty"` // traceparent of the work that did it
}

const (
	insertRows = `INSERT INTO audit_log (workspace_id, actor_id, target_kind, target_id, version, verb, was, became, near, quiet, request_id, client) VALUES `
	oneRow     = `(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), `
	atOnce     = 200 // rows of one insert
)

// Record notes, in the transaction that makes it, one change.
func Record(ctx context.Context, q database.Queryer, t tenant.Tenant, c Change) error {
	return RecordAll(ctx, q, t, []Change{c})
}

// RecordAll notes many changes in few statements, for imports and the like.
func RecordAll(ctx context.Context, q database.Queryer, t tenant.Tenant, all []Change) error {
	for len(all) > 0 {
		n := min(len(all), atOnce)
		if err := record(ctx, q, t, all[:n]); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

func record(ctx context.Context, q database.Queryer, t tenant.Tenant, all []Change) error {
	origin := trace.From(ctx).Origin()
	notices, args := make([]Notice, len(all)), []any(nil)
	for i, c := range all {
		was, became, fields, err := difference(c.Before, c.After)
		if err != nil {
			return fmt.Errorf("record the change of %s %s: %w", c.Kind, c.ID, err)
		}
		notices[i] = Notice{t.Workspace, 0, c.Kind, c.ID, c.Version, c.Verb, t.User, fields, c.Near, c.Quiet, trace.From(ctx).Parent()}
		near, err := json.Marshal(c.Near)
		if err != nil {
			return fmt.Errorf("record the change of %s %s: %w", c.Kind, c.ID, err)
		}
		if err := tell(ctx, q, t, c, was, became); err != nil {
			return fmt.Errorf("tell the change of %s %s: %w", c.Kind, c.ID, err)
		}
		args = append(args, t.Workspace, actor(t.User), c.Kind, c.ID, c.Version, c.Verb, was, became, near, c.Quiet, origin.Request, origin.Client)
	}
	rows := strings.TrimSuffix(strings.Repeat(oneRow, len(all)), ", ")
	first, err := database.InsertID(ctx, q, insertRows+rows, args...)
	if err != nil {
		return fmt.Errorf("record changes: %w", err)
	}
	if err := once(ctx, q, t, first); err != nil {
		return err
	}
	bodies := make([]any, len(all))
	for i := range notices {
		notices[i].Audit = first + int64(i) // rows of one insert are numbered in a row
		bodies[i] = notices[i]
	}
	return outbox.Put(ctx, q, Topic, bodies...)
}

// actor is NULL where the system itself acts.
func actor(user id.ID) any {
	if user.IsZero() {
		return nil
	}
	return user
}
