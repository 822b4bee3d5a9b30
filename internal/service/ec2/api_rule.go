package ec2

import (
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/awsid"
)

func authorizeSecurityGroupIngress(c change, in *ec2api.AuthorizeSecurityGroupIngressRequest) (*ec2api.AuthorizeSecurityGroupIngressResult, error) {
	permissions := in.IpPermissions
	if len(permissions) == 0 {
		permissions = flat(in.IpProtocol, in.FromPort, in.ToPort, in.CidrIp, in.SourceSecurityGroupName)
	}
	rules, err := c.authorize(in.GroupId, in.GroupName, false, permissions, in.TagSpecifications)
	return &ec2api.AuthorizeSecurityGroupIngressResult{Return: api.Ptr(true), SecurityGroupRules: rules}, err
}

func authorizeSecurityGroupEgress(c change, in *ec2api.AuthorizeSecurityGroupEgressRequest) (*ec2api.AuthorizeSecurityGroupEgressResult, error) {
	permissions := in.IpPermissions
	if len(permissions) == 0 {
		permissions = flat(in.IpProtocol, in.FromPort, in.ToPort, in.CidrIp, in.SourceSecurityGroupName)
	}
	rules, err := c.authorize(in.GroupId, nil, true, permissions, in.TagSpecifications)
	return &ec2api.AuthorizeSecurityGroupEgressResult{Return: api.Ptr(true), SecurityGroupRules: rules}, err
}

// flat is a permission whose parts stand in the call itself, an older form.
func flat(protocol *string, from, to *int64, block, group *string) []ec2api.IpPermission {
	p := ec2api.IpPermission{IpProtocol: protocol, FromPort: from, ToPort: to}
	if block != nil {
		p.IpRanges = []ec2api.IpRange{{CidrIp: block}}
	}
	if group != nil {
		p.UserIdGroupPairs = []ec2api.UserIdGroupPair{{GroupName: group}}
		p.IpProtocol = api.Ptr(api.Or(protocol, "-1"))
	}
	if block == nil && group == nil {
		return nil
	}
	return []ec2api.IpPermission{p}
}

// maxRules is AWS's default quota for each direction of a group.
const maxRules = 60

func (c change) authorize(id, name *string, egress bool, permissions []ec2api.IpPermission, tags []ec2api.TagSpecification) ([]ec2api.SecurityGroupRule, error) {
	g, err := c.getGroup(id, name)
	if err != nil {
		return nil, err
	}
	rules, err := c.rulesOf(g, egress, permissions)
	if err != nil {
		return nil, err
	}
	have := slices.Clone(g.Spec.Rules)
	var shown []ec2api.SecurityGroupRule
	for _, r := range rules {
		if slices.ContainsFunc(have, r.same) {
			return nil, api.Invalid("InvalidPermission.Duplicate", "the specified rule %q already exists", r.String())
		}
		r.ID = awsid.New("sgr")
		have = append(have, r)
		if err := c.tagNew("security-group-rule", r.ID, tags); err != nil {
			return nil, err
		}
		shown = append(shown, c.showRule(g.ID(), r))
	}
	if inDirection(have, egress) > maxRules {
		return nil, api.Invalid("RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached.")
	}
	c.putRules(g, have)
	return shown, nil
}

func inDirection(rules []GroupRule, egress bool) (n int) {
	for _, r := range rules {
		if r.Egress == egress {
			n++
		}
	}
	return n
}

func (c change) putRules(g SecurityGroup, rules []GroupRule) {
	SecurityGroups.Modify(c.tx, g.Key, func(g *SecurityGroup) { g.Spec.Rules = rules })
}

func revokeSecurityGroupIngress(c change, in *ec2api.RevokeSecurityGroupIngressRequest) (*ec2api.RevokeSecurityGroupIngressResult, error) {
	permissions := in.IpPermissions
	if len(permissions) == 0 {
		permissions = flat(in.IpProtocol, in.FromPort, in.ToPort, in.CidrIp, in.SourceSecurityGroupName)
	}
	revoked, err := c.revoke(in.GroupId, in.GroupName, false, permissions, in.SecurityGroupRuleIds)
	return &ec2api.RevokeSecurityGroupIngressResult{Return: api.Ptr(true), RevokedSecurityGroupRules: revoked}, err
}

func revokeSecurityGroupEgress(c change, in *ec2api.RevokeSecurityGroupEgressRequest) (*ec2api.RevokeSecurityGroupEgressResult, error) {
	permissions := in.IpPermissions
	if len(permissions) == 0 {
		permissions = flat(in.IpProtocol, in.FromPort, in.ToPort, in.CidrIp, in.SourceSecurityGroupName)
	}
	revoked, err := c.revoke(in.GroupId, nil, true, permissions, in.SecurityGroupRuleIds)
	return &ec2api.RevokeSecurityGroupEgressResult{Return: api.Ptr(true), RevokedSecurityGroupRules: revoked}, err
}

