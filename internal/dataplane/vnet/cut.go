package vnet

import (
	"fmt"
	"net/netip"
	"os"

	"apex/internal/dataplane/firewall"
)

// Cut drops all packets of a network that come from or go to the blocks, as if
// the zone they are in had lost power; an earlier Cut is replaced. Cut without
// blocks mends it. The network's own rules stay as they are.
func Cut(hash, network string, blocks ...netip.Prefix) error {
	ns, err := os.Open(Namespace(hash, network))
	if err != nil {
		return fmt.Errorf("cut in network %s: %w", network, err)
	}
	defer ns.Close()
	if err := firewall.Cut(int(ns.Fd()), blocks); err != nil {
		return fmt.Errorf("network %s: %w", network, err)
	}
	return nil
}
