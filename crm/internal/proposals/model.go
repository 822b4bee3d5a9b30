// Package proposals keeps what the assistant and the rules propose until
// somebody accepts or dismisses it. Accepting writes through the subjects' own
// stores, in the name of who accepts, and once however often it is asked for.
package proposals

import (
	"crypto/sha256"
	"strings"
	"time"

	"apexai/crm/internal/id"
)

// The kinds of proposals.
const (
	Task   = "task"   // a task to add
	Field  = "field"  // a member of the record to change
	Action = "action" // what to do next: accepted, it is a task
)

// What became of a proposal.
const (
	Pending   = "pending"
	Accepted  = "accepted"
	Dismissed = "dismissed"
)

// A Proposal is one thing that somebody may accept.
type Proposal struct {
	ID        id.ID      `json:"id"`
	Kind      string     `json:"kind"`
	Target    Ref        `json:"target"` // the record that it is about
	Payload   Payload    `json:"payload"`
	Evidence  []Evidence `json:"evidence"`
	Model     string     `json:"model"` // empty: a rule
	Status    string     `json:"status"`
	Result    *Ref       `json:"result"` // what accepting it made or changed
	CreatedAt time.Time  `json:"createdAt"`
	DecidedAt *time.Time `json:"decidedAt"`
	DecidedBy *id.ID     `json:"decidedBy"`
}

// A Ref names a record.
type Ref struct {
	Kind string `json:"kind"`
	ID   id.ID  `json:"id"`
	Name string `json:"name,omitempty"`
}

// A Payload is what a proposal would write: of a task or an action its title
// and due date, of a field its name and both values.
type Payload struct {
	Title   string  `json:"title,omitempty"`
	DueDate *string `json:"dueDate,omitempty"`
	Rule    string  `json:"rule,omitempty"`   // of an action: which rule says so
	Reason  string  `json:"reason,omitempty"` // and why
	Field   string  `json:"field,omitempty"`
	Label   string  `json:"label,omitempty"`
	Was     string  `json:"was,omitempty"`
	Value   string  `json:"value,omitempty"`
}

// Evidence is where a proposal comes from.
type Evidence struct {
	ActivityID *id.ID `json:"activityId"` // nil: a text that was pasted
	Quote      string `json:"quote"`
}

// A Draft is a proposal to be made.
type Draft struct {
	Kind     string
	Target   Ref
	Payload  Payload
	Evidence []Evidence
	Model    string
	Mark     []string // what tells it from others of its kind and target
}

// An Edit is what who accepts changes first.
type Edit struct {
	Title      *string `json:"title"`
	DueDate    *string `json:"dueDate"` // "" takes it away
	AssigneeID *id.ID  `json:"assigneeId"`
	Value      *string `json:"value"`
}

// mark is the same for the same proposal, however its words are set.
func (d Draft) mark() []byte {
	parts := append([]string{d.Kind, d.Target.Kind, d.Target.ID.String()}, d.Mark...)
	sum := sha256.Sum256([]byte(strings.ToLower(strings.Join(parts, "\x00"))))
	return sum[:]
}

// over is the payload with the edit applied.
func (e Edit) over(p Payload) Payload {
	if e.Title != nil {
		p.Title = *e.Title
	}
	if e.Value != nil {
		p.Value = *e.Value
	}
	if e.DueDate != nil {
		p.DueDate = e.DueDate
		if *e.DueDate == "" {
			p.DueDate = nil
		}
	}
	return p
}
