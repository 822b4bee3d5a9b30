package ec2

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"apex/internal/service/servicetest"
	"apex/internal/store"
)

func TestAddressesMoveBetweenInterfaces(t *testing.T) {
	b := newBench(t, "")
	ctx := t.Context()
	subnet := b.subnet(b.vpc("10.0.0.0/16"), "10.0.0.0/24", "us-east-1a")
	var ids []*string
	for _, address := range []string{"10.0.0.50", "10.0.0.51"} {
		out, err := b.CreateNetworkInterface(ctx, &sdk.CreateNetworkInterfaceInput{
			SubnetId: &subnet, PrivateIpAddress: &address, Description: aws.String("of a test"), TagSpecifications: tagged("network-interface", "k", "v"),
		})
		check(t, err)
		ids = append(ids, out.NetworkInterface.NetworkInterfaceId)
	}
	elastic, err := b.AllocateAddress(ctx, &sdk.AllocateAddressInput{Domain: types.DomainTypeVpc})
	check(t, err)
	_, err = b.AssociateAddress(ctx, &sdk.AssociateAddressInput{AllocationId: elastic.AllocationId, NetworkInterfaceId: ids[0]})
	check(t, err)
	_, err = b.AssociateAddress(ctx, &sdk.AssociateAddressInput{AllocationId: elastic.AllocationId, NetworkInterfaceId: ids[1]})
	if got := servicetest.Code(err); got != "Resource.AlreadyAssociated" {
		t.Errorf("a second association: %s", got)
	}
	_, err = b.AssociateAddress(ctx, &sdk.AssociateAddressInput{AllocationId: elastic.AllocationId, NetworkInterfaceId: ids[1], AllowReassociation: aws.Bool(true)})
	check(t, err)
	found, err := b.DescribeNetworkInterfaces(ctx, &sdk.DescribeNetworkInterfacesInput{Filters: []types.Filter{
		{Name: aws.String("association.public-ip"), Values: []string{*elastic.PublicIp}}, {Name: aws.String("tag-key"), Values: []string{"k"}},
	}})
	check(t, err)
	if len(found.NetworkInterfaces) != 1 || *found.NetworkInterfaces[0].NetworkInterfaceId != *ids[1] {
		t.Fatalf("the address is on %+v", found.NetworkInterfaces)
	}
	addresses, err := b.DescribeAddresses(ctx, &sdk.DescribeAddressesInput{PublicIps: []string{*elastic.PublicIp}})
	check(t, err)
	if got := addresses.Addresses[0]; *got.PrivateIpAddress != "10.0.0.51" {
		t.Errorf("the address: %+v", got)
	}
	_, err = b.DisassociateAddress(ctx, &sdk.DisassociateAddressInput{AssociationId: addresses.Addresses[0].AssociationId})
	check(t, err)
	for _, id := range ids {
		_, err = b.DeleteNetworkInterface(ctx, &sdk.DeleteNetworkInterfaceInput{NetworkInterfaceId: id})
		check(t, err)
	}
	_, err = b.ModifyAddressAttribute(ctx, &sdk.ModifyAddressAttributeInput{AllocationId: elastic.AllocationId, DomainName: aws.String("mail.example.")})
	check(t, err)
	attributes, err := b.DescribeAddressesAttribute(ctx, &sdk.DescribeAddressesAttributeInput{AllocationIds: []string{*elastic.AllocationId}})
	check(t, err)
	if got := aws.ToString(attributes.Addresses[0].PtrRecord); got != "mail.example." {
		t.Errorf("the reverse name is %q", got)
	}
	_, err = b.ReleaseAddress(ctx, &sdk.ReleaseAddressInput{AllocationId: elastic.AllocationId})
	check(t, err)
}

