package elbv2

import (
	"context"
	"net/netip"
	"slices"
	"strconv"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
	"apex/internal/arn"
	"apex/internal/service/ec2"
	"apex/internal/store"
)

const maxTargets = 1000

func (s *Service) registerTargets(ctx context.Context, call *api.Call, in *elbv2api.RegisterTargetsInput) (*elbv2api.RegisterTargetsOutput, error) {
	name := api.Val(in.TargetGroupArn)
	return nil, s.env.Store.Update(ctx, func(tx *store.Tx) error {
		group, ok := TargetGroups.Get(tx, keyOf(name))
		if !ok {
			return groupNotFound(name)
		}
		if len(registrationsOf(tx, group.Key))+len(in.Targets) > maxTargets {
			return elbv2api.NewTooManyTargetsException("%d targets are the most of a target group", maxTargets)
		}
		if targetsBeside(tx, group.Key)+len(in.Targets) > maxTargets {
			return elbv2api.NewTooManyTargetsException("%d targets are the most of a load balancer", maxTargets)
		}
		for _, d := range in.Targets {
			t, err := targetIn(tx, &group, d)
			if err != nil {
				return err
			}
			if err := RegisterTarget(tx, name, t); err != nil {
				return err
			}
		}
		return nil
	})
}

// targetsBeside counts the targets of the load balancer that uses the group.
func targetsBeside(r store.Reader, group string) (n int) {
	for _, key := range groupsUsedBy(r, balancerOf(r, group)) {
		n += len(registrationsOf(r, key))
	}
	return n
}

// outside are the addresses that a target beyond the VPC may have.
var outside = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
}

// targetIn checks a target against its group's VPC and finds its zone.
func targetIn(r store.Reader, group *TargetGroup, d elbv2api.TargetDescription) (Target, error) {
	ip, err := netip.ParseAddr(api.Val(d.Id))
	if err != nil || !ip.Is4() {
		return Target{}, invalid("The IP address '%s' is not a valid IPv4 address", api.Val(d.Id))
	}
	t := Target{IP: ip, Port: int(api.Or(d.Port, int64(group.Spec.Port))), Zone: api.Val(d.AvailabilityZone)}
	if t.Port < 1 || t.Port > 65535 {
		return t, invalid("Port '%d' must be from 1 to 65535", t.Port)
	}
	scope, _ := arn.SplitKey(group.Key)
	for _, subnet := range ec2.Subnets.Prefix(r, scope.Prefix()) {
		if subnet.Spec.VPCID == group.Spec.VPCID && subnet.Spec.CIDR.Contains(ip) {
			t.Zone = subnet.Spec.Zone
			return t, nil
		}
	}
	if t.Zone != "all" || !slices.ContainsFunc(outside, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return t, elbv2api.NewInvalidTargetException("The IP address '%s' is not within a subnet of VPC %s; an outside address needs the Availability Zone 'all'", ip, group.Spec.VPCID)
	}
	return t, nil
}

func (s *Service) deregisterTargets(ctx context.Context, call *api.Call, in *elbv2api.DeregisterTargetsInput) (*elbv2api.DeregisterTargetsOutput, error) {
	name := api.Val(in.TargetGroupArn)
	return nil, s.env.Store.Update(ctx, func(tx *store.Tx) error {
		group, ok := TargetGroups.Get(tx, keyOf(name))
		if !ok {
			return groupNotFound(name)
		}
		for _, reg := range registrationsOf(tx, group.Key) {
			named := slices.ContainsFunc(in.Targets, func(d elbv2api.TargetDescription) bool { return names(d, reg.Spec.Target) })
			if !named {
				continue
			}
			if err := DeregisterTarget(tx, name, reg.Spec.Target); err != nil {
				return err
			}
		}
		return nil
	})
}

// names reports whether a description means the target: without a port it means
// the address at all its ports.
func names(d elbv2api.TargetDescription, t Target) bool {
	return api.Val(d.Id) == t.IP.String() && (d.Port == nil || int(*d.Port) == t.Port)
}

func (s *Service) describeTargetHealth(_ context.Context, call *api.Call, in *elbv2api.DescribeTargetHealthInput) (*elbv2api.DescribeTargetHealthOutput, error) {
	snap := s.env.Store.Snapshot()
	group, ok := TargetGroups.Get(snap, keyOf(api.Val(in.TargetGroupArn)))
	if !ok {
		return nil, groupNotFound(api.Val(in.TargetGroupArn))
	}
	out := &elbv2api.DescribeTargetHealthOutput{TargetHealthDescriptions: []elbv2api.TargetHealthDescription{}}
	var observed map[string]Observed
	if len(in.Include) > 0 {
		b, _ := LoadBalancers.Get(snap, balancerOf(snap, group.Key))
		observed = b.Status.Targets
	}
	seen := make([]bool, len(in.Targets))
	for _, reg := range registrationsOf(snap, group.Key) {
		asked := len(in.Targets) == 0
		for i, d := range in.Targets {
			if names(d, reg.Spec.Target) {
				asked, seen[i] = true, true
			}
		}
		if asked {
			d := describeHealth(&group, reg.Spec.Target, reg.statusNow())
			d.AnomalyDetection = describeAnomaly(observed, reg.Key)
			out.TargetHealthDescriptions = append(out.TargetHealthDescriptions, d)
		}
	}
	for i, d := range in.Targets {
		if ip, err := netip.ParseAddr(api.Val(d.Id)); !seen[i] && err == nil {
			t := Target{IP: ip, Port: int(api.Or(d.Port, int64(group.Spec.Port)))}
			out.TargetHealthDescriptions = append(out.TargetHealthDescriptions, describeHealth(&group, t, notRegistered()))
		}
	}
	return out, nil
}

// describeAnomaly says how a target compares with its peers; nil where that was
// not asked for or the target gets no requests.
func describeAnomaly(observed map[string]Observed, key string) *elbv2api.AnomalyDetection {
	o, ok := observed[key]
	if !ok {
		return nil
	}
	out := &elbv2api.AnomalyDetection{
		Result:             api.Ptr(elbv2api.AnomalyResultEnumNormal),
		MitigationInEffect: api.Ptr(elbv2api.MitigationInEffectEnumNo),
	}
	if o.Anomalous {
		out.Result = api.Ptr(elbv2api.AnomalyResultEnumAnomalous)
	}
	if o.Mitigated {
		out.MitigationInEffect = api.Ptr(elbv2api.MitigationInEffectEnumYes)
	}
	return out
}

func describeHealth(g *TargetGroup, t Target, status RegistrationStatus) elbv2api.TargetHealthDescription {
	health := &elbv2api.TargetHealth{State: api.Ptr(status.State)}
	if status.Reason != "" {
		health.Reason, health.Description = api.Ptr(status.Reason), api.Ptr(status.Description)
	}
	port := g.Spec.Check.Port
	if port == trafficPort {
		port = strconv.Itoa(t.Port)
	}
	d := elbv2api.TargetHealthDescription{
		Target:          &elbv2api.TargetDescription{Id: api.Ptr(t.IP.String()), Port: api.Ptr(int64(t.Port))},
		HealthCheckPort: api.Ptr(port), TargetHealth: health,
	}
	if t.Zone != "" {
		d.Target.AvailabilityZone = api.Ptr(t.Zone)
	}
	return d
}
