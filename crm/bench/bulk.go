package main

import (
	"context"
	"strings"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
)

// Activities are many, so they are written as no person would: a thousand in a
// statement. Their rows are those of the timeline's own.
const (
	selectPeople     = `SELECT id, COALESCE(company_id, id) FROM people WHERE workspace_id = ?`
	insertActivities = `INSERT INTO activities (workspace_id, id, type, subject, body, body_length, occurred_at, author_id, pinned, created_at, updated_at, updated_by) VALUES `
	insertLinks      = `INSERT INTO activity_links (workspace_id, kind, target_id, occurred_at, activity_id, type, pinned) VALUES `
	bulk             = 1000
	note             = "Spoke about seats for the second site, and about what the pilot must show. They decide after the quarter ends; until then a call every two weeks is wanted."
)

type employed struct{ person, company id.ID }

// activities gives people in turn one call after another, an hour apart.
func activities(ctx context.Context, db *database.DB, t tenant.Tenant, count int) error {
	var people []employed
	err := db.Batch(ctx, func(ctx context.Context, q database.Queryer) (err error) {
		people, err = database.All(ctx, q, func(row database.Row, e *employed) error { return row.Scan(&e.person, &e.company) }, selectPeople, t.Workspace)
		return err
	})
	now := time.Now().UTC().Truncate(time.Second)
	for from := 0; from < count && err == nil; from += bulk {
		err = db.Batch(ctx, func(ctx context.Context, q database.Queryer) error {
			var rows, links []any
			for i := from; i < min(from+bulk, count); i++ {
				which, at, who := id.New(), now.Add(-time.Duration(i%2000)*time.Hour), people[i*7919%len(people)]
				rows = append(rows, t.Workspace, which, "call", "Check-in", note, len(note), at, t.User, false, now, now, t.User)
				links = append(links, t.Workspace, "person", who.person, at, which, "call", false)
				if who.company != who.person {
					links = append(links, t.Workspace, "company", who.company, at, which, "call", false)
				}
			}
			if _, err := database.Exec(ctx, q, insertActivities+marks(len(rows), 12), rows...); err != nil {
				return err
			}
			_, err := database.Exec(ctx, q, insertLinks+marks(len(links), 7), links...)
			return err
		})
	}
	return err
}

// marks are the rows of marks for so many values.
func marks(values, columns int) string {
	row := "(" + strings.TrimSuffix(strings.Repeat("?, ", columns), ", ") + "), "
	return strings.TrimSuffix(strings.Repeat(row, values/columns), ", ")
}
