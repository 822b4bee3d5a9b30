package balancer

import (
	"context"
	"math/rand/v2"
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
	check   func(context.Context, Target, Check) verdict
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
	any     []*target // all but those that drain
	open    bool      // too few are healthy: any is used
	ramped  time.Time // when no target starts slowly any more
}

// serving is the targets that requests go to.
func (r *roster) serving() []*target {
	if r.open {
		return r.any
	}
	return r.healthy
}

func newGroup(id string, check func(context.Context, Target, Check) verdict, changed func()) *group {
	g := &group{id: id, check: check, targets: map[netip.AddrPort]*target{}}
	g.roster.Store(&roster{})
	g.changed = func() {
		g.reroster()
		g.rescue()
		changed()
	}
	return g
}

// apply makes the group's targets those of the configuration.
func (g *group) apply(cfg Group) {
	g.config.Store(&cfg)
	empty := len(g.roster.Load().healthy) == 0
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
			running = g.start(t, cfg.Check, !t.Draining)
			running.exempt = empty
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

func (g *group) start(cfg Target, check Check, probe bool) *target {
	ctx, cancel := context.WithCancel(context.Background())
	t := &target{addr: cfg.Addr, zone: cfg.Zone, state: newCondition(check), changed: g.changed, stop: cancel}
	t.setWeight(1)
	t.checker = &checker{
		check:   func() Check { return g.config.Load().Check },
		probe:   func(ctx context.Context, c Check) verdict { return g.check(ctx, cfg, c) },
		record:  t.record,
		suspect: make(chan struct{}, 1),
	}
	if probe {
		go t.checker.run(ctx) // ends with stop, which remove and drain call
	}
	return t
}

func (g *group) reroster() {
	cfg, now := g.config.Load(), time.Now()
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
	r.open = failsOpen(len(r.healthy), len(r.any), cfg.Least)
	r.ramped = g.ramp(r, cfg.SlowStart, now)
	g.roster.Store(r)
}

// ramp begins the slow start of targets that have become healthy, ends that of
// those that are not any more, and returns when the last one will be over.
func (g *group) ramp(r *roster, over time.Duration, now time.Time) (ramped time.Time) {
	full := 0
	for _, t := range r.healthy {
		if t.served && slowShare(now.Sub(t.slowFrom), over) == 1 {
			full++
		}
	}
	rest := r.healthy // what is still to come of the healthy, in the order of any
	for _, t := range r.any {
		healthy := len(rest) > 0 && rest[0] == t
		if healthy {
			rest = rest[1:]
		}
		if healthy && !t.served && ramps(over, t.exempt, full) {
			t.slowFrom = now
		}
		if !healthy && t.served {
			t.slowFrom, t.exempt = time.Time{}, false
		}
		t.served = healthy
		if end := t.slowFrom.Add(over); !t.slowFrom.IsZero() && end.After(ramped) {
			ramped = end
		}
	}
	return ramped
}

func byAddr(a, b *target) int { return a.addr.Compare(b.addr) }

// pick chooses a target for a request and counts it in; nil if there is none
// that was not tried yet.
func (g *group) pick(tried []*target) *target {
	for {
		r := g.roster.Load()
		t := g.choose(r, r.serving(), tried)
		if t == nil {
			t = g.choose(r, r.any, tried)
		}
		if t == nil || t.acquire() {
			return t
		}
		g.reroster()
	}
}

// stay returns the target at an address, and counts a request in, if it may be
// chosen.
func (g *group) stay(addr netip.AddrPort) *target {
	serving := g.roster.Load().serving()
	i, ok := slices.BinarySearchFunc(serving, addr, func(t *target, a netip.AddrPort) int { return t.addr.Compare(a) })
	if ok && serving[i].acquire() {
		return serving[i]
	}
	return nil
}

func (g *group) choose(r *roster, from, tried []*target) *target {
	if len(from) == 0 {
		return nil
	}
	cfg := g.config.Load()
	switch {
	case cfg.Algorithm == LeastOutstanding:
		return g.leastBusy(from, tried)
	case cfg.Algorithm == WeightedRandom:
		return weighted(from, tried, (*target).weight)
	case !r.ramped.IsZero():
		if now := time.Now(); now.Before(r.ramped) {
			return weighted(from, tried, func(t *target) float64 { return slowShare(now.Sub(t.slowFrom), cfg.SlowStart) })
		}
	}
	start := int(g.next.Add(1) % uint32(len(from)))
	for i := range from {
		if t := from[(start+i)%len(from)]; !slices.Contains(tried, t) {
			return t
		}
	}
	return nil
}

// leastBusy returns the target with the fewest requests in flight.
func (g *group) leastBusy(from, tried []*target) (best *target) {
	start := int(g.next.Add(1) % uint32(len(from)))
	for i := range from {
		t := from[(start+i)%len(from)]
		if !slices.Contains(tried, t) && (best == nil || t.inFlight.Load() < best.inFlight.Load()) {
			best = t
		}
	}
	return best
}

// weighted returns a target at random, each as likely as its weight says.
func weighted(from, tried []*target, weight func(*target) float64) *target {
	var room [64]float64
	weights := room[:0]
	for _, t := range from {
		w := 0.0
		if !slices.Contains(tried, t) {
			w = weight(t)
		}
		weights = append(weights, w)
	}
	if i := draw(weights, rand.Float64()); i >= 0 {
		return from[i]
	}
	return nil
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

// sweep does what is due every second.
func (g *group) sweep(now time.Time) {
	g.each(func(t *target) { t.pool.sweep(now) })
	g.weigh()
}

// weigh looks for targets that fail more often than their peers.
func (g *group) weigh() {
	healthy, mitigate := g.roster.Load().healthy, g.config.Load().Mitigate
	tallies := make([]tally, len(healthy))
	for i, t := range healthy {
		requests, faults := t.stats.faults()
		t.tally = t.tally.after(requests-t.counted, faults-t.faulty)
		t.counted, t.faulty = requests, faults
		tallies[i] = t.tally
	}
	for i, odd := range anomalies(tallies) {
		healthy[i].anomalous.Store(odd)
		healthy[i].setWeight(mitigated(healthy[i].weight(), odd && mitigate))
	}
}

func (g *group) groupState() GroupState {
	g.mu.Lock()
	s := GroupState{ID: g.id, Counters: g.left, Open: g.roster.Load().open}
	g.mu.Unlock()
	g.each(func(t *target) {
		st := t.targetState()
		s.Targets = append(s.Targets, st)
		s.Counters = s.Counters.Plus(st.Counters)
	})
	return s
}
