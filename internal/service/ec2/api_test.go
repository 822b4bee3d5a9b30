package ec2

import (
	ccmp "cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"apex/internal/service/servicetest"
)

func TestVPCComesWithItsFurniture(t *testing.T) {
	b := newBench(t, "")
	vpc := b.vpc("10.0.0.1/16") // AWS clears the host bits
	out, err := b.DescribeVpcs(t.Context(), &sdk.DescribeVpcsInput{VpcIds: []string{vpc}})
	check(t, err)
	got := out.Vpcs[0]
	if *got.CidrBlock != "10.0.0.0/16" || got.State != "available" || got.InstanceTenancy != "default" || len(got.CidrBlockAssociationSet) != 1 {
		t.Errorf("DescribeVpcs = %+v", got)
	}
	in := []types.Filter{{Name: aws.String("vpc-id"), Values: []string{vpc}}}
	tables, err := b.DescribeRouteTables(t.Context(), &sdk.DescribeRouteTablesInput{Filters: in})
	check(t, err)
	if len(tables.RouteTables) != 1 || !*tables.RouteTables[0].Associations[0].Main || *tables.RouteTables[0].Routes[0].GatewayId != "local" {
		t.Errorf("route tables: %+v", tables.RouteTables)
	}
	groups, err := b.DescribeSecurityGroups(t.Context(), &sdk.DescribeSecurityGroupsInput{Filters: in})
	check(t, err)
	if g := groups.SecurityGroups[0]; *g.GroupName != "default" || *g.IpPermissions[0].UserIdGroupPairs[0].GroupId != *g.GroupId || *g.IpPermissionsEgress[0].IpProtocol != "-1" {
		t.Errorf("security groups: %+v", groups.SecurityGroups)
	}
	acls, err := b.DescribeNetworkAcls(t.Context(), &sdk.DescribeNetworkAclsInput{Filters: in})
	check(t, err)
	if len(acls.NetworkAcls) != 1 || len(acls.NetworkAcls[0].Entries) != 4 {
		t.Errorf("network ACLs: %+v", acls.NetworkAcls)
	}
	for attribute, want := range map[types.VpcAttributeName]bool{"enableDnsSupport": true, "enableDnsHostnames": false} {
		got, err := b.DescribeVpcAttribute(t.Context(), &sdk.DescribeVpcAttributeInput{VpcId: &vpc, Attribute: attribute})
		check(t, err)
		if value := ccmp.Or(got.EnableDnsSupport, got.EnableDnsHostnames); *value.Value != want {
			t.Errorf("%s = %v", attribute, *value.Value)
		}
	}
	_, err = b.DeleteVpc(t.Context(), &sdk.DeleteVpcInput{VpcId: &vpc})
	check(t, err)
	if left := b.svc.rows(); left != 0 {
		t.Errorf("%d rows are left of a deleted VPC", left)
	}
}

// rows counts what is in the service's tables.
func (s *Service) rows() (n int) {
	snap := s.env.Store.Snapshot()
	return VPCs.Len(snap) + Subnets.Len(snap) + RouteTables.Len(snap) + InternetGateways.Len(snap) + Addresses.Len(snap) +
		NATGateways.Len(snap) + NetworkInterfaces.Len(snap) + SecurityGroups.Len(snap) + NetworkACLs.Len(snap) + Names.Len(snap) + TagSets.Len(snap)
}

