package vnet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"

	"github.com/vishvananda/netlink"
	vnetns "github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"apex/internal/dataplane/firewall"
	"apex/internal/dataplane/vnet/netns"
)

// proxyPort is where the agent takes the packets that leave the network, on
// firewall.ProxyAddress.
const proxyPort = 15001

// proxyTable is the router's routing table for packets marked for the proxy.
const proxyTable = 100

// A router is one network's router and what hangs on it.
type router struct {
	id, hash string

	mu       sync.Mutex
	links    *netlink.Handle // inside the router; nil until connected
	rules    *firewall.Table
	attached map[string]attachment // as in the kernel; nil when that is not known
	peered   map[string]bool       // likewise
	told     string                // the agent's config that it confirmed
}

func (r *router) name() string { return namespace(r.hash, r.id) }

func (r *router) path() string { return netns.Path(r.name()) }

// apply brings the config about. Rules come before cables, so that no interface
// is ever without them.
func (r *router) apply(ctx context.Context, opts Options, cfg Config) error {
	if err := r.create(); err != nil {
		return err
	}
	if err := r.setAddresses(cfg); err != nil {
		return fmt.Errorf("router addresses: %w", err)
	}
	if err := r.rules.Apply(cfg.firewall()); err != nil {
		return err
	}
	return errors.Join(r.setInterfaces(cfg), r.setPeers(cfg), r.tellAgent(ctx, opts, cfg))
}

// create makes the router if it is not there and connects to it.
func (r *router) create() error {
	if netns.Exists(r.name()) {
		return r.connect()
	}
	r.disconnect()
	if err := netns.Delete(r.name()); err != nil { // half of one
		return err
	}
	if err := netns.Create(r.name(), setUpRouter); err != nil {
		return err
	}
	return r.connect()
}

// setUpRouter makes the current namespace a router that lets nothing pass yet.
// Forwarding goes on last: a router without rules forwards nothing.
func setUpRouter() error {
	ns, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return err
	}
	defer ns.Close()
	rules, err := firewall.Open(int(ns.Fd()))
	if err != nil {
		return err
	}
	defer rules.Close()
	if err := rules.Apply(firewall.Config{}); err != nil {
		return fmt.Errorf("refuse everything: %w", err)
	}
	if err := routeProxy(); err != nil {
		return fmt.Errorf("route to the proxy: %w", err)
	}
	return sysctl(map[string]string{
		"ipv6/conf/all/disable_ipv6":     "1",
		"ipv6/conf/default/disable_ipv6": "1",
		"ipv4/conf/all/rp_filter":        "0", // the rules know better
		"ipv4/conf/default/rp_filter":    "0",
		"ipv4/conf/all/send_redirects":   "0",
		"ipv4/ip_forward":                "1",
	})
}

// routeProxy delivers marked packets to the router itself, wherever they go.
func routeProxy() error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	if err := netlink.LinkSetUp(lo); err != nil {
		return err
	}
	rule := netlink.NewRule()
	rule.Mark, rule.Table, rule.Family = firewall.ProxyMark, proxyTable, unix.AF_INET
	if err := netlink.RuleAdd(rule); err != nil {
		return err
	}
	return netlink.RouteAdd(&netlink.Route{
		LinkIndex: lo.Attrs().Index, Table: proxyTable, Type: unix.RTN_LOCAL, Scope: netlink.SCOPE_HOST,
		Dst: &net.IPNet{IP: net.IPv4zero.To4(), Mask: net.CIDRMask(0, 32)},
	})
}

// connect opens lasting sockets inside the router.
func (r *router) connect() error {
	if r.links != nil {
		return nil
	}
	ns, err := os.Open(r.path())
	if err != nil {
		return fmt.Errorf("connect to router: %w", err)
	}
	defer ns.Close()
	links, err := netlink.NewHandleAt(vnetns.NsHandle(ns.Fd()), unix.NETLINK_ROUTE)
	if err != nil {
		return fmt.Errorf("connect to router: %w", err)
	}
	rules, err := firewall.Open(int(ns.Fd()))
	if err != nil {
		links.Close()
		return fmt.Errorf("connect to router: %w", err)
	}
	r.links, r.rules = links, rules
	return nil
}

// disconnect forgets everything known of the router.
func (r *router) disconnect() {
	_ = r.close() // closing a netlink socket loses nothing
	r.attached, r.peered, r.told = nil, nil, ""
}

func (r *router) close() error {
	if r.links == nil {
		return nil
	}
	r.links.Close()
	err := r.rules.Close()
	r.links, r.rules = nil, nil
	return err
}

// setAddresses gives the router the addresses at which it answers.
func (r *router) setAddresses(cfg Config) error {
	lo, err := r.links.LinkByName("lo")
	if err != nil {
		return err
	}
	have, err := r.links.AddrList(lo, netlink.FAMILY_V4)
	if err != nil {
		return err
	}
	owned := map[string]bool{}
	for _, a := range have {
		owned[a.IP.String()] = true
	}
	want := append(cfg.resolvers(), firewall.ProxyAddress, EndpointAddress.Addr(), MetadataAddress.Addr())
	for _, a := range want {
		if owned[a.String()] {
			continue
		}
		if err := r.links.AddrReplace(lo, &netlink.Addr{IPNet: host(a)}); err != nil {
			return fmt.Errorf("%s: %w", a, err)
		}
	}
	return nil
}

// host is the block of one address.
func host(a netip.Addr) *net.IPNet {
	return &net.IPNet{IP: a.AsSlice(), Mask: net.CIDRMask(a.BitLen(), a.BitLen())}
}

// remove takes the network away: agent, interfaces, router.
func (r *router) remove(ctx context.Context, opts Options) error {
	dir := opts.agentDir(r.id)
	if err := stopAgent(ctx, dir); err != nil {
		return err
	}
	if netns.Exists(r.name()) {
		if err := r.connect(); err != nil {
			return err
		}
		if err := r.setInterfaces(Config{}); err != nil {
			return err
		}
	}
	r.disconnect()
	if err := netns.Delete(r.name()); err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

// sysctl sets parameters of the current namespace's network.
func sysctl(values map[string]string) error {
	var faults error
	for _, key := range sortedKeys(values) {
		faults = errors.Join(faults, os.WriteFile("/proc/sys/net/"+key, []byte(values[key]), 0o644))
	}
	return faults
}
