package nat

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// The reasons why a connection does not go out.
var (
	// ErrNoRoute says that the sender's routes lead nowhere for the destination.
	ErrNoRoute = errors.New("no route")
	// ErrRefused says that the guard keeps the destination from the VPC.
	ErrRefused = errors.New("destination refused")
)

// A Guard decides which destinations outside a VPC may reach. It lets through
// what an internet gateway would: public unicast addresses. The machine itself,
// the networks it is attached to and all private networks are kept from it.
type Guard struct {
	// Allow lists what is let through in spite of the rules.
	Allow []netip.Prefix
	// Made says that outside is a network namespace made to stand for the
	// internet: its own addresses and private ones may be reached.
	Made bool
}

// special are blocks that no internet gateway carries.
var special = prefixes(
	"0.0.0.0/8",      // this host: Linux takes it for loopback
	"127.0.0.0/8",    // loopback
	"169.254.0.0/16", // link local: metadata services
	"224.0.0.0/4",    // multicast
	"240.0.0.0/4",    // reserved, broadcast
	"192.0.0.0/24",   // protocol assignments
	"192.88.99.0/24", // 6to4 relays
)

// private are blocks that belong to networks around the machine.
var private = prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")

func prefixes(blocks ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(blocks))
	for i, b := range blocks {
		out[i] = netip.MustParsePrefix(b)
	}
	return out
}

// Check returns ErrRefused if the address must not be reached.
func (g Guard) Check(a netip.Addr) error {
	a = a.Unmap()
	switch {
	case !a.Is4():
		return fmt.Errorf("%w: %s is not IPv4", ErrRefused, a)
	case covers(g.Allow, a):
		return nil
	case covers(special, a):
		return fmt.Errorf("%w: %s is no public address", ErrRefused, a)
	case g.Made:
		return nil
	case covers(private, a):
		return fmt.Errorf("%w: %s is a private address", ErrRefused, a)
	}
	return g.notAttached(a)
}

// notAttached refuses the networks that the machine is attached to, and all if
// they cannot be listed.
func (g Guard) notAttached(a netip.Addr) error {
	attached, err := net.InterfaceAddrs()
	if err != nil {
		return fmt.Errorf("%w: list own addresses: %w", ErrRefused, err)
	}
	for _, n := range attached {
		if ipnet, ok := n.(*net.IPNet); ok && ipnet.Contains(a.AsSlice()) {
			return fmt.Errorf("%w: %s is on a network of this machine", ErrRefused, a)
		}
	}
	return nil
}

func covers(blocks []netip.Prefix, a netip.Addr) bool {
	for _, b := range blocks {
		if b.Contains(a) {
			return true
		}
	}
	return false
}