// Every refusal must carry the code that AWS's clients look at.
func TestRefusals(t *testing.T) {
	b := newBench(t, "")
	ctx := t.Context()
	vpc, other := b.vpc("10.0.0.0/16"), b.vpc("10.0.0.0/16")
	subnet := b.subnet(vpc, "10.0.0.0/24", "us-east-1a")
	group, foreign := b.group(vpc, "web"), b.group(other, "web")
	igw := b.gateway(vpc)
	table := b.routed(vpc, igw, subnet)
	b.admit(group, 80, "0.0.0.0/0")
	nat, _ := b.nat(subnet)
	tables, err := b.DescribeRouteTables(ctx, &sdk.DescribeRouteTablesInput{Filters: []types.Filter{{Name: aws.String("association.main"), Values: []string{"true"}}, {Name: aws.String("vpc-id"), Values: []string{vpc}}}})
	check(t, err)
	main := tables.RouteTables[0].Associations[0].RouteTableAssociationId
	s := aws.String
	port := func(protocol string, from, to int32, block string) []types.IpPermission {
		return []types.IpPermission{{IpProtocol: &protocol, FromPort: &from, ToPort: &to, IpRanges: []types.IpRange{{CidrIp: &block}}}}
	}
	ingress := func(id string, p []types.IpPermission) error {
		_, err := b.AuthorizeSecurityGroupIngress(ctx, &sdk.AuthorizeSecurityGroupIngressInput{GroupId: &id, IpPermissions: p})
		return err
	}
	for name, tt := range map[string]struct {
		want string
		call func() error
	}{
		"VPC too large":   {"InvalidVpc.Range", ignore(b.CreateVpc, ctx, &sdk.CreateVpcInput{CidrBlock: s("10.0.0.0/8")})},
		"VPC of nonsense": {"InvalidParameterValue", ignore(b.CreateVpc, ctx, &sdk.CreateVpcInput{CidrBlock: s("ten")})},
		"VPC on loopback": {"InvalidVpc.Range", ignore(b.CreateVpc, ctx, &sdk.CreateVpcInput{CidrBlock: s("127.0.0.0/16")})},
		"no such VPC":     {"InvalidVpcID.NotFound", ignore(b.DescribeVpcs, ctx, &sdk.DescribeVpcsInput{VpcIds: []string{"vpc-1"}})},
		"VPC in use":      {"DependencyViolation", ignore(b.DeleteVpc, ctx, &sdk.DeleteVpcInput{VpcId: &vpc})},
		"dry run":         {"DryRunOperation", ignore(b.CreateVpc, ctx, &sdk.CreateVpcInput{CidrBlock: s("10.0.0.0/16"), DryRun: aws.Bool(true)})},
		"dry read":        {"DryRunOperation", ignore(b.DescribeVpcs, ctx, &sdk.DescribeVpcsInput{DryRun: aws.Bool(true)})},
		"IPv6":            {"UnsupportedOperation", ignore(b.CreateVpc, ctx, &sdk.CreateVpcInput{CidrBlock: s("10.0.0.0/16"), Ipv6Pool: s("ipv6pool-ec2-1"), Ipv6CidrBlock: s("2001:db8::/56")})},

		"subnet taken":       {"InvalidSubnet.Conflict", ignore(b.CreateSubnet, ctx, &sdk.CreateSubnetInput{VpcId: &vpc, CidrBlock: s("10.0.0.128/25")})},
		"subnet outside":     {"InvalidSubnet.Range", ignore(b.CreateSubnet, ctx, &sdk.CreateSubnetInput{VpcId: &vpc, CidrBlock: s("10.1.0.0/24")})},
		"subnet in no zone":  {"InvalidParameterValue", ignore(b.CreateSubnet, ctx, &sdk.CreateSubnetInput{VpcId: &vpc, CidrBlock: s("10.0.1.0/24"), AvailabilityZone: s("us-east-1z")})},
		"subnet in use":      {"DependencyViolation", ignore(b.DeleteSubnet, ctx, &sdk.DeleteSubnetInput{SubnetId: &subnet})},
		"no such subnet":     {"InvalidSubnetID.NotFound", ignore(b.DeleteSubnet, ctx, &sdk.DeleteSubnetInput{SubnetId: s("subnet-1")})},
		"subnet's other VPC": {"InvalidParameterValue", ignore(b.AssociateRouteTable, ctx, &sdk.AssociateRouteTableInput{RouteTableId: &table, SubnetId: s(b.subnet(other, "10.0.0.0/24", "us-east-1a"))})},

		"route twice":       {"RouteAlreadyExists", ignore(b.CreateRoute, ctx, &sdk.CreateRouteInput{RouteTableId: &table, DestinationCidrBlock: s("0.0.0.0/0"), GatewayId: &igw})},
		"route inside":      {"InvalidParameterValue", ignore(b.CreateRoute, ctx, &sdk.CreateRouteInput{RouteTableId: &table, DestinationCidrBlock: s("10.0.5.0/24"), GatewayId: &igw})},
		"route to nowhere":  {"InvalidGatewayID.NotFound", ignore(b.CreateRoute, ctx, &sdk.CreateRouteInput{RouteTableId: &table, DestinationCidrBlock: s("1.0.0.0/8"), GatewayId: s("igw-1")})},
		"route to no NAT":   {"InvalidNatGatewayID.NotFound", ignore(b.CreateRoute, ctx, &sdk.CreateRouteInput{RouteTableId: &table, DestinationCidrBlock: s("1.0.0.0/8"), NatGatewayId: s("nat-1")})},
		"no such route":     {"InvalidRoute.NotFound", ignore(b.DeleteRoute, ctx, &sdk.DeleteRouteInput{RouteTableId: &table, DestinationCidrBlock: s("1.0.0.0/8")})},
		"table in use":      {"DependencyViolation", ignore(b.DeleteRouteTable, ctx, &sdk.DeleteRouteTableInput{RouteTableId: &table})},
		"main association":  {"InvalidParameterValue", ignore(b.DisassociateRouteTable, ctx, &sdk.DisassociateRouteTableInput{AssociationId: main})},
		"gateway attached":  {"DependencyViolation", ignore(b.DeleteInternetGateway, ctx, &sdk.DeleteInternetGatewayInput{InternetGatewayId: &igw})},
		"gateway needed":    {"DependencyViolation", ignore(b.DetachInternetGateway, ctx, &sdk.DetachInternetGatewayInput{InternetGatewayId: &igw, VpcId: &vpc})},
		"gateway elsewhere": {"Gateway.NotAttached", ignore(b.DetachInternetGateway, ctx, &sdk.DetachInternetGatewayInput{InternetGatewayId: &igw, VpcId: &other})},
		"gateway twice":     {"Resource.AlreadyAssociated", ignore(b.AttachInternetGateway, ctx, &sdk.AttachInternetGatewayInput{InternetGatewayId: &igw, VpcId: &other})},
		"no such NAT":       {"NatGatewayNotFound", ignore(b.DescribeNatGateways, ctx, &sdk.DescribeNatGatewaysInput{NatGatewayIds: []string{"nat-1"}})},
		"address in use":    {"InvalidIPAddress.InUse", ignore(b.ReleaseAddress, ctx, &sdk.ReleaseAddressInput{AllocationId: b.allocation()})},
		"address taken":     {"Resource.AlreadyAssociated", ignore(b.CreateNatGateway, ctx, &sdk.CreateNatGatewayInput{SubnetId: &subnet, AllocationId: b.allocation()})},
		"no such address":   {"InvalidAllocationID.NotFound", ignore(b.ReleaseAddress, ctx, &sdk.ReleaseAddressInput{AllocationId: s("eipalloc-1")})},

		"group twice":   {"InvalidGroup.Duplicate", ignore(b.CreateSecurityGroup, ctx, &sdk.CreateSecurityGroupInput{VpcId: &vpc, GroupName: s("web"), Description: s("x")})},
		"group in use":  {"CannotDelete", ignore(b.DeleteSecurityGroup, ctx, &sdk.DeleteSecurityGroupInput{GroupId: b.defaultGroup(vpc)})},
		"no such group": {"InvalidGroup.NotFound", ignore(b.DeleteSecurityGroup, ctx, &sdk.DeleteSecurityGroupInput{GroupId: s("sg-1")})},
		"rule twice":    {"InvalidPermission.Duplicate", func() error { return ingress(group, port("6", 80, 80, "0.0.0.0/0")) }},
		"rule for a foreigner": {"InvalidGroup.NotFound", func() error {
			return ingress(group, []types.IpPermission{{IpProtocol: s("-1"), UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: &foreign}}}})
		}},
		"ports the wrong way":   {"InvalidParameterValue", func() error { return ingress(group, port("tcp", 90, 80, "0.0.0.0/0")) }},
		"port too high":         {"InvalidParameterValue", func() error { return ingress(group, port("tcp", 1, 70000, "0.0.0.0/0")) }},
		"no such protocol":      {"InvalidParameterValue", func() error { return ingress(group, port("tpc", 1, 2, "0.0.0.0/0")) }},
		"peer of nonsense":      {"InvalidParameterValue", func() error { return ingress(group, port("tcp", 1, 2, "everywhere")) }},
		"rule without peer":     {"MissingParameter", func() error { return ingress(group, []types.IpPermission{{IpProtocol: s("-1")}}) }},
		"rule not there":        {"InvalidPermission.NotFound", ignore(b.RevokeSecurityGroupIngress, ctx, &sdk.RevokeSecurityGroupIngressInput{GroupId: &group, IpPermissions: port("tcp", 1, 2, "0.0.0.0/0")})},
		"rule id not there":     {"InvalidSecurityGroupRuleId.NotFound", ignore(b.RevokeSecurityGroupIngress, ctx, &sdk.RevokeSecurityGroupIngressInput{GroupId: &group, SecurityGroupRuleIds: []string{"sgr-1"}})},
		"interface's group":     {"InvalidParameterValue", ignore(b.CreateNetworkInterface, ctx, &sdk.CreateNetworkInterfaceInput{SubnetId: &subnet, Groups: []string{foreign}})},
		"interface's address":   {"InvalidParameterValue", ignore(b.CreateNetworkInterface, ctx, &sdk.CreateNetworkInterfaceInput{SubnetId: &subnet, PrivateIpAddress: s("10.0.0.1")})},
		"interface of a NAT":    {"InvalidParameterValue", ignore(b.DeleteNetworkInterface, ctx, &sdk.DeleteNetworkInterfaceInput{NetworkInterfaceId: b.interfaceOf(nat)})},
		"no such interface":     {"InvalidNetworkInterfaceID.NotFound", ignore(b.DescribeNetworkInterfaces, ctx, &sdk.DescribeNetworkInterfacesInput{NetworkInterfaceIds: []string{"eni-1"}})},
		"no such filter":        {"InvalidParameterValue", ignore(b.DescribeVpcs, ctx, &sdk.DescribeVpcsInput{Filters: []types.Filter{{Name: s("colour"), Values: []string{"red"}}}})},
		"no such page":          {"InvalidNextToken", ignore(b.DescribeVpcs, ctx, &sdk.DescribeVpcsInput{NextToken: s("x")})},
		"page too small":        {"InvalidParameterValue", ignore(b.DescribeVpcs, ctx, &sdk.DescribeVpcsInput{MaxResults: aws.Int32(1)})},
		"page and ids":          {"InvalidParameterCombination", ignore(b.DescribeVpcs, ctx, &sdk.DescribeVpcsInput{MaxResults: aws.Int32(5), VpcIds: []string{vpc}})},
		"tags of nothing":       {"InvalidVpcID.NotFound", ignore(b.CreateTags, ctx, &sdk.CreateTagsInput{Resources: []string{"vpc-1"}, Tags: []types.Tag{{Key: s("a"), Value: s("b")}}})},
		"tags of no kind":       {"InvalidID", ignore(b.CreateTags, ctx, &sdk.CreateTagsInput{Resources: []string{"what"}, Tags: []types.Tag{{Key: s("a"), Value: s("b")}}})},
		"reserved tag":          {"InvalidParameterValue", ignore(b.CreateTags, ctx, &sdk.CreateTagsInput{Resources: []string{vpc}, Tags: []types.Tag{{Key: s("aws:x"), Value: s("b")}}})},
		"tag of another kind":   {"InvalidParameterValue", ignore(b.CreateInternetGateway, ctx, &sdk.CreateInternetGatewayInput{TagSpecifications: tagged("vpc", "a", "b")})},
		"zone that is not here": {"InvalidParameterValue", ignore(b.DescribeAvailabilityZones, ctx, &sdk.DescribeAvailabilityZonesInput{ZoneNames: []string{"us-east-1z"}})},
	} {
		before := b.env.Store.Snapshot().Revision()
		if got := servicetest.Code(tt.call()); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
		if after := b.env.Store.Snapshot().Revision(); after != before {
			t.Errorf("%s: a refused call changed the store", name)
		}
	}
}

