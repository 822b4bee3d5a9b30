package ec2

import (
	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/awsid"
)

func createInternetGateway(c change, in *ec2api.CreateInternetGatewayRequest) (*ec2api.CreateInternetGatewayResult, error) {
	g := InternetGateway{Key: c.key(awsid.New("igw"))}
	InternetGateways.Put(c.tx, g)
	if err := c.tagNew("internet-gateway", g.ID(), in.TagSpecifications); err != nil {
		return nil, err
	}
	return &ec2api.CreateInternetGatewayResult{InternetGateway: api.Ptr(c.internetGateway(g))}, nil
}

func deleteInternetGateway(c change, in *ec2api.DeleteInternetGatewayRequest) (*ec2api.DeleteInternetGatewayOutput, error) {
	g, err := c.getInternetGateway(in.InternetGatewayId)
	if err != nil {
		return nil, err
	}
	if g.Spec.VPCID != "" {
		return nil, inUse("internetGateway", g.ID())
	}
	c.remove(g.ID(), InternetGateways.Delete(c.tx, g.Key))
	return nil, nil
}

func attachInternetGateway(c change, in *ec2api.AttachInternetGatewayRequest) (*ec2api.AttachInternetGatewayOutput, error) {
	g, err := c.getInternetGateway(in.InternetGatewayId)
	if err != nil {
		return nil, err
	}
	vpc, err := c.getVPC(in.VpcId)
	if err != nil {
		return nil, err
	}
	if g.Spec.VPCID != "" {
		return nil, api.Invalid("Resource.AlreadyAssociated", "resource %s is already attached to network %s", g.ID(), g.Spec.VPCID)
	}
	if other, ok := c.gatewayOf(vpc.ID()); ok {
		return nil, invalidValue("Network %s already has an internet gateway attached: %s", vpc.ID(), other.ID())
	}
	InternetGateways.Modify(c.tx, g.Key, func(g *InternetGateway) { g.Spec.VPCID = vpc.ID() })
	return nil, nil
}

func detachInternetGateway(c change, in *ec2api.DetachInternetGatewayRequest) (*ec2api.DetachInternetGatewayOutput, error) {
	g, err := c.getInternetGateway(in.InternetGatewayId)
	if err != nil {
		return nil, err
	}
	if g.Spec.VPCID == "" || g.Spec.VPCID != api.Val(in.VpcId) {
		return nil, api.Invalid("Gateway.NotAttached", "resource %s is not attached to network %s", g.ID(), api.Val(in.VpcId))
	}
	for _, i := range NetworkInterfaces.Prefix(c.r, c.scope.Prefix()) {
		if i.Spec.VPCID == g.Spec.VPCID && c.publicIP(i).IsValid() {
			return nil, api.Invalid("DependencyViolation", "Network %s has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.", g.Spec.VPCID)
		}
	}
	InternetGateways.Modify(c.tx, g.Key, func(g *InternetGateway) { g.Spec.VPCID = "" })
	return nil, nil
}

func (v view) getInternetGateway(id *string) (InternetGateway, error) {
	g, ok := InternetGateways.Get(v.r, v.key(api.Val(id)))
	if !ok {
		return g, notFound("InvalidInternetGatewayID.NotFound", "internetGateway", api.Val(id))
	}
	return g, nil
}

// gatewayOf returns the internet gateway that is attached to a VPC.
func (v view) gatewayOf(vpcID string) (InternetGateway, bool) {
	for _, g := range InternetGateways.Prefix(v.r, v.scope.Prefix()) {
		if g.Spec.VPCID == vpcID {
			return g, true
		}
	}
	return InternetGateway{}, false
}

func (v view) internetGateway(o InternetGateway) ec2api.InternetGateway {
	id := o.ID()
	out := ec2api.InternetGateway{InternetGatewayId: &id, OwnerId: &v.scope.Account, Tags: v.tags(id)}
	if o.Spec.VPCID != "" {
		out.Attachments = []ec2api.InternetGatewayAttachment{{VpcId: &o.Spec.VPCID, State: api.Ptr("available")}}
	}
	return out
}

func attachmentsOf(o *ec2api.InternetGateway) []ec2api.InternetGatewayAttachment {
	return o.Attachments
}

var internetGatewayCatalog = catalog[ec2api.InternetGateway]{
	id:      func(o *ec2api.InternetGateway) string { return *o.InternetGatewayId },
	tags:    func(o *ec2api.InternetGateway) []ec2api.Tag { return o.Tags },
	missing: func(id string) error { return notFound("InvalidInternetGatewayID.NotFound", "internetGateway", id) },
	filters: map[string]func(*ec2api.InternetGateway) []string{
		"internet-gateway-id": one(func(o *ec2api.InternetGateway) *string { return o.InternetGatewayId }),
		"owner-id":            one(func(o *ec2api.InternetGateway) *string { return o.OwnerId }),
		"attachment.vpc-id":   each(attachmentsOf, func(a *ec2api.InternetGatewayAttachment) *string { return a.VpcId }),
		"attachment.state":    each(attachmentsOf, func(a *ec2api.InternetGatewayAttachment) *string { return a.State }),
	},
}

func describeInternetGateways(v view, in *ec2api.DescribeInternetGatewaysRequest) (*ec2api.DescribeInternetGatewaysResult, error) {
	page, next, err := listed(v, InternetGateways, v.internetGateway, internetGatewayCatalog, query{in.InternetGatewayIds, in.Filters, in.MaxResults, in.NextToken})
	return &ec2api.DescribeInternetGatewaysResult{InternetGateways: page, NextToken: next}, err
}
