package ec2

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/arn"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

// A call made again with its token creates nothing; with other parameters it is
// refused.
func TestClientTokens(t *testing.T) {
	b := newBench(t, "")
	ctx := t.Context()
	vpc := b.vpc("10.0.0.0/16")
	subnet := b.subnet(vpc, "10.0.0.0/24", "us-east-1a")
	create := func(token, description string) (string, error) {
		out, err := b.CreateNetworkInterface(ctx, &sdk.CreateNetworkInterfaceInput{SubnetId: &subnet, Description: &description, ClientToken: &token})
		if err != nil {
			return "", err
		}
		return *out.NetworkInterface.NetworkInterfaceId, nil
	}
	first, err := create("one", "a")
	check(t, err)
	again, err := create("one", "a")
	check(t, err)
	other, err := create("two", "a")
	check(t, err)
	if first != again || first == other {
		t.Errorf("interfaces %s, %s with one token, %s with another", first, again, other)
	}
	if _, err := create("one", "b"); servicetest.Code(err) != "IdempotentParameterMismatch" {
		t.Errorf("a used token with other parameters: %v", err)
	}
	if n := NetworkInterfaces.Len(b.env.Store.Snapshot()); n != 2 {
		t.Errorf("%d interfaces", n)
	}
}

func TestDefaultVPC(t *testing.T) {
	b := newBench(t, "")
	ctx := t.Context()
	web := &sdk.CreateSecurityGroupInput{GroupName: aws.String("web"), Description: aws.String("web")}
	if _, err := b.CreateSecurityGroup(ctx, web); servicetest.Code(err) != "VPCIdNotSpecified" {
		t.Errorf("a group of no VPC: %v", err)
	}
	out, err := b.CreateDefaultVpc(ctx, &sdk.CreateDefaultVpcInput{})
	check(t, err)
	vpc := *out.Vpc.VpcId
	if !*out.Vpc.IsDefault || *out.Vpc.CidrBlock != "172.31.0.0/16" {
		t.Errorf("CreateDefaultVpc = %+v", out.Vpc)
	}
	subnets, err := b.DescribeSubnets(ctx, &sdk.DescribeSubnetsInput{Filters: filters("vpc-id", vpc, "default-for-az", "true", "map-public-ip-on-launch", "true")})
	check(t, err)
	if len(subnets.Subnets) != 3 {
		t.Fatalf("%d default subnets", len(subnets.Subnets))
	}
	routes, err := b.DescribeRouteTables(ctx, &sdk.DescribeRouteTablesInput{Filters: filters("vpc-id", vpc, "route.destination-cidr-block", "0.0.0.0/0", "route.state", "active")})
	check(t, err)
	if len(routes.RouteTables) != 1 {
		t.Errorf("route tables with a way out: %+v", routes.RouteTables)
	}
	group, err := b.CreateSecurityGroup(ctx, web)
	check(t, err)
	_, err = b.AuthorizeSecurityGroupIngress(ctx, &sdk.AuthorizeSecurityGroupIngressInput{GroupName: aws.String("web"), IpProtocol: aws.String("tcp"), FromPort: aws.Int32(80), ToPort: aws.Int32(80), CidrIp: aws.String("0.0.0.0/0")})
	check(t, err)
	if rules := b.rules(*group.GroupId, false); len(rules) != 1 {
		t.Errorf("rules by the group's name: %q", rules)
	}
	first := *subnets.Subnets[0].AvailabilityZone
	again := &sdk.CreateDefaultSubnetInput{AvailabilityZone: &first}
	if _, err := b.CreateDefaultSubnet(ctx, again); servicetest.Code(err) != "DefaultSubnetAlreadyExistsInAvailabilityZone" {
		t.Errorf("a second default subnet of a zone: %v", err)
	}
	_, err = b.DeleteSubnet(ctx, &sdk.DeleteSubnetInput{SubnetId: subnets.Subnets[0].SubnetId})
	check(t, err)
	back, err := b.CreateDefaultSubnet(ctx, again)
	check(t, err)
	if *back.Subnet.CidrBlock != *subnets.Subnets[0].CidrBlock {
		t.Errorf("the new default subnet has %s, want %s", *back.Subnet.CidrBlock, *subnets.Subnets[0].CidrBlock)
	}
	if _, err := b.CreateDefaultVpc(ctx, &sdk.CreateDefaultVpcInput{}); servicetest.Code(err) != "DefaultVpcAlreadyExists" {
		t.Errorf("a second default VPC: %v", err)
	}
}

