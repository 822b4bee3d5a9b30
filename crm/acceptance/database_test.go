package acceptance

import (
	"context"
	"testing"

	"apexai/crm/internal/config"
	"apexai/crm/internal/database"
)

// in runs fn on a connection to the stack's database.
func (s *stack) in(t testing.TB, fn func(context.Context, database.Queryer) error) {
	t.Helper()
	c, err := config.Load(func(name string) string {
		return map[string]string{"DATABASE_URL": s.mysql.URL, "REDIS_URL": s.redis.URL, "APP_ENV": "dev"}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	db, err := database.Open(c.Database, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.View(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func (s *stack) exec(t testing.TB, statement string, args ...any) {
	t.Helper()
	s.in(t, func(ctx context.Context, q database.Queryer) error {
		_, err := database.Exec(ctx, q, statement, args...)
		return err
	})
}

// number is the one value that a query gives.
func (s *stack) number(t testing.TB, query string, args ...any) (n int) {
	t.Helper()
	s.in(t, func(ctx context.Context, q database.Queryer) (err error) {
		n, _, err = database.One(ctx, q, database.Scalar[int], query, args...)
		return err
	})
	return n
}
