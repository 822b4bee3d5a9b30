package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/hibiken/asynq"

	"apexai/crm/internal/database"
	"apexai/crm/internal/outbox"
)

const (
	lostEvery = 30 * time.Second
	lostAfter = 2 * time.Minute
)

// Periodic hands jobs to Redis again that it should have and has not: it may
// forget in a crash what it took last.
func (q *Queue) Periodic(db *database.DB) Periodic {
	return Periodic{Name: "jobs.lost", Every: lostEvery, Run: func(ctx context.Context) error {
		return q.recover(ctx, db, time.Now().UTC().Add(-lostAfter))
	}}
}

// recover looks at jobs handed on before a moment.
func (q *Queue) recover(ctx context.Context, db *database.DB, before time.Time) error {
	var kept []outbox.Message
	err := db.View(ctx, func(ctx context.Context, c database.Queryer) (err error) {
		kept, err = outbox.Kept(ctx, c, before)
		return err
	})
	for _, m := range kept {
		if o, ok := q.read(m); ok && m.Topic == Topic {
			lost, err := q.put(ctx, o)
			if err != nil && !errors.Is(err, asynq.ErrTaskIDConflict) {
				return err
			}
			if lost {
				q.log.Warn("a job that Redis had lost is queued again", "kind", o.Kind, "job", o.ID)
			}
		}
		if err := db.View(ctx, func(ctx context.Context, c database.Queryer) error { return outbox.Again(ctx, c, m.ID) }); err != nil {
			return err
		}
	}
	return err
}