func TestInterfaceAttributes(t *testing.T) {
	b := newBench(t, "")
	ctx := t.Context()
	vpc := b.vpc("10.0.0.0/16")
	group := b.group(vpc, "web")
	out, err := b.CreateNetworkInterface(ctx, &sdk.CreateNetworkInterfaceInput{SubnetId: aws.String(b.subnet(vpc, "10.0.0.0/24", "us-east-1b"))})
	check(t, err)
	id := out.NetworkInterface.NetworkInterfaceId
	if got := out.NetworkInterface; *got.AvailabilityZone != "us-east-1b" || *got.PrivateIpAddress != "10.0.0.4" || *got.PrivateDnsName != "ip-10-0-0-4.ec2.internal" || *got.Groups[0].GroupName != "default" {
		t.Errorf("a new interface: %+v", got)
	}
	_, err = b.ModifyNetworkInterfaceAttribute(ctx, &sdk.ModifyNetworkInterfaceAttributeInput{NetworkInterfaceId: id, Groups: []string{group}})
	check(t, err)
	_, err = b.ModifyNetworkInterfaceAttribute(ctx, &sdk.ModifyNetworkInterfaceAttributeInput{NetworkInterfaceId: id, Description: &types.AttributeValue{Value: aws.String("changed")}})
	check(t, err)
	_, err = b.ModifyNetworkInterfaceAttribute(ctx, &sdk.ModifyNetworkInterfaceAttributeInput{NetworkInterfaceId: id, SourceDestCheck: &types.AttributeBooleanValue{Value: aws.Bool(false)}})
	if got := servicetest.Code(err); got != "UnsupportedOperation" {
		t.Errorf("turning the source check off: %s", got)
	}
	for attribute, want := range map[types.NetworkInterfaceAttribute]string{"description": "changed", "groupSet": group, "sourceDestCheck": "true"} {
		out, err := b.DescribeNetworkInterfaceAttribute(ctx, &sdk.DescribeNetworkInterfaceAttributeInput{NetworkInterfaceId: id, Attribute: attribute})
		check(t, err)
		got := ""
		switch {
		case out.Description != nil:
			got = *out.Description.Value
		case len(out.Groups) > 0:
			got = *out.Groups[0].GroupId
		case *out.SourceDestCheck.Value:
			got = "true"
		}
		if got != want {
			t.Errorf("%s = %q, want %q", attribute, got, want)
		}
	}
	_, err = b.DeleteSecurityGroup(ctx, &sdk.DeleteSecurityGroupInput{GroupId: &group})
	if got := servicetest.Code(err); got != "DependencyViolation" {
		t.Errorf("deleting a group in use: %s", got)
	}
}

func TestRouteTablesChange(t *testing.T) {
	b := newBench(t, "")
	ctx := t.Context()
	vpc := b.vpc("10.0.0.0/16")
	subnet, igw := b.subnet(vpc, "10.0.0.0/24", "us-east-1a"), b.gateway(vpc)
	first := b.routed(vpc, igw, subnet)
	nat, _ := b.nat(subnet)
	second := b.routed(vpc, igw)
	_, err := b.ReplaceRoute(ctx, &sdk.ReplaceRouteInput{RouteTableId: &second, DestinationCidrBlock: aws.String("0.0.0.0/0"), NatGatewayId: &nat})
	check(t, err)
	tables := b.tablesWith("association.subnet-id", subnet)
	if *tables[0].RouteTableId != first {
		t.Fatalf("the subnet's table is %s", *tables[0].RouteTableId)
	}
	moved, err := b.ReplaceRouteTableAssociation(ctx, &sdk.ReplaceRouteTableAssociationInput{AssociationId: tables[0].Associations[0].RouteTableAssociationId, RouteTableId: &second})
	check(t, err)
	if got := b.tablesWith("route.nat-gateway-id", nat); *got[0].Associations[0].SubnetId != subnet {
		t.Errorf("the table to the NAT gateway: %+v", got)
	}
	_, err = b.DisassociateRouteTable(ctx, &sdk.DisassociateRouteTableInput{AssociationId: moved.NewAssociationId})
	check(t, err)
	main := b.tablesWith("association.main", "true")[0].Associations[0].RouteTableAssociationId
	_, err = b.ReplaceRouteTableAssociation(ctx, &sdk.ReplaceRouteTableAssociationInput{AssociationId: main, RouteTableId: &first})
	check(t, err)
	if got := b.tablesWith("association.main", "true"); len(got) != 1 || *got[0].RouteTableId != first {
		t.Errorf("the main table: %+v", got)
	}
	_, err = b.DeleteRoute(ctx, &sdk.DeleteRouteInput{RouteTableId: &second, DestinationCidrBlock: aws.String("0.0.0.0/0")})
	check(t, err)
	_, err = b.DeleteRouteTable(ctx, &sdk.DeleteRouteTableInput{RouteTableId: &second})
	check(t, err)
}

func (b *bench) tablesWith(filter, value string) []types.RouteTable {
	b.Helper()
	out, err := b.DescribeRouteTables(b.Context(), &sdk.DescribeRouteTablesInput{Filters: []types.Filter{{Name: &filter, Values: []string{value}}}})
	check(b, err)
	return out.RouteTables
}

