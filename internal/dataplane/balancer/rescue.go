package balancer

import (
	"errors"
	"sync/atomic"
)

// errRescued says that a request was taken back from a target that hangs.
var errRescued = errors.New("target: hangs")

// An await is the state of a request that waits for its answer on a connection,
// and that can be given to another target instead: an ALB leaves it waiting.
type await struct{ state atomic.Int32 }

const (
	notWaiting = iota
	waiting
	rescued
)

func (a *await) begin() { a.state.Store(waiting) }

// end ends the waiting; false if the request was taken back meanwhile.
func (a *await) end() bool { return a.state.Swap(notWaiting) != rescued }

func (a *await) rescue() bool { return a.state.CompareAndSwap(waiting, rescued) }

// rescue wakes the requests that may be sent again and wait for targets that
// checks no longer reach, if there are targets that can serve them.
func (g *group) rescue() {
	r := g.roster.Load()
	if len(r.healthy) == 0 {
		return
	}
	for _, t := range r.any {
		if c := t.condition(); c.health == Unhealthy && (c.reason == ReasonTimeout || c.reason == ReasonFailed) {
			t.pool.rescue()
		}
	}
}

func (p *pool) rescue() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for u := range p.all {
		if u.await.rescue() {
			u.shorten(0)
		}
	}
}
