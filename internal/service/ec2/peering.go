package ec2

import (
	"time"

	"apex/internal/arn"
	"apex/internal/store"
)

// A Peering joins two VPCs, whose accounts and regions may differ. It lies under
// the requester's scope.
type Peering struct {
	Key  string
	Spec PeeringSpec
}

// ID returns "pcx-…".
func (p Peering) ID() string { return idOf(p.Key) }

// PeeringSpec is what the two sides asked for.
type PeeringSpec struct {
	Requester, Accepter PeeringSide
	State               string
	Message             string
	CreatedAt           time.Time
}

// A PeeringSide is one of the two VPCs.
type PeeringSide struct {
	Account, Region string
	VPCID           string
	Blocks          []string
	RemoteDNS       bool // kept: names of the other side are not resolved
}

func (s PeeringSide) scope() arn.Scope { return arn.Scope{Account: s.Account, Region: s.Region} }

// has reports whether a VPC is one of the two sides.
func (p Peering) has(vpcID string) bool {
	return p.Spec.Requester.VPCID == vpcID || p.Spec.Accepter.VPCID == vpcID
}

// other is the side that a VPC is joined to.
func (p Peering) other(vpcID string) PeeringSide {
	if p.Spec.Requester.VPCID == vpcID {
		return p.Spec.Accepter
	}
	return p.Spec.Requester
}

// findPeering finds a peering that a scope has a side of.
func findPeering(r store.Reader, scope arn.Scope, id string) (Peering, bool) {
	if p, ok := Peerings.Get(r, scope.Key(id)); ok {
		return p, true
	}
	for _, p := range Peerings.All(r) {
		if p.ID() == id && p.Spec.Accepter.scope() == scope {
			return p, true
		}
	}
	return Peering{}, false
}
