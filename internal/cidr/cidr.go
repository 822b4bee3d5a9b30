// Package cidr answers the questions that a network's bookkeeping asks of
// address blocks: what contains what, what overlaps, which address is free.
package cidr

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"net/netip"
)

// ErrNotNetwork says that a block's address has bits outside of its prefix:
// 10.0.0.1/24 names a host, not a network.
var ErrNotNetwork = errors.New("not a network address")

// Parse reads an IPv4 block in its canonical form.
func Parse(s string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(s)
	switch {
	case err != nil:
		return netip.Prefix{}, fmt.Errorf("parse block %q: %w", s, err)
	case !p.Addr().Is4():
		return netip.Prefix{}, fmt.Errorf("parse block %q: not IPv4", s)
	case p != p.Masked():
		return netip.Prefix{}, fmt.Errorf("parse block %q: %w", s, ErrNotNetwork)
	}
	return p, nil
}

// Contains reports whether inner lies wholly in outer.
func Contains(outer, inner netip.Prefix) bool {
	return outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
}

// Overlapping returns the first of blocks that shares an address with p.
func Overlapping(p netip.Prefix, blocks []netip.Prefix) (netip.Prefix, bool) {
	for _, b := range blocks {
		if b.Overlaps(p) {
			return b, true
		}
	}
	return netip.Prefix{}, false
}

// Nth returns the address n places after the first of an IPv4 block. It need
// not lie in the block.
func Nth(p netip.Prefix, n int) netip.Addr {
	first := p.Masked().Addr().As4()
	var raw [4]byte
	binary.BigEndian.PutUint32(raw[:], binary.BigEndian.Uint32(first[:])+uint32(n))
	return netip.AddrFrom4(raw)
}

// Size is how many addresses an IPv4 block has.
func Size(p netip.Prefix) int { return 1 << (32 - p.Bits()) }

// Reserved is how many addresses of a subnet belong to its network: the first
// four (network, router, DNS, one for later) and the last (broadcast).
const Reserved = 5

// Hosts yields the addresses of a subnet that interfaces may have, in order.
func Hosts(p netip.Prefix) iter.Seq[netip.Addr] {
	return func(yield func(netip.Addr) bool) {
		for n := 4; n < Size(p)-1; n++ {
			if !yield(Nth(p, n)) {
				return
			}
		}
	}
}

// IsHost reports whether an interface may have the address in the subnet.
func IsHost(p netip.Prefix, a netip.Addr) bool {
	if !p.Contains(a) {
		return false
	}
	first, raw := p.Masked().Addr().As4(), a.As4()
	n := int(binary.BigEndian.Uint32(raw[:]) - binary.BigEndian.Uint32(first[:]))
	return n >= 4 && n < Size(p)-1
}

// Free returns the first address of a subnet that is not taken.
func Free(p netip.Prefix, taken func(netip.Addr) bool) (netip.Addr, bool) {
	for a := range Hosts(p) {
		if !taken(a) {
			return a, true
		}
	}
	return netip.Addr{}, false
}
