package ec2

import (
	"maps"
	"slices"
	"strconv"

	"apex/internal/api"
	"apex/internal/api/ec2api"
)

func ingressOf(o *ec2api.SecurityGroup) []ec2api.IpPermission { return o.IpPermissions }

func egressOf(o *ec2api.SecurityGroup) []ec2api.IpPermission { return o.IpPermissionsEgress }

// peers makes a filter look at a member of all peers of a group's permissions.
func peers[E any](permissions func(*ec2api.SecurityGroup) []ec2api.IpPermission, list func(*ec2api.IpPermission) []E, look func(*E) *string) func(*ec2api.SecurityGroup) []string {
	return func(o *ec2api.SecurityGroup) []string {
		var values []string
		for _, p := range permissions(o) {
			values = append(values, each(list, look)(&p)...)
		}
		return values
	}
}

func pairsOf(p *ec2api.IpPermission) []ec2api.UserIdGroupPair { return p.UserIdGroupPairs }

var groupCatalog = catalog[ec2api.SecurityGroup]{
	id:   func(o *ec2api.SecurityGroup) string { return *o.GroupId },
	tags: func(o *ec2api.SecurityGroup) []ec2api.Tag { return o.Tags },
	missing: func(id string) error {
		return api.Invalid("InvalidGroup.NotFound", "The security group '%s' does not exist", id)
	},
	filters: map[string]func(*ec2api.SecurityGroup) []string{
		"group-id":    one(func(o *ec2api.SecurityGroup) *string { return o.GroupId }),
		"group-name":  one(func(o *ec2api.SecurityGroup) *string { return o.GroupName }),
		"description": one(func(o *ec2api.SecurityGroup) *string { return o.Description }),
		"owner-id":    one(func(o *ec2api.SecurityGroup) *string { return o.OwnerId }),
		"vpc-id":      one(func(o *ec2api.SecurityGroup) *string { return o.VpcId }),
	},
}

// groupFilters are the catalog's, and those that look at permissions.
func groupFilters() catalog[ec2api.SecurityGroup] {
	c := groupCatalog
	c.filters = maps.Clone(c.filters)
	for prefix, of := range map[string]func(*ec2api.SecurityGroup) []ec2api.IpPermission{"ip-permission.": ingressOf, "egress.ip-permission.": egressOf} {
		c.filters[prefix+"cidr"] = peers(of, func(p *ec2api.IpPermission) []ec2api.IpRange { return p.IpRanges },
			func(r *ec2api.IpRange) *string { return r.CidrIp })
		c.filters[prefix+"ipv6-cidr"] = peers(of, func(p *ec2api.IpPermission) []ec2api.Ipv6Range { return p.Ipv6Ranges },
			func(r *ec2api.Ipv6Range) *string { return r.CidrIpv6 })
		c.filters[prefix+"prefix-list-id"] = peers(of, func(p *ec2api.IpPermission) []ec2api.PrefixListId { return p.PrefixListIds },
			func(l *ec2api.PrefixListId) *string { return l.PrefixListId })
		c.filters[prefix+"group-id"] = peers(of, pairsOf, func(p *ec2api.UserIdGroupPair) *string { return p.GroupId })
		c.filters[prefix+"user-id"] = peers(of, pairsOf, func(p *ec2api.UserIdGroupPair) *string { return p.UserId })
		c.filters[prefix+"protocol"] = each(of, func(p *ec2api.IpPermission) *string { return p.IpProtocol })
		c.filters[prefix+"from-port"] = each(of, func(p *ec2api.IpPermission) *string { return digits(p.FromPort) })
		c.filters[prefix+"to-port"] = each(of, func(p *ec2api.IpPermission) *string { return digits(p.ToPort) })
	}
	return c
}

func digits(n *int64) *string {
	if n == nil {
		return nil
	}
	return api.Ptr(strconv.FormatInt(*n, 10))
}

func describeSecurityGroups(v view, in *ec2api.DescribeSecurityGroupsRequest) (*ec2api.DescribeSecurityGroupsResult, error) {
	filters := in.Filters
	if len(in.GroupNames) > 0 {
		filters = append(filters, ec2api.Filter{Name: api.Ptr("group-name"), Values: in.GroupNames})
	}
	page, next, err := listed(v, SecurityGroups, v.group, groupFilters(), query{in.GroupIds, filters, in.MaxResults, in.NextToken})
	return &ec2api.DescribeSecurityGroupsResult{SecurityGroups: page, NextToken: next}, err
}

// getSecurityGroupsForVpc lists the groups that interfaces of a VPC can have.
func getSecurityGroupsForVpc(v view, in *ec2api.GetSecurityGroupsForVpcRequest) (*ec2api.GetSecurityGroupsForVpcResult, error) {
	vpc, err := v.getVPC(in.VpcId)
	if err != nil {
		return nil, err
	}
	filters := append(slices.Clone(in.Filters), ec2api.Filter{Name: api.Ptr("vpc-id"), Values: []string{vpc.ID()}})
	for i, f := range filters {
		if api.Val(f.Name) == "primary-vpc-id" {
			filters[i].Name = api.Ptr("vpc-id")
		}
	}
	page, next, err := listed(v, SecurityGroups, v.group, groupFilters(), query{filters: filters, max: in.MaxResults, token: in.NextToken})
	out := &ec2api.GetSecurityGroupsForVpcResult{NextToken: next}
	for _, g := range page {
		out.SecurityGroupForVpcs = append(out.SecurityGroupForVpcs, ec2api.SecurityGroupForVpc{
			GroupId: g.GroupId, GroupName: g.GroupName, Description: g.Description, OwnerId: g.OwnerId, Tags: g.Tags, PrimaryVpcId: g.VpcId,
		})
	}
	return out, err
}

// describeSecurityGroupReferences lists who of another VPC names groups of the
// caller's: nobody, since a rule's group is of the rule's own VPC.
func describeSecurityGroupReferences(v view, in *ec2api.DescribeSecurityGroupReferencesRequest) (*ec2api.DescribeSecurityGroupReferencesResult, error) {
	for _, id := range in.GroupId {
		if _, err := v.getGroup(&id, nil); err != nil {
			return nil, err
		}
	}
	return &ec2api.DescribeSecurityGroupReferencesResult{}, nil
}

// describeStaleSecurityGroups lists groups whose rules name a group of a VPC that
// is no longer a peer: there are none.
func describeStaleSecurityGroups(v view, in *ec2api.DescribeStaleSecurityGroupsRequest) (*ec2api.DescribeStaleSecurityGroupsResult, error) {
	_, err := v.getVPC(in.VpcId)
	return &ec2api.DescribeStaleSecurityGroupsResult{}, err
}
