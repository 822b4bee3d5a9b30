package netns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// ErrNotLiteral says that a host name was dialled inside a namespace. Names are
// looked up by other threads, so in another network.
var ErrNotLiteral = errors.New("not a literal address")

// A Dialer opens connections from inside a namespace.
type Dialer struct {
	Namespace string         // path; empty: where the process is
	Source    netip.AddrPort // local address to bind; zero: the kernel's choice
	// Transparent lets Source be an address that the namespace does not own:
	// its own routing must bring the answers back.
	Transparent bool
	Timeout     time.Duration
}

// DialContext connects to a literal address such as "10.0.10.5:3306".
func (d Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if _, err := netip.ParseAddrPort(address); err != nil {
		return nil, fmt.Errorf("dial %s: %w", address, ErrNotLiteral)
	}
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	dialer := net.Dialer{Timeout: d.Timeout, FallbackDelay: -1, LocalAddr: d.local(network)}
	if d.Transparent {
		dialer.Control = func(_, _ string, raw syscall.RawConn) error { return transparent(raw) }
	}
	var conn net.Conn
	err := Do(d.Namespace, func() (err error) {
		conn, err = dialer.DialContext(ctx, network, address)
		return err
	})
	return conn, err
}

func (d Dialer) local(network string) net.Addr {
	switch {
	case !d.Source.IsValid():
		return nil
	case network[0] == 'u':
		return net.UDPAddrFromAddrPort(d.Source)
	}
	return net.TCPAddrFromAddrPort(d.Source)
}

// Listen opens a TCP listener on a literal address inside a namespace.
func Listen(path, address string) (net.Listener, error) {
	return listen(path, address, net.ListenConfig{})
}

// ListenTransparent opens a TCP listener that takes connections to any address
// the namespace's firewall hands to it. A connection's local address is the one
// that its client dialled.
func ListenTransparent(path, address string) (net.Listener, error) {
	return listen(path, address, net.ListenConfig{
		Control: func(_, _ string, raw syscall.RawConn) error { return transparent(raw) },
	})
}

func listen(path, address string, config net.ListenConfig) (net.Listener, error) {
	var l net.Listener
	err := Do(path, func() (err error) {
		l, err = config.Listen(context.Background(), "tcp4", address)
		return err
	})
	return l, err
}

// ListenPacket opens a UDP socket on a literal address inside a namespace.
func ListenPacket(path, address string) (*net.UDPConn, error) {
	return listenPacket(path, address, net.ListenConfig{})
}

// ListenPacketTransparent is ListenTransparent for UDP: control messages of its
// datagrams carry the address that their sender meant.
func ListenPacketTransparent(path, address string) (*net.UDPConn, error) {
	return listenPacket(path, address, net.ListenConfig{
		Control: func(_, _ string, raw syscall.RawConn) error {
			return set(raw, unix.IP_TRANSPARENT, unix.IP_RECVORIGDSTADDR)
		},
	})
}

func listenPacket(path, address string, config net.ListenConfig) (*net.UDPConn, error) {
	var c net.PacketConn
	err := Do(path, func() (err error) {
		c, err = config.ListenPacket(context.Background(), "udp4", address)
		return err
	})
	if err != nil {
		return nil, err
	}
	return c.(*net.UDPConn), nil
}

func transparent(raw syscall.RawConn) error { return set(raw, unix.IP_TRANSPARENT) }

func set(raw syscall.RawConn, options ...int) error {
	var fault error
	err := raw.Control(func(fd uintptr) {
		for _, option := range options {
			fault = errors.Join(fault, unix.SetsockoptInt(int(fd), unix.SOL_IP, option, 1))
		}
		fault = errors.Join(fault, unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1))
	})
	return errors.Join(err, fault)
}
