package imports

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"apexai/crm/db"
	"apexai/crm/internal/account"
	"apexai/crm/internal/companies"
	"apexai/crm/internal/config"
	"apexai/crm/internal/database"
	"apexai/crm/internal/deals"
	"apexai/crm/internal/engines"
	"apexai/crm/internal/files"
	"apexai/crm/internal/id"
	"apexai/crm/internal/people"
	"apexai/crm/internal/pipelines"
	"apexai/crm/internal/tenant"
)

var opened *database.DB

func TestMain(m *testing.M) { os.Exit(withDatabase(m)) }

func withDatabase(m *testing.M) int {
	dir, err := os.MkdirTemp("", "crm-imports-test-")
	if err == nil {
		defer os.RemoveAll(dir)
		err = os.Chmod(dir, 0o755) // MariaDB runs as another user
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	mysql, err := engines.MariaDB(context.Background(), filepath.Join(dir, "mysql"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer mysql.Stop()
	c, err := config.Load(func(name string) string {
		return map[string]string{"DATABASE_URL": mysql.URL, "REDIS_URL": "redis://127.0.0.1:1/0", "APP_ENV": "dev"}[name]
	})
	if err == nil {
		_, err = database.Prepare(context.Background(), c.Database, db.Migrations(), slog.New(slog.DiscardHandler))
	}
	if err == nil {
		opened, err = database.Open(c.Database, 3) // as on the smallest class of MySQL
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer opened.Close()
	return m.Run()
}

// bench is a member of a workspace with a store of imports.
type bench struct {
	t      *testing.T
	ctx    context.Context
	tenant tenant.Tenant
	Store
}

func begin(t *testing.T) bench {
	t.Helper()
	b := bench{t: t, ctx: context.Background(), Store: Store{
		DB: opened, Now: time.Now,
		Files:  files.Store{DB: opened, Now: time.Now},
		People: people.Store{DB: opened, Now: time.Now}, Companies: companies.Store{DB: opened, Now: time.Now},
		Deals: deals.Store{DB: opened, Pipelines: pipelines.Store{DB: opened, Now: time.Now}, Now: time.Now},
	}}
	i, err := account.Store{DB: opened}.Demo(b.ctx, "owner@example.com", "Olga Owner", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	b.tenant = i.Tenant()
	return b
}

func (b bench) must(i Import, err error) Import {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(explain(err))
	}
	return i
}

func (b bench) upload(kind, text string) Import {
	b.t.Helper()
	return b.must(b.Upload(b.ctx, b.tenant, "table.csv", kind, strings.NewReader(text)))
}

// check does what its job does.
func (b bench) checked(which id.ID) Import {
	b.t.Helper()
	b.must(b.Check(b.ctx, b.tenant, which))
	if err := b.doCheck(b.ctx, b.tenant, which); err != nil {
		b.t.Fatal(err)
	}
	return b.must(b.Get(b.ctx, b.tenant, which))
}

func (b bench) ran(which id.ID) Import {
	b.t.Helper()
	b.must(b.Run(b.ctx, b.tenant, which))
	if err := b.doRun(b.ctx, b.tenant, which); err != nil {
		b.t.Fatal(err)
	}
	return b.must(b.Get(b.ctx, b.tenant, which))
}

func (b bench) takenBack(which id.ID) Import {
	b.t.Helper()
	b.must(b.Undo(b.ctx, b.tenant, which))
	if err := b.doUndo(b.ctx, b.tenant, which); err != nil {
		b.t.Fatal(err)
	}
	return b.must(b.Get(b.ctx, b.tenant, which))
}

func (b bench) errorFile(which id.ID) string {
	b.t.Helper()
	f, err := b.Errors(b.ctx, b.tenant, which)
	if err != nil {
		b.t.Fatal(err)
	}
	var text strings.Builder
	if err := f.Write(b.ctx, &text); err != nil {
		b.t.Fatal(err)
	}
	return text.String()
}

// state is all that the workspace has of people and companies that is not in
// the trash, but for versions and times.
func (b bench) state() string {
	b.t.Helper()
	var all strings.Builder
	for _, query := range []string{
		`SELECT CONCAT_WS('|', HEX(p.id), p.first_name, p.last_name, p.title, HEX(p.company_id), HEX(p.owner_id), p.source, p.address, COALESCE(p.custom, '')) FROM people p WHERE p.workspace_id = ? AND p.deleted_at IS NULL ORDER BY p.id`,
		`SELECT CONCAT_WS('|', HEX(e.person_id), e.position, e.value, e.kind) FROM person_emails e JOIN people p ON p.workspace_id = e.workspace_id AND p.id = e.person_id WHERE e.workspace_id = ? AND p.deleted_at IS NULL ORDER BY e.person_id, e.position`,
		`SELECT CONCAT_WS('|', HEX(f.person_id), f.position, f.value, f.kind) FROM person_phones f JOIN people p ON p.workspace_id = f.workspace_id AND p.id = f.person_id WHERE f.workspace_id = ? AND p.deleted_at IS NULL ORDER BY f.person_id, f.position`,
		`SELECT CONCAT_WS('|', HEX(c.id), c.name, c.domain, c.industry, c.size_band, c.address, HEX(c.owner_id)) FROM companies c WHERE c.workspace_id = ? AND c.deleted_at IS NULL ORDER BY c.id`,
		`SELECT CONCAT_WS('|', HEX(g.record_id), t.name) FROM taggings g JOIN tags t ON t.workspace_id = g.workspace_id AND t.id = g.tag_id
			LEFT JOIN people p ON p.workspace_id = g.workspace_id AND p.id = g.record_id LEFT JOIN companies c ON c.workspace_id = g.workspace_id AND c.id = g.record_id
			WHERE g.workspace_id = ? AND p.deleted_at IS NULL AND c.deleted_at IS NULL ORDER BY g.record_id, t.name`,
	} {
		err := opened.View(b.ctx, func(ctx context.Context, q database.Queryer) error {
			rows, err := database.All(ctx, q, database.Scalar[string], query, b.tenant.Workspace)
			all.WriteString(strings.Join(rows, "\n") + "\n\n")
			return err
		})
		if err != nil {
			b.t.Fatal(err)
		}
	}
	return all.String()
}
