package mail

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"apexai/crm/internal/config"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/jobs"
	"apexai/crm/internal/tenant"
)

const (
	sendJob     = "email.send"
	maxAttempts = 8 // over about six hours
)

// A Store keeps mails and templates in MySQL and sends the mails.
type Store struct {
	DB     *database.DB
	Now    func() time.Time
	Server config.Mail
	TLS    *tls.Config // whose roots to trust; nil: the system's
}

type order struct {
	Email id.ID `json:"email"`
}

func enqueue(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID) error {
	return jobs.Enqueue(ctx, q, t, jobs.Job{Kind: sendJob, Payload: order{which}, Unique: which.String()})
}

// Jobs are the work that mail does in the background.
func (s Store) Jobs() []jobs.Handler {
	return []jobs.Handler{{Kind: sendJob, Queue: jobs.Critical, Retry: maxAttempts, Timeout: 2 * time.Minute, Delay: patience, Run: s.deliver}}
}

// patience is half a minute, then twice as long each time: six hours in all.
func patience(failures int, _ error) time.Duration {
	return min(30*time.Second<<min(failures, 10), 3*time.Hour)
}

// deliver sends one mail. It returns an error only to be tried again.
func (s Store) deliver(ctx context.Context, t tenant.Tenant, payload json.RawMessage) error {
	var o order
	if err := json.Unmarshal(payload, &o); err != nil {
		return jobs.Skip(fmt.Errorf("read order of mail: %w", err))
	}
	m, err := s.begin(ctx, t, o.Email)
	if err != nil || m.Status != Queued {
		return err
	}
	handed := false
	err = server{s.Server}.send(ctx, s.TLS, m.To, compose(m, s.Server.From, s.Now()), func() error {
		err := s.handOver(ctx, t, m.ID)
		handed = err == nil
		return err
	})
	if errors.Is(err, errTaken) {
		return nil
	}
	return s.settle(context.WithoutCancel(ctx), t, m, handed, err)
}

var (
	errTaken = errors.New("another task is sending this mail")
	errAgain = errors.New("the mail was not sent yet; the e-mail itself says why") // logs are no place for what servers say of addresses
)

const (
	selectForUpdate = selectMail + ` AND e.id = ? FOR UPDATE`
	updateBegun     = `UPDATE emails SET attempts = attempts + 1, message_id = ? WHERE workspace_id = ? AND id = ?`
	updateHanded    = `UPDATE emails SET handed_at = UTC_TIMESTAMP(3) WHERE workspace_id = ? AND id = ? AND status = 'queued' AND handed_at IS NULL`
	updateOutcome   = `UPDATE emails SET status = ?, error = ?, handed_at = ?, finished_at = ?
		WHERE workspace_id = ? AND id = ? AND (handed_at IS NULL OR ?)`
)

// begin takes a queued mail up: it has its Message-ID before anybody sees it.
func (s Store) begin(ctx context.Context, t tenant.Tenant, which id.ID) (m Mail, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		var ok bool
		m, ok, err = database.One(ctx, q, scan, selectForUpdate, t.Workspace, which)
		if err != nil || !ok || m.Status != Queued {
			return err
		}
		if m.handedAt != nil {
			m.Status = Unsure
			return s.finish(ctx, q, t, m, true, "the task that sent it ended before the mail server had answered")
		}
		if !s.Server.Configured() {
			m.Status = Held
			return s.finish(ctx, q, t, m, false, notSetUp)
		}
		_, domain, _ := strings.Cut(s.Server.From.Address, "@")
		m.messageID = "<" + which.String() + "@" + domain + ">"
		m.Attempts++
		_, err = database.Exec(ctx, q, updateBegun, m.messageID, t.Workspace, which)
		return err
	})
	return m, err
}

// handOver notes that the mail may arrive from now on; only one task may.
func (s Store) handOver(ctx context.Context, t tenant.Tenant, which id.ID) error {
	return s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		n, err := database.Exec(ctx, q, updateHanded, t.Workspace, which)
		if err == nil && n == 0 {
			err = errTaken
		}
		return err
	})
}

// settle keeps what became of an attempt. A task that handed nothing over has
// no say about a mail that another handed over.
func (s Store) settle(ctx context.Context, t tenant.Tenant, m Mail, handed bool, result error) error {
	again, text := error(nil), ""
	if result != nil {
		text = result.Error()
	}
	_, refused := errors.AsType[refusal](result)
	switch {
	case result == nil:
		m.Status = Sent
	case refused:
		m.Status = Bounced
	case isUnsure(result):
		m.Status = Unsure
	case m.Attempts >= maxAttempts:
		m.Status = Failed
	default:
		again = errAgain
	}
	if m.Status == Sent || m.Status == Unsure {
		now := s.now()
		m.handedAt = &now
	}
	err := s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error { return s.finish(ctx, q, t, m, handed, text) })
	return errors.Join(again, err)
}

func isUnsure(err error) bool {
	_, ok := errors.AsType[unsure](err)
	return ok
}

func (s Store) finish(ctx context.Context, q database.Queryer, t tenant.Tenant, m Mail, handed bool, text string) error {
	var finished *time.Time
	if m.Status != Queued {
		now := s.now()
		finished = &now
	}
	_, err := database.Exec(ctx, q, updateOutcome, m.Status, cut(text, 500), m.handedAt, finished, t.Workspace, m.ID, handed)
	return err
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

func (s Store) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }
