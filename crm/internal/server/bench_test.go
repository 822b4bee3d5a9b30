package server

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"apexai/crm/internal/config"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
)

const benchPeople = 5000

// crowd fills a workspace of its own and signs its owner in.
func crowd(b *testing.B, db *database.DB) (client, int64) {
	b.Helper()
	c := signIn(b, shared.crm.url, "bench@example.com")
	ctx := context.Background()
	var workspace int64
	var user id.ID
	err := db.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		var err error
		if workspace, _, err = database.One(ctx, q, database.Scalar[int64], "SELECT id FROM workspaces WHERE slug = ?", "demo"); err != nil {
			return err
		}
		user, _, err = database.One(ctx, q, database.Scalar[id.ID], "SELECT user_id FROM members WHERE workspace_id = ? LIMIT 1", workspace)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	now := time.Now().UTC()
	for range benchPeople / 500 {
		var people, emails []any
		for range 500 {
			who := id.New()
			people = append(people, workspace, who, "First", who.String()[:8], "Title", now, user, now, user)
			emails = append(emails, workspace, who, 0, who.String()+"@x.example", who.String()+"@x.example", "work")
		}
		err := db.Update(ctx, func(ctx context.Context, q database.Queryer) error {
			if _, err := database.Exec(ctx, q, "INSERT INTO people (workspace_id, id, first_name, last_name, title, created_at, created_by, updated_at, updated_by) VALUES "+
				strings.TrimSuffix(strings.Repeat("(?,?,?,?,?,?,?,?,?),", 500), ","), people...); err != nil {
				return err
			}
			_, err := database.Exec(ctx, q, "INSERT INTO person_emails (workspace_id, person_id, position, value, value_norm, kind) VALUES "+
				strings.TrimSuffix(strings.Repeat("(?,?,?,?,?,?),", 500), ","), emails...)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return c, workspace
}

// BenchmarkListPeople is a page of 50 by name, and the same page query served
// by nothing but database/sql and net/http, without session, tenant, contacts.
func BenchmarkListPeople(b *testing.B) {
	cfg := must(config.Load(func(name string) string { return settings(nil)[name] }))
	db := must(database.Open(cfg.Database, 2))
	b.Cleanup(func() { db.Close() })
	c, workspace := crowd(b, db)
	b.Run("crm", func(b *testing.B) {
		fetch(b, c.http, c.base+"/api/v1/people?sort=name&limit=50")
	})
	b.Run("bare", func(b *testing.B) {
		bare := httptest.NewServer(bareList(b, workspace))
		defer bare.Close()
		fetch(b, bare.Client(), bare.URL)
	})
}

func fetch(b *testing.B, c *http.Client, url string) {
	b.Helper()
	for b.Loop() {
		response, err := c.Get(url)
		if err != nil {
			b.Fatal(err)
		}
		n, err := io.Copy(io.Discard, response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != 200 || n < 1000 {
			b.Fatal(response.Status, n, err)
		}
	}
}

func bareList(b *testing.B, workspace int64) http.Handler {
	b.Helper()
	address, _ := strings.CutPrefix(shared.mysql.URL, "mysql://")
	login, rest, _ := strings.Cut(address, "@")
	host, name, _ := strings.Cut(rest, "/")
	pool := must(sql.Open("mysql", login+"@tcp("+host+")/"+name+"?interpolateParams=true&parseTime=true"))
	pool.SetMaxOpenConns(2)
	b.Cleanup(func() { pool.Close() })
	type row struct {
		ID                 []byte
		First, Last, Title string
		Created, Updated   time.Time
		Version            int
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rows, err := pool.QueryContext(r.Context(), "SELECT id, first_name, last_name, title, created_at, updated_at, version FROM people WHERE workspace_id = ? AND deleted_at IS NULL ORDER BY last_name, first_name, id LIMIT 51", workspace)
		if err != nil {
			http.Error(w, err.Error(), 500)
			return
		}
		defer rows.Close()
		var all []row
		for rows.Next() {
			var p row
			if err := rows.Scan(&p.ID, &p.First, &p.Last, &p.Title, &p.Created, &p.Updated, &p.Version); err != nil {
				http.Error(w, err.Error(), 500)
				return
			}
			all = append(all, p)
		}
		json.NewEncoder(w).Encode(all)
	})
}

// BenchmarkStart is from nothing to healthy, with MySQL up and migrated.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		s := must(run(settings(nil), io.Discard))
		for ready := false; !ready; {
			response, err := http.Get(s.url + "/health")
			if err != nil {
				b.Fatal(err)
			}
			response.Body.Close()
			if ready = response.StatusCode == 200; !ready {
				time.Sleep(200 * time.Microsecond)
			}
		}
		if err := s.stop(); err != nil {
			b.Fatal(fmt.Errorf("stop: %w", err))
		}
	}
}
