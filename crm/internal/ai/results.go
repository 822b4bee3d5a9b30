package ai

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/tenant"
)

// A key names a question: the task, its prompt's version and all the data.
type key [sha256.Size]byte

func keyOf(task string, data ...any) (key, error) {
	encoded, err := json.Marshal(data)
	if err != nil {
		return key{}, fmt.Errorf("name question %s: %w", task, err)
	}
	return sha256.Sum256(append([]byte(task+"/"+promptVersion+"/"), encoded...)), nil
}

const (
	keptFor      = 7 * 24 * time.Hour
	insertResult = `INSERT INTO ai_results (workspace_id, cache_key, task, target_kind, target_id, result, model, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON DUPLICATE KEY UPDATE result = VALUES(result), model = VALUES(model), created_at = VALUES(created_at)`
	selectResult = `SELECT cache_key, result, model, created_at FROM ai_results WHERE workspace_id = ? AND cache_key = ? AND created_at > ?`
	// A summary stays readable, with its age, until there is a newer one.
	selectNewest = `SELECT cache_key, result, model, created_at FROM ai_results WHERE workspace_id = ? AND task = ? AND target_kind = ? AND target_id = ?
		ORDER BY created_at DESC LIMIT 1`
	deleteOld = `DELETE FROM ai_results WHERE workspace_id > 0 AND created_at < ? LIMIT 5000`
)

// A result is an answer that was kept.
type result struct {
	key   key
	body  []byte
	model string
	at    time.Time
}

func scanResult(row database.Row, r *result) error {
	var k []byte
	err := row.Scan(&k, &r.body, &r.model, &r.at)
	copy(r.key[:], k)
	return err
}

// known reads an answer to the same question, if there is a fresh one.
func (a Assistant) known(ctx context.Context, t tenant.Tenant, k key) (r result, ok bool, err error) {
	err = a.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		r, ok, err = database.One(ctx, q, scanResult, selectResult, t.Workspace, k[:], a.now().Add(-keptFor))
		return err
	})
	return r, ok, err
}

// newest reads the last answer about a record.
func (a Assistant) newest(ctx context.Context, t tenant.Tenant, task string, at Target) (r result, ok bool, err error) {
	err = a.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		r, ok, err = database.One(ctx, q, scanResult, selectNewest, t.Workspace, task, at.Kind, at.ID)
		return err
	})
	return r, ok, err
}

func (a Assistant) keep(ctx context.Context, t tenant.Tenant, k key, task string, at Target, model string, v any) error {
	encoded, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("keep answer to %s: %w", task, err)
	}
	var target any
	if !at.ID.IsZero() {
		target = at.ID
	}
	return a.DB.Update(context.WithoutCancel(ctx), func(ctx context.Context, q database.Queryer) error {
		_, err := database.Exec(ctx, q, insertResult, t.Workspace, k[:], task, at.Kind, target, encoded, cut(model, 100), a.now())
		return err
	})
}

// Forget drops answers that nobody will ask for again.
func (a Assistant) Forget(ctx context.Context) error {
	return a.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		_, err := database.Exec(ctx, q, deleteOld, a.now().Add(-90*24*time.Hour))
		return err
	})
}
