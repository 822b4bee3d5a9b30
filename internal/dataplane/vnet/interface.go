package vnet

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"apex/internal/dataplane/firewall"
	"apex/internal/dataplane/vnet/netns"
)

// An attachment is an interface as the kernel has it.
type attachment struct {
	link    netlink.Link // the router's end
	address string
}

// look learns the attachments from the router's links. A link's alias, set when
// all else is done, names its interface and address; a link without one is the
// rest of a crash and gets its id from its device when it is replaced.
func (r *router) look() error {
	links, err := r.links.LinkList()
	if err != nil {
		return fmt.Errorf("list links: %w", err)
	}
	r.attached = map[string]attachment{}
	for _, l := range links {
		id, address, ok := strings.Cut(l.Attrs().Alias, " ")
		if ok && netns.Exists(namespace(r.hash, id)) {
			r.attached[id] = attachment{l, address}
		}
	}
	return nil
}

// setInterfaces removes the interfaces that should not be and adds those that
// are missing.
func (r *router) setInterfaces(cfg Config) error {
	if r.attached == nil {
		if err := r.look(); err != nil {
			return err
		}
	}
	want := map[string]Interface{}
	for _, i := range cfg.Interfaces {
		want[i.ID] = i
	}
	var faults error
	for _, id := range sortedKeys(r.attached) {
		if i, ok := want[id]; !ok || i.Address.String() != r.attached[id].address {
			faults = errors.Join(faults, r.detach(id))
		}
	}
	for _, id := range sortedKeys(want) {
		if _, ok := r.attached[id]; !ok {
			faults = errors.Join(faults, r.attach(want[id]))
		}
	}
	return faults
}

// detach removes an interface: cable first, so that nothing passes any more
// even if a process keeps the namespace alive.
func (r *router) detach(id string) error {
	if err := r.unplug(device(id)); err != nil {
		return fmt.Errorf("detach %s: %w", id, err)
	}
	if err := netns.Delete(namespace(r.hash, id)); err != nil {
		return fmt.Errorf("detach %s: %w", id, err)
	}
	delete(r.attached, id)
	return nil
}

func (r *router) unplug(device string) error {
	link, err := r.links.LinkByName(device)
	if errors.As(err, new(netlink.LinkNotFoundError)) {
		return nil
	}
	if err != nil {
		return err
	}
	return r.links.LinkDel(link)
}

// attach makes an interface's namespace and its cable to the router.
func (r *router) attach(i Interface) error {
	err := r.detach(i.ID) // half of one
	if err == nil {
		err = netns.Create(namespace(r.hash, i.ID), func() error { return r.plug(i) })
	}
	if err != nil {
		return fmt.Errorf("attach %s: %w", i.ID, err)
	}
	link, err := r.complete(i)
	if err != nil {
		return fmt.Errorf("attach %s: %w", i.ID, err)
	}
	r.attached[i.ID] = attachment{link, i.Address.String()}
	return nil
}

// plug runs in the interface's new namespace: it pulls a cable from the router
// to here and sets this end up.
func (r *router) plug(i Interface) error {
	here, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return err
	}
	defer here.Close()
	err = sysctl(map[string]string{
		"ipv6/conf/default/disable_ipv6": "1",
		// A task is root of its own ports, and may ping.
		"ipv4/ip_unprivileged_port_start": "0",
		"ipv4/ping_group_range":           "0 2147483647",
	})
	if err != nil {
		return err
	}
	cable := &netlink.Veth{
		LinkAttrs: netlink.LinkAttrs{Name: device(i.ID), Flags: net.FlagUp, HardwareAddr: routerMAC},
		PeerName:  "eth0", PeerHardwareAddr: MAC(i.ID), PeerNamespace: netlink.NsFd(here.Fd()),
	}
	if err := r.links.LinkAdd(cable); err != nil {
		return fmt.Errorf("add cable: %w", err)
	}
	return setUpHost(i.Address)
}

// setUpHost configures the current namespace's end of the cable.
func setUpHost(address netip.Addr) error {
	links, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	defer links.Close()
	lo, err := links.LinkByName("lo")
	if err != nil {
		return err
	}
	eth0, err := links.LinkByName("eth0")
	if err != nil {
		return err
	}
	hop := firewall.ProxyAddress.AsSlice()
	for _, step := range []func() error{
		func() error { return links.LinkSetUp(lo) },
		func() error { return links.AddrAdd(eth0, &netlink.Addr{IPNet: host(address)}) },
		func() error { return links.LinkSetUp(eth0) },
		func() error { return links.NeighSet(neighbour(eth0, hop, routerMAC)) },
		func() error {
			return links.RouteAdd(&netlink.Route{LinkIndex: eth0.Attrs().Index, Gw: hop, Flags: int(netlink.FLAG_ONLINK)})
		},
	} {
		if err := step(); err != nil {
			return fmt.Errorf("set up eth0: %w", err)
		}
	}
	return nil
}

// complete routes to the interface and, as the last thing, writes its name on
// the router's end of the cable.
func (r *router) complete(i Interface) (netlink.Link, error) {
	link, err := r.links.LinkByName(device(i.ID))
	if err != nil {
		return nil, err
	}
	if err := r.links.NeighSet(neighbour(link, i.Address.AsSlice(), MAC(i.ID))); err != nil {
		return nil, fmt.Errorf("set neighbour: %w", err)
	}
	route := &netlink.Route{LinkIndex: link.Attrs().Index, Dst: host(i.Address), Scope: netlink.SCOPE_LINK}
	if err := r.links.RouteReplace(route); err != nil {
		return nil, fmt.Errorf("set route: %w", err)
	}
	return link, r.links.LinkSetAlias(link, i.ID+" "+i.Address.String())
}

// neighbour fixes who answers at an address: nobody asks, so nobody can lie.
func neighbour(link netlink.Link, addr net.IP, mac net.HardwareAddr) *netlink.Neigh {
	return &netlink.Neigh{
		LinkIndex: link.Attrs().Index, Family: netlink.FAMILY_V4,
		State: netlink.NUD_PERMANENT, IP: addr, HardwareAddr: mac,
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
