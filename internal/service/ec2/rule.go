package ec2

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ec2api"
)

// protocols are the names that AWS has for protocol numbers.
var protocols = map[string]string{"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6", "all": "-1"}

// normalProtocol returns a protocol as AWS gives it back.
func normalProtocol(text string) (string, error) {
	text = strings.ToLower(text)
	if name, ok := protocols[text]; ok {
		return name, nil
	}
	if slices.Contains([]string{"-1", "tcp", "udp", "icmp", "icmpv6"}, text) {
		return text, nil
	}
	if n, err := strconv.Atoi(text); err == nil && n >= 0 && n <= 255 {
		return text, nil
	}
	return "", invalidValue("Invalid value '%s' for IP protocol. Unknown protocol.", text)
}

// normal checks a rule's protocol and ports and gives them the form that AWS
// keeps: ports where the protocol has some, -1 elsewhere.
func (r GroupRule) normal(from, to *int64) (GroupRule, error) {
	protocol, err := normalProtocol(r.Protocol)
	if err != nil {
		return r, err
	}
	r.Protocol = protocol
	switch protocol {
	case "tcp", "udp":
		if from == nil || to == nil {
			return r, invalidValue("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.")
		}
		if *from < 0 || *to > 65535 || *from > *to {
			return r, invalidValue("Invalid TCP/UDP port range (%d:%d)", *from, *to)
		}
		r.FromPort, r.ToPort = *from, *to
	case "icmp", "icmpv6":
		r.FromPort, r.ToPort = api.Or(from, -1), api.Or(to, -1)
		if r.FromPort < -1 || r.FromPort > 255 || r.ToPort < -1 || r.ToPort > 255 {
			return r, invalidValue("Invalid ICMP type/code (%d:%d)", r.FromPort, r.ToPort)
		}
	default:
		r.FromPort, r.ToPort = -1, -1
	}
	return r, nil
}

// block checks an address block of a rule. Host bits are cleared, as AWS does.
func (r GroupRule) block(text string, v6 bool) (GroupRule, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil || p.Addr().Is4() == v6 {
		return r, invalidValue("CIDR block %s is malformed", text)
	}
	if v6 {
		r.CIDR6 = p.Masked().String()
	} else {
		r.CIDR = p.Masked().String()
	}
	return r, nil
}

// same reports whether two rules admit the same, whatever they are called.
func (r GroupRule) same(o GroupRule) bool {
	r.ID, r.Description = o.ID, o.Description
	return r == o
}

// String is the rule as AWS's messages name it.
func (r GroupRule) String() string {
	peer := r.CIDR + r.CIDR6 + r.GroupID + r.PrefixListID
	ports := ""
	if r.FromPort >= 0 {
		ports = ", from port: " + strconv.FormatInt(r.FromPort, 10) + ", to port: " + strconv.FormatInt(r.ToPort, 10)
	}
	return "peer: " + peer + ", " + strings.ToUpper(r.Protocol) + ports + ", ALLOW"
}

// rulesOf reads the rules that permissions stand for: one for each peer.
func (v view) rulesOf(g SecurityGroup, egress bool, permissions []ec2api.IpPermission) ([]GroupRule, error) {
	var rules []GroupRule
	for _, p := range permissions {
		plain, err := GroupRule{Egress: egress, Protocol: api.Val(p.IpProtocol)}.normal(p.FromPort, p.ToPort)
		if err != nil {
			return nil, err
		}
		of, err := v.peersOf(g, plain, p)
		if err != nil {
			return nil, err
		}
		rules = append(rules, of...)
	}
	if len(rules) == 0 {
		return nil, api.Invalid("MissingParameter", "Either IpPermissions or a source must be given, with at least one peer")
	}
	return rules, nil
}

func (v view) peersOf(g SecurityGroup, plain GroupRule, p ec2api.IpPermission) ([]GroupRule, error) {
	var rules []GroupRule
	for _, r := range p.IpRanges {
		rule, err := plain.block(api.Val(r.CidrIp), false)
		if err != nil {
			return nil, err
		}
		rule.Description = api.Val(r.Description)
		rules = append(rules, rule)
	}
	for _, r := range p.Ipv6Ranges {
		rule, err := plain.block(api.Val(r.CidrIpv6), true)
		if err != nil {
			return nil, err
		}
		rule.Description = api.Val(r.Description)
		rules = append(rules, rule)
	}
	for _, list := range p.PrefixListIds {
		if !v.knownPrefixList(api.Val(list.PrefixListId)) {
			return nil, noPrefixList(api.Val(list.PrefixListId))
		}
		rule := plain
		rule.PrefixListID, rule.Description = *list.PrefixListId, api.Val(list.Description)
		rules = append(rules, rule)
	}
	for _, pair := range p.UserIdGroupPairs {
		id, err := v.peerGroup(g, pair)
		if err != nil {
			return nil, err
		}
		rule := plain
		rule.GroupID, rule.Description = id, api.Val(pair.Description)
		rules = append(rules, rule)
	}
	return rules, nil
}

