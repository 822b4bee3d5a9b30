// Package mail sends e-mail over SMTP: what somebody writes to a contact, and
// what the CRM itself has to say.
//
// A mail is queued in the transaction that has a reason for it and sent by a
// job. SMTP cannot say whether a server that stopped answering took a message,
// so a mail is marked just before its last byte is given away; one that was
// marked and has no outcome is not sent again by itself.
package mail

import (
	"context"
	"time"

	"apexai/crm/internal/check"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
)

// The states of a mail.
const (
	Queued  = "queued"  // a job will send it
	Held    = "held"    // no mail server is set up
	Sent    = "sent"    // the mail server took it
	Bounced = "bounced" // the mail server refused it for good
	Failed  = "failed"  // it was given up after many attempts
	Unsure  = "unsure"  // the mail server may have taken it
)

const notSetUp = "not sent: no mail server is set up"

// A Message is a mail to send.
type Message struct {
	To       string
	Subject  string
	Text     string
	FromName string // shown as the sender; the address is the installation's
	ReplyTo  string // where answers go
	Target   *Ref   // the record that it is about
}

// A Ref names a record.
type Ref struct {
	Kind string `json:"kind"` // person, company or deal
	ID   id.ID  `json:"id"`
}

// A Mail is a message with what became of it.
type Mail struct {
	ID         id.ID      `json:"id"`
	To         string     `json:"to"`
	FromName   string     `json:"fromName"`
	ReplyTo    string     `json:"replyTo"`
	Subject    string     `json:"subject"`
	Text       string     `json:"text"`
	Target     *Ref       `json:"target"`
	Status     string     `json:"status"`
	Error      string     `json:"error,omitempty"`
	Attempts   int        `json:"attempts"`
	FinishedAt *time.Time `json:"finishedAt"`
	CreatedAt  time.Time  `json:"createdAt"`
	CreatedBy  id.ID      `json:"createdBy"`

	messageID string
	handedAt  *time.Time
}

// Location is where the mail is read.
func (m Mail) Location() string { return "/api/v1/emails/" + m.ID.String() }

const (
	maxSubject = 300
	maxText    = 200_000
)

func (m *Message) check() error {
	var f check.Faults
	f.Email("/to", &m.To)
	f.Line("/subject", &m.Subject, maxSubject)
	if m.Subject == "" {
		f.Add("/subject", "required", "a mail needs a subject")
	}
	f.Lines("/text", &m.Text, maxText)
	if m.Text == "" {
		f.Add("/text", "required", "a mail needs a text")
	}
	f.Line("/fromName", &m.FromName, 120)
	if m.ReplyTo != "" {
		f.Email("/replyTo", &m.ReplyTo)
	}
	return f.Problem()
}

const insertMail = `INSERT INTO emails (workspace_id, id, to_address, from_name, reply_to, subject, body, target_kind, target_id, status, created_at, created_by)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(3), ?)`

// Queue has a message sent once q's transaction is committed. Without a mail
// server it is kept, and says so.
func Queue(ctx context.Context, q database.Queryer, t tenant.Tenant, m Message) (id.ID, error) {
	if err := m.check(); err != nil {
		return id.ID{}, err
	}
	which := id.New()
	var kind, target any
	if m.Target != nil {
		kind, target = m.Target.Kind, m.Target.ID
	}
	_, err := database.Exec(ctx, q, insertMail, t.Workspace, which, m.To, m.FromName, m.ReplyTo, m.Subject, m.Text, kind, target, Queued, author(t))
	if err != nil {
		return which, err
	}
	return which, enqueue(ctx, q, t, which)
}

// author is NULL for what the CRM sends of its own accord.
func author(t tenant.Tenant) any {
	if t.User.IsZero() {
		return nil
	}
	return t.User
}