func TestVPCAttributesAndBlocks(t *testing.T) {
	b := newBench(t, "")
	ctx := t.Context()
	vpc := b.vpc("10.0.0.0/16")
	_, err := b.ModifyVpcAttribute(ctx, &sdk.ModifyVpcAttributeInput{VpcId: &vpc, EnableDnsHostnames: &types.AttributeBooleanValue{Value: aws.Bool(true)}})
	check(t, err)
	added, err := b.AssociateVpcCidrBlock(ctx, &sdk.AssociateVpcCidrBlockInput{VpcId: &vpc, CidrBlock: aws.String("10.1.0.0/16")})
	check(t, err)
	b.subnet(vpc, "10.1.0.0/24", "us-east-1a")
	_, err = b.DisassociateVpcCidrBlock(ctx, &sdk.DisassociateVpcCidrBlockInput{AssociationId: added.CidrBlockAssociation.AssociationId})
	if got := servicetest.Code(err); got != "DependencyViolation" {
		t.Errorf("taking away a block with a subnet: %s", got)
	}
	_, err = b.AssociateVpcCidrBlock(ctx, &sdk.AssociateVpcCidrBlockInput{VpcId: &vpc, CidrBlock: aws.String("10.1.128.0/17")})
	if got := servicetest.Code(err); got != "InvalidVpc.Range" {
		t.Errorf("adding a block twice: %s", got)
	}
	snap := b.env.Store.Snapshot()
	row, _ := VPCs.Get(snap, scope.Key(vpc))
	if cfg := network(snap, scope, row); len(cfg.CIDRs) != 2 || cfg.NoDNS || !row.Spec.DNSHostnames {
		t.Errorf("config %+v of %+v", cfg, row)
	}
}

func TestGatewaysAreFoundAndLetGo(t *testing.T) {
	b := newBench(t, "")
	ctx := t.Context()
	vpc := b.vpc("10.0.0.0/16")
	igw := b.gateway(vpc)
	out, err := b.DescribeInternetGateways(ctx, &sdk.DescribeInternetGatewaysInput{Filters: []types.Filter{{Name: aws.String("attachment.vpc-id"), Values: []string{vpc}}}})
	check(t, err)
	if len(out.InternetGateways) != 1 || out.InternetGateways[0].Attachments[0].State != "available" {
		t.Errorf("gateways: %+v", out.InternetGateways)
	}
	_, err = b.DetachInternetGateway(ctx, &sdk.DetachInternetGatewayInput{VpcId: &vpc, InternetGatewayId: &igw})
	check(t, err)
	_, err = b.DeleteInternetGateway(ctx, &sdk.DeleteInternetGatewayInput{InternetGatewayId: &igw})
	check(t, err)
	regions, err := b.DescribeRegions(ctx, &sdk.DescribeRegionsInput{})
	check(t, err)
	account, err := b.DescribeAccountAttributes(ctx, &sdk.DescribeAccountAttributesInput{})
	check(t, err)
	instances, err := b.DescribeInstances(ctx, &sdk.DescribeInstancesInput{})
	check(t, err)
	dhcp, err := b.DescribeDhcpOptions(ctx, &sdk.DescribeDhcpOptionsInput{})
	check(t, err)
	if len(regions.Regions) != 1 || len(account.AccountAttributes) != 2 || len(instances.Reservations) != 0 || len(dhcp.DhcpOptions) != 1 {
		t.Errorf("regions %+v, account %+v, instances %+v, DHCP %+v", regions, account, instances, dhcp)
	}
}

func TestFullSubnetHasNoAddressLeft(t *testing.T) {
	b := newBench(t, "")
	subnet := b.subnet(b.vpc("10.0.0.0/16"), "10.0.0.0/28", "us-east-1a")
	request := func() error {
		return b.env.Store.Update(t.Context(), func(tx *store.Tx) error {
			_, err := RequestInterface(tx, scope, InterfaceSpec{SubnetID: subnet})
			return err
		})
	}
	for range 11 {
		check(t, request())
	}
	out, err := b.DescribeSubnets(t.Context(), &sdk.DescribeSubnetsInput{})
	check(t, err)
	if left := *out.Subnets[0].AvailableIpAddressCount; left != 0 {
		t.Errorf("%d addresses are left", left)
	}
	if err := request(); err == nil {
		t.Error("a twelfth interface in a subnet of 16 addresses")
	}
}
