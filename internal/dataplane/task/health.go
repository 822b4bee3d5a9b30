package task

import (
	"context"
	"time"

	"apex/internal/dataplane/task/container"
)

// withDefaults fills in AWS's defaults.
func (h HealthCheck) withDefaults() HealthCheck {
	if h.Interval == 0 {
		h.Interval = 30 * time.Second
	}
	if h.Timeout == 0 {
		h.Timeout = 5 * time.Second
	}
	if h.Retries == 0 {
		h.Retries = 3
	}
	return h
}

// checkHealth runs the health check again and again until ctx ends.
func (s *supervisor) checkHealth(ctx context.Context, c Container, running *container.Container) {
	check := c.Health.withDefaults()
	judge := healthJudge{retries: check.Retries}
	started := time.Now()
	ticker := time.NewTicker(check.Interval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		passed := s.passes(ctx, check, c, running)
		if ctx.Err() != nil {
			return
		}
		health := judge.judge(passed, time.Since(started) <= check.StartPeriod)
		if state, _ := s.board.now(); state.Container(c.Name).Health != health {
			s.note(s.board.container(c.Name, func(state *ContainerState) { state.Health = health }))
		}
	}
}

func (s *supervisor) passes(ctx context.Context, check HealthCheck, c Container, running *container.Container) bool {
	ctx, cancel := context.WithTimeout(ctx, check.Timeout)
	defer cancel()
	exit, err := running.Exec(ctx, container.Process{Args: check.Args, Env: c.Env, Dir: c.Dir, User: c.User})
	return err == nil && exit.Code == 0
}

// A healthJudge turns single checks into a health.
type healthJudge struct {
	retries  int
	failures int // in a row
	health   Health
}

func (j *healthJudge) judge(passed, starting bool) Health {
	switch {
	case passed:
		j.failures, j.health = 0, HealthOK
	case starting && j.health != HealthOK: // a start period ends with the first success
		j.health = HealthUnknown
	default:
		if j.failures++; j.failures >= j.retries {
			j.health = HealthBad
		}
	}
	if j.health == "" {
		j.health = HealthUnknown
	}
	return j.health
}
