package imports

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"apexai/crm/internal/database"
	"apexai/crm/internal/people"
)

// An undo puts many records away at once, and each is noted by itself; what
// others belong to since is kept.
func TestUndoOfManyIsNotedOneByOne(t *testing.T) {
	b := begin(t)
	b.ran(b.upload(People, "Name,Email,Job title\nThere Before,before@many.example,\n").ID)
	var table strings.Builder
	table.WriteString("Name,Email,Company,Job title\n")
	const rows = 30
	for n := range rows {
		if n == 20 {
			table.WriteString("There Before,before@many.example,,Buyer\n") // is updated amid the new ones
		}
		fmt.Fprintf(&table, "Many %d,many%d@many.example,Many Ltd %d,\n", n, n, n/3)
	}
	i := b.ran(b.upload(People, table.String()).ID)
	if want := (Counts{Created: rows, Updated: 1}); i.Counts != want {
		t.Fatalf("%+v, want %+v", i.Counts, want)
	}
	joined, err := b.People.Get(b.ctx, b.tenant, b.personOf("many5@many.example"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.People.Create(b.ctx, b.tenant, people.Draft{FirstName: "Joined", CompanyID: joined.CompanyID}); err != nil {
		t.Fatal(err)
	}
	const notices = `SELECT COUNT(*) FROM outbox WHERE body LIKE '%"verb":"deleted"%'`
	before := b.number(notices)
	back := b.takenBack(i.ID)
	told, err := b.Told(b.ctx, b.tenant, i.ID)
	if err != nil || back.Status != Undone || back.Undone != rows+10 || back.Kept != 1 || len(told.Kept) != 1 || told.Kept[0].ID != *joined.CompanyID || told.Kept[0].Reason != "people belong to it" {
		t.Fatalf("%s: %d undone, %d kept: %+v (%v)", back.Status, back.Undone, back.Kept, told.Kept, err)
	}
	for what, query := range map[string]string{
		"audited one by one": `SELECT CONCAT(a.target_kind, ' ', COUNT(DISTINCT a.target_id), ' of ', COUNT(*)) FROM audit_log a JOIN import_changes c ON c.record_id = a.target_id AND c.was IS NULL
			WHERE c.import_id = ? AND a.verb = 'deleted' AND a.version = 2 AND a.became LIKE '%deletedAt%' GROUP BY a.target_kind ORDER BY 1`,
		"findable":            `SELECT CONCAT('company ', COUNT(*), ' of 1') FROM search_docs d JOIN import_changes c ON c.record_id = d.target_id AND c.was IS NULL WHERE c.import_id = ?`,
		"addresses are freed": `SELECT CONCAT(COUNT(*), ' addresses') FROM person_emails e JOIN import_changes c ON c.record_id = e.person_id WHERE c.import_id = ? AND c.was IS NULL AND e.active IS NULL`,
	} {
		want := map[string]string{"audited one by one": fmt.Sprintf("company 9 of 9, person %d of %d", rows, rows), "findable": "company 1 of 1", "addresses are freed": fmt.Sprintf("%d addresses", rows)}[what]
		if got := strings.Join(b.texts(query, i.ID), ", "); got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	if n := b.number(notices) - before; n != rows+9 {
		t.Errorf("%d notices say that a record was put away, want %d", n, rows+9)
	}
	old, err := b.People.Get(b.ctx, b.tenant, b.personOf("before@many.example"))
	if err != nil || old.Title != "" {
		t.Errorf("who was there before is now %q (%v)", old.Title, err)
	}
	if again := b.ran(b.upload(People, table.String()).ID); again.Counts.Created != rows {
		t.Errorf("imported again: %+v", again.Counts)
	}
}

// texts are a query's only column.
func (b bench) texts(query string, args ...any) (all []string) {
	b.t.Helper()
	if err := opened.View(b.ctx, func(ctx context.Context, q database.Queryer) (err error) {
		all, err = database.All(ctx, q, database.Scalar[string], query, args...)
		return err
	}); err != nil {
		b.t.Fatal(err)
	}
	return all
}

func (b bench) number(query string) int {
	b.t.Helper()
	n, err := strconv.Atoi(strings.Join(b.texts(query), ""))
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}
