package elbv2

import (
	"context"
	"slices"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
)

// hostedZones are the DNS zones of AWS's load balancers, for alias records.
var hostedZones = map[string]string{
	"us-east-1": "Z35SXDOTRQ7X7K", "us-east-2": "Z3AADJGX6KTTL2", "us-west-1": "Z368ELLRRE2KJ0",
	"us-west-2": "Z1H1FL5HABSF5", "eu-west-1": "Z32O12XQLNTSW2", "eu-central-1": "Z215JYRZR1TBD5",
}

func (s *Service) describeBalancer(b *LoadBalancer) elbv2api.LoadBalancer {
	state := &elbv2api.LoadBalancerState{Code: api.Ptr(elbv2api.LoadBalancerStateEnumProvisioning)}
	if b.Status.State != "" {
		state.Code = api.Ptr(b.Status.State)
	}
	if b.Status.Reason != "" {
		state.Reason = api.Ptr(b.Status.Reason)
	}
	out := elbv2api.LoadBalancer{
		LoadBalancerArn: api.Ptr(b.ARN()), LoadBalancerName: api.Ptr(b.Spec.Name), DNSName: api.Ptr(b.Spec.DNSName),
		CreatedTime: api.Ptr(b.Spec.CreatedAt), Scheme: api.Ptr(b.Spec.Scheme), VpcId: api.Ptr(b.Spec.VPCID),
		State: state, Type: api.Ptr(elbv2api.LoadBalancerTypeEnumApplication), SecurityGroups: b.Spec.SecurityGroups,
		IpAddressType:         api.Ptr(elbv2api.IpAddressTypeIpv4),
		CanonicalHostedZoneId: api.Ptr(hostedZones["us-east-1"]),
	}
	if zone, ok := hostedZones[s.env.Region]; ok {
		out.CanonicalHostedZoneId = api.Ptr(zone)
	}
	out.AvailabilityZones = zonesDescribed(b.Spec.Nodes)
	return out
}

func zonesDescribed(nodes []Node) (zones []elbv2api.AvailabilityZone) {
	for _, n := range nodes {
		zones = append(zones, elbv2api.AvailabilityZone{
			ZoneName: api.Ptr(n.Zone), SubnetId: api.Ptr(n.SubnetID), LoadBalancerAddresses: []elbv2api.LoadBalancerAddress{},
		})
	}
	return zones
}

func (s *Service) describeLoadBalancers(_ context.Context, call *api.Call, in *elbv2api.DescribeLoadBalancersInput) (*elbv2api.DescribeLoadBalancersOutput, error) {
	if len(in.LoadBalancerArns) > 0 && len(in.Names) > 0 {
		return nil, invalid("Load balancer names and load balancer ARNs cannot be specified at the same time")
	}
	snap := s.env.Store.Snapshot()
	var found []LoadBalancer
	for _, b := range LoadBalancers.Prefix(snap, scopeOf(call).Prefix()) {
		named := len(in.Names) == 0 || slices.Contains(in.Names, b.Spec.Name)
		if named && (len(in.LoadBalancerArns) == 0 || slices.Contains(in.LoadBalancerArns, b.ARN())) {
			found = append(found, b)
		}
	}
	for _, name := range in.Names {
		if !slices.ContainsFunc(found, func(b LoadBalancer) bool { return b.Spec.Name == name }) {
			return nil, elbv2api.NewLoadBalancerNotFoundException("Load balancers '[%s]' not found", name)
		}
	}
	for _, name := range in.LoadBalancerArns {
		if !slices.ContainsFunc(found, func(b LoadBalancer) bool { return b.ARN() == name }) {
			return nil, elbv2api.NewLoadBalancerNotFoundException("Load balancers '[%s]' not found", name)
		}
	}
	part, next, err := page(found, func(b *LoadBalancer) string { return b.Key }, in.Marker, in.PageSize)
	if err != nil {
		return nil, err
	}
	out := &elbv2api.DescribeLoadBalancersOutput{LoadBalancers: []elbv2api.LoadBalancer{}, NextMarker: next}
	for i := range part {
		out.LoadBalancers = append(out.LoadBalancers, s.describeBalancer(&part[i]))
	}
	return out, nil
}

func (s *Service) describeCapacityReservation(_ context.Context, call *api.Call, in *elbv2api.DescribeCapacityReservationInput) (*elbv2api.DescribeCapacityReservationOutput, error) {
	if _, ok := LoadBalancers.Get(s.env.Store.Snapshot(), keyOf(api.Val(in.LoadBalancerArn))); !ok {
		return nil, balancerNotFound(api.Val(in.LoadBalancerArn))
	}
	return &elbv2api.DescribeCapacityReservationOutput{}, nil // none can be made
}
