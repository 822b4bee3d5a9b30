package elbv2

import (
	"context"
	"time"

	"apex/internal/controller"
	"apex/internal/dataplane/balancer"
	"apex/internal/store"
)

// meterEvery is how often every balancer is read.
const meterEvery = time.Second

// meterController reads the figures of all balancers as long as the region runs:
// all it does is its Start.
func (s *Service) meterController() controller.Controller {
	return controller.New(controller.Spec[TargetGroup, struct{}]{
		Name: "elbv2/meter", Table: TargetGroups,
		Status:    func(*TargetGroup) *struct{} { return new(struct{}) },
		Reconcile: func(context.Context, store.Snapshot, string) (struct{}, error) { return struct{}{}, nil },
		Start: func(ctx context.Context, _ store.Snapshot) error {
			m := meter{service: s, last: map[string]*looks{}}
			tick := time.NewTicker(meterEvery)
			defer tick.Stop()
			for {
				select {
				case <-ctx.Done():
					return nil
				case <-tick.C:
					m.measure(ctx)
				}
			}
		},
	})
}

// A meter remembers what it saw of each balancer, by the load balancer's key.
type meter struct {
	service *Service
	last    map[string]*looks
}

// looks are the last look at a balancer, and the last one of a minute.
type looks struct {
	second, minute balancer.State
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
		looking, cancel := context.WithTimeout(ctx, meterEvery)
		now, err := balancer.Observe(looking, s.dir(key))
		cancel()
		if err != nil {
			continue
		}
		if err := m.tell(key, &now, s.env.Now()); err != nil {
			s.env.Log.WarnContext(ctx, "figures of a load balancer not kept", "key", key, "error", err)
		}
	}
}

// tell hands over what happened since the last look. A region that has just
// started does not know since when the figures count, and tells nothing yet.
func (m *meter) tell(key string, now *balancer.State, at time.Time) error {
	l := m.last[key]
	if l == nil {
		m.last[key] = &looks{second: *now, minute: *now, told: at}
		return nil
	}
	told := figures(key, &l.second, now, at)
	l.second = *now
	if at.Sub(l.told) >= time.Minute {
		told = append(told, minutely(key, &l.minute, now, at)...)
		l.minute, l.told = *now, at
	}
	for _, f := range told {
		if err := m.service.env.Metrics.Add(f.id, f.unit, f.samples...); err != nil {
			return err
		}
	}
	return nil
}
