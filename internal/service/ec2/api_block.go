package ec2

import (
	"slices"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/awsid"
	"apex/internal/cidr"
)

func associateVpcCidrBlock(c change, in *ec2api.AssociateVpcCidrBlockRequest) (*ec2api.AssociateVpcCidrBlockResult, error) {
	vpc, err := c.getVPC(in.VpcId)
	if err != nil {
		return nil, err
	}
	if api.Val(in.AmazonProvidedIpv6CidrBlock) {
		return c.associateBlock6(vpc)
	}
	if in.CidrBlock == nil {
		return nil, unsupported("VPCs of this region have IPv4 blocks that the caller gives, and IPv6 blocks that the region gives")
	}
	p, err := vpcBlock(in.CidrBlock)
	if err != nil {
		return nil, err
	}
	for _, b := range vpc.Spec.Blocks {
		if b.CIDR.Overlaps(p) {
			return nil, api.Invalid("InvalidVpc.Range", "The CIDR '%s' conflicts with %s of the same VPC.", p, b.CIDR)
		}
	}
	if len(vpc.Spec.Blocks) >= maxBlocks {
		return nil, api.Invalid("CidrLimitExceeded", "This network '%s' has met its maximum number of allowed CIDRs: %d", vpc.ID(), maxBlocks)
	}
	block := Block{awsid.New("vpc-cidr-assoc"), p}
	VPCs.Modify(c.tx, vpc.Key, func(o *VPC) { o.Spec.Blocks = append(o.Spec.Blocks, block) })
	return &ec2api.AssociateVpcCidrBlockResult{VpcId: in.VpcId, CidrBlockAssociation: api.Ptr(block.show())}, nil
}

// maxBlocks is AWS's default quota of IPv4 blocks.
const maxBlocks = 5

func (c change) associateBlock6(vpc VPC) (*ec2api.AssociateVpcCidrBlockResult, error) {
	if len(vpc.Spec.Blocks6) > 0 {
		return nil, api.Invalid("CidrLimitExceeded", "This network '%s' has met its maximum number of allowed CIDRs: 1", vpc.ID())
	}
	block, err := c.newBlock6()
	if err != nil {
		return nil, err
	}
	VPCs.Modify(c.tx, vpc.Key, func(o *VPC) { o.Spec.Blocks6 = append(o.Spec.Blocks6, block) })
	return &ec2api.AssociateVpcCidrBlockResult{VpcId: api.Ptr(vpc.ID()), Ipv6CidrBlockAssociation: api.Ptr(c.showBlock6(block))}, nil
}

func (c change) disassociateBlock6(vpc VPC, at int) (*ec2api.DisassociateVpcCidrBlockResult, error) {
	block := vpc.Spec.Blocks6[at]
	for _, s := range Subnets.Prefix(c.r, c.scope.Prefix()) {
		if s.Spec.VPCID == vpc.ID() && s.Spec.Block6.CIDR.IsValid() && cidr.Contains(block.CIDR, s.Spec.Block6.CIDR) {
			return nil, inUse("vpc cidr block", block.AssociationID)
		}
	}
	VPCs.Modify(c.tx, vpc.Key, func(o *VPC) { o.Spec.Blocks6 = slices.Delete(o.Spec.Blocks6, at, at+1) })
	return &ec2api.DisassociateVpcCidrBlockResult{VpcId: api.Ptr(vpc.ID()), Ipv6CidrBlockAssociation: api.Ptr(c.showBlock6(block))}, nil
}

func disassociateVpcCidrBlock(c change, in *ec2api.DisassociateVpcCidrBlockRequest) (*ec2api.DisassociateVpcCidrBlockResult, error) {
	for key, vpc := range VPCs.Prefix(c.r, c.scope.Prefix()) {
		named := func(b Block) bool { return b.AssociationID == api.Val(in.AssociationId) }
		if at := slices.IndexFunc(vpc.Spec.Blocks6, named); at >= 0 {
			return c.disassociateBlock6(vpc, at)
		}
		i := slices.IndexFunc(vpc.Spec.Blocks, named)
		if i < 0 {
			continue
		}
		block := vpc.Spec.Blocks[i]
		if i == 0 {
			return nil, api.Invalid("OperationNotPermitted", "The vpc CIDR block with association ID %s may not be disassociated. It is the primary IPv4 CIDR block of the VPC", block.AssociationID)
		}
		for _, s := range Subnets.Prefix(c.r, c.scope.Prefix()) {
			if s.Spec.VPCID == vpc.ID() && cidr.Contains(block.CIDR, s.Spec.CIDR) {
				return nil, inUse("vpc cidr block", block.AssociationID)
			}
		}
		VPCs.Modify(c.tx, key, func(o *VPC) { o.Spec.Blocks = slices.Delete(o.Spec.Blocks, i, i+1) })
		return &ec2api.DisassociateVpcCidrBlockResult{VpcId: api.Ptr(vpc.ID()), CidrBlockAssociation: api.Ptr(block.show())}, nil
	}
	return nil, notFound("InvalidVpcCidrBlockAssociationID.NotFound", "vpc CIDR block association", api.Val(in.AssociationId))
}
