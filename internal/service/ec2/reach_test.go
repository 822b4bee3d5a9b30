package ec2

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"apex/internal/dataplane/firewall"
	"apex/internal/service/servicetest"
)

// A prefix list's blocks are those of the rules and routes that name it, whatever
// it holds at the time.
func TestPrefixListsStandForTheirBlocks(t *testing.T) {
	b := newBench(t, "")
	ctx := t.Context()
	vpc := b.vpc("10.0.0.0/16")
	subnet := b.subnet(vpc, "10.0.0.0/24", "us-east-1a")
	table := b.routed(vpc, b.gateway(vpc), subnet)
	group := b.group(vpc, "web")
	made, err := b.CreateManagedPrefixList(ctx, &sdk.CreateManagedPrefixListInput{
		PrefixListName: aws.String("offices"), AddressFamily: aws.String("IPv4"), MaxEntries: aws.Int32(2), TagSpecifications: tagged("prefix-list", "k", "v"),
		Entries: []types.AddPrefixListEntry{{Cidr: aws.String("203.0.113.0/24"), Description: aws.String("Berlin")}},
	})
	check(t, err)
	id := made.PrefixList.PrefixListId
	if len(made.PrefixList.Tags) != 1 || *made.PrefixList.Version != 1 || made.PrefixList.State != "create-complete" {
		t.Errorf("CreateManagedPrefixList = %+v", made.PrefixList)
	}
	_, err = b.AuthorizeSecurityGroupIngress(ctx, &sdk.AuthorizeSecurityGroupIngressInput{GroupId: &group, IpPermissions: []types.IpPermission{{
		IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443), PrefixListIds: []types.PrefixListId{{PrefixListId: id}},
	}}})
	check(t, err)
	main := b.mainTable(vpc)
	igw, err := b.DescribeInternetGateways(ctx, &sdk.DescribeInternetGatewaysInput{Filters: filters("attachment.vpc-id", vpc)})
	check(t, err)
	_, err = b.CreateRoute(ctx, &sdk.CreateRouteInput{RouteTableId: &main, DestinationPrefixListId: id, GatewayId: igw.InternetGateways[0].InternetGatewayId})
	check(t, err)
	if got := b.planned(vpc, group, main); got != "203.0.113.0/24 | 203.0.113.0/24" {
		t.Errorf("the rule and the route are for %s", got)
	}
	modify := func(version int64, add, remove string) error {
		in := &sdk.ModifyManagedPrefixListInput{PrefixListId: id, CurrentVersion: &version}
		if add != "" {
			in.AddEntries = []types.AddPrefixListEntry{{Cidr: &add}}
		}
		if remove != "" {
			in.RemoveEntries = []types.RemovePrefixListEntry{{Cidr: &remove}}
		}
		_, err := b.ModifyManagedPrefixList(ctx, in)
		return err
	}
	check(t, modify(1, "198.51.100.0/24", "203.0.113.0/24"))
	check(t, modify(2, "192.0.2.0/24", ""))
	if got := b.planned(vpc, group, main); got != "198.51.100.0/24 192.0.2.0/24 | 198.51.100.0/24 192.0.2.0/24" {
		t.Errorf("the rules and the routes are for %s", got)
	}
	for name, tt := range map[string]struct {
		want string
		call func() error
	}{
		"an old version":     {"PrefixListVersionMismatch", func() error { return modify(1, "10.0.0.0/8", "") }},
		"one too many":       {"PrefixListMaxEntriesExceeded", func() error { return modify(3, "10.0.0.0/8", "") }},
		"not there":          {"InvalidParameterValue", func() error { return modify(3, "", "10.0.0.0/8") }},
		"of the other kind":  {"InvalidParameterValue", func() error { return modify(3, "2001:db8::/32", "192.0.2.0/24") }},
		"in use":             {"DependencyViolation", ignore(b.DeleteManagedPrefixList, ctx, &sdk.DeleteManagedPrefixListInput{PrefixListId: id})},
		"no such list":       {"InvalidPrefixListID.NotFound", ignore(b.GetManagedPrefixListEntries, ctx, &sdk.GetManagedPrefixListEntriesInput{PrefixListId: aws.String("pl-1")})},
		"AWS's own":          {"UnauthorizedOperation", ignore(b.DeleteManagedPrefixList, ctx, &sdk.DeleteManagedPrefixListInput{PrefixListId: b.managedList("com.amazonaws.us-east-1.s3")})},
		"rule of no list":    {"InvalidPrefixListID.NotFound", ignore(b.AuthorizeSecurityGroupEgress, ctx, &sdk.AuthorizeSecurityGroupEgressInput{GroupId: &group, IpPermissions: []types.IpPermission{{IpProtocol: aws.String("-1"), PrefixListIds: []types.PrefixListId{{PrefixListId: aws.String("pl-1")}}}}})},
		"route with two":     {"InvalidParameterCombination", ignore(b.CreateRoute, ctx, &sdk.CreateRouteInput{RouteTableId: &table, DestinationPrefixListId: id, DestinationCidrBlock: aws.String("1.0.0.0/8"), GatewayId: igw.InternetGateways[0].InternetGatewayId})},
		"route to no peer":   {"InvalidVpcPeeringConnectionID.NotFound", ignore(b.CreateRoute, ctx, &sdk.CreateRouteInput{RouteTableId: &table, DestinationCidrBlock: aws.String("1.0.0.0/8"), VpcPeeringConnectionId: aws.String("pcx-1")})},
		"route to an ENI":    {"UnsupportedOperation", ignore(b.CreateRoute, ctx, &sdk.CreateRouteInput{RouteTableId: &table, DestinationCidrBlock: aws.String("1.0.0.0/8"), NetworkInterfaceId: aws.String("eni-1")})},
		"IPv4 to a v6 gate":  {"InvalidGatewayID.NotFound", ignore(b.CreateRoute, ctx, &sdk.CreateRouteInput{RouteTableId: &table, DestinationCidrBlock: aws.String("1.0.0.0/8"), EgressOnlyInternetGatewayId: aws.String("eigw-1")})},
		"endpoint elsewhere": {"InvalidServiceName", ignore(b.CreateVpcEndpoint, ctx, &sdk.CreateVpcEndpointInput{VpcId: &vpc, ServiceName: aws.String("com.amazonaws.us-east-1.nothing")})},
	} {
		if got := servicetest.Code(tt.call()); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
	old, err := b.GetManagedPrefixListEntries(ctx, &sdk.GetManagedPrefixListEntriesInput{PrefixListId: id, TargetVersion: aws.Int64(1)})
	check(t, err)
	if len(old.Entries) != 1 || *old.Entries[0].Description != "Berlin" {
		t.Errorf("version 1 = %+v", old.Entries)
	}
}

