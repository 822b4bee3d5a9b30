package database

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"apexai/crm/internal/config"
	"apexai/crm/internal/engines"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

// mariaDB is one of the test's own.
func mariaDB(t *testing.T) *engines.Process {
	t.Helper()
	dir, err := os.MkdirTemp("", "crm-session-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { // MariaDB runs as another user
		t.Fatal(err)
	}
	mysql, err := engines.MariaDB(t.Context(), filepath.Join(dir, "mysql"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(mysql.Stop)
	return mysql
}

// open starts a MariaDB and opens a pool of it.
func open(t *testing.T, connections int) *DB {
	t.Helper()
	mysql := mariaDB(t)
	settings := map[string]string{"DATABASE_URL": mysql.URL, "REDIS_URL": "redis://127.0.0.1"}
	c, err := config.Load(func(name string) string { return settings[name] })
	if err != nil {
		t.Fatal(err)
	}
	db, err := Open(c.Database, connections)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestSession(t *testing.T) {
	db := open(t, 1)
	t.Run("values", func(t *testing.T) { kinds(t, db) })
	t.Run("faults", func(t *testing.T) { faults(t, db) })
	t.Run("long", func(t *testing.T) { long(t, db) })
	t.Run("cut off", func(t *testing.T) { cutOff(t, db) })
	t.Run("transactions", func(t *testing.T) { transactions(t, db) })
}

func one[T any](t *testing.T, db *DB, query string, args ...any) (v T, err error) {
	t.Helper()
	err = db.View(t.Context(), func(ctx context.Context, q Queryer) (err error) {
		v, _, err = One(ctx, q, Scalar[T], query, args...)
		return err
	})
	return v, err
}

func same[T comparable](t *testing.T, db *DB, want T, query string, args ...any) {
	t.Helper()
	if got, err := one[T](t, db, query, args...); err != nil || got != want {
		t.Errorf("%s: %v, %v; want %v", query, got, err, want)
	}
}

func absent[T any](t *testing.T, db *DB, query string) {
	t.Helper()
	if got, err := one[*T](t, db, query); err != nil || got != nil {
		t.Errorf("%s: %v, %v; want nil", query, got, err)
	}
}

// kinds are those of every kind that the program scans.
func kinds(t *testing.T, db *DB) {
	type word string
	which, at := id.New(), time.Date(2026, 3, 29, 1, 2, 3, 456e6, time.UTC)
	same(t, db, "é☃", "SELECT ?", "é☃")
	same(t, db, `'\"`, "SELECT ?", `'\"`)
	same(t, db, word("w"), "SELECT 'w'")
	same(t, db, which, "SELECT ?", which)
	same(t, db, id.ID{}, "SELECT CAST(NULL AS BINARY(16))")
	same(t, db, at, "SELECT CAST(? AS DATETIME(3))", at)
	same(t, db, 7, "SELECT ?", 7)
	same(t, db, -7, "SELECT 1-?-?", 3, 5)
	same(t, db, "1?5", "SELECT CONCAT(?, ?, ?)", 1, "?", uint32(5))
	same(t, db, int64(600), "SELECT SUM(n) FROM (SELECT 100 AS n UNION ALL SELECT 500) x")
	same(t, db, uint32(1<<32-1), "SELECT CAST(? AS UNSIGNED)", uint32(1<<32-1))
	same(t, db, 0.5, "SELECT 0.5")
	same(t, db, true, "SELECT 1 = 1")
	same(t, db, tenant.Admin, "SELECT 'admin'")
	for _, query := range []string{"SELECT NULL", "SELECT CAST(NULL AS DATETIME)"} {
		absent[string](t, db, query)
		absent[id.ID](t, db, query)
		absent[time.Time](t, db, query)
		absent[int64](t, db, query)
	}
	if got, err := one[*time.Time](t, db, "SELECT CAST(? AS DATETIME(3))", at); err != nil || !got.Equal(at) {
		t.Errorf("*time.Time: %v, %v", got, err)
	}
	if got, err := one[[]byte](t, db, "SELECT 'x' UNION ALL SELECT 'y'"); err != nil || string(got) != "x" { // not the driver's own
		t.Errorf("[]byte: %q, %v", got, err)
	}
}

// faults are told, and leave the connection as good as it was.
func faults(t *testing.T, db *DB) {
	before, err := one[int](t, db, "SELECT CONNECTION_ID()")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := one[int](t, db, "SELECT NULL UNION ALL SELECT 1"); err == nil {
		t.Errorf("NULL is %d", got)
	}
	if got, err := one[int8](t, db, "SELECT 300"); err == nil {
		t.Errorf("300 in eight bits is %d", got)
	}
	if got, err := one[id.ID](t, db, "SELECT 'short'"); err == nil {
		t.Errorf("'short' is %s", got)
	}
	if n, err := one[int](t, db, "SELECT ?", 1, 2); err == nil {
		t.Errorf("an argument too many gave %d", n)
	}
	if n, err := one[int](t, db, "SELECT ? + ?", 1); err == nil {
		t.Errorf("an argument too few gave %d", n)
	}
	if _, err := one[int](t, db, "SELEKT"); err == nil {
		t.Error("nonsense was taken")
	}
	same(t, db, before, "SELECT CONNECTION_ID()")
}

// long answers do not fit what is read ahead, together or by themselves.
func long(t *testing.T, db *DB) {
	var lengths int
	err := db.View(t.Context(), func(ctx context.Context, q Queryer) error {
		texts, err := All(ctx, q, Scalar[string], "SELECT REPEAT('x', seq) FROM seq_1_to_1000 UNION ALL SELECT REPEAT('y', ?)", 3*readAhead)
		for _, text := range texts {
			lengths += len(text)
		}
		return err
	})
	if want := 1000*1001/2 + 3*readAhead; err != nil || lengths != want {
		t.Errorf("%d bytes, %v; want %d", lengths, err, want)
	}
}

// cutOff is what happens to those who take too long or have gone: the next
// gets another connection.
func cutOff(t *testing.T, db *DB) {
	before, err := one[int](t, db, "SELECT CONNECTION_ID()")
	if err != nil {
		t.Fatal(err)
	}
	sleep := func(ctx context.Context) error {
		return db.View(ctx, func(ctx context.Context, q Queryer) error {
			_, _, err := One(ctx, q, Scalar[int], "SELECT SLEEP(60)")
			return err
		})
	}
	begun := time.Now()
	if p, ok := errors.AsType[*problem.Problem](sleep(t.Context())); !ok || p.Status != 503 {
		t.Errorf("a query that takes a minute: %v", p)
	}
	leaving, leave := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, leave)
	if err := sleep(leaving); !errors.Is(err, context.Canceled) {
		t.Errorf("the caller has gone: %v", err)
	}
	if took := time.Since(begun); took > 40*time.Second {
		t.Errorf("it took %s to be cut off", took)
	}
	if after, err := one[int](t, db, "SELECT CONNECTION_ID()"); err != nil || after == before {
		t.Errorf("connection %d, then %d, %v", before, after, err)
	}
}

// transactions are whole or nothing, whatever ends them.
func transactions(t *testing.T, db *DB) {
	run := func(end func(context.CancelFunc) error) (err error) {
		defer func() {
			if v := recover(); v != nil {
				err = errors.New("panic")
			}
		}()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		return db.Update(ctx, func(ctx context.Context, q Queryer) error {
			if _, err := Exec(ctx, q, "INSERT INTO crowd VALUES (1)"); err != nil {
				return err
			}
			return end(cancel)
		})
	}
	err := db.View(t.Context(), func(ctx context.Context, q Queryer) error {
		_, err := Exec(ctx, q, "CREATE TABLE crowd (n INT)")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, end := range map[string]func(context.CancelFunc) error{
		"an error":             func(context.CancelFunc) error { return errors.New("no") },
		"a panic":              func(context.CancelFunc) error { panic("no") },
		"the caller's own end": func(cancel context.CancelFunc) error { cancel(); return context.Canceled },
	} {
		if err := run(end); err == nil {
			t.Errorf("%s is no error", name)
		}
		if n, err := one[int](t, db, "SELECT COUNT(*) FROM crowd"); err != nil || n != 0 {
			t.Errorf("%s left %d rows, %v", name, n, err)
		}
	}
	if err := run(func(context.CancelFunc) error { return nil }); err != nil {
		t.Error(err)
	}
	same(t, db, 1, "SELECT COUNT(*) FROM crowd")
}
