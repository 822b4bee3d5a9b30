package vnet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"apex/internal/awsid"
	"apex/internal/dataplane/firewall"
	"apex/internal/dataplane/vnet/netns"
)

// A lab is a home with networks of its own and a made internet.
type lab struct {
	testing.TB
	*Network
	opts Options
}

// The made internet: a server and the addresses of gateways.
const (
	webServer = "198.51.100.80"
	natOne    = "203.0.113.10"
	natTwo    = "203.0.113.11"
	publicALB = "203.0.113.20"
)

func newLab(t testing.TB) *lab {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root to make network namespaces")
	}
	executable, err := os.Executable()
	check(t, err)
	hash := awsid.Hex(6)
	opts := Options{Hash: hash, RunDir: t.TempDir(), Executable: executable, Uplink: Namespace(hash, "internet")}
	t.Cleanup(func() { check(t, Sweep(context.Background(), hash, opts.RunDir)) })
	check(t, netns.Create("apex-"+hash+"-internet", func() error { return ownAddresses(webServer, natOne, natTwo, publicALB) }))
	network := Open(opts)
	t.Cleanup(func() { check(t, network.Close()) })
	return &lab{TB: t, Network: network, opts: opts}
}

func ownAddresses(addrs ...string) error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	fault := netlink.LinkSetUp(lo)
	for _, a := range addrs {
		fault = errors.Join(fault, netlink.AddrAdd(lo, &netlink.Addr{IPNet: host(netip.MustParseAddr(a))}))
	}
	return fault
}

func (l *lab) apply(cfg Config) {
	l.Helper()
	check(l, l.Apply(l.Context(), cfg))
}

func (l *lab) at(id string) string { return Namespace(l.opts.Hash, id) }

// serve answers every connection to the address with the client's address.
func (l *lab) serve(id, address string) {
	l.Helper()
	listener, err := ListenIn(l.at(id), address)
	check(l, err)
	l.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			fmt.Fprint(conn, conn.RemoteAddr())
			conn.Close()
		}
	}()
}

// answers dials from an interface and returns what the server says, "" if
// nothing comes.
func (l *lab) answers(from, to string) string {
	l.Helper()
	return said(l, DialerIn(l.at(from)), to)
}

func said(t testing.TB, d netns.Dialer, to string) string {
	t.Helper()
	d.Timeout = 700 * time.Millisecond
	conn, err := d.DialContext(context.Background(), "tcp4", to)
	if err != nil {
		if !isSilence(err) {
			t.Fatalf("dial %s: %v", to, err)
		}
		return ""
	}
	defer conn.Close()
	check(t, conn.SetDeadline(time.Now().Add(5*time.Second)))
	body, err := io.ReadAll(conn)
	if err != nil {
		return ""
	}
	return string(body)
}

// isSilence tells a packet that was dropped or refused from a broken test.
func isSilence(err error) bool {
	var fault net.Error
	return errors.As(err, &fault)
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// seed is the network of the CRM: two zones, four groups.
func seed(id string) Config {
	return Config{
		ID: id, CIDRs: []netip.Prefix{block("10.0.0.0/16")}, Domain: "ec2.internal",
		Subnets: []Subnet{
			{"public-1", block("10.0.0.0/24"), "public", ""},
			{"private-1", block("10.0.10.0/24"), "private", ""},
			{"private-2", block("10.0.11.0/24"), "isolated", ""},
		},
		Tables: []RouteTable{
			{"public", []Route{{Destination: block("0.0.0.0/0"), Target: firewall.Internet}}},
			{"private", []Route{{Destination: block("0.0.0.0/0"), Target: firewall.NAT, Source: addr(natOne)}}},
			{"isolated", nil},
		},
		Groups: []firewall.Group{
			{ID: "sg-alb", Ingress: []firewall.Rule{tcp(80, "0.0.0.0/0"), tcp(443, "0.0.0.0/0")}, Egress: everything()},
			{ID: "sg-ecs", Ingress: []firewall.Rule{tcpFrom(3000, "sg-alb")}, Egress: everything()},
			{ID: "sg-rds", Ingress: []firewall.Rule{tcpFrom(3306, "sg-ecs")}, Egress: everything()},
			{ID: "sg-other", Egress: everything()},
		},
		Interfaces: []Interface{
			{ID: id + "-alb", Subnet: "public-1", Address: addr("10.0.0.4"), Public: addr(publicALB), Groups: []string{"sg-alb"}},
			{ID: id + "-ecs1", Subnet: "private-1", Address: addr("10.0.10.4"), Groups: []string{"sg-ecs"}},
			{ID: id + "-ecs2", Subnet: "private-2", Address: addr("10.0.11.4"), Groups: []string{"sg-ecs"}},
			{ID: id + "-rds", Subnet: "private-1", Address: addr("10.0.10.5"), Groups: []string{"sg-rds"}},
			{ID: id + "-other", Subnet: "private-1", Address: addr("10.0.10.6"), Groups: []string{"sg-other"}},
		},
	}
}

func block(s string) netip.Prefix { return netip.MustParsePrefix(s) }
func addr(s string) netip.Addr    { return netip.MustParseAddr(s) }

func everything() []firewall.Rule {
	return []firewall.Rule{{Protocol: firewall.AnyProtocol, From: firewall.Any, To: firewall.Any, Peer: block("0.0.0.0/0")}}
}

func tcp(port int, peer string) firewall.Rule {
	return firewall.Rule{Protocol: firewall.TCP, From: port, To: port, Peer: block(peer)}
}

func tcpFrom(port int, group string) firewall.Rule {
	return firewall.Rule{Protocol: firewall.TCP, From: port, To: port, Group: group}
}
