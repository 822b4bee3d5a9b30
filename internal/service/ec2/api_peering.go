package ec2

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/arn"
	"apex/internal/awsid"
	"apex/internal/cidr"
)

// peeringWaits is how long a request for a peering stands.
const peeringWaits = 7 * 24 * time.Hour

func createVpcPeeringConnection(c change, in *ec2api.CreateVpcPeeringConnectionRequest) (*ec2api.CreateVpcPeeringConnectionResult, error) {
	vpc, err := c.getVPC(in.VpcId)
	if err != nil {
		return nil, err
	}
	if in.PeerVpcId == nil {
		return nil, api.Invalid("MissingParameter", "The request must contain the parameter peerVpcId")
	}
	peer := arn.Scope{Account: api.Or(in.PeerOwnerId, c.scope.Account), Region: api.Or(in.PeerRegion, c.scope.Region)}
	p := Peering{Key: c.key(awsid.New("pcx")), Spec: PeeringSpec{
		Requester: side(c.scope, vpc), Accepter: PeeringSide{Account: peer.Account, Region: peer.Region, VPCID: *in.PeerVpcId},
		State: ec2api.VpcPeeringConnectionStateReasonCodePendingAcceptance, Message: "Pending Acceptance by " + peer.Account, CreatedAt: c.now(),
	}}
	for _, other := range Peerings.Prefix(c.r, c.scope.Prefix()) {
		if other.has(vpc.ID()) && other.has(*in.PeerVpcId) && !other.over() {
			return nil, api.Invalid("VpcPeeringConnectionAlreadyExists", "A VPC peering connection already exists between %s and %s: %s", vpc.ID(), *in.PeerVpcId, other.ID())
		}
	}
	if accepter, ok := VPCs.Get(c.r, peer.Key(*in.PeerVpcId)); !ok || accepter.Key == vpc.Key {
		p.fail(fmt.Sprintf("VPC peering connection %s failed: incorrect VPC-ID, account or region: %s", p.ID(), *in.PeerVpcId))
	} else if p.Spec.Accepter = side(peer, accepter); overlap(vpc, accepter) {
		p.fail(fmt.Sprintf("VPC peering connection %s failed: the VPCs have overlapping CIDR blocks", p.ID()))
	}
	Peerings.Put(c.tx, p)
	if err := c.tagNew("vpc-peering-connection", p.ID(), in.TagSpecifications); err != nil {
		return nil, err
	}
	return &ec2api.CreateVpcPeeringConnectionResult{VpcPeeringConnection: api.Ptr(c.peering(p))}, nil
}

func side(scope arn.Scope, vpc VPC) PeeringSide {
	s := PeeringSide{Account: scope.Account, Region: scope.Region, VPCID: vpc.ID()}
	for _, b := range vpc.Spec.Blocks {
		s.Blocks = append(s.Blocks, b.CIDR.String())
	}
	return s
}

func (p *Peering) fail(why string) {
	p.Spec.State, p.Spec.Message = ec2api.VpcPeeringConnectionStateReasonCodeFailed, why
}

// over reports whether nothing can come of a peering any more.
func (p Peering) over() bool {
	return p.Spec.State == ec2api.VpcPeeringConnectionStateReasonCodeFailed || p.Spec.State == ec2api.VpcPeeringConnectionStateReasonCodeRejected
}

func overlap(a, b VPC) bool {
	var taken []netip.Prefix
	for _, block := range a.Spec.Blocks {
		taken = append(taken, block.CIDR)
	}
	return slices.ContainsFunc(b.Spec.Blocks, func(o Block) bool {
		_, bad := cidr.Overlapping(o.CIDR, taken)
		return bad
	})
}

func (v view) getPeering(id *string) (Peering, error) {
	p, ok := findPeering(v.r, v.scope, api.Val(id))
	if !ok {
		return p, noPeering(api.Val(id))
	}
	return p, nil
}

func noPeering(id string) error {
	return notFound("InvalidVpcPeeringConnectionID.NotFound", "vpcPeeringConnection", id)
}

