package server

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
)

// A company with more activities than one statement moves is merged, and the
// merge undone, with all of them. MERGE_ACTIVITIES=70000 tries it with more than
// MySQL takes marks in a statement.
func TestMergeMovesManyActivities(t *testing.T) {
	wanted, _ := strconv.Atoi(os.Getenv("MERGE_ACTIVITIES"))
	many := cmp.Or(wanted, 2300)
	c := member(t, "merge-many", "member")
	mine := c.do("POST", "/api/v1/companies", object{"name": "Small"}).want(201)
	theirs := c.do("POST", "/api/v1/companies", object{"name": "Much talked with"}).want(201)
	c.log("note", "", "Of both", object{"kind": "company", "id": mine.text("id")}, object{"kind": "company", "id": theirs.text("id")})
	db, a, b := pool(t), must(id.Parse(mine.text("id"))), must(id.Parse(theirs.text("id")))
	talked(t, db, b, many)

	count := func(which id.ID) (n int) {
		t.Helper()
		if err := db.View(t.Context(), func(ctx context.Context, q database.Queryer) (err error) {
			n, _, err = database.One(ctx, q, database.Scalar[int], "SELECT COUNT(*) FROM activity_links WHERE kind = 'company' AND target_id = ?", which)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	had, has := count(a), count(b)
	merged := c.do("POST", "/api/v1/companies/"+mine.text("id")+"/merge", object{"with": theirs.text("id")}, "If-Match: "+mine.etag()).want(200)
	if merged.body["moved"] != float64(has-1) || count(a) != had+has-1 || count(b) != 1 {
		t.Errorf("merged: moved %v of %d; the one has %d, the other %d", merged.body["moved"], has, count(a), count(b))
	}
	c.do("POST", "/api/v1/merges/"+merged.text("id")+"/undo", nil).want(200)
	if count(a) != had || count(b) != has {
		t.Errorf("undone: the one has %d, had %d; the other %d, had %d", count(a), had, count(b), has)
	}
}

// talked gives a company calls, many in a statement.
func talked(t *testing.T, db *database.DB, company id.ID, calls int) {
	t.Helper()
	at := time.Now().UTC().Truncate(time.Second)
	for made := 0; made < calls; {
		n := min(500, calls-made)
		err := db.Batch(t.Context(), func(ctx context.Context, q database.Queryer) error {
			workspace, _, err := database.One(ctx, q, database.Scalar[int], "SELECT workspace_id FROM companies WHERE id = ?", company)
			if err != nil {
				return err
			}
			var rows, links []string
			var rowArgs, linkArgs []any
			for i := range n {
				which, when := id.New(), at.Add(-time.Duration(made+i)*time.Minute)
				rows, rowArgs = append(rows, "(?, ?, 'call', '', 'Call', ?, ?, ?, '')"), append(rowArgs, workspace, which, when, at, at)
				links, linkArgs = append(links, "(?, 'company', ?, ?, ?, 'call')"), append(linkArgs, workspace, company, when, which)
			}
			if _, err := database.Exec(ctx, q, "INSERT INTO activities (workspace_id, id, type, subject, body, occurred_at, created_at, updated_at, updated_by) VALUES "+strings.Join(rows, ", "), rowArgs...); err != nil {
				return fmt.Errorf("activities: %w", err)
			}
			_, err = database.Exec(ctx, q, "INSERT INTO activity_links (workspace_id, kind, target_id, occurred_at, activity_id, type) VALUES "+strings.Join(links, ", "), linkArgs...)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		made += n
	}
}
