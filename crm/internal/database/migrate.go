package database

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"apexai/crm/internal/config"
)

const (
	lockName    = "apexai_crm_migrate"
	lockSeconds = 60
	retryEvery  = 20 * time.Millisecond // a local database is ready within one of these
	retryAtMost = 500 * time.Millisecond
	tellEvery   = 5 * time.Second
	dialWithin  = 250 * time.Millisecond // at start an address may not answer at all yet
)

// A Report tells what Prepare did.
type Report struct {
	Applied        []string
	MaxConnections int
	Engine         string // MySQL's own version string
}

// Prepare waits until MySQL answers, brings its schema up to date and reads
// its limits. It gives up with ctx, or if MySQL refuses the login for a minute.
func Prepare(ctx context.Context, c config.Database, migrations fs.FS, log *slog.Logger) (Report, error) {
	list, err := load(migrations)
	if err != nil {
		return Report{}, err
	}
	d := driverConfig(c)
	d.Timeout = dialWithin
	d.ReadTimeout = (lockSeconds + 30) * time.Second // waits for the lock, and DDL
	connector, err := connectorOf(c, d)
	if err != nil {
		return Report{}, fmt.Errorf("database %s: %w", c.Address, err)
	}
	pool := sql.OpenDB(connector)
	defer pool.Close()
	wait := waiting{log: log, patience: signInWithin}
	conn, err := wait.until(ctx, pool)
	if err != nil {
		return Report{}, fmt.Errorf("database %s: %w", c.Address, err)
	}
	defer conn.Close()
	return migrate(ctx, conn, list)
}

// tryConnect does not wait long for a greeting: what answers at the address
// may not be MySQL, or not yet.
func tryConnect(ctx context.Context, pool *sql.DB) (*sql.Conn, error) {
	limited, cancel := context.WithTimeout(ctx, finishWithin)
	defer cancel()
	return pool.Conn(limited)
}

// migrate holds a lock, since tasks start together and MySQL's DDL cannot be
// rolled back.
func migrate(ctx context.Context, conn *sql.Conn, list []migration) (Report, error) {
	var r Report
	if err := conn.QueryRowContext(ctx, "SELECT @@max_connections, @@version").Scan(&r.MaxConnections, &r.Engine); err != nil {
		return r, fmt.Errorf("read limits: %w", err)
	}
	var got sql.NullInt64
	if err := conn.QueryRowContext(ctx, "SELECT GET_LOCK(?, ?)", lockName, lockSeconds).Scan(&got); err != nil || got.Int64 != 1 {
		return r, fmt.Errorf("lock %s: not had within %d s: %w", lockName, lockSeconds, cmp.Or(err, context.DeadlineExceeded))
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), "DO RELEASE_LOCK(?)", lockName)
	done, err := applied(ctx, conn)
	if err != nil {
		return r, err
	}
	for _, m := range list {
		sum, was := done[m.version]
		switch {
		case was && sum != m.sum:
			return r, fmt.Errorf("migration %s: differs from the one that was applied", m.name)
		case was:
			continue
		}
		if err := m.apply(ctx, conn); err != nil {
			return r, err
		}
		r.Applied = append(r.Applied, m.name)
	}
	return r, nil
}

func applied(ctx context.Context, conn *sql.Conn) (map[int]string, error) {
	const table = `CREATE TABLE IF NOT EXISTS schema_migrations (
		version INT UNSIGNED NOT NULL PRIMARY KEY,
		name VARCHAR(190) NOT NULL,
		sum CHAR(64) NOT NULL,
		applied_at DATETIME(3) NOT NULL
	) ENGINE=InnoDB`
	if _, err := conn.ExecContext(ctx, table); err != nil {
		return nil, fmt.Errorf("table schema_migrations: %w", err)
	}
	rows, err := conn.QueryContext(ctx, "SELECT version, sum FROM schema_migrations")
	if err != nil {
		return nil, fmt.Errorf("table schema_migrations: %w", err)
	}
	defer rows.Close()
	done := map[int]string{}
	for rows.Next() {
		var version int
		var sum string
		if err := rows.Scan(&version, &sum); err != nil {
			return nil, err
		}
		done[version] = sum
	}
	return done, rows.Err()
}

// A migration is one file, NNNN_name.sql; a line "-- next" parts statements.
type migration struct {
	version    int
	name, sum  string
	statements []string
}

func (m migration) apply(ctx context.Context, conn *sql.Conn) error {
	for i, statement := range m.statements {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("migration %s: statement %d: %w", m.name, i+1, err)
		}
	}
	_, err := conn.ExecContext(ctx, "INSERT INTO schema_migrations (version, name, sum, applied_at) VALUES (?, ?, ?, UTC_TIMESTAMP(3))",
		m.version, m.name, m.sum)
	if err != nil {
		return fmt.Errorf("migration %s: record: %w", m.name, err)
	}
	return nil
}

func load(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	var list []migration
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		number, _, _ := strings.Cut(name, "_")
		version, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("migration %s: its name does not begin with a number", name)
		}
		sum := sha256.Sum256(text)
		list = append(list, migration{version, strings.TrimSuffix(path.Base(name), ".sql"), hex.EncodeToString(sum[:]), split(string(text))})
	}
	slices.SortFunc(list, func(a, b migration) int { return cmp.Compare(a.version, b.version) })
	for i := range list[:max(len(list)-1, 0)] {
		if list[i].version == list[i+1].version {
			return nil, fmt.Errorf("migrations %s and %s have one number", list[i].name, list[i+1].name)
		}
	}
	return list, nil
}

func split(text string) []string {
	var statements []string
	for part := range strings.SplitSeq(text, "\n-- next\n") {
		if part = strings.TrimSpace(part); part != "" {
			statements = append(statements, part)
		}
	}
	return statements
}
