package nat

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// maxDatagram is the largest UDP payload over IPv4.
const maxDatagram = 65507

// A flowKey names a UDP flow by the addresses that the sender uses.
type flowKey struct{ sender, destination netip.AddrPort }

// A flow is a pair of sockets: one inside that speaks for the destination, one
// outside that speaks for the sender.
type flow struct {
	inside, outside net.Conn
	account         *account
	last            atomic.Int64 // when a datagram last passed, Unix nanoseconds
}

// flows are the open flows of a gateway.
type flows struct {
	sync.Mutex
	open map[flowKey]*flow
	wait sync.WaitGroup
}

// ServeUDP carries the datagrams of a transparent socket until ctx ends. Its
// first datagram opens a flow, whose own sockets take the rest.
func (g *Gateway) ServeUDP(ctx context.Context, c *net.UDPConn) error {
	defer context.AfterFunc(ctx, func() { c.Close() })()
	fs := &flows{open: map[flowKey]*flow{}}
	defer fs.wait.Wait()
	data, control := make([]byte, maxDatagram), make([]byte, 128)
	for {
		n, oob, _, sender, err := c.ReadMsgUDPAddrPort(data, control)
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return nil
			}
			return err
		}
		destination, ok := meantFor(control[:oob])
		if !ok {
			continue
		}
		g.datagram(ctx, fs, flowKey{unmapped(sender), destination}, data[:n])
	}
}

// datagram sends one datagram on its flow, which it opens if there is none.
func (g *Gateway) datagram(ctx context.Context, fs *flows, key flowKey, data []byte) {
	f, err := g.flow(ctx, fs, key)
	if err != nil {
		g.Log.DebugContext(ctx, "datagram dropped", "sender", key.sender, "destination", key.destination, "reason", err)
		return
	}
	f.pass(f.outside, data, fromSource, toDestination)
}

// pass sends a datagram on. A lost one is UDP's ordinary life, and only counted.
func (f *flow) pass(dst net.Conn, data []byte, in, out int) {
	f.last.Store(time.Now().UnixNano())
	f.account.add(in, len(data))
	if _, err := dst.Write(data); err != nil {
		f.account.dropped.Add(1)
		return
	}
	f.account.add(out, len(data))
}

// errTooManyFlows says that a gateway carries all the flows it may.
var errTooManyFlows = errors.New("too many UDP flows")

func (g *Gateway) flow(ctx context.Context, fs *flows, key flowKey) (*flow, error) {
	fs.Lock()
	defer fs.Unlock()
	if f, ok := fs.open[key]; ok {
		return f, nil
	}
	source, ok := g.Exit(key.sender.Addr(), key.destination)
	if !ok {
		return nil, ErrNoRoute
	}
	a := g.ledger.of(source)
	f, err := g.open(ctx, len(fs.open), source, a, key)
	if err != nil {
		a.dropped.Add(1)
		return nil, err
	}
	f.last.Store(time.Now().UnixNano())
	fs.open[key] = f
	fs.wait.Go(func() {
		f.run(ctx)
		fs.Lock()
		delete(fs.open, key)
		fs.Unlock()
	})
	return f, nil
}

// open opens a flow's sockets, if there are not too many flows already.
func (g *Gateway) open(ctx context.Context, flows int, source netip.Addr, a *account, key flowKey) (*flow, error) {
	if flows >= maxFlows {
		a.portErrors.Add(1)
		return nil, errTooManyFlows
	}
	outside, err := g.dial(ctx, "udp4", source, key.destination)
	if err != nil {
		return nil, err
	}
	inside, err := g.Answer(key.destination, key.sender)
	if err != nil {
		outside.Close()
		return nil, fmt.Errorf("answer for %s: %w", key.destination, err)
	}
	return &flow{inside: inside, outside: outside, account: a}, nil
}

// run copies both ways until the flow is idle or ctx ends.
func (f *flow) run(ctx context.Context) {
	stop := func() { f.inside.Close(); f.outside.Close() }
	defer stop()
	defer context.AfterFunc(ctx, stop)()
	var other sync.WaitGroup
	var idle atomic.Bool
	other.Go(func() {
		if f.copy(f.inside, f.outside, fromDestination, toSource) {
			idle.Store(true)
		}
		stop()
	})
	if f.copy(f.outside, f.inside, fromSource, toDestination) {
		idle.Store(true)
	}
	stop()
	other.Wait()
	if idle.Load() {
		f.account.idleTimeouts.Add(1)
	}
}

// copy passes datagrams on until the flow was idle for too long, or its sockets
// are closed. It reports which.
func (f *flow) copy(dst, src net.Conn, in, out int) (idled bool) {
	raw, err := src.(syscall.Conn).SyscallConn()
	if err != nil {
		return false
	}
	for {
		idle := time.Unix(0, f.last.Load()).Add(flowIdle)
		_ = src.SetReadDeadline(idle)
		err := receive(raw, func(data []byte) { f.pass(dst, data, in, out) })
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			if !time.Now().Before(time.Unix(0, f.last.Load()).Add(flowIdle)) {
				return true
			}
		case errors.Is(err, unix.ECONNREFUSED): // nobody there now; somebody may come
		case err != nil:
			return false
		}
	}
}

// buffers hold one datagram each. A flow that waits has none: there may be
// thousands.
var buffers = sync.Pool{New: func() any { return new([maxDatagram]byte) }}

// receive waits for a datagram and hands it to use, which must not keep it.
func receive(raw syscall.RawConn, use func([]byte)) error {
	var fault error
	err := raw.Read(func(fd uintptr) bool {
		buffer := buffers.Get().(*[maxDatagram]byte)
		defer buffers.Put(buffer)
		n, err := unix.Read(int(fd), buffer[:])
		if errors.Is(err, unix.EAGAIN) {
			return false // park until there is one
		}
		if fault = err; err == nil {
			use(buffer[:n])
		}
		return true
	})
	return errors.Join(err, fault)
}

// meantFor finds the address that a datagram was sent to in its control messages.
func meantFor(control []byte) (netip.AddrPort, bool) {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return netip.AddrPort{}, false
	}
	for _, m := range messages {
		if m.Header.Level != unix.SOL_IP || m.Header.Type != unix.IP_RECVORIGDSTADDR || len(m.Data) < 8 {
			continue
		}
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(m.Data[4:8])), binary.BigEndian.Uint16(m.Data[2:4])), true
	}
	return netip.AddrPort{}, false
}
