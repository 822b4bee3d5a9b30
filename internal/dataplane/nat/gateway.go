package nat

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// The bounds of one gateway.
const (
	maxConnections = 8192
	maxFlows       = 4096
	dialTimeout    = 10 * time.Second
	// flowIdle is how long a UDP flow is kept without a datagram either way.
	flowIdle = 60 * time.Second
)

// A Gateway opens connections outside on behalf of senders inside.
type Gateway struct {
	// Exit says whether the sender may reach the destination, and the address it
	// then has outside; the zero address leaves the choice to the outside's kernel.
	Exit func(sender netip.Addr, destination netip.AddrPort) (source netip.Addr, ok bool)
	// Dial connects outside.
	Dial func(ctx context.Context, network string, source netip.Addr, destination netip.AddrPort) (net.Conn, error)
	// Answer opens a UDP socket inside that speaks for the destination.
	Answer func(destination, sender netip.AddrPort) (net.Conn, error)
	Log    *slog.Logger

	ledger ledger
}

// dial applies Dial, and counts it if no port was free.
func (g *Gateway) dial(ctx context.Context, network string, source netip.Addr, destination netip.AddrPort) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	conn, err := g.Dial(ctx, network, source, destination)
	if errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, syscall.EADDRNOTAVAIL) {
		g.ledger.of(source).portErrors.Add(1)
	}
	return conn, err
}

func addrPort(a net.Addr) netip.AddrPort {
	switch a := a.(type) {
	case *net.TCPAddr:
		return unmapped(a.AddrPort())
	case *net.UDPAddr:
		return unmapped(a.AddrPort())
	}
	return netip.AddrPort{}
}

func unmapped(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
