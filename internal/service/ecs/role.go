package ecs

import (
	"context"
	"sync"
	"time"

	"apex/internal/arn"
	"apex/internal/service/sts"
	"apex/internal/store"
)

// A task's credentials live for sessionLife and are renewed when less than
// sessionLeft remains, so that a client always has time to ask again.
const (
	sessionLife = 6 * time.Hour
	sessionLeft = time.Hour
)

// roleSessions keeps the current session of each task. A region that starts
// again issues new ones; the old stay good until they expire.
type roleSessions struct {
	mu  sync.Mutex
	all map[string]sts.Credentials // by the task's credentials id
}

func newRoleSessions() *roleSessions { return &roleSessions{all: map[string]sts.Credentials{}} }

func (r *roleSessions) fresh(id string, now time.Time) (sts.Credentials, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, ok := r.all[id]
	return c, ok && c.Expires.Sub(now) > sessionLeft
}

// keep adds a session and drops those that have expired.
func (r *roleSessions) keep(id string, c sts.Credentials, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for other, have := range r.all {
		if !have.Expires.After(now) {
			delete(r.all, other)
		}
	}
	r.all[id] = c
}

// credentials returns a session of the task's role.
func (s *Service) credentials(ctx context.Context, scope arn.Scope, t Task, role string) (sts.Credentials, error) {
	now := s.now()
	if c, ok := s.roles.fresh(t.Spec.Credentials, now); ok {
		return c, nil
	}
	var c sts.Credentials
	err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
		c, err = sts.IssueRoleSession(tx, s.env.Sealer, scope, role, t.Spec.ID, sessionLife, now)
		return err
	})
	if err == nil {
		s.roles.keep(t.Spec.Credentials, c, now)
	}
	return c, err
}
