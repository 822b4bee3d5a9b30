package balancer

import "errors"

// relay sends the response whose head is in resp to the client and gives the
// lane back. It reports whether the client's connection can carry another
// request.
func (x *exchange) relay(l lane) bool {
	x.note.status = x.resp.Status
	x.decorate()
	if x.resp.Status == 101 {
		return x.switchProtocols(l)
	}
	keep := x.front.keeps() && (x.pump == nil || x.pump.finished())
	to := x.compressed()
	keep = x.front.begin(&x.resp, keep)
	idle := x.table.options.IdleTimeout
	readErr, writeErr := copyBody(to, l.response(), func() bool {
		x.front.extend(idle)
		l.extend(idle)
		return true
	})
	letGo(to)
	sent := x.pump.stop()
	whole := readErr == nil && writeErr == nil
	x.abandoned.watch(nil)
	l.release(whole && sent && !x.alone)
	switch {
	case errors.Is(writeErr, errClientGone):
		x.clientGone()
	case !whole:
		x.front.cut()
	case !keep:
		x.front.linger()
	}
	return whole && keep && sent
}

// clientGone notes that the client did not wait for its response: 460 if it got
// nothing of it.
func (x *exchange) clientGone() {
	stats := &x.conn.server.stats
	stats.gone.Add(1)
	if _, sent := x.front.traffic(); sent == 0 {
		x.note.status = 460
		stats.own[460].Add(1)
	}
}
