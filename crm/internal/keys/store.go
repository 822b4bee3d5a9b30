package keys

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"strings"
	"time"

	"apexai/crm/internal/change"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

const (
	most = 200 // keys of one workspace

	insertKey   = `INSERT INTO api_keys (workspace_id, id, prefix, hash, name, scopes, created_at, created_by, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
	selectKeys  = `SELECT id, name, prefix, scopes, created_at, created_by, expires_at, used_at FROM api_keys WHERE workspace_id = ? ORDER BY id DESC LIMIT 200`
	selectCount = `SELECT COUNT(*) FROM api_keys WHERE workspace_id = ?`
	lockKey     = `SELECT prefix, name FROM api_keys WHERE workspace_id = ? AND id = ? FOR UPDATE`
	deleteKey   = `DELETE FROM api_keys WHERE workspace_id = ? AND id = ?`
)

// List returns the workspace's keys, the newest first.
func (s Store) List(ctx context.Context, t tenant.Tenant) (all []Key, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		all, err = database.All(ctx, q, func(row database.Row, k *Key) error {
			err := row.Scan(&k.ID, &k.Name, &k.Prefix, &k.Scopes, &k.CreatedAt, &k.CreatedBy, &k.ExpiresAt, &k.UsedAt)
			k.Prefix = start + k.Prefix
			return err
		}, selectKeys, t.Workspace)
		return err
	})
	return all, err
}

// Create makes a key and returns its secret, which nobody can read again.
func (s Store) Create(ctx context.Context, t tenant.Tenant, name string, scopes tenant.Scopes, expires *time.Time) (k Key, secret string, err error) {
	text := strings.ToLower(rand.Text() + rand.Text())
	prefix := text[:prefixLong]
	secret = start + prefix + "_" + text[prefixLong:prefixLong+secretLong]
	sum := sha256.Sum256([]byte(secret))
	k = Key{id.New(), name, start + prefix, scopes, s.Now().UTC().Truncate(time.Millisecond), t.User, expires, nil}
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		n, _, err := database.One(ctx, q, database.Scalar[int], selectCount, t.Workspace)
		if err == nil && n >= most {
			err = problem.Conflict("a workspace has at most 200 keys: remove some first")
		}
		if err != nil {
			return err
		}
		if _, err := database.Exec(ctx, q, insertKey, t.Workspace, k.ID, prefix, sum[:], name, string(scopes), k.CreatedAt, t.User, expires); err != nil {
			return err
		}
		return change.Record(ctx, q, t, change.Change{Kind: "key", ID: k.ID, Verb: "created", After: k.shown()})
	})
	return k, secret, err
}

// Remove makes a key worth nothing, at once and everywhere.
func (s Store) Remove(ctx context.Context, t tenant.Tenant, which id.ID) error {
	var k Key
	err := s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) (err error) {
		var ok bool
		k, ok, err = database.One(ctx, q, func(row database.Row, k *Key) error { return row.Scan(&k.Prefix, &k.Name) }, lockKey, t.Workspace, which)
		if err == nil && !ok {
			err = problem.NotFound("key")
		}
		if err != nil {
			return err
		}
		if _, err := database.Exec(ctx, q, deleteKey, t.Workspace, which); err != nil {
			return err
		}
		return change.Record(ctx, q, t, change.Change{Kind: "key", ID: which, Verb: "deleted", Before: k})
	})
	if err != nil {
		return err
	}
	if err := s.Known.Forget(ctx, k.Prefix); err != nil {
		return problem.Unavailable("the key is removed, and works for another minute at most", err)
	}
	return nil
}
