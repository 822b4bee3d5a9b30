package ec2

import (
	"apex/internal/api"
	"apex/internal/api/ec2api"
)

// defaultACL returns the id of the network ACL that a VPC was made with.
func (v view) defaultACL(vpcID string) string {
	for _, a := range NetworkACLs.Prefix(v.r, v.scope.Prefix()) {
		if a.Spec.VPCID == vpcID && a.Spec.Default {
			return a.ID()
		}
	}
	return ""
}

func (v view) networkACL(o NetworkACL) ec2api.NetworkAcl {
	id := o.ID()
	out := ec2api.NetworkAcl{
		NetworkAclId: &id, VpcId: &o.Spec.VPCID, OwnerId: &v.scope.Account, IsDefault: &o.Spec.Default, Tags: v.tags(id),
	}
	for _, egress := range []bool{true, false} {
		out.Entries = append(out.Entries,
			aclEntry(100, ec2api.RuleActionAllow, egress), aclEntry(32767, ec2api.RuleActionDeny, egress))
	}
	for _, s := range Subnets.Prefix(v.r, v.scope.Prefix()) {
		if s.Spec.ACLID == id {
			out.Associations = append(out.Associations, ec2api.NetworkAclAssociation{
				NetworkAclId: &id, NetworkAclAssociationId: &s.Spec.ACLAssociationID, SubnetId: api.Ptr(s.ID()),
			})
		}
	}
	return out
}

func aclEntry(number int64, action string, egress bool) ec2api.NetworkAclEntry {
	return ec2api.NetworkAclEntry{
		RuleNumber: &number, RuleAction: &action, Egress: &egress, Protocol: api.Ptr("-1"), CidrBlock: api.Ptr("0.0.0.0/0"),
	}
}

func aclAssociationsOf(o *ec2api.NetworkAcl) []ec2api.NetworkAclAssociation { return o.Associations }

var networkACLCatalog = catalog[ec2api.NetworkAcl]{
	id:      func(o *ec2api.NetworkAcl) string { return *o.NetworkAclId },
	tags:    func(o *ec2api.NetworkAcl) []ec2api.Tag { return o.Tags },
	missing: func(id string) error { return notFound("InvalidNetworkAclID.NotFound", "networkAcl", id) },
	filters: map[string]func(*ec2api.NetworkAcl) []string{
		"network-acl-id":             one(func(o *ec2api.NetworkAcl) *string { return o.NetworkAclId }),
		"vpc-id":                     one(func(o *ec2api.NetworkAcl) *string { return o.VpcId }),
		"owner-id":                   one(func(o *ec2api.NetworkAcl) *string { return o.OwnerId }),
		"default":                    flag(func(o *ec2api.NetworkAcl) *bool { return o.IsDefault }),
		"association.subnet-id":      each(aclAssociationsOf, func(a *ec2api.NetworkAclAssociation) *string { return a.SubnetId }),
		"association.association-id": each(aclAssociationsOf, func(a *ec2api.NetworkAclAssociation) *string { return a.NetworkAclAssociationId }),
	},
}

func describeNetworkAcls(v view, in *ec2api.DescribeNetworkAclsRequest) (*ec2api.DescribeNetworkAclsResult, error) {
	var all []ec2api.NetworkAcl
	for _, o := range NetworkACLs.Prefix(v.r, v.scope.Prefix()) {
		all = append(all, v.networkACL(o))
	}
	page, next, err := networkACLCatalog.list(all, query{in.NetworkAclIds, in.Filters, in.MaxResults, in.NextToken})
	return &ec2api.DescribeNetworkAclsResult{NetworkAcls: page, NextToken: next}, err
}

// describeDhcpOptions shows the one set that every VPC has.
func describeDhcpOptions(v view, in *ec2api.DescribeDhcpOptionsRequest) (*ec2api.DescribeDhcpOptionsResult, error) {
	option := func(key, value string) ec2api.DhcpConfiguration {
		return ec2api.DhcpConfiguration{Key: &key, Values: []ec2api.AttributeValue{{Value: &value}}}
	}
	all := []ec2api.DhcpOptions{{
		DhcpOptionsId: api.Ptr(dhcpOptions), OwnerId: &v.scope.Account,
		DhcpConfigurations: []ec2api.DhcpConfiguration{
			option("domain-name", internalDomain(v.scope.Region)), option("domain-name-servers", "AmazonProvidedDNS"),
		},
	}}
	page, next, err := dhcpCatalog.list(all, query{in.DhcpOptionsIds, in.Filters, in.MaxResults, in.NextToken})
	return &ec2api.DescribeDhcpOptionsResult{DhcpOptions: page, NextToken: next}, err
}

var dhcpCatalog = catalog[ec2api.DhcpOptions]{
	id:      func(o *ec2api.DhcpOptions) string { return *o.DhcpOptionsId },
	tags:    func(o *ec2api.DhcpOptions) []ec2api.Tag { return o.Tags },
	missing: func(id string) error { return notFound("InvalidDhcpOptionID.NotFound", "dhcpOption", id) },
	filters: map[string]func(*ec2api.DhcpOptions) []string{
		"dhcp-options-id": one(func(o *ec2api.DhcpOptions) *string { return o.DhcpOptionsId }),
		"owner-id":        one(func(o *ec2api.DhcpOptions) *string { return o.OwnerId }),
	},
}
