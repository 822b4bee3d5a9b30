package ecs

import (
	"context"
	"errors"
	"time"

	"apex/internal/dataplane/task"
)

// awaitEnd waits until a stopped task's containers have ended. The supervisor
// bounds that by their stop timeouts; ctx bounds it further, and what is left
// then is killed.
func (s *Service) awaitEnd(ctx context.Context, id string) error {
	for {
		state, err := task.Observe(s.taskDir(id))
		if errors.Is(err, task.ErrNotFound) || err == nil && state.Status == task.Stopped {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(10 * time.Millisecond):
		}
	}
}
