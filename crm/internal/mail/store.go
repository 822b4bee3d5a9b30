package mail

import (
	"context"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

const (
	selectMail = `SELECT e.id, e.message_id, e.to_address, e.from_name, e.reply_to, e.subject, e.body, COALESCE(e.target_kind, ''), e.target_id,
		e.status, e.attempts, e.error, e.handed_at, e.finished_at, e.created_at, e.created_by FROM emails e WHERE e.workspace_id = ?`
	selectOne      = selectMail + ` AND e.id = ?`
	selectOfTarget = selectMail + ` AND e.target_kind = ? AND e.target_id = ? ORDER BY e.id DESC LIMIT 100`
	selectNewest   = selectMail + ` ORDER BY e.id DESC LIMIT 100`
	selectLastSent = `SELECT MAX(e.finished_at) FROM emails e WHERE e.workspace_id = ? AND e.status = 'sent'`
	selectLastBad  = selectMail + ` AND e.status IN ('bounced', 'failed', 'unsure') ORDER BY e.finished_at DESC LIMIT 1`
	selectWaiting  = `SELECT COUNT(*) FROM emails e WHERE e.workspace_id = ? AND e.status IN ('queued', 'held')`
	updateQueued   = `UPDATE emails SET status = 'queued', error = '', attempts = 0, handed_at = NULL, finished_at = NULL WHERE workspace_id = ? AND id = ?`
)

func scan(row database.Row, m *Mail) error {
	var target Ref
	err := row.Scan(&m.ID, &m.messageID, &m.To, &m.FromName, &m.ReplyTo, &m.Subject, &m.Text, &target.Kind, &target.ID,
		&m.Status, &m.Attempts, &m.Error, &m.handedAt, &m.FinishedAt, &m.CreatedAt, &m.CreatedBy)
	if target.Kind != "" {
		m.Target = &target
	}
	return err
}

// Get returns a mail.
func (s Store) Get(ctx context.Context, t tenant.Tenant, which id.ID) (m Mail, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		m, err = read(ctx, q, t, which, selectOne)
		return err
	})
	return m, err
}

func read(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, query string) (Mail, error) {
	m, ok, err := database.One(ctx, q, scan, query, t.Workspace, which)
	if err == nil && !ok {
		err = problem.NotFound("e-mail")
	}
	return m, err
}

// List returns the newest hundred mails, of a record or of all.
func (s Store) List(ctx context.Context, t tenant.Tenant, target *Ref) (all []Mail, err error) {
	query, args := selectNewest, []any{t.Workspace}
	if target != nil {
		query, args = selectOfTarget, append(args, target.Kind, target.ID)
	}
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		all, err = database.All(ctx, q, scan, query, args...)
		return err
	})
	return all, err
}

// Again queues a mail that was not sent, or of which that is not known.
func (s Store) Again(ctx context.Context, t tenant.Tenant, which id.ID) (m Mail, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		m, err = read(ctx, q, t, which, selectForUpdate)
		if err != nil {
			return err
		}
		if m.Status == Sent || m.Status == Queued {
			return problem.Conflict("this e-mail is " + m.Status + " already")
		}
		if _, err := database.Exec(ctx, q, updateQueued, t.Workspace, which); err != nil {
			return err
		}
		if err := enqueue(ctx, q, t, which); err != nil {
			return err
		}
		before := m.Status
		if m, err = read(ctx, q, t, which, selectOne); err != nil {
			return err
		}
		return record(ctx, q, t, "sent", before, m)
	})
	return m, err
}

// Health is how sending is going.
type Health struct {
	Configured  bool       `json:"configured"`
	From        string     `json:"from,omitempty"`
	Waiting     int        `json:"waiting"` // queued or held
	LastSuccess *time.Time `json:"lastSuccess"`
	LastFailure *Mail      `json:"lastFailure"`
}

// Health tells how sending is going in the tenant's workspace.
func (s Store) Health(ctx context.Context, t tenant.Tenant) (h Health, err error) {
	if h.Configured = s.Server.Configured(); h.Configured {
		h.From = s.Server.From.String()
	}
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		if h.LastSuccess, _, err = database.One(ctx, q, database.Scalar[*time.Time], selectLastSent, t.Workspace); err != nil {
			return err
		}
		if h.Waiting, _, err = database.One(ctx, q, database.Scalar[int], selectWaiting, t.Workspace); err != nil {
			return err
		}
		bad, ok, err := database.One(ctx, q, scan, selectLastBad, t.Workspace)
		if ok {
			h.LastFailure = &bad
		}
		return err
	})
	return h, err
}
