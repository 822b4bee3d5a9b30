package balancer

import (
	"context"
	"math"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// A target is the running side of a Target: its health, its connections and
// what is in flight.
type target struct {
	addr     netip.AddrPort
	zone     string
	pool     pool
	inFlight atomic.Int64
	stats    targetStats
	draining atomic.Bool
	changed  func() // told when health or draining changes

	share     atomic.Uint64 // the weight, as bits of a float64
	anomalous atomic.Bool
	// Used by weighing alone: how many requests and faults it had seen before,
	// and what became of them of late.
	counted, faulty int64
	tally           tally

	// Guarded by the group's mu.
	served   bool      // it was healthy when the group last looked
	exempt   bool      // it came into a group without a healthy target, and does not start slowly
	slowFrom time.Time // when its slow start began

	mu    sync.Mutex // guards what follows
	state condition
	cut   *time.Timer

	checker *checker
	stop    context.CancelFunc
}

// acquire counts a request in; false if the target has begun to drain.
func (t *target) acquire() bool {
	t.inFlight.Add(1)
	if t.draining.Load() {
		t.release()
		return false
	}
	return true
}

// release counts a request out.
func (t *target) release() {
	if t.inFlight.Add(-1) == 0 && t.draining.Load() {
		t.changed()
	}
}

func (t *target) weight() float64     { return math.Float64frombits(t.share.Load()) }
func (t *target) setWeight(w float64) { t.share.Store(math.Float64bits(w)) }

func (t *target) condition() condition {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state
}

// record notes how a check ended.
func (t *target) record(v verdict, c Check) condition {
	t.mu.Lock()
	before := t.state
	t.state = before.after(v, c)
	now := t.state
	t.mu.Unlock()
	if now.health != before.health || now.reason != before.reason || now.detail != before.detail {
		t.changed()
	}
	return now
}

// drain stops new requests, and cuts those in flight at the given time; never,
// if it is zero. It can be called again with another time.
func (t *target) drain(until time.Time) {
	if !t.draining.Swap(true) {
		t.stop()
		t.pool.dropIdle()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cut != nil {
		t.cut.Stop()
	}
	if until.IsZero() {
		return
	}
	t.cut = time.AfterFunc(time.Until(until), func() {
		t.pool.cut()
		t.changed()
	})
}

// remove ends the target and all its connections at once.
func (t *target) remove() {
	t.draining.Store(true)
	t.stop()
	t.mu.Lock()
	if t.cut != nil {
		t.cut.Stop()
	}
	t.mu.Unlock()
	t.pool.cut()
}

func (t *target) targetState() TargetState {
	c := t.condition()
	s := TargetState{
		Addr: t.addr, Zone: t.zone, Health: c.health, Reason: c.reason, Detail: c.detail,
		InFlight: t.inFlight.Load(), Anomalous: t.anomalous.Load(), Mitigated: t.weight() < 1, Counters: t.stats.counters(),
	}
	if t.draining.Load() {
		s.Health, s.Reason, s.Detail = Draining, "", ""
		s.Drained = s.InFlight == 0
	}
	return s
}
