package balancer

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// Counters are the balancer's figures since it started.
type Counters struct {
	Requests, NewConnections, ActiveConnections    int64
	ReceivedBytes, SentBytes                       int64 // of client connections
	RuleEvaluations, FixedResponses, Redirects     int64
	ClientGone                                     int64            // 460: left before the response
	ByStatus                                       map[string]int64 // the balancer's own answers: "4XX", "502"
	ConnectErrors, Retries, HeadersDropped, Panics int64
}

// GroupCounters are a group's figures.
type GroupCounters struct {
	Requests      int64
	ByClass       [5]int64       // the targets' own answers: 1XX to 5XX
	ResponseTime  [buckets]int64 // Bucket i: below 2^i times 64 µs
	ResponseNanos int64
}

const buckets = 24

type stats struct {
	requests, accepted, active          atomic.Int64
	received, sent                      atomic.Int64
	evaluations, fixed, redirects, gone atomic.Int64
	connectErrors, retries, dropped     atomic.Int64
	panics                              atomic.Int64
	own                                 [600]atomic.Int64 // answers made here, by status
}

func (s *stats) counters() Counters {
	c := Counters{
		Requests: s.requests.Load(), NewConnections: s.accepted.Load(), ActiveConnections: s.active.Load(),
		ReceivedBytes: s.received.Load(), SentBytes: s.sent.Load(),
		RuleEvaluations: s.evaluations.Load(), FixedResponses: s.fixed.Load(), Redirects: s.redirects.Load(),
		ClientGone: s.gone.Load(), ConnectErrors: s.connectErrors.Load(), Retries: s.retries.Load(),
		HeadersDropped: s.dropped.Load(), Panics: s.panics.Load(), ByStatus: map[string]int64{},
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

type groupStats struct {
	requests atomic.Int64
	class    [5]atomic.Int64
	time     [buckets]atomic.Int64
	nanos    atomic.Int64
}

func (s *groupStats) record(status int, d time.Duration) {
	s.requests.Add(1)
	s.class[min(max(status/100, 1), 5)-1].Add(1)
	s.time[bucket(d)].Add(1)
	s.nanos.Add(int64(d))
}

func bucket(d time.Duration) int {
	return min(bits.Len64(uint64(max(d, 0)/(64*time.Microsecond))), buckets-1)
}

func (s *groupStats) counters() GroupCounters {
	c := GroupCounters{Requests: s.requests.Load(), ResponseNanos: s.nanos.Load()}
	for i := range s.class {
		c.ByClass[i] = s.class[i].Load()
	}
	for i := range s.time {
		c.ResponseTime[i] = s.time[i].Load()
	}
	return c
}
