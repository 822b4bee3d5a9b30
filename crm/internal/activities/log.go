package activities

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
	"apexai/crm/internal/tenant"
)

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
	which, now := id.New(), moment(time.Now())
	if e.OccurredAt.IsZero() {
		e.OccurredAt = now
	}
	e.OccurredAt = moment(e.OccurredAt)
	var extra any
	if e.Meta != nil {
		encoded, err := json.Marshal(e.Meta)
		if err != nil {
			return which, fmt.Errorf("activity %s: its meta: %w", e.Type, err)
		}
		extra = string(encoded)
	}
	_, err := database.Exec(ctx, q, insertOne, t.Workspace, which, e.Type, cut(e.Subject, 300), cut(e.Body, MaxBody),
		utf8.RuneCountInString(cut(e.Body, MaxBody)), e.OccurredAt, t.User, extra, e.Pinned, now, now, t.User)
	if err != nil {
		return which, err
	}
	links := e.Links
	if written(e.Type) {
		if links, err = withCompanies(ctx, q, t, links); err != nil {
			return which, err
		}
	}
	if err := link(ctx, q, t, which, e, links); err != nil {
		return which, err
	}
	return which, touch(ctx, q, t, e.Type, links)
}

func link(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, e Entry, links []Link) error {
	if len(links) == 0 {
		return nil
	}
	var args []any
	for _, l := range links {
		args = append(args, t.Workspace, l.Kind, l.ID, e.OccurredAt, which, e.Type, e.Pinned)
	}
	rows := strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, ?, ?, ?), ", len(links)), ", ")
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

// moment is cut to what MySQL keeps.
func moment(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	if runes := []rune(s); len(runes) > limit {
		return string(runes[:limit])
	}
	return s
}
