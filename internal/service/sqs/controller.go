package sqs

import (
	"context"
	"time"

	"apex/internal/controller"
	"apex/internal/store"
)

// sweepPeriod is how often what is too old is dropped.
const sweepPeriod = time.Minute

// Controllers returns what drops old messages.
func (s *Service) Controllers() []controller.Controller {
	return []controller.Controller{controller.Every("sqs/sweep", sweepPeriod, func(ctx context.Context) {
		if err := s.sweep(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "old messages not dropped", "error", err)
		}
	})}
}

// sweep drops messages that their queues have kept long enough and ids that may
// come again. It writes nothing where nothing is too old.
func (s *Service) sweep(ctx context.Context) error {
	now, snap := s.now(), s.store.Snapshot()
	var old, ids []string
	for key, q := range Queues.All(snap) {
		for id, m := range Messages.Prefix(snap, key+":") {
			if !q.expired(m, now) {
				break // they lie in the order in which they came
			}
			old = append(old, id)
		}
	}
	for id, d := range dedups.All(snap) {
		if !d.Until.After(now) {
			ids = append(ids, id)
		}
	}
	if len(old)+len(ids) == 0 {
		return nil
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		for _, id := range old {
			Messages.Delete(tx, id)
		}
		for _, id := range ids {
			dedups.Delete(tx, id)
		}
		return nil
	})
}
