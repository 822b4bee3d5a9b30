package balancer

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A group is the running side of a Group.
type group struct {
	id      string
	config  atomic.Pointer[Group]
	check   func(context.Context, netip.AddrPort, Check) verdict
	changed func()
	next    atomic.Uint32

	mu      sync.Mutex // guards targets and left
	targets map[netip.AddrPort]*target
	left    TargetCounters // of targets that are gone
	roster  atomic.Pointer[roster]
}

// A roster is the targets that may be chosen; it is replaced, never changed.
type roster struct {
	healthy []*target
	any     []*target // all but those that drain: used when none is healthy
}

func newGroup(id string, check func(context.Context, netip.AddrPort, Check) verdict, changed func()) *group {
	g := &group{id: id, check: check, targets: map[netip.AddrPort]*target{}}
	g.roster.Store(&roster{})
	g.changed = func() {
		g.reroster()
		changed()
	}
	return g
}

// apply makes the group's targets those of the configuration.
func (g *group) apply(cfg Group) {
	g.config.Store(&cfg)
	wanted := map[netip.AddrPort]bool{}
	g.mu.Lock()
	for _, t := range cfg.Targets {
		wanted[t.Addr] = true
		running, known := g.targets[t.Addr]
		if known && running.draining.Load() && !t.Draining {
			running.remove() // registered again before it was gone
			g.left = g.left.Plus(running.stats.counters())
			known = false
		}
		if !known {
			running = g.start(t.Addr, cfg.Check, !t.Draining)
			g.targets[t.Addr] = running
		}
		if t.Draining {
			running.drain(t.Until)
		}
	}
	var gone []*target
	for addr, t := range g.targets {
		if !wanted[addr] {
			delete(g.targets, addr)
			g.left = g.left.Plus(t.stats.counters())
			gone = append(gone, t)
		}
	}
	g.mu.Unlock()
	g.reroster()
	for _, t := range gone {
		t.remove()
	}
}

func (g *group) start(addr netip.AddrPort, check Check, probe bool) *target {
	ctx, cancel := context.WithCancel(context.Background())
	t := &target{addr: addr, state: newCondition(check), changed: g.changed, stop: cancel}
	t.checker = &checker{
		check:   func() Check { return g.config.Load().Check },
		probe:   func(ctx context.Context, c Check) verdict { return g.check(ctx, addr, c) },
		record:  t.record,
		suspect: make(chan struct{}, 1),
	}
	if probe {
		go t.checker.run(ctx) // ends with stop, which remove and drain call
	}
	return t
}

func (g *group) reroster() {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := &roster{}
	for _, t := range g.targets {
		if t.draining.Load() {
			continue
		}
		r.any = append(r.any, t)
		if t.condition().health == Healthy {
			r.healthy = append(r.healthy, t)
		}
	}
	slices.SortFunc(r.any, byAddr)
	slices.SortFunc(r.healthy, byAddr)
	g.roster.Store(r)
}

func byAddr(a, b *target) int { return a.addr.Compare(b.addr) }

// pick chooses a target for a request and counts it in; nil if there is none
// that was not tried yet. If no target is healthy, all are used: an answer from
// a doubtful target beats none.
func (g *group) pick(tried []*target) *target {
	for {
		r := g.roster.Load()
		t := g.choose(r.healthy, tried)
		if t == nil {
			t = g.choose(r.any, tried)
		}
		if t == nil || t.acquire() {
			return t
		}
		g.reroster()
	}
}

func (g *group) choose(from, tried []*target) *target {
	if len(from) == 0 {
		return nil
	}
	start := int(g.next.Add(1)) % len(from)
	var best *target
	for i := range from {
		t := from[(start+i)%len(from)]
		if slices.Contains(tried, t) {
			continue
		}
		if g.config.Load().Algorithm != LeastOutstanding {
			return t
		}
		if best == nil || t.inFlight.Load() < best.inFlight.Load() {
			best = t
		}
	}
	return best
}

func (g *group) each(fn func(*target)) {
	g.mu.Lock()
	targets := make([]*target, 0, len(g.targets))
	for _, t := range g.targets {
		targets = append(targets, t)
	}
	g.mu.Unlock()
	slices.SortFunc(targets, byAddr)
	for _, t := range targets {
		fn(t)
	}
}

// name is what records call the group.
func (g *group) name() string {
	if name := g.config.Load().Name; name != "" {
		return name
	}
	return g.id
}

func (g *group) remove() { g.apply(Group{ID: g.id}) }

func (g *group) sweep(now time.Time) { g.each(func(t *target) { t.pool.sweep(now) }) }

func (g *group) groupState() GroupState {
	g.mu.Lock()
	s := GroupState{ID: g.id, Counters: g.left}
	g.mu.Unlock()
	g.each(func(t *target) {
		st := t.targetState()
		s.Targets = append(s.Targets, st)
		s.Counters = s.Counters.Plus(st.Counters)
	})
	return s
}
