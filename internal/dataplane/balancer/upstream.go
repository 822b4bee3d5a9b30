package balancer

import (
	"context"
	"sync"
	"syscall"
	"time"

	"apex/internal/dataplane/balancer/http1"
)

// maxIdle is how long an unused connection to a target is kept.
const maxIdle = 50 * time.Second

// An upstream is one connection to a target.
type upstream struct {
	lease
	target    *target
	namespace string
	rd        *http1.Reader
	body      http1.Body // of the response
	upload    gatherer   // for a request's body that is streamed
	await     await
	used      bool      // has served a request before
	keeps     bool      // the target keeps the connection after this response
	fresh     time.Time // unused since
	hold      time.Duration
}

// close ends the connection; the target forgets it.
func (u *upstream) close() {
	u.rd.Release()
	u.target.pool.remove(u)
	u.Close()
}

// alive looks whether the target has closed the connection, without reading
// from it. Bytes that nobody asked for are a reason to drop it as well.
func (u *upstream) alive() bool {
	raw, err := u.tcp.SyscallConn()
	if err != nil {
		return false
	}
	quiet := false
	err = raw.Read(func(fd uintptr) bool {
		var b [1]byte
		_, _, e := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		quiet = e == syscall.EAGAIN
		return true
	})
	return err == nil && quiet
}

// A pool is a target's connections: all of them, so that they can be cut, and
// the idle ones, the last used first.
type pool struct {
	mu   sync.Mutex
	all  map[*upstream]struct{}
	idle []*upstream
	shut bool
	h2   h2Pool // those of HTTP/2
}

// take returns an idle connection from the namespace, or nil.
func (p *pool) take(namespace string) *upstream {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.idle) - 1; i >= 0; i-- {
		u := p.idle[i]
		if u.namespace != namespace {
			continue
		}
		p.idle = append(p.idle[:i], p.idle[i+1:]...)
		u.used = true
		return u
	}
	return nil
}

// put keeps a connection for the next request.
func (p *pool) put(u *upstream) {
	u.rd.Release()
	u.fresh = time.Now()
	p.mu.Lock()
	shut := p.shut
	if !shut {
		p.idle = append(p.idle, u)
	}
	p.mu.Unlock()
	if shut {
		u.close()
	}
}

func (p *pool) add(u *upstream) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all == nil {
		p.all = map[*upstream]struct{}{}
	}
	p.all[u] = struct{}{}
}

func (p *pool) remove(u *upstream) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.all, u)
}

// sweep closes connections that were idle too long: before the target does it,
// if it said how long it keeps them.
func (p *pool) sweep(now time.Time) {
	p.h2.sweep(now)
	p.mu.Lock()
	var old []*upstream
	kept := p.idle[:0]
	for _, u := range p.idle {
		if u.expired(now) {
			old = append(old, u)
		} else {
			kept = append(kept, u)
		}
	}
	clear(p.idle[len(kept):])
	p.idle = kept
	p.mu.Unlock()
	for _, u := range old {
		u.close()
	}
}

func (u *upstream) expired(now time.Time) bool {
	limit := maxIdle
	if u.hold > 0 {
		limit = min(limit, u.hold)
	}
	return now.Sub(u.fresh) >= limit
}

// dropIdle closes what is idle and keeps nothing from now on.
func (p *pool) dropIdle() {
	p.h2.dropIdle()
	p.mu.Lock()
	idle := p.idle
	p.idle, p.shut = nil, true
	p.mu.Unlock()
	for _, u := range idle {
		u.close()
	}
}

// cut closes every connection, whoever uses it.
func (p *pool) cut() {
	p.h2.cut()
	p.dropIdle()
	p.mu.Lock()
	defer p.mu.Unlock()
	for u := range p.all {
		u.Close()
	}
}

// connect returns a connection to the target: an idle one unless a new one is
// wanted. checked asks for one that was alive a moment ago.
func (t *target) connect(namespace string, s Speech, wantNew, checked bool, timeout time.Duration) (*upstream, error) {
	for !wantNew {
		u := t.pool.take(namespace)
		if u == nil {
			break
		}
		if u.expired(time.Now()) || checked && !u.alive() {
			u.close()
			continue
		}
		return u, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	conn, err := dialIn(ctx, namespace, t.addr)
	if err != nil {
		return nil, err
	}
	over, err := s.protect(ctx, conn)
	if err != nil {
		conn.Close()
		return nil, err
	}
	u := &upstream{lease: lease{stream: over, tcp: conn}, target: t, namespace: namespace}
	u.rd = http1.NewBulkReader(u)
	t.pool.add(u)
	return u, nil
}