func acceptVpcPeeringConnection(c change, in *ec2api.AcceptVpcPeeringConnectionRequest) (*ec2api.AcceptVpcPeeringConnectionResult, error) {
	p, err := c.answer(in.VpcPeeringConnectionId, ec2api.VpcPeeringConnectionStateReasonCodeActive, "Active")
	if err != nil {
		return nil, err
	}
	return &ec2api.AcceptVpcPeeringConnectionResult{VpcPeeringConnection: api.Ptr(c.peering(p))}, nil
}

func rejectVpcPeeringConnection(c change, in *ec2api.RejectVpcPeeringConnectionRequest) (*ec2api.RejectVpcPeeringConnectionResult, error) {
	if _, err := c.answer(in.VpcPeeringConnectionId, ec2api.VpcPeeringConnectionStateReasonCodeRejected, "Rejected by "+c.scope.Account); err != nil {
		return nil, err
	}
	return &ec2api.RejectVpcPeeringConnectionResult{Return: api.Ptr(true)}, nil
}

// answer is the accepter's word about a request.
func (c change) answer(id *string, state, message string) (Peering, error) {
	p, err := c.getPeering(id)
	if err != nil {
		return p, err
	}
	if p.Spec.Accepter.scope() != c.scope {
		return p, api.Invalid("OperationNotPermitted", "User %s cannot accept peering %s", c.scope.Account, p.ID())
	}
	if p.Spec.State != ec2api.VpcPeeringConnectionStateReasonCodePendingAcceptance {
		return p, api.Invalid("InvalidStateTransition", "Invalid state transition for %s, attempted to transition from %s to %s", p.ID(), p.Spec.State, state)
	}
	p.Spec.State, p.Spec.Message = state, message
	Peerings.Put(c.tx, p)
	return p, nil
}

func deleteVpcPeeringConnection(c change, in *ec2api.DeleteVpcPeeringConnectionRequest) (*ec2api.DeleteVpcPeeringConnectionResult, error) {
	p, err := c.getPeering(in.VpcPeeringConnectionId)
	if err != nil {
		return nil, err
	}
	c.unpeer(p)
	return &ec2api.DeleteVpcPeeringConnectionResult{Return: api.Ptr(true)}, nil
}

// unpeer removes a peering with both sides' tags.
func (c change) unpeer(p Peering) {
	for _, s := range []PeeringSide{p.Spec.Requester, p.Spec.Accepter} {
		TagSets.Delete(c.tx, s.scope().Key(p.ID()))
	}
	Peerings.Delete(c.tx, p.Key)
}

func modifyVpcPeeringConnectionOptions(c change, in *ec2api.ModifyVpcPeeringConnectionOptionsRequest) (*ec2api.ModifyVpcPeeringConnectionOptionsResult, error) {
	p, err := c.getPeering(in.VpcPeeringConnectionId)
	if err != nil {
		return nil, err
	}
	if p.Spec.State != ec2api.VpcPeeringConnectionStateReasonCodeActive {
		return nil, api.Invalid("OperationNotPermitted", "Peering connection %s is not active", p.ID())
	}
	out := &ec2api.ModifyVpcPeeringConnectionOptionsResult{}
	if o := in.RequesterPeeringConnectionOptions; o != nil {
		p.Spec.Requester.RemoteDNS = api.Or(o.AllowDnsResolutionFromRemoteVpc, p.Spec.Requester.RemoteDNS)
		out.RequesterPeeringConnectionOptions = &ec2api.PeeringConnectionOptions{AllowDnsResolutionFromRemoteVpc: &p.Spec.Requester.RemoteDNS}
	}
	if o := in.AccepterPeeringConnectionOptions; o != nil {
		p.Spec.Accepter.RemoteDNS = api.Or(o.AllowDnsResolutionFromRemoteVpc, p.Spec.Accepter.RemoteDNS)
		out.AccepterPeeringConnectionOptions = &ec2api.PeeringConnectionOptions{AllowDnsResolutionFromRemoteVpc: &p.Spec.Accepter.RemoteDNS}
	}
	Peerings.Put(c.tx, p)
	return out, nil
}

