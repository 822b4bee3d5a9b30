package ai

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/money"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

// A Target names the record that something is about.
type Target struct {
	Kind string `json:"kind"` // person, company or deal
	ID   id.ID  `json:"id"`
}

// A subject is a record as a model gets to see it.
type subject struct {
	Kind     string `json:"kind"`
	Name     string `json:"name"`
	Title    string `json:"title,omitempty"`
	Company  string `json:"company,omitempty"`
	Email    string `json:"email,omitempty"`
	Phone    string `json:"phone,omitempty"`
	Industry string `json:"industry,omitempty"`
	Size     string `json:"size,omitempty"`
	Domain   string `json:"domain,omitempty"`
	Address  string `json:"address,omitempty"`
	Contact  string `json:"contact,omitempty"`
	Stage    string `json:"stage,omitempty"`
	Status   string `json:"status,omitempty"`
	Amount   string `json:"amount,omitempty"`
	Close    string `json:"closeDate,omitempty"`
	version  int
}

// An entry of the record's timeline; the model cites it by its ref, so that
// it cannot invent one.
type entry struct {
	Ref     string `json:"ref"`
	Type    string `json:"type"`
	At      string `json:"at"`
	By      string `json:"by,omitempty"`
	Subject string `json:"subject,omitempty"`
	Text    string `json:"text,omitempty"`
	id      id.ID
}

// A file is all that a model gets to see of a record.
type file struct {
	Record     subject `json:"record"`
	Activities []entry `json:"activities"`
	Tasks      []todo  `json:"tasks"`
}

// A todo is an open task about the record.
type todo struct {
	Title string `json:"title"`
	Due   string `json:"due,omitempty"`
}

const (
	entriesRead = 25
	textRead    = 2000  // characters of one entry
	fileText    = 24000 // of all
	// What people wrote of a record, newest first.
	selectWritten = `SELECT a.id, a.type, a.subject, LEFT(a.body, 2000), a.occurred_at, COALESCE(u.name, '') FROM activity_links l
		JOIN activities a ON a.workspace_id = l.workspace_id AND a.id = l.activity_id
		LEFT JOIN users u ON u.id = a.author_id
		WHERE l.workspace_id = ? AND l.kind = ? AND l.target_id = ? AND l.type IN ('note', 'call', 'meeting', 'email', 'stage-change') AND a.deleted_at IS NULL
		ORDER BY l.occurred_at DESC, l.activity_id DESC LIMIT ?`
	selectTodos = `SELECT title, COALESCE(DATE_FORMAT(due_date, '%Y-%m-%d'), '') FROM tasks
		WHERE workspace_id = ? AND target_kind = ? AND target_id = ? AND status = 'open' AND deleted_at IS NULL ORDER BY due_sort LIMIT 10`
)

// read gathers what there is about a record.
func (a Assistant) read(ctx context.Context, t tenant.Tenant, at Target) (f file, err error) {
	if f.Record, err = a.subject(ctx, t, at); err != nil {
		return f, err
	}
	err = a.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		if f.Activities, err = database.All(ctx, q, scanEntry, selectWritten, t.Workspace, at.Kind, at.ID, entriesRead); err != nil {
			return err
		}
		f.Tasks, err = database.All(ctx, q, func(row database.Row, d *todo) error { return row.Scan(&d.Title, &d.Due) }, selectTodos, t.Workspace, at.Kind, at.ID)
		return err
	})
	left := fileText
	for i := range f.Activities {
		e := &f.Activities[i]
		e.Ref = fmt.Sprintf("a%d", i+1)
		e.Text = cut(e.Text, max(min(textRead, left), 0))
		left -= len(e.Text)
	}
	return f, err
}

func scanEntry(row database.Row, e *entry) error {
	var at time.Time
	err := row.Scan(&e.id, &e.Type, &e.Subject, &e.Text, &at, &e.By)
	e.At = at.UTC().Format("2006-01-02 15:04")
	return err
}

func (a Assistant) subject(ctx context.Context, t tenant.Tenant, at Target) (subject, error) {
	switch at.Kind {
	case "person":
		return a.person(ctx, t, at.ID)
	case "company":
		return a.company(ctx, t, at.ID)
	case "deal":
		return a.deal(ctx, t, at.ID)
	}
	return subject{}, problem.Validation(problem.Fault{Pointer: "/kind", Code: "choice", Message: "one of person, company, deal"})
}

func (a Assistant) person(ctx context.Context, t tenant.Tenant, who id.ID) (s subject, err error) {
	p, err := a.People.Get(ctx, t, who)
	if err != nil {
		return s, err
	}
	s = subject{Kind: "person", Name: strings.TrimSpace(p.FirstName + " " + p.LastName), Title: p.Title, Company: p.CompanyName, Address: p.Address, version: p.Version}
	if len(p.Emails) > 0 {
		s.Email = p.Emails[0].Value
	}
	if len(p.Phones) > 0 {
		s.Phone = p.Phones[0].Value
	}
	s.Name = cmp.Or(s.Name, s.Email)
	return s, gone(p.DeletedAt)
}

func (a Assistant) company(ctx context.Context, t tenant.Tenant, which id.ID) (s subject, err error) {
	c, err := a.Companies.Get(ctx, t, which)
	if err != nil {
		return s, err
	}
	s = subject{Kind: "company", Name: c.Name, Domain: c.Domain, Industry: c.Industry, Size: c.SizeBand, Address: c.Address, version: c.Version}
	return s, gone(c.DeletedAt)
}

func (a Assistant) deal(ctx context.Context, t tenant.Tenant, which id.ID) (s subject, err error) {
	d, err := a.Deals.Get(ctx, t, which)
	if err != nil {
		return s, err
	}
	s = subject{Kind: "deal", Name: d.Title, Company: d.CompanyName, Contact: d.PrimaryPersonName, Stage: d.StageName, Status: d.Status, version: d.Version}
	if d.CloseDate != nil {
		s.Close = *d.CloseDate
	}
	if d.AmountMinor > 0 {
		s.Amount = money.Format(d.AmountMinor, d.Currency)
	}
	return s, gone(d.DeletedAt)
}

const selectName = `SELECT name FROM users WHERE id = ?`

// name is who asks.
func (a Assistant) name(ctx context.Context, t tenant.Tenant) (name string, err error) {
	err = a.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		name, _, err = database.One(ctx, q, database.Scalar[string], selectName, t.User)
		return err
	})
	return name, err
}

// gone refuses to ask about what is in the trash.
func gone(deleted *time.Time) error {
	if deleted != nil {
		return problem.NotFound("record")
	}
	return nil
}
