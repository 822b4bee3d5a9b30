package balancer

import (
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"apex/internal/dataplane/balancer/http1"
)

// A socketKey is where a socket listens.
type socketKey struct {
	Namespace string
	Addr      netip.AddrPort
}

// A listener is a net.TCPListener, as far as a socket needs it.
type listener interface {
	AcceptTCP() (*net.TCPConn, error)
	Close() error
}

// socketsOf returns where a listener listens: at each node, and on the host.
func (c *Config) socketsOf(l Listener) (keys []socketKey) {
	for _, n := range c.Nodes {
		keys = append(keys, socketKey{n.Namespace, netip.AddrPortFrom(n.Addr, uint16(l.Port))})
	}
	for _, addr := range l.Host {
		keys = append(keys, socketKey{"", addr})
	}
	return keys
}

// outsideAt returns what ports are called for the clients of a listener's socket.
func (c *Config) outsideAt(l Listener, key socketKey) map[int]int {
	if key.Namespace == "" && slices.Contains(l.Host, key.Addr) {
		return c.Outside
	}
	return nil
}

// nodesAt returns the nodes that requests at a socket go out from: the socket's
// own, or any if it is none's.
func (c *Config) nodesAt(key socketKey) []Node {
	for _, n := range c.Nodes {
		if n.Namespace == key.Namespace && n.Addr == key.Addr.Addr() {
			return []Node{n}
		}
	}
	if len(c.Nodes) == 0 {
		return []Node{{}}
	}
	return c.Nodes
}

// A socket is an open listening socket and the connections it accepted.
type socket struct {
	server   *server
	listener listener
	current  atomic.Pointer[table]
	accepted atomic.Uint32

	mu     sync.Mutex // guards what follows
	conns  map[*conn]struct{}
	closed bool
}

func (s *socket) table() *table { return s.current.Load() }

// accept serves connections until the socket is closed. It waits a little when
// the kernel has none to give, as when files run out.
func (s *socket) accept() {
	for {
		tcp, err := s.listener.AcceptTCP()
		switch {
		case err == nil:
			s.start(tcp)
		case errors.Is(err, net.ErrClosed):
			return
		default:
			s.server.stats.rejected.Add(1)
			s.server.log.Warn("connection not accepted", "error", err)
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func (s *socket) start(tcp *net.TCPConn) {
	peer := tcp.RemoteAddr().(*net.TCPAddr).AddrPort()
	c := &conn{
		lease: lease{stream: newTCPStream(tcp), tcp: tcp}, server: s.server, socket: s, opened: time.Now(),
		turn: s.accepted.Add(1), id: [2]uint64{rand.Uint64(), rand.Uint64()},
		peer: netip.AddrPortFrom(peer.Addr().Unmap(), peer.Port()),
	}
	c.rd = http1.NewReader(c)
	if !s.enter(c) {
		tcp.Close()
		return
	}
	s.server.stats.accepted.Add(1)
	s.table().stats.accepted.Add(1)
	s.server.stats.active.Add(1)
	s.server.conns.Go(func() {
		defer s.server.stats.active.Add(-1)
		defer s.exit(c)
		c.serve()
	})
}

func (s *socket) enter(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.conns[c] = struct{}{}
	return true
}

func (s *socket) exit(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

// tend looks for clients that have ended their connection while it was not
// looked at (see parked): those that were idle a second ago and are idle still.
func (s *socket) tend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		switch rests := c.rests.Load(); {
		case !c.idle.Load():
		case c.seen == rests:
			if !c.looked && !c.stillQuiet() {
				c.shorten(0) // wakes it for a last look
			}
			c.looked = true
		default:
			c.seen, c.looked = rests, false
		}
	}
}

// close stops accepting, and asks the connections to end with the response that
// is under way.
func (s *socket) close() {
	s.listener.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for c := range s.conns {
		c.leave()
	}
}