// ignore makes a call of which only the error counts.
func ignore[In, Out any](call func(context.Context, *In, ...func(*sdk.Options)) (*Out, error), ctx context.Context, in *In) func() error {
	return func() error {
		_, err := call(ctx, in)
		return err
	}
}

func tagged(resource types.ResourceType, key, value string) []types.TagSpecification {
	return []types.TagSpecification{{ResourceType: resource, Tags: []types.Tag{{Key: &key, Value: &value}}}}
}

func (b *bench) allocation() *string {
	out, err := b.DescribeAddresses(b.Context(), &sdk.DescribeAddressesInput{})
	check(b, err)
	return out.Addresses[0].AllocationId
}

func (b *bench) defaultGroup(vpc string) *string {
	out, err := b.DescribeSecurityGroups(b.Context(), &sdk.DescribeSecurityGroupsInput{Filters: []types.Filter{
		{Name: aws.String("vpc-id"), Values: []string{vpc}}, {Name: aws.String("group-name"), Values: []string{"def*"}},
	}})
	check(b, err)
	return out.SecurityGroups[0].GroupId
}

func (b *bench) interfaceOf(nat string) *string {
	out, err := b.DescribeNatGateways(b.Context(), &sdk.DescribeNatGatewaysInput{NatGatewayIds: []string{nat}})
	check(b, err)
	return out.NatGateways[0].NatGatewayAddresses[0].NetworkInterfaceId
}

