// Package keys keeps API keys: what programs show instead of a session.
//
// A key looks like apx_live_k3v9q2ab_… : a public part by which it is found
// and recognized, and a secret of which only the sum is kept. It acts for
// whoever made it, in their present role, and only within its scopes.
package keys

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"strings"
	"sync"
	"time"

	"apexai/crm/internal/cache"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
)

// A Key is an API key without its secret.
type Key struct {
	ID        id.ID         `json:"id"`
	Name      string        `json:"name"`
	Prefix    string        `json:"prefix"` // how the key begins
	Scopes    tenant.Scopes `json:"-"`
	CreatedAt time.Time     `json:"createdAt"`
	CreatedBy id.ID         `json:"createdBy"`
	ExpiresAt *time.Time    `json:"expiresAt"`
	UsedAt    *time.Time    `json:"usedAt"` // within five minutes
}

// Known is what there is to know of a key that somebody shows.
type Known struct {
	ID        id.ID
	Workspace uint32
	User      id.ID
	Scopes    tenant.Scopes
	Hash      []byte
	Expires   *time.Time
}

// A Store keeps keys in MySQL.
type Store struct {
	DB    *database.DB
	Known *cache.Cache[Known]
	Used  *Used
	Now   func() time.Time
}

// Used remembers when this task last noted a key's use.
type Used struct{ at sync.Map }

const (
	start       = "apx_live_"
	prefixLong  = 8
	secretLong  = 32
	noteUseEach = 5 * time.Minute
	alphabet    = "abcdefghijklmnopqrstuvwxyz234567"

	selectKnown = `SELECT id, workspace_id, created_by, scopes, hash, expires_at FROM api_keys WHERE prefix = ?`
	updateUsed  = `UPDATE api_keys SET used_at = ? WHERE workspace_id = ? AND id = ?`
)

// Verify finds the key that a secret is of, if it still holds.
func (s Store) Verify(ctx context.Context, secret string) (Known, bool, error) {
	prefix, ok := prefixOf(secret)
	if !ok {
		return Known{}, false, nil
	}
	k, ok, err := s.Known.Get(ctx, prefix, func(ctx context.Context) (Known, bool, error) { return s.find(ctx, prefix) })
	if err != nil || !ok {
		return k, false, err
	}
	sum := sha256.Sum256([]byte(secret))
	if subtle.ConstantTimeCompare(sum[:], k.Hash) != 1 || k.Expires != nil && !s.Now().Before(*k.Expires) {
		return k, false, nil
	}
	s.noteUse(ctx, k)
	return k, true, nil
}

func prefixOf(secret string) (string, bool) {
	rest, ok := strings.CutPrefix(secret, start)
	prefix, secret, ok2 := strings.Cut(rest, "_")
	if !ok || !ok2 || len(prefix) != prefixLong || len(secret) != secretLong {
		return "", false
	}
	return prefix, strings.Trim(prefix+secret, alphabet) == ""
}

func (s Store) find(ctx context.Context, prefix string) (k Known, ok bool, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		k, ok, err = database.One(ctx, q, func(row database.Row, k *Known) error {
			return row.Scan(&k.ID, &k.Workspace, &k.User, &k.Scopes, &k.Hash, &k.Expires)
		}, selectKnown, prefix)
		return err
	})
	return k, ok, err
}

// noteUse writes at most every five minutes; that it cannot is no reason to
// refuse the caller.
func (s Store) noteUse(ctx context.Context, k Known) {
	now := s.Now().UTC()
	if last, ok := s.Used.at.Load(k.ID); ok && now.Sub(last.(time.Time)) < noteUseEach {
		return
	}
	s.Used.at.Store(k.ID, now)
	s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		_, err := database.Exec(ctx, q, updateUsed, now, k.Workspace, k.ID)
		return err
	})
}