func TestIPv6BlocksAreGivenBack(t *testing.T) {
	b := newBench(t, "")
	ctx := t.Context()
	out, err := b.CreateVpc(ctx, &sdk.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16"), AmazonProvidedIpv6CidrBlock: aws.Bool(true)})
	check(t, err)
	vpc, block := out.Vpc.VpcId, *out.Vpc.Ipv6CidrBlockAssociationSet[0].Ipv6CidrBlock
	if block != "2001:db8::/56" || out.Vpc.Ipv6CidrBlockAssociationSet[0].Ipv6CidrBlockState.State != "associated" {
		t.Errorf("the VPC's block: %+v", out.Vpc.Ipv6CidrBlockAssociationSet)
	}
	subnet, err := b.CreateSubnet(ctx, &sdk.CreateSubnetInput{VpcId: vpc, CidrBlock: aws.String("10.0.0.0/24"), Ipv6CidrBlock: aws.String("2001:db8:0:1::/64")})
	check(t, err)
	id := subnet.Subnet.SubnetId
	_, err = b.ModifySubnetAttribute(ctx, &sdk.ModifySubnetAttributeInput{SubnetId: id, AssignIpv6AddressOnCreation: &types.AttributeBooleanValue{Value: aws.Bool(true)}})
	check(t, err)
	shown, err := b.DescribeSubnets(ctx, &sdk.DescribeSubnetsInput{Filters: filters("ipv6-cidr-block-association.ipv6-cidr-block", "2001:db8:0:1::/64")})
	check(t, err)
	if len(shown.Subnets) != 1 || !*shown.Subnets[0].AssignIpv6AddressOnCreation {
		t.Errorf("DescribeSubnets = %+v", shown.Subnets)
	}
	association := out.Vpc.Ipv6CidrBlockAssociationSet[0].AssociationId
	if _, err := b.DisassociateVpcCidrBlock(ctx, &sdk.DisassociateVpcCidrBlockInput{AssociationId: association}); servicetest.Code(err) != "DependencyViolation" {
		t.Errorf("a block in use: %v", err)
	}
	_, err = b.DisassociateSubnetCidrBlock(ctx, &sdk.DisassociateSubnetCidrBlockInput{AssociationId: shown.Subnets[0].Ipv6CidrBlockAssociationSet[0].AssociationId})
	check(t, err)
	_, err = b.DisassociateVpcCidrBlock(ctx, &sdk.DisassociateVpcCidrBlockInput{AssociationId: association})
	check(t, err)
	gate, err := b.CreateEgressOnlyInternetGateway(ctx, &sdk.CreateEgressOnlyInternetGatewayInput{VpcId: vpc})
	check(t, err)
	table := b.mainTable(*vpc)
	_, err = b.CreateRoute(ctx, &sdk.CreateRouteInput{RouteTableId: &table, DestinationIpv6CidrBlock: aws.String("::/0"), EgressOnlyInternetGatewayId: gate.EgressOnlyInternetGateway.EgressOnlyInternetGatewayId})
	check(t, err)
	_, err = b.DeleteRoute(ctx, &sdk.DeleteRouteInput{RouteTableId: &table, DestinationIpv6CidrBlock: aws.String("::/0")})
	check(t, err)
}

func TestSecondaryAddresses(t *testing.T) {
	b := newBench(t, "")
	ctx := t.Context()
	vpc := b.vpc("10.0.0.0/16")
	subnet := b.subnet(vpc, "10.0.0.0/24", "us-east-1a")
	address := func(text string) types.PrivateIpAddressSpecification {
		return types.PrivateIpAddressSpecification{PrivateIpAddress: &text, Primary: aws.Bool(text == "10.0.0.20")}
	}
	out, err := b.CreateNetworkInterface(ctx, &sdk.CreateNetworkInterfaceInput{SubnetId: &subnet, PrivateIpAddresses: []types.PrivateIpAddressSpecification{address("10.0.0.21"), address("10.0.0.20")}})
	check(t, err)
	id := out.NetworkInterface.NetworkInterfaceId
	if *out.NetworkInterface.PrivateIpAddress != "10.0.0.20" || *out.NetworkInterface.PrivateIpAddresses[1].PrivateIpAddress != "10.0.0.21" {
		t.Errorf("CreateNetworkInterface = %+v", out.NetworkInterface.PrivateIpAddresses)
	}
	more, err := b.AssignPrivateIpAddresses(ctx, &sdk.AssignPrivateIpAddressesInput{NetworkInterfaceId: id, SecondaryPrivateIpAddressCount: aws.Int32(2)})
	check(t, err)
	if len(more.AssignedPrivateIpAddresses) != 2 {
		t.Errorf("assigned: %+v", more.AssignedPrivateIpAddresses)
	}
	shown, err := b.DescribeSubnets(ctx, &sdk.DescribeSubnetsInput{SubnetIds: []string{subnet}})
	check(t, err)
	if free := *shown.Subnets[0].AvailableIpAddressCount; free != 251-4 {
		t.Errorf("%d addresses are free, want %d", free, 251-4)
	}
	for name, tt := range map[string]struct {
		want string
		call func() error
	}{
		"taken":       {"InvalidIPAddress.InUse", ignore(b.AssignPrivateIpAddresses, ctx, &sdk.AssignPrivateIpAddressesInput{NetworkInterfaceId: id, PrivateIpAddresses: []string{"10.0.0.21"}})},
		"elsewhere":   {"InvalidParameterValue", ignore(b.AssignPrivateIpAddresses, ctx, &sdk.AssignPrivateIpAddressesInput{NetworkInterfaceId: id, PrivateIpAddresses: []string{"10.0.1.21"}})},
		"the primary": {"InvalidParameterValue", ignore(b.UnassignPrivateIpAddresses, ctx, &sdk.UnassignPrivateIpAddressesInput{NetworkInterfaceId: id, PrivateIpAddresses: []string{"10.0.0.20"}})},
		"no instance": {"InvalidInstanceID.NotFound", ignore(b.AttachNetworkInterface, ctx, &sdk.AttachNetworkInterfaceInput{NetworkInterfaceId: id, InstanceId: aws.String("i-1"), DeviceIndex: aws.Int32(1)})},
	} {
		if got := servicetest.Code(tt.call()); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
	_, err = b.UnassignPrivateIpAddresses(ctx, &sdk.UnassignPrivateIpAddressesInput{NetworkInterfaceId: id, PrivateIpAddresses: []string{"10.0.0.21"}})
	check(t, err)
}

// A peering of two regions is seen, and answered, in the accepter's.
func TestPeeringOfTwoRegions(t *testing.T) {
	b := newBench(t, "")
	ctx := t.Context()
	vpc, far := b.vpc("10.1.0.0/16"), arn.Scope{Account: servicetest.Account, Region: "eu-west-1"}
	b.update(func(tx *store.Tx) error {
		VPCs.Put(tx, VPC{Key: far.Key("vpc-far"), Spec: VPCSpec{Blocks: []Block{{"a", netip.MustParsePrefix("10.2.0.0/16")}}}})
		return nil
	})
	out, err := b.CreateVpcPeeringConnection(ctx, &sdk.CreateVpcPeeringConnectionInput{VpcId: &vpc, PeerVpcId: aws.String("vpc-far"), PeerRegion: &far.Region})
	check(t, err)
	id := out.VpcPeeringConnection.VpcPeeringConnectionId
	if _, err := b.AcceptVpcPeeringConnection(ctx, &sdk.AcceptVpcPeeringConnectionInput{VpcPeeringConnectionId: id}); servicetest.Code(err) != "OperationNotPermitted" {
		t.Errorf("the requester's own word: %v", err)
	}
	accept := func(tx *store.Tx) error {
		_, err := acceptVpcPeeringConnection(change{view{r: tx, scope: far}, tx}, &ec2api.AcceptVpcPeeringConnectionRequest{VpcPeeringConnectionId: id})
		return err
	}
	b.update(accept)
	shown, err := b.DescribeVpcPeeringConnections(ctx, &sdk.DescribeVpcPeeringConnectionsInput{Filters: filters("status-code", "active", "accepter-vpc-info.vpc-id", "vpc-far")})
	check(t, err)
	if len(shown.VpcPeeringConnections) != 1 || *shown.VpcPeeringConnections[0].AccepterVpcInfo.CidrBlock != "10.2.0.0/16" {
		t.Errorf("DescribeVpcPeeringConnections = %+v", shown.VpcPeeringConnections)
	}
	if fault := new(api.Error); !errors.As(b.env.Store.Update(ctx, accept), &fault) || fault.Code != "InvalidStateTransition" {
		t.Errorf("accepted twice: %v", fault)
	}
	row, _ := VPCs.Get(b.env.Store.Snapshot(), far.Key("vpc-far"))
	if peers := network(b.env.Store.Snapshot(), far, row).Peers; len(peers) != 1 || peers[0].Network != vpc {
		t.Errorf("the far network's peers: %+v", peers)
	}
	overlapping, err := b.CreateVpcPeeringConnection(ctx, &sdk.CreateVpcPeeringConnectionInput{VpcId: &vpc, PeerVpcId: aws.String(b.vpc("10.1.0.0/20"))})
	check(t, err)
	if got := overlapping.VpcPeeringConnection.Status; got.Code != "failed" {
		t.Errorf("VPCs with overlapping blocks: %+v", got)
	}
	_, err = b.DeleteVpc(ctx, &sdk.DeleteVpcInput{VpcId: &vpc})
	check(t, err)
	if left := Peerings.Len(b.env.Store.Snapshot()); left != 0 {
		t.Errorf("%d peerings outlive their VPC", left)
	}
}

func TestFlowLogsAndDHCPOptions(t *testing.T) {
	b := newBench(t, "")
	ctx := t.Context()
	vpc := b.vpc("10.0.0.0/16")
	in := &sdk.CreateFlowLogsInput{
		ResourceIds: []string{vpc}, ResourceType: "VPC", TrafficType: "ALL", TagSpecifications: tagged("vpc-flow-log", "k", "v"),
		LogDestination: aws.String("arn:aws:logs:us-east-1:000000000000:log-group:flows:*"), DeliverLogsPermissionArn: aws.String("arn:aws:iam::000000000000:role/flow"),
	}
	_, err := b.CreateFlowLogs(ctx, in)
	check(t, err)
	shown, err := b.DescribeFlowLogs(ctx, &sdk.DescribeFlowLogsInput{Filter: filters("resource-id", vpc, "tag-key", "k")})
	check(t, err)
	if l := shown.FlowLogs[0]; *l.LogGroupName != "flows" || *l.MaxAggregationInterval != 600 || *l.LogFormat != flowFormat {
		t.Errorf("DescribeFlowLogs = %+v", l)
	}
	if _, err := b.CreateFlowLogs(ctx, in); servicetest.Code(err) != "FlowLogAlreadyExists" {
		t.Errorf("the same flow log again: %v", err)
	}
	set, err := b.CreateDhcpOptions(ctx, &sdk.CreateDhcpOptionsInput{DhcpConfigurations: []types.NewDhcpConfiguration{{Key: aws.String("domain-name"), Values: []string{"corp.example"}}}})
	check(t, err)
	id := set.DhcpOptions.DhcpOptionsId
	_, err = b.AssociateDhcpOptions(ctx, &sdk.AssociateDhcpOptionsInput{VpcId: &vpc, DhcpOptionsId: id})
	check(t, err)
	if _, err := b.DeleteDhcpOptions(ctx, &sdk.DeleteDhcpOptionsInput{DhcpOptionsId: id}); servicetest.Code(err) != "DependencyViolation" {
		t.Errorf("options in use: %v", err)
	}
	found, err := b.DescribeDhcpOptions(ctx, &sdk.DescribeDhcpOptionsInput{Filters: filters("key", "domain-name", "value", "corp.*")})
	check(t, err)
	if len(found.DhcpOptions) != 1 || *found.DhcpOptions[0].DhcpOptionsId != *id {
		t.Errorf("DescribeDhcpOptions = %+v", found.DhcpOptions)
	}
	_, err = b.AssociateDhcpOptions(ctx, &sdk.AssociateDhcpOptionsInput{VpcId: &vpc, DhcpOptionsId: aws.String("default")})
	check(t, err)
	_, err = b.DeleteDhcpOptions(ctx, &sdk.DeleteDhcpOptionsInput{DhcpOptionsId: id})
	check(t, err)
}
