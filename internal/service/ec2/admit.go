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
			return rule.admitsTCP(port) && slices.ContainsFunc(rule.peers(r, scope), func(block netip.Prefix) bool { return block.Contains(peer) })
		})
	})
}

func (r GroupRule) admitsTCP(port int) bool {
	switch {
	case r.Egress:
		return false
	case r.Protocol == "-1":
		return true
	}
	return r.Protocol == "tcp" && (r.FromPort == -1 || r.FromPort <= int64(port) && int64(port) <= r.ToPort)
}

// peers are the IPv4 blocks that a rule names.
func (r GroupRule) peers(s store.Reader, scope arn.Scope) []netip.Prefix {
	if r.PrefixListID != "" {
		return blocksOf(s, scope, r.PrefixListID)
	}
	if block, err := netip.ParsePrefix(r.CIDR); err == nil {
		return []netip.Prefix{block}
	}
	return nil
}
