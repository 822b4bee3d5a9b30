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
	vpc, err := c.vpcOrDefault(in.VpcId)
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

// vpcOrDefault finds the VPC that a call names, or the default one.
func (v view) vpcOrDefault(id *string) (VPC, error) {
	if id != nil {
		return v.getVPC(id)
	}
	vpc, ok := v.defaultVPC()
	if !ok {
		return vpc, api.Invalid("VPCIdNotSpecified", "No default VPC for this user")
	}
	return vpc, nil
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
		return v.groupByName(*name)
	}
	g, ok := SecurityGroups.Get(v.r, v.key(api.Val(id)))
	if !ok {
		return g, api.Invalid("InvalidGroup.NotFound", "The security group '%s' does not exist", api.Val(id))
	}
	return g, nil
}

// groupByName finds a group of the default VPC: elsewhere names are not enough.
func (v view) groupByName(name string) (SecurityGroup, error) {
	vpc, err := v.vpcOrDefault(nil)
	if err != nil {
		return SecurityGroup{}, invalidValue("Group names work in a default VPC only: give the id of the group '%s'", name)
	}
	for _, g := range SecurityGroups.Prefix(v.r, v.scope.Prefix()) {
		if g.Spec.VPCID == vpc.ID() && g.Spec.Name == name {
			return g, nil
		}
	}
	return SecurityGroup{}, api.Invalid("InvalidGroup.NotFound", "The security group '%s' does not exist in default VPC '%s'", name, vpc.ID())
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
