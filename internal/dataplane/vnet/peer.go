package vnet

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"

	"github.com/vishvananda/netlink"
	vnetns "github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"apex/internal/dataplane/firewall"
	"apex/internal/dataplane/vnet/netns"
)

// A Peer is another network that this one's packets can be led to, and come from.
// Both networks must name each other by the same ID.
type Peer struct {
	ID      string
	Network string
	Blocks  []netip.Prefix // of the other network
}

// peerHop is the next hop over a cable between routers: nobody owns it.
var peerHop = netip.AddrFrom4([4]byte{169, 254, 1, 2})

// peerAlias marks the cables between routers.
const peerAlias = "peer "

// peerDevice names both ends of a cable between two routers.
func peerDevice(id string) string { return "p" + device(id)[1:] }

func (c Config) neighbours() []firewall.Neighbour {
	var all []firewall.Neighbour
	for _, p := range c.Peers {
		all = append(all, firewall.Neighbour{Device: peerDevice(p.ID), Blocks: p.Blocks})
	}
	return all
}

// setPeers removes the cables to networks that are no peers any more and lays
// those that are missing. Whichever side comes second finds the cable laid.
func (r *router) setPeers(cfg Config) error {
	want := map[string]bool{}
	for _, p := range cfg.Peers {
		want[peerDevice(p.ID)] = true
	}
	if len(want) == 0 && r.peered != nil && len(r.peered) == 0 {
		return nil
	}
	links, err := r.links.LinkList()
	if err != nil {
		return fmt.Errorf("list links: %w", err)
	}
	r.peered = map[string]bool{}
	there := map[string]netlink.Link{}
	var faults error
	for _, l := range links {
		name := l.Attrs().Name
		there[name] = l
		if strings.HasPrefix(l.Attrs().Alias, peerAlias) && !want[name] {
			faults = errors.Join(faults, r.unplug(name))
		}
	}
	for _, p := range cfg.Peers {
		r.peered[p.ID] = true
		if err := r.join(p, there[peerDevice(p.ID)]); err != nil {
			faults = errors.Join(faults, fmt.Errorf("peer %s: %w", p.ID, err))
		}
	}
	return faults
}

// join lays the cable to a peer unless it is there, and leads the peer's blocks
// over it. A peer that has no router yet lays it itself.
func (r *router) join(p Peer, link netlink.Link) error {
	name := peerDevice(p.ID)
	if link == nil {
		if !netns.Exists(namespace(r.hash, p.Network)) {
			return nil
		}
		if err := r.lay(name, Namespace(r.hash, p.Network)); err != nil {
			return fmt.Errorf("lay cable: %w", err)
		}
		var err error
		if link, err = r.links.LinkByName(name); err != nil {
			return err
		}
	}
	if err := r.links.LinkSetAlias(link, peerAlias+p.ID); err != nil {
		return err
	}
	if err := r.links.LinkSetUp(link); err != nil {
		return err
	}
	hop := peerHop.AsSlice()
	if err := r.links.NeighSet(neighbour(link, hop, routerMAC)); err != nil {
		return fmt.Errorf("set neighbour: %w", err)
	}
	for _, block := range p.Blocks {
		route := &netlink.Route{
			LinkIndex: link.Attrs().Index, Gw: hop, Flags: int(netlink.FLAG_ONLINK),
			Dst: &net.IPNet{IP: block.Addr().AsSlice(), Mask: net.CIDRMask(block.Bits(), 32)},
		}
		if err := r.links.RouteReplace(route); err != nil {
			return fmt.Errorf("route %s: %w", block, err)
		}
	}
	return nil
}

// lay pulls a cable from this router to another one.
func (r *router) lay(name, other string) error {
	there, err := os.Open(other)
	if err != nil {
		return err
	}
	defer there.Close()
	err = r.links.LinkAdd(&netlink.Veth{
		LinkAttrs: netlink.LinkAttrs{Name: name, Flags: net.FlagUp, HardwareAddr: routerMAC},
		PeerName:  name, PeerHardwareAddr: routerMAC, PeerNamespace: netlink.NsFd(there.Fd()),
	})
	if errors.Is(err, unix.EEXIST) {
		return nil // the other side was faster
	}
	if err != nil {
		return err
	}
	return raise(there, name)
}

// raise sets a link of another namespace up: the kernel takes up to a second to
// see that a cable has two living ends.
func raise(ns *os.File, name string) error {
	links, err := netlink.NewHandleAt(vnetns.NsHandle(ns.Fd()), unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	defer links.Close()
	link, err := links.LinkByName(name)
	if err != nil {
		return err
	}
	return links.LinkSetUp(link)
}