func TestRulesKeepTheirIdentity(t *testing.T) {
	b := newBench(t, "")
	ctx := t.Context()
	vpc := b.vpc("10.0.0.0/16")
	group, peer := b.group(vpc, "web"), b.group(vpc, "peer")
	out, err := b.AuthorizeSecurityGroupIngress(ctx, &sdk.AuthorizeSecurityGroupIngressInput{
		GroupId: &group, TagSpecifications: tagged("security-group-rule", "k", "v"),
		IpPermissions: []types.IpPermission{
			{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(80), ToPort: aws.Int32(81), IpRanges: []types.IpRange{{CidrIp: aws.String("10.1.2.3/8"), Description: aws.String("inside")}, {CidrIp: aws.String("0.0.0.0/0")}}, UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: &peer}}},
			{IpProtocol: aws.String("icmp"), FromPort: aws.Int32(8), ToPort: aws.Int32(-1), Ipv6Ranges: []types.Ipv6Range{{CidrIpv6: aws.String("::/0")}}},
			{IpProtocol: aws.String("50"), IpRanges: []types.IpRange{{CidrIp: aws.String("10.0.0.0/8")}}},
		},
	})
	check(t, err)
	first := *out.SecurityGroupRules[0].SecurityGroupRuleId
	if len(out.SecurityGroupRules) != 5 || len(out.SecurityGroupRules[0].Tags) != 1 {
		t.Fatalf("rules: %+v", out.SecurityGroupRules)
	}
	if got, want := b.rules(group, false), []string{
		"50 -1--1 10.0.0.0/8 ", "icmp 8--1 ::/0 ", "tcp 80-81 " + peer + " ", "tcp 80-81 0.0.0.0/0 ", "tcp 80-81 10.0.0.0/8 inside",
	}; !slices.Equal(got, want) {
		t.Errorf("rules: %q, want %q", got, want)
	}
	_, err = b.ModifySecurityGroupRules(ctx, &sdk.ModifySecurityGroupRulesInput{GroupId: &group, SecurityGroupRules: []types.SecurityGroupRuleUpdate{{
		SecurityGroupRuleId: &first,
		SecurityGroupRule:   &types.SecurityGroupRuleRequest{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443), CidrIpv4: aws.String("10.0.0.0/8"), Description: aws.String("TLS")},
	}}})
	check(t, err)
	_, err = b.UpdateSecurityGroupRuleDescriptionsIngress(ctx, &sdk.UpdateSecurityGroupRuleDescriptionsIngressInput{GroupId: &group, IpPermissions: []types.IpPermission{{
		IpProtocol: aws.String("50"), IpRanges: []types.IpRange{{CidrIp: aws.String("10.0.0.0/8"), Description: aws.String("ESP")}},
	}}})
	check(t, err)
	_, err = b.RevokeSecurityGroupIngress(ctx, &sdk.RevokeSecurityGroupIngressInput{GroupId: &group, IpPermissions: []types.IpPermission{{
		IpProtocol: aws.String("tcp"), FromPort: aws.Int32(80), ToPort: aws.Int32(81), UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: &peer}},
	}}})
	check(t, err)
	if got, want := b.rules(group, false), []string{
		"50 -1--1 10.0.0.0/8 ESP", "icmp 8--1 ::/0 ", "tcp 443-443 10.0.0.0/8 TLS", "tcp 80-81 0.0.0.0/0 ",
	}; !slices.Equal(got, want) {
		t.Errorf("rules: %q, want %q", got, want)
	}
	byID, err := b.DescribeSecurityGroupRules(ctx, &sdk.DescribeSecurityGroupRulesInput{SecurityGroupRuleIds: []string{first}})
	check(t, err)
	if got := byID.SecurityGroupRules[0]; *got.FromPort != 443 || *got.GroupId != group {
		t.Errorf("rule %s: %+v", first, got)
	}
}

