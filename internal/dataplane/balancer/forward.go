package balancer

import (
	"errors"
	"io"
	"os"
	"syscall"
	"time"

	"apex/internal/dataplane/balancer/http1"
)

const (
	maxAttempts = 3
	// hedgedConnect is how long a target may take to accept a connection while
	// another one could be asked instead.
	hedgedConnect = 2 * time.Second
)

// forward sends the request to a target of the group and relays its response.
func (x *exchange) forward() bool {
	x.up = x.appendRequest(x.up[:0])
	var whole bool
	x.up, whole = x.front.whole(x.up)
	x.streamed = !whole
	l, status := x.send()
	if l == nil {
		return x.answer(status)
	}
	x.note.headAt, x.note.target = time.Since(x.start), x.resp.Status
	x.target.stats.answered(x.resp.Status, x.note.headAt-x.note.sentAt)
	again := x.relay(l)
	if x.through == nil {
		x.target.release()
	}
	return again
}

// send tries targets until one has answered with a head, which is then in resp,
// and its target counts the request in. Otherwise it returns what to answer.
func (x *exchange) send() (lane, int) {
	status, wantNew := 503, false
	for attempt := range maxAttempts {
		t := x.pick(attempt)
		if t == nil {
			break
		}
		if attempt > 0 {
			x.conn.server.stats.retries.Add(1)
		}
		x.target = t
		l, err := x.connect(t, wantNew)
		if err != nil {
			status = x.connectFailed(t, err)
			continue
		}
		x.abandoned.watch(l)
		answered, err := l.roundTrip(x)
		if err == nil {
			return l, 0
		}
		if x.abandoned.over() {
			err = errClientGone
		}
		x.abandoned.watch(nil)
		l.release(false)
		t.stats.failed()
		t.release()
		status = x.faultStatus(err)
		if x.committed || !x.repeatable(answered, err) {
			break
		}
		if wantNew = true; !l.reused() || errors.Is(err, errRescued) {
			x.tried = append(x.tried, t)
			t.checker.nudge()
		}
	}
	return nil, status
}

// connect opens a lane to a target, in the protocol of its group.
func (x *exchange) connect(t *target, wantNew bool) (lane, error) {
	speech := x.group.config.Load().Speech
	if speech.Version == HTTP1 {
		u, err := t.connect(x.namespace(t), speech, wantNew, x.needsLive(), x.connectTimeout())
		if err != nil {
			return nil, err // not a lane that is nil
		}
		return u, nil
	}
	u, used, err := t.pool.h2.connect(t.addr, x.namespace(t), speech, x.connectTimeout())
	if err != nil {
		return nil, err
	}
	return newH2Lane(u, used, speech), nil
}

// namespace is where the request to a target goes out from.
func (x *exchange) namespace(t *target) string {
	return nodeFor(t.zone, x.table.nodes, int(x.conn.turn)).Namespace
}

// nodeFor is the node from which a zone's targets are reached: the one in the zone,
// so that a zone that is cut off takes nobody else's requests with it, or else one
// of all in turn.
func nodeFor(zone string, nodes []Node, turn int) Node {
	for _, n := range nodes {
		if n.Zone == zone && zone != "" {
			return n
		}
	}
	if len(nodes) == 0 {
		return Node{}
	}
	return nodes[turn%len(nodes)]
}

// needsLive reports whether a stale connection would fail the request for good.
func (x *exchange) needsLive() bool { return x.streamed || !idempotent(x.method) }

func idempotent(method string) bool {
	r := http1.Request{Method: []byte(method)}
	return r.Idempotent()
}

func (x *exchange) connectTimeout() time.Duration {
	limit := x.table.options.ConnectTimeout
	if len(x.group.roster.Load().healthy) > len(x.tried)+1 {
		limit = min(limit, hedgedConnect)
	}
	return limit
}

// connectFailed notes that a target could not be reached: nothing was sent, so
// any request may go to another.
func (x *exchange) connectFailed(t *target, err error) int {
	var tlsFailed tlsFault
	if errors.As(err, &tlsFailed) {
		t.stats.tlsErrors.Add(1)
	} else {
		t.stats.connectErrors.Add(1)
	}
	t.release()
	t.checker.nudge()
	x.tried = append(x.tried, t)
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return 504
	}
	return 502
}

// repeatable reports whether the request can be sent again after it failed: if
// nothing of it was accepted, or if the method allows doing it twice and nothing
// came back. A target that was slow is not asked again.
func (x *exchange) repeatable(f fate, err error) bool {
	var bad *http1.Error
	if x.pump != nil || errors.As(err, &bad) || errors.Is(err, errClientGone) || errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	return f == unsent || idempotent(x.method)
}

// faultStatus is what the client is answered; 460 stands for one that has gone.
func (x *exchange) faultStatus(err error) int {
	var bad *http1.Error
	switch {
	case errors.Is(err, errClientGone):
		return 460
	case errors.Is(err, errBadBody):
		return 400
	case errors.As(err, &bad), errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return 502
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, errRescued):
		return 504
	}
	return 502
}
