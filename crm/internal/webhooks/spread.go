package webhooks

import (
	"context"
	"encoding/json"
	"fmt"

	"apexai/crm/internal/change"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/jobs"
	"apexai/crm/internal/outbox"
	"apexai/crm/internal/page"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/trace"
)

const (
	spreadJob  = "webhook.spread"
	deliverJob = "webhook.deliver"

	selectTold    = `SELECT DISTINCT w.workspace_id FROM webhooks w WHERE w.active = 1 AND w.workspace_id IN (`
	selectActive  = `SELECT ` + columns + ` FROM webhooks w WHERE w.workspace_id = ? AND w.active = 1`
	insertSpread  = `INSERT IGNORE INTO webhook_deliveries (workspace_id, id, webhook_id, message_id, event, audit_id, spread, status, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', ?)`
	selectChanges = `SELECT a.id, a.target_kind, a.verb FROM audit_log a WHERE a.workspace_id = ? AND a.id IN (`
)

// rows of the audit log that one job spreads.
type spread struct {
	Rows []int64 `json:"rows"`
}

// Spread queues, in the transaction that takes changes out of the outbox, that
// the webhooks of their workspaces are told: of each exactly once.
func Spread(ctx context.Context, q database.Queryer, messages []outbox.Message) error {
	rows, parents := map[uint32][]int64{}, map[uint32]string{}
	for _, m := range messages {
		var n change.Notice
		if m.Topic == change.Topic && json.Unmarshal(m.Body, &n) == nil {
			rows[n.Workspace] = append(rows[n.Workspace], n.Audit)
			parents[n.Workspace] = n.Trace // several changes are one job; it belongs to the last
		}
	}
	if len(rows) == 0 {
		return nil
	}
	var workspaces []any
	for w := range rows {
		workspaces = append(workspaces, w)
	}
	told, err := database.All(ctx, q, database.Scalar[uint32], selectTold+page.Marks(len(workspaces))+")", workspaces...)
	if err != nil {
		return fmt.Errorf("webhooks: %w", err)
	}
	for _, w := range told {
		if err := jobs.Enqueue(trace.Under(ctx, parents[w]), q, tenant.Tenant{Workspace: w}, jobs.Job{Kind: spreadJob, Payload: spread{rows[w]}}); err != nil {
			return err
		}
	}
	return nil
}

type changed struct {
	row   int64
	event string
}

// spread makes a delivery of each change for each webhook that wants it.
func (s Store) spread(ctx context.Context, t tenant.Tenant, payload json.RawMessage) error {
	var of spread
	if err := json.Unmarshal(payload, &of); err != nil || len(of.Rows) == 0 {
		return jobs.Skip(fmt.Errorf("webhooks: read what to spread: %w", err))
	}
	return s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		hooks, err := database.All(ctx, q, scan, selectActive, t.Workspace)
		if err != nil {
			return err
		}
		args := []any{t.Workspace}
		for _, row := range of.Rows {
			args = append(args, row)
		}
		changes, err := database.All(ctx, q, func(row database.Row, c *changed) error {
			var kind, verb string
			err := row.Scan(&c.row, &kind, &verb)
			c.event = kind + "." + verb
			return err
		}, selectChanges+page.Marks(len(of.Rows))+") ORDER BY a.id", args...)
		if err != nil {
			return err
		}
		return s.make(ctx, q, t, hooks, changes)
	})
}

func (s Store) make(ctx context.Context, q database.Queryer, t tenant.Tenant, hooks []Webhook, changes []changed) error {
	for _, c := range changes {
		for _, w := range hooks {
			if !w.wants(c.event) {
				continue
			}
			which := id.New()
			n, err := database.Exec(ctx, q, insertSpread, t.Workspace, which, w.ID, which, c.event, c.row, c.row, s.now())
			if err != nil {
				return err
			}
			if n == 0 {
				continue // the job ran before
			}
			if err := s.queue(ctx, q, t, which); err != nil {
				return err
			}
		}
	}
	return nil
}

type order struct {
	Delivery id.ID `json:"delivery"`
}

func (s Store) queue(ctx context.Context, q database.Queryer, t tenant.Tenant, delivery id.ID) error {
	return jobs.Enqueue(ctx, q, t, jobs.Job{Kind: deliverJob, Payload: order{delivery}})
}