func (c change) revoke(id, name *string, egress bool, permissions []ec2api.IpPermission, ids []string) ([]ec2api.RevokedSecurityGroupRule, error) {
	g, err := c.getGroup(id, name)
	if err != nil {
		return nil, err
	}
	doomed, err := c.doomed(g, egress, permissions, ids)
	if err != nil {
		return nil, err
	}
	var revoked []ec2api.RevokedSecurityGroupRule
	for _, r := range doomed {
		c.remove(r.ID, true)
		revoked = append(revoked, showRevoked(g.ID(), r))
	}
	c.putRules(g, slices.DeleteFunc(slices.Clone(g.Spec.Rules), func(r GroupRule) bool { return slices.Contains(doomed, r) }))
	return revoked, nil
}

// doomed finds the rules to revoke, by id or by what they admit.
func (v view) doomed(g SecurityGroup, egress bool, permissions []ec2api.IpPermission, ids []string) ([]GroupRule, error) {
	var doomed []GroupRule
	for _, id := range ids {
		at := slices.IndexFunc(g.Spec.Rules, func(r GroupRule) bool { return r.ID == id && r.Egress == egress })
		if at < 0 {
			return nil, notFound("InvalidSecurityGroupRuleId.NotFound", "security group rule", id)
		}
		doomed = append(doomed, g.Spec.Rules[at])
	}
	if len(ids) > 0 {
		return doomed, nil
	}
	rules, err := v.rulesOf(g, egress, permissions)
	if err != nil {
		return nil, err
	}
	for _, r := range rules {
		at := slices.IndexFunc(g.Spec.Rules, r.same)
		if at < 0 {
			return nil, api.Invalid("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
		}
		doomed = append(doomed, g.Spec.Rules[at])
	}
	return doomed, nil
}

func showRevoked(groupID string, r GroupRule) ec2api.RevokedSecurityGroupRule {
	out := ec2api.RevokedSecurityGroupRule{
		SecurityGroupRuleId: &r.ID, GroupId: &groupID, IsEgress: &r.Egress, IpProtocol: &r.Protocol, FromPort: &r.FromPort, ToPort: &r.ToPort,
	}
	for text, to := range map[string]**string{r.CIDR: &out.CidrIpv4, r.CIDR6: &out.CidrIpv6, r.GroupID: &out.ReferencedGroupId, r.PrefixListID: &out.PrefixListId, r.Description: &out.Description} {
		if text != "" {
			*to = &text
		}
	}
	return out
}

// modifySecurityGroupRules replaces what rules admit; they keep their ids.
func modifySecurityGroupRules(c change, in *ec2api.ModifySecurityGroupRulesRequest) (*ec2api.ModifySecurityGroupRulesResult, error) {
	g, err := c.getGroup(in.GroupId, nil)
	if err != nil {
		return nil, err
	}
	rules := slices.Clone(g.Spec.Rules)
	for _, update := range in.SecurityGroupRules {
		at := slices.IndexFunc(rules, func(r GroupRule) bool { return r.ID == api.Val(update.SecurityGroupRuleId) })
		if at < 0 || update.SecurityGroupRule == nil {
			return nil, notFound("InvalidSecurityGroupRuleId.NotFound", "security group rule", api.Val(update.SecurityGroupRuleId))
		}
		changed, err := c.replacement(g, rules[at], *update.SecurityGroupRule)
		if err != nil {
			return nil, err
		}
		for i, r := range rules {
			if i != at && r.same(changed) {
				return nil, api.Invalid("InvalidPermission.Duplicate", "the specified rule %q already exists", changed.String())
			}
		}
		rules[at] = changed
	}
	c.putRules(g, rules)
	return &ec2api.ModifySecurityGroupRulesResult{Return: api.Ptr(true)}, nil
}

// replacement is the rule that a request describes, in the place of old.
func (v view) replacement(g SecurityGroup, old GroupRule, in ec2api.SecurityGroupRuleRequest) (GroupRule, error) {
	p := ec2api.IpPermission{IpProtocol: in.IpProtocol, FromPort: in.FromPort, ToPort: in.ToPort}
	if in.CidrIpv4 != nil {
		p.IpRanges = []ec2api.IpRange{{CidrIp: in.CidrIpv4}}
	}
	if in.CidrIpv6 != nil {
		p.Ipv6Ranges = []ec2api.Ipv6Range{{CidrIpv6: in.CidrIpv6}}
	}
	if in.PrefixListId != nil {
		p.PrefixListIds = []ec2api.PrefixListId{{PrefixListId: in.PrefixListId}}
	}
	if in.ReferencedGroupId != nil {
		p.UserIdGroupPairs = []ec2api.UserIdGroupPair{{GroupId: in.ReferencedGroupId}}
	}
	rules, err := v.rulesOf(g, old.Egress, []ec2api.IpPermission{p})
	if err != nil {
		return old, err
	}
	if len(rules) != 1 {
		return old, api.Invalid("InvalidParameterCombination", "You must specify exactly one peer for the rule %s", old.ID)
	}
	rules[0].ID, rules[0].Description = old.ID, api.Val(in.Description)
	return rules[0], nil
}

func updateRuleDescriptionsIngress(c change, in *ec2api.UpdateSecurityGroupRuleDescriptionsIngressRequest) (*ec2api.UpdateSecurityGroupRuleDescriptionsIngressResult, error) {
	err := c.describe(in.GroupId, in.GroupName, false, in.IpPermissions, in.SecurityGroupRuleDescriptions)
	return &ec2api.UpdateSecurityGroupRuleDescriptionsIngressResult{Return: api.Ptr(true)}, err
}

func updateRuleDescriptionsEgress(c change, in *ec2api.UpdateSecurityGroupRuleDescriptionsEgressRequest) (*ec2api.UpdateSecurityGroupRuleDescriptionsEgressResult, error) {
	err := c.describe(in.GroupId, in.GroupName, true, in.IpPermissions, in.SecurityGroupRuleDescriptions)
	return &ec2api.UpdateSecurityGroupRuleDescriptionsEgressResult{Return: api.Ptr(true)}, err
}

func (c change) describe(id, name *string, egress bool, permissions []ec2api.IpPermission, byID []ec2api.SecurityGroupRuleDescription) error {
	g, err := c.getGroup(id, name)
	if err != nil {
		return err
	}
	texts := map[string]string{}
	for _, d := range byID {
		if _, err := c.doomed(g, egress, nil, []string{api.Val(d.SecurityGroupRuleId)}); err != nil {
			return err
		}
		texts[*d.SecurityGroupRuleId] = api.Val(d.Description)
	}
	if len(byID) == 0 {
		wanted, err := c.rulesOf(g, egress, permissions)
		if err != nil {
			return err
		}
		found, err := c.doomed(g, egress, permissions, nil)
		if err != nil {
			return err
		}
		for i, r := range found {
			texts[r.ID] = wanted[i].Description
		}
	}
	SecurityGroups.Modify(c.tx, g.Key, func(g *SecurityGroup) {
		for i, r := range g.Spec.Rules {
			if text, ok := texts[r.ID]; ok {
				g.Spec.Rules[i].Description = text
			}
		}
	})
	return nil
}

var ruleCatalog = catalog[ec2api.SecurityGroupRule]{
	id:   func(o *ec2api.SecurityGroupRule) string { return *o.SecurityGroupRuleId },
	tags: func(o *ec2api.SecurityGroupRule) []ec2api.Tag { return o.Tags },
	missing: func(id string) error {
		return notFound("InvalidSecurityGroupRuleId.NotFound", "security group rule", id)
	},
	filters: map[string]func(*ec2api.SecurityGroupRule) []string{
		"group-id":               one(func(o *ec2api.SecurityGroupRule) *string { return o.GroupId }),
		"security-group-rule-id": one(func(o *ec2api.SecurityGroupRule) *string { return o.SecurityGroupRuleId }),
	},
}

// mayHold reports whether rules of a group can pass the filters.
func (g SecurityGroup) mayHold(filters []ec2api.Filter) bool {
	return !slices.ContainsFunc(filters, func(f ec2api.Filter) bool {
		return api.Val(f.Name) == "group-id" && !slices.ContainsFunc(f.Values, func(pattern string) bool { return fits(pattern, g.ID()) })
	})
}

func describeSecurityGroupRules(v view, in *ec2api.DescribeSecurityGroupRulesRequest) (*ec2api.DescribeSecurityGroupRulesResult, error) {
	var all []ec2api.SecurityGroupRule
	for _, g := range SecurityGroups.Prefix(v.r, v.scope.Prefix()) {
		if !g.mayHold(in.Filters) {
			continue
		}
		for _, r := range g.Spec.Rules {
			all = append(all, v.showRule(g.ID(), r))
		}
	}
	slices.SortFunc(all, func(a, b ec2api.SecurityGroupRule) int {
		return strings.Compare(*a.SecurityGroupRuleId, *b.SecurityGroupRuleId)
	})
	page, next, err := ruleCatalog.list(all, query{in.SecurityGroupRuleIds, in.Filters, in.MaxResults, in.NextToken})
	return &ec2api.DescribeSecurityGroupRulesResult{SecurityGroupRules: page, NextToken: next}, err
}
