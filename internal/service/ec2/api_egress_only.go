package ec2

import (
	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/awsid"
)

func createEgressOnlyInternetGateway(c change, in *ec2api.CreateEgressOnlyInternetGatewayRequest) (*ec2api.CreateEgressOnlyInternetGatewayResult, error) {
	vpc, err := c.getVPC(in.VpcId)
	if err != nil {
		return nil, err
	}
	g := EgressOnlyGateway{Key: c.key(awsid.New("eigw")), Spec: EgressOnlyGatewaySpec{VPCID: vpc.ID()}}
	EgressOnlyGateways.Put(c.tx, g)
	if err := c.tagNew("egress-only-internet-gateway", g.ID(), in.TagSpecifications); err != nil {
		return nil, err
	}
	return &ec2api.CreateEgressOnlyInternetGatewayResult{EgressOnlyInternetGateway: api.Ptr(c.egressOnlyGateway(g)), ClientToken: in.ClientToken}, nil
}

func deleteEgressOnlyInternetGateway(c change, in *ec2api.DeleteEgressOnlyInternetGatewayRequest) (*ec2api.DeleteEgressOnlyInternetGatewayResult, error) {
	id := api.Val(in.EgressOnlyInternetGatewayId)
	if !EgressOnlyGateways.Delete(c.tx, c.key(id)) {
		return nil, noEgressOnlyGateway(id)
	}
	c.remove(id, true)
	return &ec2api.DeleteEgressOnlyInternetGatewayResult{ReturnCode: api.Ptr(true)}, nil
}

func noEgressOnlyGateway(id string) error {
	return notFound("InvalidGatewayID.NotFound", "eigw", id)
}

func (v view) egressOnlyGateway(o EgressOnlyGateway) ec2api.EgressOnlyInternetGateway {
	return ec2api.EgressOnlyInternetGateway{
		EgressOnlyInternetGatewayId: api.Ptr(o.ID()), Tags: v.tags(o.ID()),
		Attachments: []ec2api.InternetGatewayAttachment{{VpcId: &o.Spec.VPCID, State: api.Ptr(ec2api.AttachmentStatusAttached)}},
	}
}

var egressOnlyCatalog = catalog[ec2api.EgressOnlyInternetGateway]{
	id:      func(o *ec2api.EgressOnlyInternetGateway) string { return *o.EgressOnlyInternetGatewayId },
	tags:    func(o *ec2api.EgressOnlyInternetGateway) []ec2api.Tag { return o.Tags },
	missing: noEgressOnlyGateway,
	filters: map[string]func(*ec2api.EgressOnlyInternetGateway) []string{
		"egress-only-internet-gateway-id": one(func(o *ec2api.EgressOnlyInternetGateway) *string { return o.EgressOnlyInternetGatewayId }),
		"attachment.vpc-id": each(func(o *ec2api.EgressOnlyInternetGateway) []ec2api.InternetGatewayAttachment { return o.Attachments },
			func(a *ec2api.InternetGatewayAttachment) *string { return a.VpcId }),
	},
}

func describeEgressOnlyInternetGateways(v view, in *ec2api.DescribeEgressOnlyInternetGatewaysRequest) (*ec2api.DescribeEgressOnlyInternetGatewaysResult, error) {
	page, next, err := listed(v, EgressOnlyGateways, v.egressOnlyGateway, egressOnlyCatalog,
		query{in.EgressOnlyInternetGatewayIds, in.Filters, in.MaxResults, in.NextToken})
	return &ec2api.DescribeEgressOnlyInternetGatewaysResult{EgressOnlyInternetGateways: page, NextToken: next}, err
}
