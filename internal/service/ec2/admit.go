package ec2

import (
	"net/netip"
	"slices"

	"apex/internal/arn"
	"apex/internal/store"
)

// AdmitsFrom reports whether any of the groups lets a TCP connection from an
// address outside the VPC in at a port.
func AdmitsFrom(r store.Reader, scope arn.Scope, groupIDs []string, peer netip.Addr, port int) bool {
	return slices.ContainsFunc(groupIDs, func(id string) bool {
		g, ok := SecurityGroups.Get(r, scope.Key(id))
		return ok && slices.ContainsFunc(g.Spec.Rules, func(rule GroupRule) bool {
			return rule.admitsTCP(peer, int64(port))
		})
	})
}

func (r GroupRule) admitsTCP(peer netip.Addr, port int64) bool {
	block, err := netip.ParsePrefix(r.CIDR)
	if r.Egress || err != nil || !block.Contains(peer) {
		return false
	}
	switch r.Protocol {
	case "-1":
		return true
	case "tcp":
		return r.FromPort == -1 || r.FromPort <= port && port <= r.ToPort
	}
	return false
}
