package servicetest

import (
	"sync/atomic"
	"time"
)

// A Clock is a region's clock that a test moves. Set its Now as env.Now.
type Clock struct{ now atomic.Pointer[time.Time] }

// NewClock returns a clock that stands at the given time.
func NewClock(at time.Time) *Clock {
	c := &Clock{}
	c.now.Store(&at)
	return c
}

// Now returns the time that the clock stands at.
func (c *Clock) Now() time.Time { return *c.now.Load() }

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	at := c.Now().Add(d)
	c.now.Store(&at)
}
