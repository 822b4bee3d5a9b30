package apply

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"apex/internal/graph"
)

// tagged are the filters that find one resource of the stack.
func (r *run) tagged(id graph.ID) []types.Filter {
	var filters []types.Filter
	tags := r.Graph.Tags(id)
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		filters = append(filters, types.Filter{Name: aws.String("tag:" + k), Values: []string{tags[k]}})
	}
	return filters
}

// labels are the tags that a new EC2 resource is made with.
func (r *run) labels(m graph.Meta, t types.ResourceType) []types.TagSpecification {
	tags := []types.Tag{{Key: aws.String("Name"), Value: aws.String(m.Name)}}
	for k, v := range r.Graph.Tags(m.ID) {
		tags = append(tags, types.Tag{Key: &k, Value: &v})
	}
	return []types.TagSpecification{{ResourceType: t, Tags: tags}}
}

func (r *run) vpc(ctx context.Context, v graph.VPC) (fact, Phase, error) {
	found, err := r.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{Filters: r.tagged(v.ID)})
	if err != nil {
		return fact{}, "", err
	}
	if len(found.Vpcs) > 0 {
		if got := aws.ToString(found.Vpcs[0].CidrBlock); got != v.CIDR.String() {
			return fact{}, "", fmt.Errorf("its addresses are %s and cannot become %s: take the stack down with --purge first, or keep network.cidr", got, v.CIDR)
		}
		return fact{ID: *found.Vpcs[0].VpcId}, Unchanged, nil
	}
	made, err := r.ec2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String(v.CIDR.String()), TagSpecifications: r.labels(v.Meta, types.ResourceTypeVpc)})
	if err != nil {
		return fact{}, "", err
	}
	id := *made.Vpc.VpcId
	_, err = r.ec2.ModifyVpcAttribute(ctx, &ec2.ModifyVpcAttributeInput{VpcId: &id, EnableDnsHostnames: &types.AttributeBooleanValue{Value: aws.Bool(true)}})
	return fact{ID: id}, Created, err
}

func (r *run) internetGateway(ctx context.Context, v graph.InternetGateway) (fact, Phase, error) {
	vpc := r.fact(v.VPC).ID
	found, err := r.ec2.DescribeInternetGateways(ctx, &ec2.DescribeInternetGatewaysInput{Filters: r.tagged(v.ID)})
	if err != nil {
		return fact{}, "", err
	}
	phase, id := Unchanged, ""
	if len(found.InternetGateways) > 0 {
		g := found.InternetGateways[0]
		id = *g.InternetGatewayId
		if len(g.Attachments) > 0 {
			return fact{ID: id}, Unchanged, nil
		}
	} else {
		made, err := r.ec2.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{TagSpecifications: r.labels(v.Meta, types.ResourceTypeInternetGateway)})
		if err != nil {
			return fact{}, "", err
		}
		phase, id = Created, *made.InternetGateway.InternetGatewayId
	}
	_, err = r.ec2.AttachInternetGateway(ctx, &ec2.AttachInternetGatewayInput{InternetGatewayId: &id, VpcId: &vpc})
	return fact{ID: id}, phase, err
}

func (r *run) subnet(ctx context.Context, v graph.Subnet) (fact, Phase, error) {
	found, err := r.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: r.tagged(v.ID)})
	if err != nil {
		return fact{}, "", err
	}
	if len(found.Subnets) > 0 {
		s := found.Subnets[0]
		if aws.ToString(s.CidrBlock) != v.CIDR.String() || aws.ToString(s.AvailabilityZone) != v.Zone {
			return fact{}, "", fmt.Errorf("it is %s in %s and cannot become %s in %s: take the stack down with --purge first, or keep the subnets of network",
				aws.ToString(s.CidrBlock), aws.ToString(s.AvailabilityZone), v.CIDR, v.Zone)
		}
		return fact{ID: *s.SubnetId}, Unchanged, nil
	}
	made, err := r.ec2.CreateSubnet(ctx, &ec2.CreateSubnetInput{
		VpcId: aws.String(r.fact(v.VPC).ID), CidrBlock: aws.String(v.CIDR.String()), AvailabilityZone: &v.Zone,
		TagSpecifications: r.labels(v.Meta, types.ResourceTypeSubnet),
	})
	if err != nil {
		return fact{}, "", err
	}
	id := *made.Subnet.SubnetId
	if v.Public {
		_, err = r.ec2.ModifySubnetAttribute(ctx, &ec2.ModifySubnetAttributeInput{SubnetId: &id, MapPublicIpOnLaunch: &types.AttributeBooleanValue{Value: aws.Bool(true)}})
	}
	return fact{ID: id}, Created, err
}

func (r *run) elasticIP(ctx context.Context, v graph.ElasticIP) (fact, Phase, error) {
	found, err := r.ec2.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{Filters: r.tagged(v.ID)})
	if err != nil {
		return fact{}, "", err
	}
	if len(found.Addresses) > 0 {
		return fact{ID: *found.Addresses[0].AllocationId}, Unchanged, nil
	}
	made, err := r.ec2.AllocateAddress(ctx, &ec2.AllocateAddressInput{Domain: types.DomainTypeVpc, TagSpecifications: r.labels(v.Meta, types.ResourceTypeElasticIp)})
	if err != nil {
		return fact{}, "", err
	}
	return fact{ID: *made.AllocationId}, Created, nil
}

