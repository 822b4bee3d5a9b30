package server

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"apexai/crm/internal/database"
	"apexai/crm/internal/overhear"
)

// step is a row of EXPLAIN.
type step struct{ table, key, extra string }

// Groups and the report of a year are counted from indexes, without reading a
// record: MySQL is asked how it would answer just what the server asks.
func TestCountsReadIndexesOnly(t *testing.T) {
	ear, err := overhear.Listen(t.Context(), shared.mysql.URL)
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, map[string]string{"DATABASE_URL": ear.URL, "ROLE": "web"}, io.Discard)
	c := client{t, s.url, owner(t).http}
	eventually(t, "the overheard server is ready", func() bool { return c.do("GET", "/readyz", nil).status == 200 })
	c.addRecord("companies", "company", object{"name": "Explained"})
	for path, reads := range map[string][]step{
		"people/groups?by=owner":       {{table: "p", key: "ix_owned"}},
		"people/groups?by=company":     {{table: "p", key: "ix_staff"}},
		"people/groups?by=companyName": {{table: "p", key: "ix_staff"}},
		"companies/groups?by=owner":    {{table: "c", key: "ix_owned"}},
		"deals/groups?by=owner":        {{table: "d", key: "ix_owned"}},
		"deals/groups?by=company":      {{table: "d", key: "ix_customer"}},
		"reports/activity":             {{table: "a", key: "ix_doings"}, {table: "h", key: "ix_moved"}},
	} {
		ear.Reads()
		c.do("GET", "/api/v1/"+path, nil).want(200)
		heard := slices.DeleteFunc(ear.Reads(), func(q string) bool { return !strings.Contains(q, "COUNT(*)") })
		if len(heard) != 1 {
			t.Fatalf("%s: %d statements count: %q", path, len(heard), heard)
		}
		plan := explained(t, heard[0])
		for _, want := range reads {
			i := slices.IndexFunc(plan, func(s step) bool { return s.table == want.table })
			if i < 0 || plan[i].key != want.key || !strings.Contains(plan[i].extra, "Using index") {
				t.Errorf("%s: %s is not counted from %s: %+v\n%s", path, want.table, want.key, plan, heard[0])
			}
		}
	}
}

// explained is how MariaDB would answer a query.
func explained(t *testing.T, query string) (plan []step) {
	t.Helper()
	err := pool(t).View(t.Context(), func(ctx context.Context, q database.Queryer) (err error) {
		plan, err = database.All(ctx, q, func(row database.Row, s *step) error {
			var told [10]*string
			into := make([]any, len(told))
			for i := range told {
				into[i] = &told[i]
			}
			err := row.Scan(into...)
			for i, to := range map[int]*string{2: &s.table, 5: &s.key, 9: &s.extra} {
				if told[i] != nil {
					*to = *told[i]
				}
			}
			return err
		}, "EXPLAIN "+query)
		return err
	})
	if err != nil {
		t.Fatal(fmt.Errorf("explain %s: %w", query, err))
	}
	return plan
}
