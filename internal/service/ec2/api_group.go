package ec2

import (
	"regexp"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/awsid"
)

// groupText is what AWS allows in a group's name and description.
var groupText = regexp.MustCompile(`^[a-zA-Z0-9. _:/()#,@\[\]+=&;{}!$*-]{1,255}$`)

func createSecurityGroup(c change, in *ec2api.CreateSecurityGroupRequest) (*ec2api.CreateSecurityGroupResult, error) {
	name, description := api.Val(in.GroupName), api.Val(in.Description)
	if in.VpcId == nil {
		return nil, api.Invalid("VPCIdNotSpecified", "No default VPC for this user")
	}
	vpc, err := c.getVPC(in.VpcId)
	if err != nil {
		return nil, err
	}
	switch {
	case !groupText.MatchString(name) || strings.HasPrefix(name, "sg-"):
		return nil, invalidValue("Value (%s) for parameter GroupName is invalid. Character sets beyond ASCII are not supported.", name)
	case !groupText.MatchString(description):
		return nil, invalidValue("Value (%s) for parameter GroupDescription is invalid. Character sets beyond ASCII are not supported.", description)
	case name == "default":
		return nil, invalidValue("Cannot use reserved security group name: default")
	}
	for _, g := range SecurityGroups.Prefix(c.r, c.scope.Prefix()) {
		if g.Spec.VPCID == vpc.ID() && g.Spec.Name == name {
			return nil, api.Invalid("InvalidGroup.Duplicate", "The security group '%s' already exists for VPC '%s'", name, vpc.ID())
		}
	}
	g := SecurityGroup{Key: c.key(awsid.New("sg")), Spec: SecurityGroupSpec{
		VPCID: vpc.ID(), Name: name, Description: description, Rules: []GroupRule{allTraffic()},
	}}
	SecurityGroups.Put(c.tx, g)
	if err := c.tagNew("security-group", g.ID(), in.TagSpecifications); err != nil {
		return nil, err
	}
	return &ec2api.CreateSecurityGroupResult{GroupId: api.Ptr(g.ID()), SecurityGroupArn: c.groupARN(g.ID()), Tags: c.tags(g.ID())}, nil
}

// allTraffic is the egress rule that a new group has.
func allTraffic() GroupRule {
	return GroupRule{ID: awsid.New("sgr"), Egress: true, Protocol: "-1", FromPort: -1, ToPort: -1, CIDR: "0.0.0.0/0"}
}

func deleteSecurityGroup(c change, in *ec2api.DeleteSecurityGroupRequest) (*ec2api.DeleteSecurityGroupOutput, error) {
	g, err := c.getGroup(in.GroupId, in.GroupName)
	if err != nil {
		return nil, err
	}
	if g.Spec.Name == "default" {
		return nil, api.Invalid("CannotDelete", "the specified group: %q name: \"default\" cannot be deleted by a user", g.ID())
	}
	if c.groupUsed(g.ID()) {
		return nil, api.Invalid("DependencyViolation", "resource %s has a dependent object", g.ID())
	}
	for _, r := range g.Spec.Rules {
		c.remove(r.ID, true)
	}
	c.remove(g.ID(), SecurityGroups.Delete(c.tx, g.Key))
	return nil, nil
}

// groupUsed reports whether an interface or another group's rule names the group.
func (v view) groupUsed(id string) bool {
	for _, i := range NetworkInterfaces.Prefix(v.r, v.scope.Prefix()) {
		if slices.Contains(i.Spec.GroupIDs, id) {
			return true
		}
	}
	for _, g := range SecurityGroups.Prefix(v.r, v.scope.Prefix()) {
		if g.ID() != id && slices.ContainsFunc(g.Spec.Rules, func(r GroupRule) bool { return r.GroupID == id }) {
			return true
		}
	}
	return false
}

func (v view) getGroup(id, name *string) (SecurityGroup, error) {
	if id == nil && name != nil {
		return SecurityGroup{}, invalidValue("Group names work in a default VPC only: give the id of the group '%s'", *name)
	}
	g, ok := SecurityGroups.Get(v.r, v.key(api.Val(id)))
	if !ok {
		return g, api.Invalid("InvalidGroup.NotFound", "The security group '%s' does not exist", api.Val(id))
	}
	return g, nil
}

func (v view) groupARN(id string) *string {
	return api.Ptr(v.scope.ARN("ec2", "security-group/"+id))
}

func (v view) group(o SecurityGroup) ec2api.SecurityGroup {
	id := o.ID()
	return ec2api.SecurityGroup{
		GroupId: &id, GroupName: &o.Spec.Name, Description: &o.Spec.Description, VpcId: &o.Spec.VPCID,
		OwnerId: &v.scope.Account, SecurityGroupArn: v.groupARN(id), Tags: v.tags(id),
		IpPermissions: v.permissions(o.Spec.Rules, false), IpPermissionsEgress: v.permissions(o.Spec.Rules, true),
	}
}

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

func rangesOf(p *ec2api.IpPermission) []ec2api.IpRange        { return p.IpRanges }
func pairsOf(p *ec2api.IpPermission) []ec2api.UserIdGroupPair { return p.UserIdGroupPairs }
func cidrOf(r *ec2api.IpRange) *string                        { return r.CidrIp }
func peerGroupOf(p *ec2api.UserIdGroupPair) *string           { return p.GroupId }
func protocolOf(p *ec2api.IpPermission) *string               { return p.IpProtocol }

var groupCatalog = catalog[ec2api.SecurityGroup]{
	id:   func(o *ec2api.SecurityGroup) string { return *o.GroupId },
	tags: func(o *ec2api.SecurityGroup) []ec2api.Tag { return o.Tags },
	missing: func(id string) error {
		return api.Invalid("InvalidGroup.NotFound", "The security group '%s' does not exist", id)
	},
	filters: map[string]func(*ec2api.SecurityGroup) []string{
		"group-id":                      one(func(o *ec2api.SecurityGroup) *string { return o.GroupId }),
		"group-name":                    one(func(o *ec2api.SecurityGroup) *string { return o.GroupName }),
		"description":                   one(func(o *ec2api.SecurityGroup) *string { return o.Description }),
		"owner-id":                      one(func(o *ec2api.SecurityGroup) *string { return o.OwnerId }),
		"vpc-id":                        one(func(o *ec2api.SecurityGroup) *string { return o.VpcId }),
		"ip-permission.cidr":            peers(ingressOf, rangesOf, cidrOf),
		"ip-permission.group-id":        peers(ingressOf, pairsOf, peerGroupOf),
		"ip-permission.protocol":        each(ingressOf, protocolOf),
		"egress.ip-permission.cidr":     peers(egressOf, rangesOf, cidrOf),
		"egress.ip-permission.group-id": peers(egressOf, pairsOf, peerGroupOf),
		"egress.ip-permission.protocol": each(egressOf, protocolOf),
	},
}

func describeSecurityGroups(v view, in *ec2api.DescribeSecurityGroupsRequest) (*ec2api.DescribeSecurityGroupsResult, error) {
	filters := in.Filters
	if len(in.GroupNames) > 0 {
		filters = append(filters, ec2api.Filter{Name: api.Ptr("group-name"), Values: in.GroupNames})
	}
	var all []ec2api.SecurityGroup
	for _, o := range SecurityGroups.Prefix(v.r, v.scope.Prefix()) {
		all = append(all, v.group(o))
	}
	page, next, err := groupCatalog.list(all, query{in.GroupIds, filters, in.MaxResults, in.NextToken})
	return &ec2api.DescribeSecurityGroupsResult{SecurityGroups: page, NextToken: next}, err
}
