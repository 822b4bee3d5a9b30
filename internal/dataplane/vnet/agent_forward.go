package vnet

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"

	mdns "github.com/miekg/dns"
	"golang.org/x/sync/errgroup"

	"apex/internal/dataplane/nat"
	"apex/internal/dataplane/vnet/netns"
)

// forwardPatience bounds the connection to a service on the host.
const forwardPatience = 5 * time.Second

// serveForwards takes connections at the router's service addresses to the
// services on the host.
func (a *agent) serveForwards(ctx context.Context, group *errgroup.Group) error {
	for at, handle := range map[netip.AddrPort]func(context.Context, net.Conn){
		EndpointAddress: a.toEndpoint,
		MetadataAddress: a.toMetadata,
	} {
		listener, err := netns.Listen(a.config.Load().Router, at.String())
		if err != nil {
			return fmt.Errorf("serve forwards: %w", err)
		}
		group.Go(func() error { return nat.Serve(ctx, listener, handle) })
	}
	return nil
}

func (a *agent) toEndpoint(ctx context.Context, inside net.Conn) {
	a.forward(ctx, inside, "tcp", a.config.Load().Endpoint, "")
}

// toMetadata tells the service who asks, in the PROXY protocol's first version:
// on its unix socket all would look alike.
func (a *agent) toMetadata(ctx context.Context, inside net.Conn) {
	a.forward(ctx, inside, "unix", a.config.Load().Metadata, proxyLine(inside.RemoteAddr(), inside.LocalAddr()))
}

func proxyLine(source, destination net.Addr) string {
	s, d := source.(*net.TCPAddr).AddrPort(), destination.(*net.TCPAddr).AddrPort()
	return fmt.Sprintf("PROXY TCP4 %s %s %d %d\r\n", s.Addr().Unmap(), d.Addr().Unmap(), s.Port(), d.Port())
}

// forward joins the connection to a service. When the region is down nobody
// listens there and the connection is closed.
func (a *agent) forward(ctx context.Context, inside net.Conn, network, address, greeting string) {
	dialer := net.Dialer{Timeout: forwardPatience}
	service, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		a.log.DebugContext(ctx, "service not reached", "address", address, "reason", err)
		return
	}
	defer service.Close()
	defer context.AfterFunc(ctx, func() { service.Close() })()
	if _, err := service.Write([]byte(greeting)); err != nil {
		return
	}
	nat.Join(inside, service)
}

// resolvers are those outside, read anew each time: the host's may change.
func (a *agent) resolvers() []netip.AddrPort {
	if given := a.config.Load().Resolvers; len(given) > 0 {
		return given
	}
	system, err := mdns.ClientConfigFromFile("/etc/resolv.conf")
	if err != nil {
		return nil
	}
	var resolvers []netip.AddrPort
	for _, server := range system.Servers {
		if addr, err := netip.ParseAddr(server); err == nil {
			resolvers = append(resolvers, netip.AddrPortFrom(addr, 53))
		}
	}
	return resolvers
}

// dialResolver does without the guard: the resolver is the host's choice, not
// the VPC's, and is sent well-formed questions only.
func (a *agent) dialResolver(ctx context.Context, network, address string) (net.Conn, error) {
	return netns.Dialer{Namespace: a.config.Load().Uplink}.DialContext(ctx, network, address)
}
