package elbv2

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
	"apex/internal/arn"
	"apex/internal/service/ec2"
	"apex/internal/store"
)

func (s *Service) setSecurityGroups(ctx context.Context, call *api.Call, in *elbv2api.SetSecurityGroupsInput) (*elbv2api.SetSecurityGroupsOutput, error) {
	key := keyOf(api.Val(in.LoadBalancerArn))
	err := s.env.Store.Update(ctx, func(tx *store.Tx) error {
		b, ok := LoadBalancers.Get(tx, key)
		if !ok {
			return balancerNotFound(api.Val(in.LoadBalancerArn))
		}
		scope, _ := arn.SplitKey(key)
		for _, id := range in.SecurityGroups {
			if g, ok := ec2.SecurityGroups.Get(tx, scope.Key(id)); !ok || g.Spec.VPCID != b.Spec.VPCID {
				return elbv2api.NewInvalidSecurityGroupException("Security group '%s' is not in VPC %s", id, b.Spec.VPCID)
			}
		}
		if len(in.SecurityGroups) == 0 {
			return invalid("At least one security group must be specified")
		}
		for _, n := range b.Spec.Nodes {
			ec2.NetworkInterfaces.Modify(tx, scope.Key(n.InterfaceID), func(i *ec2.NetworkInterface) { i.Spec.GroupIDs = in.SecurityGroups })
		}
		LoadBalancers.Modify(tx, key, func(b *LoadBalancer) { b.Spec.SecurityGroups = in.SecurityGroups })
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &elbv2api.SetSecurityGroupsOutput{SecurityGroupIds: in.SecurityGroups}, nil
}

// setSubnets moves a load balancer to other subnets of its VPC. Where it stays
// it keeps its interface, and connections go on.
func (s *Service) setSubnets(ctx context.Context, call *api.Call, in *elbv2api.SetSubnetsInput) (*elbv2api.SetSubnetsOutput, error) {
	if t := api.Or(in.IpAddressType, elbv2api.IpAddressTypeIpv4); t != elbv2api.IpAddressTypeIpv4 {
		return nil, notBuilt("IP address type %s", t)
	}
	key := keyOf(api.Val(in.LoadBalancerArn))
	var spec LoadBalancerSpec
	err := s.env.Store.Update(ctx, func(tx *store.Tx) error {
		b, ok := LoadBalancers.Get(tx, key)
		if !ok {
			return balancerNotFound(api.Val(in.LoadBalancerArn))
		}
		scope, _ := arn.SplitKey(key)
		subnets, err := zonesOf(tx, scope, subnetsOf(&elbv2api.CreateLoadBalancerInput{Subnets: in.Subnets, SubnetMappings: in.SubnetMappings}))
		if err != nil {
			return err
		}
		if subnets[0].Spec.VPCID != b.Spec.VPCID {
			return elbv2api.NewInvalidSubnetException("The subnets are not in VPC %s", b.Spec.VPCID)
		}
		spec = b.Spec
		if err := attach(tx, scope, &spec, subnets); err != nil {
			return err
		}
		LoadBalancers.Modify(tx, key, func(b *LoadBalancer) { b.Spec.Nodes = spec.Nodes })
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &elbv2api.SetSubnetsOutput{AvailabilityZones: zonesDescribed(spec.Nodes), IpAddressType: api.Ptr(elbv2api.IpAddressTypeIpv4)}, nil
}

func (s *Service) setIPAddressType(_ context.Context, call *api.Call, in *elbv2api.SetIpAddressTypeInput) (*elbv2api.SetIpAddressTypeOutput, error) {
	if _, ok := LoadBalancers.Get(s.env.Store.Snapshot(), keyOf(api.Val(in.LoadBalancerArn))); !ok {
		return nil, balancerNotFound(api.Val(in.LoadBalancerArn))
	}
	if t := api.Val(in.IpAddressType); t != elbv2api.IpAddressTypeIpv4 {
		return nil, notBuilt("IP address type %s", t)
	}
	return &elbv2api.SetIpAddressTypeOutput{IpAddressType: in.IpAddressType}, nil
}
