package webhooks

import (
	"context"
	"encoding/json"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/jobs"
	"apexai/crm/internal/page"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

// A Delivery is one event on its way to one webhook, or there.
type Delivery struct {
	ID         id.ID      `json:"id"`
	Webhook    id.ID      `json:"webhookId"`
	Message    id.ID      `json:"messageId"` // the same however often it is sent
	Event      string     `json:"event"`
	Status     string     `json:"status"` // waiting, delivered, failed
	Attempts   int        `json:"attempts"`
	Answer     *int       `json:"answer"` // the status that the receiver answered last
	AnswerText string     `json:"answerText"`
	Fault      string     `json:"fault"`
	TookMS     int        `json:"tookMs"`
	CreatedAt  time.Time  `json:"createdAt"`
	TriedAt    *time.Time `json:"triedAt"`
	NextAt     *time.Time `json:"nextAt"`
}

// A Detail is a delivery with what is sent.
type Detail struct {
	Delivery
	Body json.RawMessage `json:"body"`
}

const (
	deliveryColumns = `d.id, d.webhook_id, d.message_id, d.event, d.status, d.attempts, d.answer, d.answer_text, d.fault, d.took_ms, d.created_at, d.tried_at, d.next_at`
	selectLog       = `SELECT ` + deliveryColumns + ` FROM webhook_deliveries d WHERE d.workspace_id = ? AND d.webhook_id = ?`
	insertTest      = `INSERT INTO webhook_deliveries (workspace_id, id, webhook_id, message_id, event, status, created_at) VALUES (?, ?, ?, ?, 'webhook.test', 'waiting', ?)`
	insertReplay    = `INSERT INTO webhook_deliveries (workspace_id, id, webhook_id, message_id, event, audit_id, status, created_at)
		SELECT d.workspace_id, ?, d.webhook_id, d.message_id, d.event, d.audit_id, 'waiting', ? FROM webhook_deliveries d WHERE d.workspace_id = ? AND d.id = ?`
	updateDelivery = `UPDATE webhook_deliveries SET status = ?, attempts = attempts + 1, answer = ?, answer_text = ?, fault = ?, took_ms = ?, tried_at = ?, next_at = ?
		WHERE workspace_id = ? AND id = ?`
	// Of all workspaces: the log is kept for a month.
	deleteOld = `DELETE FROM webhook_deliveries WHERE workspace_id > 0 AND created_at < ? LIMIT 1000`
	keepFor   = 30 * 24 * time.Hour
)

func (d *Delivery) into() []any {
	return []any{&d.ID, &d.Webhook, &d.Message, &d.Event, &d.Status, &d.Attempts, &d.Answer, &d.AnswerText, &d.Fault, &d.TookMS, &d.CreatedAt, &d.TriedAt, &d.NextAt}
}

func scanDelivery(row database.Row, d *Delivery) error { return row.Scan(d.into()...) }

var logOrders = page.Orders{{Name: "-createdAt", Columns: []page.Column{page.ID("d.id")}, Desc: true}}

// Log returns one page of what was sent to a webhook, the newest first.
func (s Store) Log(ctx context.Context, t tenant.Tenant, hook id.ID, r page.Request) (p page.Page[Delivery], err error) {
	after, args, err := r.Order.After(r.After)
	if err != nil {
		return p, problem.Syntax("cursor is not one of this list")
	}
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		if _, err := read(ctx, q, t, hook, ""); err != nil {
			return err
		}
		all := append(append([]any{t.Workspace, hook}, args...), r.Limit+1)
		rows, err := database.All(ctx, q, scanDelivery, selectLog+after+" ORDER BY "+r.Order.By()+" LIMIT ?", all...)
		p = page.Cut(r, rows, func(d Delivery, _ page.Order) []string { return []string{d.ID.String()} })
		return err
	})
	return p, err
}

// Detail returns a delivery with its body.
func (s Store) Detail(ctx context.Context, t tenant.Tenant, which id.ID) (d Detail, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		one, ok, err := database.One(ctx, q, scanSending, selectSending, t.Workspace, which)
		if err != nil {
			return err
		}
		if !ok {
			return problem.NotFound("delivery")
		}
		d.Delivery = one.delivery
		d.Body, err = one.body()
		return err
	})
	return d, err
}

// Test sends a webhook an event that says nothing.
func (s Store) Test(ctx context.Context, t tenant.Tenant, hook id.ID) (Detail, error) {
	which := id.New()
	err := s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		if _, err := read(ctx, q, t, hook, ""); err != nil {
			return err
		}
		if _, err := database.Exec(ctx, q, insertTest, t.Workspace, which, hook, which, s.now()); err != nil {
			return err
		}
		return s.queue(ctx, q, t, which)
	})
	if err != nil {
		return Detail{}, err
	}
	return s.Detail(ctx, t, which)
}

// Replay sends a delivery anew, under the id of its message, by which a
// receiver that has it already can tell.
func (s Store) Replay(ctx context.Context, t tenant.Tenant, old id.ID) (Detail, error) {
	which := id.New()
	err := s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		n, err := database.Exec(ctx, q, insertReplay, which, s.now(), t.Workspace, old)
		if err != nil {
			return err
		}
		if n == 0 {
			return problem.NotFound("delivery")
		}
		return s.queue(ctx, q, t, which)
	})
	if err != nil {
		return Detail{}, err
	}
	return s.Detail(ctx, t, which)
}

// note writes down how a try went, and switches off a webhook that has failed
// for days.
func (s Store) note(ctx context.Context, t tenant.Tenant, one sending, r result) error {
	now := s.now()
	status, next := "waiting", any(nil)
	switch {
	case r.ok:
		status = "delivered"
	case r.last:
		status = "failed"
	default:
		next = now.Add(schedule[min(one.delivery.Attempts, len(schedule)-1)])
	}
	var answer any
	if r.status != 0 {
		answer = r.status
	}
	return s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		if _, err := database.Exec(ctx, q, updateDelivery, status, answer, r.text, r.fault, r.took.Milliseconds(), now, next, t.Workspace, one.delivery.ID); err != nil {
			return err
		}
		if r.ok {
			_, err := database.Exec(ctx, q, updateWell, t.Workspace, one.hook.ID)
			return err
		}
		return s.fails(ctx, q, t, one.hook.ID, now)
	})
}

// Periodic is the pruning of the log.
func (s Store) Periodic() []jobs.Periodic {
	return []jobs.Periodic{{Name: "webhooks.prune", Every: time.Hour, Run: func(ctx context.Context) error {
		return s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
			_, err := database.Exec(ctx, q, deleteOld, s.now().Add(-keepFor))
			return err
		})
	}}}
}
