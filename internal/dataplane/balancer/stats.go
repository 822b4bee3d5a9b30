package balancer

import (
	"sync/atomic"
	"time"
)

// Counters are the balancer's figures since it started.
type Counters struct {
	Requests                          int64
	NewConnections, ActiveConnections int64
	RejectedConnections               int64 // the balancer had no room for them
	TLSErrors                         int64 // handshakes with clients that failed
	ReceivedBytes, SentBytes          int64 // of client connections
	RuleEvaluations                   int64
	FixedResponses, Redirects         int64
	RedirectsTooLong                  int64            // whose Location would be longer than 8 KiB
	NonSticky                         int64            // a sticky client came to another target than before
	ClientGone                        int64            // 460: left before the response
	ByStatus                          map[string]int64 // the balancer's own answers: "3XX", "4XX", "502"
	Retries                           int64            // requests sent again, to the same target or another
	NonCompliant                      int64            // requests that the desync classification faults
	HeadersDropped, HeadersPassed     int64            // requests with fields of invalid names: without them, with them
	RecordsLost                       int64            // that could not be written
	Panics                            int64
	IPv6Requests, GRPCRequests        int64
	Listeners                         map[string]ListenerCounters // by ID
	// Logins that succeeded, that the provider or the user failed, that the
	// provider could not be asked for, whose claims were too large, and whose
	// access token was renewed; and the time all that took.
	Logins, LoginFailures, LoginErrors, LoginsTooLarge, LoginRefreshes, LoginNanos int64
}

// ListenerCounters are the figures of one listener.
type ListenerCounters struct {
	Requests, NewConnections, TLSErrors int64
}

// TargetCounters are the figures of one target, or of all of a group's since the
// balancer started.
type TargetCounters struct {
	Requests      int64     // that it answered, or failed to
	ByClass       [5]int64  // its own answers: 1XX to 5XX
	ResponseTime  Histogram // from the request sent to the head of the answer
	ResponseNanos int64     // their sum
	ConnectErrors int64
	TLSErrors     int64
	Broken        int64 // answers that were cut, malformed or too late
}

// Plus returns the sum of two targets' figures.
func (c TargetCounters) Plus(o TargetCounters) TargetCounters {
	c.Requests += o.Requests
	for i := range c.ByClass {
		c.ByClass[i] += o.ByClass[i]
	}
	c.ResponseTime = c.ResponseTime.Plus(o.ResponseTime)
	c.ResponseNanos += o.ResponseNanos
	c.ConnectErrors += o.ConnectErrors
	c.TLSErrors += o.TLSErrors
	c.Broken += o.Broken
	return c
}

type stats struct {
	requests, accepted, active, rejected atomic.Int64
	tlsErrors                            atomic.Int64
	received, sent                       atomic.Int64
	evaluations, fixed, redirects, gone  atomic.Int64
	tooLong, nonSticky                   atomic.Int64
	retries, dropped, passed             atomic.Int64
	nonCompliant, ipv6, grpc             atomic.Int64
	panics                               atomic.Int64
	logins, loginFailures, loginErrors   atomic.Int64
	loginsTooLarge, loginRefreshes       atomic.Int64
	loginNanos                           atomic.Int64
	own                                  [600]atomic.Int64 // answers made here, by status
}

func (s *stats) counters() Counters {
	c := Counters{
		Requests: s.requests.Load(), NewConnections: s.accepted.Load(), ActiveConnections: s.active.Load(),
		RejectedConnections: s.rejected.Load(), TLSErrors: s.tlsErrors.Load(),
		ReceivedBytes: s.received.Load(), SentBytes: s.sent.Load(),
		RuleEvaluations: s.evaluations.Load(), FixedResponses: s.fixed.Load(), Redirects: s.redirects.Load(),
		RedirectsTooLong: s.tooLong.Load(), NonSticky: s.nonSticky.Load(), ClientGone: s.gone.Load(),
		Retries: s.retries.Load(), NonCompliant: s.nonCompliant.Load(),
		HeadersDropped: s.dropped.Load(), HeadersPassed: s.passed.Load(), Panics: s.panics.Load(),
		IPv6Requests: s.ipv6.Load(), GRPCRequests: s.grpc.Load(),
		Logins: s.logins.Load(), LoginFailures: s.loginFailures.Load(), LoginErrors: s.loginErrors.Load(),
		LoginsTooLarge: s.loginsTooLarge.Load(), LoginRefreshes: s.loginRefreshes.Load(), LoginNanos: s.loginNanos.Load(),
		ByStatus: map[string]int64{}, Listeners: map[string]ListenerCounters{},
	}
	for status := range s.own {
		if n := s.own[status].Load(); n > 0 {
			c.ByStatus[statusName(status)] += n
		}
	}
	return c
}

// statusName groups statuses as AWS's metrics do: those that point at targets
// one by one, the others by class.
func statusName(status int) string {
	switch status {
	case 500, 502, 503, 504:
		return string([]byte{'5', '0', byte('0' + status%10)})
	}
	return string([]byte{byte('0' + status/100), 'X', 'X'})
}

// listenerStats are counted at each of a listener's sockets.
type listenerStats struct {
	requests, accepted, tlsErrors atomic.Int64
}

func (s *listenerStats) addTo(c ListenerCounters) ListenerCounters {
	c.Requests += s.requests.Load()
	c.NewConnections += s.accepted.Load()
	c.TLSErrors += s.tlsErrors.Load()
	return c
}

// targetStats are the figures of one target.
type targetStats struct {
	requests, nanos                  atomic.Int64
	class                            [5]atomic.Int64
	time                             timings
	connectErrors, tlsErrors, broken atomic.Int64
}

// answered counts a response by its status and how long its head took.
func (s *targetStats) answered(status int, d time.Duration) {
	s.requests.Add(1)
	s.class[min(max(status/100, 1), 5)-1].Add(1)
	s.time.add(d)
	s.nanos.Add(int64(d))
}

// failed counts a request that got no response.
func (s *targetStats) failed() {
	s.requests.Add(1)
	s.broken.Add(1)
}

// faults returns how many requests the target had, and how many of them it could
// not be reached for, did not answer, or answered with 5XX.
func (s *targetStats) faults() (requests, faults int64) {
	unreached := s.connectErrors.Load() + s.tlsErrors.Load()
	return s.requests.Load() + unreached, unreached + s.broken.Load() + s.class[4].Load()
}

func (s *targetStats) counters() TargetCounters {
	c := TargetCounters{
		Requests: s.requests.Load(), ResponseNanos: s.nanos.Load(), ResponseTime: s.time.addTo(nil),
		ConnectErrors: s.connectErrors.Load(), TLSErrors: s.tlsErrors.Load(), Broken: s.broken.Load(),
	}
	for i := range s.class {
		c.ByClass[i] = s.class[i].Load()
	}
	return c
}