func (r *run) natGateway(ctx context.Context, v graph.NATGateway, began time.Time) (fact, Phase, error) {
	filters := append(r.tagged(v.ID), types.Filter{Name: aws.String("state"), Values: []string{"pending", "available"}})
	found, err := r.ec2.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{Filter: filters})
	if err != nil {
		return fact{}, "", err
	}
	phase, id := Unchanged, ""
	if len(found.NatGateways) > 0 {
		id = *found.NatGateways[0].NatGatewayId
	} else {
		made, err := r.ec2.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{
			SubnetId: aws.String(r.fact(v.Subnet).ID), AllocationId: aws.String(r.fact(v.Address).ID),
			TagSpecifications: r.labels(v.Meta, types.ResourceTypeNatgateway),
		})
		if err != nil {
			return fact{}, "", err
		}
		phase, id = Created, *made.NatGateway.NatGatewayId
	}
	return fact{ID: id}, phase, r.wait(ctx, v, began, pollSoon, func() (bool, string, error) {
		out, err := r.ec2.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{NatGatewayIds: []string{id}})
		if err != nil {
			return false, "", err
		}
		if len(out.NatGateways) == 0 {
			return false, "", errGone
		}
		state := out.NatGateways[0].State
		if state == types.NatGatewayStateFailed {
			return false, "", fmt.Errorf("it failed: %s", aws.ToString(out.NatGateways[0].FailureMessage))
		}
		return state == types.NatGatewayStateAvailable, "state " + string(state), nil
	})
}

// How long to pause between looks at what takes a moment, and what takes long.
const (
	pollSoon = 50 * time.Millisecond
	pollSlow = 100 * time.Millisecond
)

func (r *run) routeTable(ctx context.Context, v graph.RouteTable) (fact, Phase, error) {
	found, err := r.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{Filters: r.tagged(v.ID)})
	if err != nil {
		return fact{}, "", err
	}
	phase := Unchanged
	var table types.RouteTable
	if len(found.RouteTables) > 0 {
		table = found.RouteTables[0]
	} else {
		made, err := r.ec2.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: aws.String(r.fact(v.VPC).ID), TagSpecifications: r.labels(v.Meta, types.ResourceTypeRouteTable)})
		if err != nil {
			return fact{}, "", err
		}
		phase, table = Created, *made.RouteTable
	}
	changed, err := r.defaultRoute(ctx, v, table)
	if err != nil {
		return fact{}, "", err
	}
	joined, err := r.associations(ctx, v, table)
	if phase == Unchanged && (changed || joined) {
		phase = Updated
	}
	return fact{ID: *table.RouteTableId}, phase, err
}

// anywhere is the destination of a default route.
const anywhere = "0.0.0.0/0"

// defaultRoute points the way out to the table's gateway, and reports a change.
func (r *run) defaultRoute(ctx context.Context, v graph.RouteTable, table types.RouteTable) (bool, error) {
	have := ""
	for _, route := range table.Routes {
		if aws.ToString(route.DestinationCidrBlock) == anywhere {
			have = aws.ToString(route.GatewayId) + aws.ToString(route.NatGatewayId)
		}
	}
	want := r.fact(v.Gateway).ID
	var gateway, nat *string
	if v.Gateway.Kind() == "NATGateway" {
		nat = &want
	} else {
		gateway = &want
	}
	var err error
	switch {
	case have == want:
		return false, nil
	case want == "":
		_, err = r.ec2.DeleteRoute(ctx, &ec2.DeleteRouteInput{RouteTableId: table.RouteTableId, DestinationCidrBlock: aws.String(anywhere)})
	case have == "":
		_, err = r.ec2.CreateRoute(ctx, &ec2.CreateRouteInput{RouteTableId: table.RouteTableId, DestinationCidrBlock: aws.String(anywhere), GatewayId: gateway, NatGatewayId: nat})
	default:
		_, err = r.ec2.ReplaceRoute(ctx, &ec2.ReplaceRouteInput{RouteTableId: table.RouteTableId, DestinationCidrBlock: aws.String(anywhere), GatewayId: gateway, NatGatewayId: nat})
	}
	return true, err
}

// associations gives the table its subnets, and reports a change.
func (r *run) associations(ctx context.Context, v graph.RouteTable, table types.RouteTable) (bool, error) {
	have := map[string]bool{}
	for _, a := range table.Associations {
		have[aws.ToString(a.SubnetId)] = true
	}
	changed := false
	for _, subnet := range r.ids(v.Subnets) {
		if have[subnet] {
			continue
		}
		changed = true
		if _, err := r.ec2.AssociateRouteTable(ctx, &ec2.AssociateRouteTableInput{RouteTableId: table.RouteTableId, SubnetId: &subnet}); err != nil {
			return changed, err
		}
	}
	return changed, nil
}
