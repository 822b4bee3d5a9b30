// Package outbox carries what a transaction wants done from MySQL to Redis and
// the sockets, so that what is committed is never lost: a row is written in
// the transaction itself, and goes only when it has been handed on.
package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"apexai/crm/internal/database"
)

const insertRows = `INSERT INTO outbox (topic, body) VALUES `

// Put leaves bodies of one topic, to be handed on once the transaction that q
// is has been committed.
func Put(ctx context.Context, q database.Queryer, topic string, bodies ...any) error {
	if len(bodies) == 0 {
		return nil
	}
	args := make([]any, 0, 2*len(bodies))
	for _, body := range bodies {
		encoded, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("outbox %s: %w", topic, err)
		}
		args = append(args, topic, encoded)
	}
	rows := strings.TrimSuffix(strings.Repeat("(?, ?), ", len(bodies)), ", ")
	if _, err := database.Exec(ctx, q, insertRows+rows, args...); err != nil {
		return fmt.Errorf("outbox %s: %w", topic, err)
	}
	database.Announce(ctx)
	return nil
}

const (
	deleteOne  = `DELETE FROM outbox WHERE id = ?`
	selectKept = `SELECT id, topic, body FROM outbox WHERE handed_at < ? ORDER BY handed_at LIMIT 200`
	updateKept = `UPDATE outbox SET handed_at = UTC_TIMESTAMP(3) WHERE id = ?`
)

// Done forgets a message that was kept.
func Done(ctx context.Context, q database.Queryer, message int64) error {
	_, err := database.Exec(ctx, q, deleteOne, message)
	return err
}

// Kept are some messages that were handed on before a moment and are not done.
func Kept(ctx context.Context, q database.Queryer, before time.Time) ([]Message, error) {
	return database.All(ctx, q, scan, selectKept, before)
}

// Again notes that a kept message was handed on once more.
func Again(ctx context.Context, q database.Queryer, message int64) error {
	_, err := database.Exec(ctx, q, updateKept, message)
	return err
}
