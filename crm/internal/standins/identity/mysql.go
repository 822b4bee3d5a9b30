package identity

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"apexai/crm/internal/config"
	"apexai/crm/internal/database"
)

//go:embed migrations/*.sql
var migrations embed.FS

// MySQL is a Store that all tasks share. Its table is the stand-in's own and
// no workspace's.
type MySQL struct{ DB *database.DB }

const (
	selectOne   = `SELECT value FROM standin_identity WHERE kind = ? AND name = ? AND expires_at > UTC_TIMESTAMP(3)`
	selectAll   = `SELECT name, value FROM standin_identity WHERE kind = ? AND expires_at > UTC_TIMESTAMP(3)`
	insertOne   = `INSERT IGNORE INTO standin_identity (kind, name, value, expires_at) VALUES (?, ?, ?, ?)`
	upsertOne   = `INSERT INTO standin_identity (kind, name, value, expires_at) VALUES (?, ?, ?, ?) ON DUPLICATE KEY UPDATE value = VALUES(value)`
	deleteOne   = `DELETE FROM standin_identity WHERE kind = ? AND name = ?`
	deleteStale = `DELETE FROM standin_identity WHERE expires_at <= UTC_TIMESTAMP(3) LIMIT 100`
)

// OpenMySQL waits for the database and makes the table if it is not there.
func OpenMySQL(ctx context.Context, c config.Database, log *slog.Logger) (MySQL, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return MySQL{}, err
	}
	if _, err := database.Prepare(ctx, c, files, log); err != nil {
		return MySQL{}, fmt.Errorf("identity stand-in: %w", err)
	}
	opened, err := database.Open(c, 2)
	return MySQL{opened}, err
}

// Get implements Store.
func (m MySQL) Get(ctx context.Context, kind, key string) (value []byte, ok bool, err error) {
	err = m.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		value, ok, err = database.One(ctx, q, database.Scalar[[]byte], selectOne, kind, key)
		return err
	})
	return value, ok, err
}

// All implements Store.
func (m MySQL) All(ctx context.Context, kind string) (map[string][]byte, error) {
	all := map[string][]byte{}
	err := m.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		_, err := database.All(ctx, q, func(row database.Row, value *[]byte) error {
			var key string
			err := row.Scan(&key, value)
			all[key] = *value
			return err
		}, selectAll, kind)
		return err
	})
	return all, err
}

// Add implements Store, and drops some of what has expired.
func (m MySQL) Add(ctx context.Context, kind, key string, value []byte, expires time.Time) (added bool, err error) {
	err = m.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		if _, err := database.Exec(ctx, q, deleteStale); err != nil {
			return err
		}
		n, err := database.Exec(ctx, q, insertOne, kind, key, value, expires.UTC())
		added = n == 1
		return err
	})
	return added, err
}

// Put implements Store.
func (m MySQL) Put(ctx context.Context, kind, key string, value []byte) error {
	return m.exec(ctx, upsertOne, kind, key, value, forever)
}

// Delete implements Store.
func (m MySQL) Delete(ctx context.Context, kind, key string) error {
	return m.exec(ctx, deleteOne, kind, key)
}

func (m MySQL) exec(ctx context.Context, statement string, args ...any) error {
	return m.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		_, err := database.Exec(ctx, q, statement, args...)
		return err
	})
}