func (b *bench) managedList(name string) *string {
	b.Helper()
	out, err := b.DescribeManagedPrefixLists(b.Context(), &sdk.DescribeManagedPrefixListsInput{Filters: filters("prefix-list-name", name)})
	check(b, err)
	return out.PrefixLists[0].PrefixListId
}

// planned is what the data plane gets: the blocks of a group's rules and of a
// table's routes.
func (b *bench) planned(vpc, group, table string) string {
	snap := b.env.Store.Snapshot()
	row, _ := VPCs.Get(snap, scope.Key(vpc))
	cfg := network(snap, scope, row)
	var text []string
	for _, r := range cfg.Groups[slices.IndexFunc(cfg.Groups, func(g firewall.Group) bool { return g.ID == group })].Ingress {
		text = append(text, r.Peer.String())
	}
	text = append(text, "|")
	for _, t := range cfg.Tables {
		for _, r := range t.Routes {
			if t.ID == table {
				text = append(text, r.Destination.String())
			}
		}
	}
	return strings.Join(text, " ")
}

func TestEndpointsAreKeptWhole(t *testing.T) {
	b := newBench(t, "")
	ctx := t.Context()
	vpc := b.vpc("10.0.0.0/16")
	first, second := b.subnet(vpc, "10.0.0.0/24", "us-east-1a"), b.subnet(vpc, "10.0.1.0/24", "us-east-1b")
	table := b.mainTable(vpc)
	gateway, err := b.CreateVpcEndpoint(ctx, &sdk.CreateVpcEndpointInput{VpcId: &vpc, ServiceName: aws.String("com.amazonaws.us-east-1.s3"), RouteTableIds: []string{table}})
	check(t, err)
	tables, err := b.DescribeRouteTables(ctx, &sdk.DescribeRouteTablesInput{RouteTableIds: []string{table}})
	check(t, err)
	route := tables.RouteTables[0].Routes[1]
	if *route.GatewayId != *gateway.VpcEndpoint.VpcEndpointId || *route.DestinationPrefixListId != *b.managedList("com.amazonaws.us-east-1.s3") || route.State != "active" {
		t.Errorf("the endpoint's route = %+v", route)
	}
	out, err := b.CreateVpcEndpoint(ctx, &sdk.CreateVpcEndpointInput{
		VpcId: &vpc, ServiceName: aws.String("com.amazonaws.us-east-1.ecr.api"), VpcEndpointType: "Interface", SubnetIds: []string{first}, TagSpecifications: tagged("vpc-endpoint", "k", "v"),
	})
	check(t, err)
	id := out.VpcEndpoint.VpcEndpointId
	other := b.group(vpc, "other")
	_, err = b.ModifyVpcEndpoint(ctx, &sdk.ModifyVpcEndpointInput{VpcEndpointId: id, AddSubnetIds: []string{second}, AddSecurityGroupIds: []string{other}, RemoveSecurityGroupIds: []string{*b.defaultGroup(vpc)}})
	check(t, err)
	shown, err := b.DescribeVpcEndpoints(ctx, &sdk.DescribeVpcEndpointsInput{Filters: filters("service-name", "*.ecr.api", "tag:k", "v")})
	check(t, err)
	e := shown.VpcEndpoints[0]
	if len(e.SubnetIds) != 2 || len(e.NetworkInterfaceIds) != 2 || *e.Groups[0].GroupId != other || *e.DnsEntries[3].DnsName != "api.ecr.us-east-1.amazonaws.com" {
		t.Errorf("DescribeVpcEndpoints = %+v", e)
	}
	enis, err := b.DescribeNetworkInterfaces(ctx, &sdk.DescribeNetworkInterfacesInput{NetworkInterfaceIds: e.NetworkInterfaceIds})
	check(t, err)
	if i := enis.NetworkInterfaces[0]; i.InterfaceType != "vpc_endpoint" || !*i.RequesterManaged || *i.Groups[0].GroupId != other {
		t.Errorf("its interface = %+v", i)
	}
	for name, tt := range map[string]struct {
		want string
		call func() error
	}{
		"two in one zone":  {"DuplicateSubnetsInSameZone", ignore(b.ModifyVpcEndpoint, ctx, &sdk.ModifyVpcEndpointInput{VpcEndpointId: id, AddSubnetIds: []string{b.subnet(vpc, "10.0.2.0/24", "us-east-1a")}})},
		"subnet in use":    {"DependencyViolation", ignore(b.DeleteSubnet, ctx, &sdk.DeleteSubnetInput{SubnetId: &first})},
		"group in use":     {"DependencyViolation", ignore(b.DeleteSecurityGroup, ctx, &sdk.DeleteSecurityGroupInput{GroupId: &other})},
		"no such endpoint": {"InvalidVpcEndpointId.NotFound", ignore(b.DescribeVpcEndpoints, ctx, &sdk.DescribeVpcEndpointsInput{VpcEndpointIds: []string{"vpce-1"}})},
		"second of S3":     {"RouteAlreadyExists", ignore(b.CreateVpcEndpoint, ctx, &sdk.CreateVpcEndpointInput{VpcId: &vpc, ServiceName: aws.String("com.amazonaws.us-east-1.s3"), RouteTableIds: []string{table}})},
		"broken policy":    {"InvalidPolicyDocument", ignore(b.ModifyVpcEndpoint, ctx, &sdk.ModifyVpcEndpointInput{VpcEndpointId: id, PolicyDocument: aws.String("{")})},
	} {
		if got := servicetest.Code(tt.call()); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
	gone, err := b.DeleteVpcEndpoints(ctx, &sdk.DeleteVpcEndpointsInput{VpcEndpointIds: []string{*id, *gateway.VpcEndpoint.VpcEndpointId, "vpce-1"}})
	check(t, err)
	if len(gone.Unsuccessful) != 1 || *gone.Unsuccessful[0].Error.Code != "InvalidVpcEndpoint.NotFound" {
		t.Errorf("DeleteVpcEndpoints = %+v", gone.Unsuccessful)
	}
	_, err = b.DeleteSubnet(ctx, &sdk.DeleteSubnetInput{SubnetId: &first})
	check(t, err)
}