func (v view) peering(p Peering) ec2api.VpcPeeringConnection {
	out := ec2api.VpcPeeringConnection{
		VpcPeeringConnectionId: api.Ptr(p.ID()), Tags: v.tags(p.ID()),
		Status:           &ec2api.VpcPeeringConnectionStateReason{Code: &p.Spec.State, Message: &p.Spec.Message},
		RequesterVpcInfo: p.show(p.Spec.Requester), AccepterVpcInfo: p.show(p.Spec.Accepter),
	}
	if p.Spec.State == ec2api.VpcPeeringConnectionStateReasonCodePendingAcceptance {
		out.ExpirationTime = api.Ptr(p.Spec.CreatedAt.Add(peeringWaits))
	}
	return out
}

func (p Peering) show(s PeeringSide) *ec2api.VpcPeeringConnectionVpcInfo {
	out := &ec2api.VpcPeeringConnectionVpcInfo{OwnerId: &s.Account, Region: &s.Region, VpcId: &s.VPCID}
	for i, block := range s.Blocks {
		if i == 0 {
			out.CidrBlock = &block
		}
		out.CidrBlockSet = append(out.CidrBlockSet, ec2api.CidrBlock{CidrBlock: &block})
	}
	if p.Spec.State == ec2api.VpcPeeringConnectionStateReasonCodeActive {
		out.PeeringOptions = &ec2api.VpcPeeringConnectionOptionsDescription{
			AllowDnsResolutionFromRemoteVpc:            &s.RemoteDNS,
			AllowEgressFromLocalClassicLinkToRemoteVpc: api.Ptr(false), AllowEgressFromLocalVpcToRemoteClassicLink: api.Ptr(false),
		}
	}
	return out
}

var peeringCatalog = catalog[ec2api.VpcPeeringConnection]{
	id:      func(o *ec2api.VpcPeeringConnection) string { return *o.VpcPeeringConnectionId },
	tags:    func(o *ec2api.VpcPeeringConnection) []ec2api.Tag { return o.Tags },
	missing: noPeering,
	filters: map[string]func(*ec2api.VpcPeeringConnection) []string{
		"vpc-peering-connection-id":     one(func(o *ec2api.VpcPeeringConnection) *string { return o.VpcPeeringConnectionId }),
		"status-code":                   one(func(o *ec2api.VpcPeeringConnection) *string { return o.Status.Code }),
		"status-message":                one(func(o *ec2api.VpcPeeringConnection) *string { return o.Status.Message }),
		"requester-vpc-info.vpc-id":     one(func(o *ec2api.VpcPeeringConnection) *string { return o.RequesterVpcInfo.VpcId }),
		"requester-vpc-info.owner-id":   one(func(o *ec2api.VpcPeeringConnection) *string { return o.RequesterVpcInfo.OwnerId }),
		"requester-vpc-info.cidr-block": one(func(o *ec2api.VpcPeeringConnection) *string { return o.RequesterVpcInfo.CidrBlock }),
		"accepter-vpc-info.vpc-id":      one(func(o *ec2api.VpcPeeringConnection) *string { return o.AccepterVpcInfo.VpcId }),
		"accepter-vpc-info.owner-id":    one(func(o *ec2api.VpcPeeringConnection) *string { return o.AccepterVpcInfo.OwnerId }),
		"accepter-vpc-info.cidr-block":  one(func(o *ec2api.VpcPeeringConnection) *string { return o.AccepterVpcInfo.CidrBlock }),
	},
}

func describeVpcPeeringConnections(v view, in *ec2api.DescribeVpcPeeringConnectionsRequest) (*ec2api.DescribeVpcPeeringConnectionsResult, error) {
	var all []ec2api.VpcPeeringConnection
	for _, p := range Peerings.All(v.r) {
		if p.Spec.Requester.scope() == v.scope || p.Spec.Accepter.scope() == v.scope {
			all = append(all, v.peering(p))
		}
	}
	slices.SortFunc(all, func(a, b ec2api.VpcPeeringConnection) int {
		return compareText(a.VpcPeeringConnectionId, b.VpcPeeringConnectionId)
	})
	page, next, err := peeringCatalog.list(all, query{in.VpcPeeringConnectionIds, in.Filters, in.MaxResults, in.NextToken})
	return &ec2api.DescribeVpcPeeringConnectionsResult{VpcPeeringConnections: page, NextToken: next}, err
}