func (b *bench) rules(group string, egress bool) []string {
	b.Helper()
	out, err := b.DescribeSecurityGroupRules(b.Context(), &sdk.DescribeSecurityGroupRulesInput{Filters: []types.Filter{{Name: aws.String("group-id"), Values: []string{group}}}})
	check(b, err)
	var rules []string
	for _, r := range out.SecurityGroupRules {
		if *r.IsEgress != egress {
			continue
		}
		peer := aws.ToString(r.CidrIpv4) + aws.ToString(r.CidrIpv6)
		if r.ReferencedGroupInfo != nil {
			peer = *r.ReferencedGroupInfo.GroupId
		}
		rules = append(rules, fmt.Sprintf("%s %d-%d %s %s", *r.IpProtocol, *r.FromPort, *r.ToPort, peer, aws.ToString(r.Description)))
	}
	slices.SortFunc(rules, func(a, b string) int {
		// A group's id is random: its rule comes first.
		return strings.Compare(strings.Replace(a, "sg-", "!", 1), strings.Replace(b, "sg-", "!", 1))
	})
	return rules
}

func TestTagsAndPages(t *testing.T) {
	b := newBench(t, "")
	ctx := t.Context()
	vpc := b.vpc("10.0.0.0/16")
	for n := range 7 {
		_, err := b.CreateSubnet(ctx, &sdk.CreateSubnetInput{VpcId: &vpc, CidrBlock: aws.String(fmt.Sprintf("10.0.%d.0/24", n)), TagSpecifications: tagged("subnet", "Name", fmt.Sprintf("app-%d", n))})
		check(t, err)
	}
	seen := map[string]bool{}
	pages := sdk.NewDescribeSubnetsPaginator(b, &sdk.DescribeSubnetsInput{MaxResults: aws.Int32(5)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		check(t, err)
		for _, s := range page.Subnets {
			seen[*s.SubnetId] = true
		}
	}
	if len(seen) != 7 {
		t.Errorf("%d subnets on all pages, want 7", len(seen))
	}
	out, err := b.DescribeSubnets(ctx, &sdk.DescribeSubnetsInput{Filters: []types.Filter{{Name: aws.String("tag:Name"), Values: []string{"app-3", "app-?"}}, {Name: aws.String("cidr-block"), Values: []string{"10.0.3.*"}}}})
	check(t, err)
	if len(out.Subnets) != 1 || *out.Subnets[0].Tags[0].Value != "app-3" {
		t.Fatalf("subnets by tag: %+v", out.Subnets)
	}
	id := *out.Subnets[0].SubnetId
	_, err = b.CreateTags(ctx, &sdk.CreateTagsInput{Resources: []string{id, vpc}, Tags: []types.Tag{{Key: aws.String("env"), Value: aws.String("dev")}}})
	check(t, err)
	_, err = b.DeleteTags(ctx, &sdk.DeleteTagsInput{Resources: []string{id}, Tags: []types.Tag{{Key: aws.String("Name")}, {Key: aws.String("env"), Value: aws.String("other")}}})
	check(t, err)
	tags, err := b.DescribeTags(ctx, &sdk.DescribeTagsInput{Filters: []types.Filter{{Name: aws.String("key"), Values: []string{"env"}}}})
	check(t, err)
	var got []string
	for _, tag := range tags.Tags {
		got = append(got, string(tag.ResourceType)+" "+*tag.Key+"="+*tag.Value)
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"subnet env=dev", "vpc env=dev"}, got); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
}

func TestZones(t *testing.T) {
	for zone, want := range map[string]string{"us-east-1a": "use1-az1", "eu-central-1c": "euc1-az3", "ap-southeast-2b": "aps2-az2", "nonsense": "nonsense"} {
		if got := zoneID(zone); got != want {
			t.Errorf("zoneID(%s) = %s, want %s", zone, got, want)
		}
	}
	b := newBench(t, "")
	out, err := b.DescribeAvailabilityZones(t.Context(), &sdk.DescribeAvailabilityZonesInput{})
	check(t, err)
	if len(out.AvailabilityZones) != 3 || *out.AvailabilityZones[1].ZoneName != "us-east-1b" {
		t.Errorf("zones: %+v", out.AvailabilityZones)
	}
}
