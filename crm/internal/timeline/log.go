// Package timeline writes what happened into the timelines of records. It is
// what activities and the record of changes have in common.
package timeline

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/search"
	"apexai/crm/internal/tenant"
)

// The types of entries. People write the first four; the others are the CRM's
// own notes and stay as they are.
const (
	Note        = "note"
	Call        = "call"
	Meeting     = "meeting"
	Email       = "email"
	StageChange = "stage-change"
	FieldChange = "field-change"
	Summary     = "ai-summary"
	Import      = "import"
	TaskDone    = "task"
)

// Types are all types of entries.
var Types = []string{Note, Call, Meeting, Email, StageChange, FieldChange, Summary, Import, TaskDone}

// Kinds are the records that have a timeline.
var Kinds = []string{"person", "company", "deal"}

// Written says that people write entries of this type.
func Written(kind string) bool {
	return kind == Note || kind == Call || kind == Meeting || kind == Email
}

// MaxBody is the longest text of an entry, in characters.
const MaxBody = 500_000

// A Link is a record in whose timeline an entry stands.
type Link struct {
	Kind  string `json:"kind"` // person, company or deal
	ID    id.ID  `json:"id"`
	Title string `json:"title,omitempty"` // empty if the record is in the trash
}

// An Entry is something that happened, as other subjects note it.
type Entry struct {
	Type       string
	Subject    string
	Body       string
	OccurredAt time.Time // zero: now
	Meta       any       // kept as JSON
	Pinned     bool
	Links      []Link
}

const (
	insertOne = `INSERT INTO activities (workspace_id, id, type, subject, body, body_length, occurred_at, author_id, meta, pinned, created_at, updated_at, updated_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	insertLinks = `INSERT IGNORE INTO activity_links (workspace_id, kind, target_id, occurred_at, activity_id, type, pinned) VALUES `
)

// Log notes an entry in the timelines of its records, in the transaction q. A
// call with a person also stands in the timeline of the person's company.
func Log(ctx context.Context, q database.Queryer, t tenant.Tenant, e Entry) (id.ID, error) {
	which := id.New()
	if e.OccurredAt.IsZero() {
		e.OccurredAt = time.Now()
	}
	e.OccurredAt = Moment(e.OccurredAt)
	if err := insert(ctx, q, t, which, e); err != nil {
		return which, err
	}
	if Written(e.Type) {
		if err := search.Add(ctx, q, t, Doc(which, e.Subject, e.Body)); err != nil {
			return which, err
		}
		var err error
		if e.Links, err = withCompanies(ctx, q, t, e.Links); err != nil {
			return which, err
		}
	}
	if err := Place(ctx, q, t, which, e); err != nil {
		return which, err
	}
	return which, Touch(ctx, q, t, e.Type, e.Links)
}

func insert(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, e Entry) error {
	var extra, author any
	if e.Meta != nil {
		encoded, err := json.Marshal(e.Meta)
		if err != nil {
			return fmt.Errorf("entry %s: its meta: %w", e.Type, err)
		}
		extra = string(encoded)
	}
	if !t.User.IsZero() { // else the system itself acts
		author = t.User
	}
	now, body := Moment(time.Now()), Cut(e.Body, MaxBody)
	_, err := database.Exec(ctx, q, insertOne, t.Workspace, which, e.Type, Cut(e.Subject, 300), body,
		utf8.RuneCountInString(body), e.OccurredAt, author, extra, e.Pinned, now, now, t.User)
	return err
}

// Doc is what somebody wrote as search knows it.
func Doc(which id.ID, subject, body string) search.Doc {
	return search.Doc{Kind: search.Entry, ID: which, Title: subject, Words: Cut(body, MaxBody)}
}

// Place puts an entry into the timelines of its records.
func Place(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, e Entry) error {
	if len(e.Links) == 0 {
		return nil
	}
	var args []any
	for _, l := range e.Links {
		args = append(args, t.Workspace, l.Kind, l.ID, e.OccurredAt, which, e.Type, e.Pinned)
	}
	rows := strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, ?, ?, ?), ", len(e.Links)), ", ")
	_, err := database.Exec(ctx, q, insertLinks+rows, args...)
	return err
}

const selectCompanyOf = `SELECT company_id FROM people WHERE workspace_id = ? AND id = ? AND company_id IS NOT NULL`

// withCompanies adds the companies of the linked people.
func withCompanies(ctx context.Context, q database.Queryer, t tenant.Tenant, links []Link) ([]Link, error) {
	all := slices.Clone(links)
	for _, l := range links {
		if l.Kind != "person" {
			continue
		}
		company, ok, err := database.One(ctx, q, database.Scalar[id.ID], selectCompanyOf, t.Workspace, l.ID)
		if err != nil {
			return nil, err
		}
		same := func(other Link) bool { return other.Kind == "company" && other.ID == company }
		if ok && !slices.ContainsFunc(all, same) {
			all = append(all, Link{Kind: "company", ID: company})
		}
	}
	return all, nil
}

// Moment is cut to what MySQL keeps.
func Moment(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// Cut is the beginning of s, at most limit characters.
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	if runes := []rune(s); len(runes) > limit {
		return string(runes[:limit])
	}
	return s
}