// peerGroup finds the group that a rule names, which must be of the same VPC.
func (v view) peerGroup(g SecurityGroup, pair ec2api.UserIdGroupPair) (string, error) {
	for _, other := range SecurityGroups.Prefix(v.r, v.scope.Prefix()) {
		named := pair.GroupId != nil && other.ID() == *pair.GroupId ||
			pair.GroupId == nil && other.Spec.Name == api.Val(pair.GroupName)
		if named && other.Spec.VPCID == g.Spec.VPCID {
			return other.ID(), nil
		}
	}
	return "", api.Invalid("InvalidGroup.NotFound", "The security group '%s' does not exist in VPC '%s'", api.Or(pair.GroupId, api.Val(pair.GroupName)), g.Spec.VPCID)
}

// permissions shows rules as AWS's older form has them: one permission for each
// protocol and port range, with all its peers.
func (v view) permissions(rules []GroupRule, egress bool) []ec2api.IpPermission {
	var out []ec2api.IpPermission
	at := map[GroupRule]int{}
	for _, r := range rules {
		if r.Egress != egress {
			continue
		}
		what := GroupRule{Protocol: r.Protocol, FromPort: r.FromPort, ToPort: r.ToPort}
		i, ok := at[what]
		if !ok {
			i = len(out)
			at[what] = i
			p := ec2api.IpPermission{IpProtocol: &r.Protocol}
			if slices.Contains([]string{"tcp", "udp", "icmp", "icmpv6"}, r.Protocol) {
				p.FromPort, p.ToPort = &r.FromPort, &r.ToPort
			}
			out = append(out, p)
		}
		v.addPeer(&out[i], r)
	}
	return out
}

func (v view) addPeer(p *ec2api.IpPermission, r GroupRule) {
	var description *string
	if r.Description != "" {
		description = &r.Description
	}
	switch {
	case r.CIDR != "":
		p.IpRanges = append(p.IpRanges, ec2api.IpRange{CidrIp: &r.CIDR, Description: description})
	case r.CIDR6 != "":
		p.Ipv6Ranges = append(p.Ipv6Ranges, ec2api.Ipv6Range{CidrIpv6: &r.CIDR6, Description: description})
	case r.PrefixListID != "":
		p.PrefixListIds = append(p.PrefixListIds, ec2api.PrefixListId{PrefixListId: &r.PrefixListID, Description: description})
	default:
		p.UserIdGroupPairs = append(p.UserIdGroupPairs, ec2api.UserIdGroupPair{GroupId: &r.GroupID, UserId: &v.scope.Account, Description: description})
	}
}

// rule finds a rule by its id, and the group that holds it.
func (v view) rule(id string) (SecurityGroup, GroupRule, bool) {
	for _, g := range SecurityGroups.Prefix(v.r, v.scope.Prefix()) {
		for _, r := range g.Spec.Rules {
			if r.ID == id {
				return g, r, true
			}
		}
	}
	return SecurityGroup{}, GroupRule{}, false
}

func (v view) showRule(groupID string, r GroupRule) ec2api.SecurityGroupRule {
	out := ec2api.SecurityGroupRule{
		SecurityGroupRuleId: &r.ID, SecurityGroupRuleArn: api.Ptr(v.scope.ARN("ec2", "security-group-rule/"+r.ID)),
		GroupId: &groupID, GroupOwnerId: &v.scope.Account, IsEgress: &r.Egress,
		IpProtocol: &r.Protocol, FromPort: &r.FromPort, ToPort: &r.ToPort, Tags: v.tags(r.ID),
	}
	if r.Description != "" {
		out.Description = &r.Description
	}
	switch {
	case r.CIDR != "":
		out.CidrIpv4 = &r.CIDR
	case r.CIDR6 != "":
		out.CidrIpv6 = &r.CIDR6
	case r.PrefixListID != "":
		out.PrefixListId = &r.PrefixListID
	default:
		out.ReferencedGroupInfo = &ec2api.ReferencedSecurityGroup{GroupId: &r.GroupID, UserId: &v.scope.Account}
	}
	return out
}
