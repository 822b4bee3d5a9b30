package nat

import (
	"net/netip"
	"sync"
	"sync/atomic"
)

// Counters are what a gateway has done under one of its addresses since its
// process began. Connections are those of TCP; bytes and packets are those of TCP
// and UDP together.
//
// Bytes are payload, without the headers of TCP, UDP and IP. Packets and bytes of
// TCP are what the kernel counts for the gateway's own sockets, retransmissions
// left out of the bytes; the end of a stream counts as a byte there.
type Counters struct {
	FromSource, ToSource           Traffic // between the gateway and the inside
	FromDestination, ToDestination Traffic // between the gateway and the outside

	Active       int64 // connections that are open now
	Attempts     int64 // connections that were asked for
	Established  int64 // connections that the outside took
	IdleTimeouts int64 // UDP flows ended because no datagram passed; TCP has no such end
	PortErrors   int64 // senders turned away because no port or no flow was free
	Dropped      int64 // datagrams that could not be passed on
}

// Traffic is what passed one way.
type Traffic struct{ Bytes, Packets int64 }

// The four ways that packets take at a gateway.
const (
	fromSource = iota
	toSource
	fromDestination
	toDestination
	ways
)

// An account counts for one address.
type account struct {
	bytes, packets                    [ways]atomic.Int64
	attempts, established             atomic.Int64
	idleTimeouts, portErrors, dropped atomic.Int64

	mu   sync.Mutex // guards open and what its pairs have seen
	open map[*pair]struct{}
}

// add counts one datagram.
func (a *account) add(way, size int) {
	a.bytes[way].Add(int64(size))
	a.packets[way].Add(1)
}

// counters reads the account, the open connections' sockets first.
func (a *account) counters() Counters {
	a.mu.Lock()
	defer a.mu.Unlock()
	for p := range a.open {
		a.look(p)
	}
	traffic := func(way int) Traffic { return Traffic{a.bytes[way].Load(), a.packets[way].Load()} }
	return Counters{
		FromSource: traffic(fromSource), ToSource: traffic(toSource),
		FromDestination: traffic(fromDestination), ToDestination: traffic(toDestination),
		Active: int64(len(a.open)), Attempts: a.attempts.Load(), Established: a.established.Load(),
		IdleTimeouts: a.idleTimeouts.Load(), PortErrors: a.portErrors.Load(), Dropped: a.dropped.Load(),
	}
}

// A ledger has an account for each address. Addresses come from the network's
// config, so they are few.
type ledger struct {
	mu       sync.Mutex
	accounts map[netip.Addr]*account
}

func (l *ledger) of(address netip.Addr) *account {
	l.mu.Lock()
	defer l.mu.Unlock()
	a, ok := l.accounts[address]
	if !ok {
		if l.accounts == nil {
			l.accounts = map[netip.Addr]*account{}
		}
		a = &account{open: map[*pair]struct{}{}}
		l.accounts[address] = a
	}
	return a
}

// Counters returns what was done under each address outside. One that was not
// used yet is missing.
func (g *Gateway) Counters() map[netip.Addr]Counters {
	g.ledger.mu.Lock()
	defer g.ledger.mu.Unlock()
	all := map[netip.Addr]Counters{}
	for address, a := range g.ledger.accounts {
		if address.IsValid() {
			all[address] = a.counters()
		}
	}
	return all
}
