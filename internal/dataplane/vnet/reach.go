package vnet

import (
	"net"
	"net/netip"

	"apex/internal/dataplane/vnet/netns"
)

// DialerIn returns a dialer for literal addresses from inside the namespace at
// path, for processes that are not in it. Never dial a network's address any
// other way: from the host's namespace it leads to the network around the
// machine.
func DialerIn(path string) netns.Dialer { return netns.Dialer{Namespace: path} }

// ListenIn opens a TCP listener on a literal address inside the namespace at
// path.
func ListenIn(path, address string) (net.Listener, error) { return netns.Listen(path, address) }

// DialerFromOutside returns a dialer into a network for somebody outside: the
// network's rules see client as the source, as they would behind an internet
// gateway. The destination needs a route back outside.
func DialerFromOutside(hash, id string, client netip.AddrPort) netns.Dialer {
	return netns.Dialer{Namespace: Namespace(hash, id), Source: client, Transparent: true}
}
