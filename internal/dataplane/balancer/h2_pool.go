package balancer

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/net/http2"
)

// h2Framing makes HTTP/2 of connections to targets.
var h2Framing = &http2.Transport{AllowHTTP: true, DisableCompression: true, MaxHeaderListSize: 32 << 10}

// An h2Pool is a target's HTTP/2 connections. Each carries as many streams as
// the target allows; another is opened when there is no room.
type h2Pool struct {
	dialing sync.Mutex // one connection is opened at a time

	mu    sync.Mutex // guards what follows
	conns []*h2Upstream
	shut  bool
}

// An h2Upstream is one of them.
type h2Upstream struct {
	*http2.ClientConn
	stream    stream
	namespace string
	used      bool // a request went over it before
}

// take returns a connection from the namespace that has room for one more
// stream, which is then kept for the caller; nil if there is none.
func (p *h2Pool) take(namespace string) (u *h2Upstream, used bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, u := range p.conns {
		if u.namespace == namespace && u.ReserveNewRequest() {
			used, u.used = u.used, true
			return u, used
		}
	}
	return nil, false
}

// connect returns a connection with room for a stream; used says whether it has
// served others.
func (p *h2Pool) connect(addr netip.AddrPort, namespace string, s Speech, timeout time.Duration) (u *h2Upstream, used bool, err error) {
	if u, used = p.take(namespace); u != nil {
		return u, used, nil
	}
	p.dialing.Lock()
	defer p.dialing.Unlock()
	if u, used = p.take(namespace); u != nil { // another request has opened it
		return u, used, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	tcp, err := dialIn(ctx, namespace, addr)
	if err != nil {
		return nil, false, err
	}
	over, err := s.protect(ctx, tcp)
	if err != nil {
		tcp.Close()
		return nil, false, err
	}
	cc, err := h2Framing.NewClientConn(over)
	if err != nil {
		over.Close()
		return nil, false, err
	}
	cc.ReserveNewRequest()
	u = &h2Upstream{ClientConn: cc, stream: over, namespace: namespace, used: true}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shut {
		over.Close()
	}
	p.conns = append(p.conns, u)
	return u, false, nil
}

// sweep forgets connections that have ended, and closes those that nobody has
// used for a while.
func (p *h2Pool) sweep(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	kept := p.conns[:0]
	for _, u := range p.conns {
		st := u.State()
		idle := st.StreamsActive+st.StreamsReserved == 0
		switch {
		case st.Closed || st.Closing && idle:
			u.stream.Close()
		case idle && !st.LastIdle.IsZero() && now.Sub(st.LastIdle) > maxIdle:
			u.stream.Close()
		default:
			kept = append(kept, u)
		}
	}
	clear(p.conns[len(kept):])
	p.conns = kept
}

// dropIdle closes what is idle, and lets the rest serve what it has.
func (p *h2Pool) dropIdle() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shut = true
	for _, u := range p.conns {
		u.SetDoNotReuse()
		if st := u.State(); st.StreamsActive+st.StreamsReserved == 0 {
			u.stream.Close()
		}
	}
}

// cut closes every connection, whoever uses it.
func (p *h2Pool) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shut = true
	for _, u := range p.conns {
		u.stream.Close()
	}
}
