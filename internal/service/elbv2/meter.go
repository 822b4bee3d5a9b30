package elbv2

import (
	"context"
	"maps"
	"slices"
	"time"

	"apex/internal/controller"
	"apex/internal/dataplane/balancer"
)

// meterEvery is how often every balancer is read.
const meterEvery = time.Second

// meterController reads the figures of all balancers as long as the region runs.
func (s *Service) meterController() controller.Controller {
	m := meter{service: s, last: map[string]*looks{}}
	return controller.Every("elbv2/meter", meterEvery, m.measure)
}

// A meter remembers what it saw of each balancer, by the load balancer's key.
type meter struct {
	service *Service
	last    map[string]*looks
}

// looks are the last look at a load balancer's processes, and the last one of a
// minute, by the process's directory.
type looks struct {
	second, minute map[string]balancer.State
	told           time.Time // when the minute's figures were told
}

// measure reads every balancer and hands the figures to CloudWatch. Of one that
// does not answer nothing is known.
func (m *meter) measure(ctx context.Context) {
	s := m.service
	snap := s.env.Store.Snapshot()
	for key := range m.last {
		if _, ok := LoadBalancers.Get(snap, key); !ok {
			delete(m.last, key)
		}
	}
	for key := range LoadBalancers.All(snap) {
		now := map[string]balancer.State{}
		for _, dir := range []string{s.dir(key), s.secureDir(key)} {
			looking, cancel := context.WithTimeout(ctx, meterEvery)
			if state, err := balancer.Observe(looking, dir); err == nil {
				now[dir] = state
			}
			cancel()
		}
		if len(now) == 0 {
			continue
		}
		if err := m.tell(key, now, s.env.Now()); err != nil {
			s.env.Log.WarnContext(ctx, "figures of a load balancer not kept", "key", key, "error", err)
		}
	}
}

// tell hands over what happened since the last look.
func (m *meter) tell(key string, seen map[string]balancer.State, at time.Time) error {
	l := m.last[key]
	if l == nil {
		l = &looks{minute: seen, told: at}
		m.last[key] = l
	}
	before, now := span(l.second, seen)
	told := figures(key, before, now, at)
	l.second = seen
	if at.Sub(l.told) >= time.Minute {
		before, now := span(l.minute, seen)
		told = append(told, minutely(key, before, now, at)...)
		l.minute, l.told = seen, at
	}
	for _, f := range told {
		if err := m.service.env.Metrics.Add(f.id, f.unit, f.samples...); err != nil {
			return err
		}
	}
	return nil
}

// span joins what was seen of several processes. One that has begun anew counts
// from nothing; of one that was not seen before it is not known since when it
// counts, and what it did so far is left out.
func span(earlier, seen map[string]balancer.State) (before, now *balancer.State) {
	var was, is []balancer.State
	for _, dir := range slices.Sorted(maps.Keys(seen)) {
		state := seen[dir]
		old, known := earlier[dir]
		switch {
		case !known:
			old = state
		case old.PID != state.PID || !old.StartedAt.Equal(state.StartedAt):
			old = balancer.State{}
		}
		was, is = append(was, old), append(is, state)
	}
	b, n := balancer.Merge(was...), balancer.Merge(is...)
	return &b, &n
}
