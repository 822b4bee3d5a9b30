package balancer

import (
	"net"
	"sync/atomic"
	"time"
)

// A lease is a connection that lives as long as it is used: extend puts its
// deadline off. Moving a timer for every read would cost more than reading, so
// the deadline moves only when a slice of the idle time has passed.
type lease struct {
	*net.TCPConn
	until atomic.Int64 // the deadline now set, in Unix nanoseconds
}

// extend lets the connection live for idle from now on, and at most an eighth of
// idle or a second longer.
func (l *lease) extend(idle time.Duration) {
	wanted := time.Now().Add(idle)
	if l.until.Load() >= wanted.UnixNano() {
		return
	}
	wanted = wanted.Add(min(idle/8, time.Second))
	l.until.Store(wanted.UnixNano())
	l.SetDeadline(wanted)
}

// shorten sets the deadline to now plus d, whatever it was.
func (l *lease) shorten(d time.Duration) {
	t := time.Now().Add(d)
	l.until.Store(t.UnixNano())
	l.SetDeadline(t)
}
