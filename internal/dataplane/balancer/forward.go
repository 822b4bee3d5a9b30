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
	x.inlineBody()
	u, status := x.send()
	if u == nil {
		return x.answer(status)
	}
	x.group.stats.record(x.resp.Status, time.Since(x.start))
	again := x.relay(u)
	x.target.release()
	return again
}

// send tries targets until one has answered with a head, which is then in resp,
// and its target counts the request in. Otherwise it returns what to answer.
func (x *exchange) send() (*upstream, int) {
	status, wantNew := 503, false
	for attempt := range maxAttempts {
		t := x.group.pick(x.tried)
		if t == nil {
			break
		}
		if attempt > 0 {
			x.conn.server.stats.retries.Add(1)
		}
		x.target = t
		u, err := t.connect(x.namespace(), wantNew, x.needsLive(), x.connectTimeout())
		if err != nil {
			status = x.connectFailed(t, err)
			continue
		}
		answered, err := x.roundTrip(u)
		if err == nil {
			return u, 0
		}
		u.close()
		t.release()
		status = x.faultStatus(err)
		if x.committed || !x.repeatable(answered, err) {
			break
		}
		if wantNew = true; !u.reused {
			x.tried = append(x.tried, t)
			t.checker.nudge()
		}
	}
	return nil, status
}

// namespace is where the request goes out from.
func (x *exchange) namespace() string {
	nodes := x.table.nodes
	return nodes[int(x.conn.turn)%len(nodes)].Namespace
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
	x.conn.server.stats.connectErrors.Add(1)
	t.release()
	t.checker.nudge()
	x.tried = append(x.tried, t)
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return 504
	}
	return 502
}

// A fate says how far a request got before it failed.
type fate int

const (
	unsent fate = iota // no byte of it was accepted
	sent               // it may have been acted on
)

// roundTrip sends the request and reads the head of the response.
func (x *exchange) roundTrip(u *upstream) (fate, error) {
	u.extend(x.table.options.IdleTimeout)
	if n, err := u.Write(x.up); err != nil {
		if n == 0 {
			return unsent, err
		}
		return sent, err
	}
	if x.streamed {
		x.pump = startPump(x, u)
	}
	if err := x.readHead(u); err != nil {
		return sent, x.pump.fault(err)
	}
	return sent, nil
}

// readHead reads the head of the final response; interim ones go to the client
// as they come.
func (x *exchange) readHead(u *upstream) error {
	for {
		head, err := u.rd.Head(http1.MaxResponseHead)
		if err != nil {
			return err
		}
		if err := x.resp.Parse(head, x.method); err != nil {
			return err
		}
		switch {
		case x.resp.Status >= 200, x.resp.Status == 101:
			return nil
		case x.req.Minor == 1:
			x.committed = true
			x.down = x.appendInterim(x.down[:0])
			if _, err := x.conn.Write(x.down); err != nil {
				return errClientGone
			}
		}
	}
}

var errClientGone = errors.New("client: gone")

// repeatable reports whether the request can be sent again after it failed: if
// nothing of it was accepted, or if the method allows doing it twice and nothing
// came back. A target that was slow is not asked again.
func (x *exchange) repeatable(f fate, err error) bool {
	var bad *http1.Error
	if x.pump != nil || errors.As(err, &bad) || errors.Is(err, os.ErrDeadlineExceeded) {
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
	case errors.Is(err, os.ErrDeadlineExceeded):
		return 504
	}
	return 502
}
