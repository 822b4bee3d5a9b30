package nat

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// A pair is an open connection: its socket inside and the one outside. Bytes pass
// between the two in the kernel, which is asked how many there were.
type pair struct {
	inside, outside net.Conn
	seen            [ways]Traffic // what the account has of it
}

// enter puts a connection on the account.
func (a *account) enter(inside, outside net.Conn) *pair {
	p := &pair{inside: inside, outside: outside}
	a.established.Add(1)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open[p] = struct{}{}
	return p
}

// settle brings the account up to date with a connection; its sockets must be
// open for it.
func (a *account) settle(p *pair) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.look(p)
}

// leave takes a connection off the account.
func (a *account) leave(p *pair) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.open, p)
}

// look adds what the sockets have carried since the last look. The caller holds
// the account's lock. Of a closed socket nothing is learnt.
func (a *account) look(p *pair) {
	if received, sent, ok := carried(p.inside); ok {
		a.advance(p, fromSource, received)
		a.advance(p, toSource, sent)
	}
	if received, sent, ok := carried(p.outside); ok {
		a.advance(p, fromDestination, received)
		a.advance(p, toDestination, sent)
	}
}

func (a *account) advance(p *pair, way int, now Traffic) {
	before := &p.seen[way]
	if more := now.Bytes - before.Bytes; more > 0 {
		a.bytes[way].Add(more)
		before.Bytes = now.Bytes
	}
	a.packets[way].Add(int64(uint32(now.Packets) - uint32(before.Packets))) // the kernel's count has 32 bits and goes round
	before.Packets = now.Packets
}

// carried asks the kernel what a TCP socket has received, and sent or has yet to
// send. TCP_INFO has all of it since Linux 4.19.
func carried(c net.Conn) (received, sent Traffic, ok bool) {
	socket, ok := c.(syscall.Conn)
	if !ok {
		return received, sent, false
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return received, sent, false
	}
	var info *unix.TCPInfo
	var fault error
	err = raw.Control(func(fd uintptr) { info, fault = unix.GetsockoptTCPInfo(int(fd), unix.SOL_TCP, unix.TCP_INFO) })
	if err != nil || fault != nil {
		return received, sent, false
	}
	received = Traffic{int64(info.Bytes_received), int64(info.Segs_in)}
	sent = Traffic{int64(info.Bytes_sent-info.Bytes_retrans) + int64(info.Notsent_bytes), int64(info.Segs_out)}
	return received, sent, true
}
