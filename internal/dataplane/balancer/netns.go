package balancer

import (
	"context"
	"net"
	"net/netip"

	"apex/internal/dataplane/vnet/netns"
)

// dialIn connects to an address from a namespace; an empty path is the process's
// own.
func dialIn(ctx context.Context, namespace string, addr netip.AddrPort) (*net.TCPConn, error) {
	conn, err := netns.Dialer{Namespace: namespace}.DialContext(ctx, "tcp", addr.String())
	if err != nil {
		return nil, err
	}
	return conn.(*net.TCPConn), nil
}

// listenIn opens a listening socket in a namespace.
func listenIn(namespace string, addr netip.AddrPort) (*net.TCPListener, error) {
	var l net.Listener
	err := netns.Do(namespace, func() (err error) {
		var lc net.ListenConfig
		lc.SetMultipathTCP(false) // nobody here speaks it, and its sockets cost more
		l, err = lc.Listen(context.Background(), "tcp", addr.String())
		return err
	})
	if err != nil {
		return nil, err
	}
	return l.(*net.TCPListener), nil
}
