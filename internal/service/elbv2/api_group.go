package elbv2

import (
	"cmp"
	"context"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
	"apex/internal/arn"
	"apex/internal/awsid"
	"apex/internal/service/ec2"
	"apex/internal/store"
)

const (
	trafficPort  = "traffic-port"
	maxCheckPath = 1024
	maxGroups    = 3000 // in a region
)

func (s *Service) createTargetGroup(ctx context.Context, call *api.Call, in *elbv2api.CreateTargetGroupInput) (*elbv2api.CreateTargetGroupOutput, error) {
	scope := scopeOf(call)
	spec, err := groupSpec(call, in)
	if err != nil {
		return nil, err
	}
	var made TargetGroup
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		if _, ok := ec2.VPCs.Get(tx, scope.Key(spec.VPCID)); !ok {
			return invalid("The VPC ID '%s' is not found", spec.VPCID)
		}
		for _, have := range TargetGroups.Prefix(tx, scope.Key("targetgroup/"+spec.Name+"/")) {
			made = have
			return sameGroup(have.Spec, spec)
		}
		if groups := len(maps.Collect(TargetGroups.Prefix(tx, scope.Prefix()))); groups >= maxGroups {
			return elbv2api.NewTooManyTargetGroupsException("%d target groups are the most in a region", maxGroups)
		}
		made = TargetGroup{Key: scope.Key("targetgroup/" + spec.Name + "/" + awsid.Hex(16)), Spec: spec}
		TargetGroups.Put(tx, made)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &elbv2api.CreateTargetGroupOutput{TargetGroups: []elbv2api.TargetGroup{describeGroup(s.env.Store.Snapshot(), &made)}}, nil
}

// sameGroup accepts a repeated call.
func sameGroup(have, want TargetGroupSpec) error {
	if have.Protocol != want.Protocol || have.Version != want.Version || have.Port != want.Port || have.VPCID != want.VPCID || !reflect.DeepEqual(have.Check, want.Check) {
		return elbv2api.NewDuplicateTargetGroupNameException("A target group with the same name '%s' exists, but with different settings", want.Name)
	}
	return nil
}

func groupSpec(call *api.Call, in *elbv2api.CreateTargetGroupInput) (spec TargetGroupSpec, err error) {
	spec = TargetGroupSpec{
		Name: api.Val(in.Name), Protocol: api.Val(in.Protocol), Port: int(api.Val(in.Port)),
		VPCID: api.Val(in.VpcId), CreatedAt: call.Now,
		Version: versionOf(in.ProtocolVersion),
	}
	spec.Check = defaultCheck(spec.Version)
	if err := checkName(spec.Name); err != nil {
		return spec, err
	}
	if err := checkGroup(in); err != nil {
		return spec, err
	}
	spec.Check.change(checkChange{
		in.HealthCheckEnabled, in.HealthCheckProtocol, in.HealthCheckPort, in.HealthCheckPath,
		in.HealthCheckIntervalSeconds, in.HealthCheckTimeoutSeconds, in.HealthyThresholdCount, in.UnhealthyThresholdCount, in.Matcher,
	})
	if err := spec.Check.validate(spec.Version, in.Matcher); err != nil {
		return spec, err
	}
	spec.Tags, err = newTags(in.Tags)
	return spec, err
}

func checkGroup(in *elbv2api.CreateTargetGroupInput) error {
	if t := api.Or(in.TargetType, elbv2api.TargetTypeEnumInstance); t != elbv2api.TargetTypeEnumIp {
		return notBuilt("target type %s", t)
	}
	switch p := api.Val(in.Protocol); p {
	case elbv2api.ProtocolEnumHttp, elbv2api.ProtocolEnumHttps:
	case "":
		return invalid("A protocol must be specified")
	default:
		return notBuilt("target groups of protocol %s", p)
	}
	if v := cmp.Or(api.Val(in.ProtocolVersion), versionHTTP1); v != versionHTTP1 && v != versionHTTP2 && v != versionGRPC {
		return invalid("Protocol version '%s' must be one of HTTP1, HTTP2, GRPC", v)
	}
	if t := api.Or(in.IpAddressType, elbv2api.TargetGroupIpAddressTypeEnumIpv4); t != elbv2api.TargetGroupIpAddressTypeEnumIpv4 {
		return notBuilt("IP address type %s", t)
	}
	if in.TargetControlPort != nil {
		return notBuilt("target control ports")
	}
	if p := api.Val(in.Port); p < 1 || p > 65535 {
		return invalid("Port '%d' must be from 1 to 65535", p)
	}
	if api.Val(in.VpcId) == "" {
		return invalid("A VPC ID must be specified")
	}
	return nil
}

// A checkChange is what a caller says of a health check; nil leaves a part as it
// is.
type checkChange struct {
	enabled                               *bool
	protocol, port, path                  *string
	interval, timeout, healthy, unhealthy *int64
	matcher                               *elbv2api.Matcher
}

func (c *HealthCheck) change(to checkChange) {
	c.Enabled = api.Or(to.enabled, c.Enabled)
	c.Protocol = api.Or(to.protocol, c.Protocol)
	c.Port = api.Or(to.port, c.Port)
	c.Path = api.Or(to.path, c.Path)
	c.Interval = int(api.Or(to.interval, int64(c.Interval)))
	c.Timeout = int(api.Or(to.timeout, int64(c.Timeout)))
	c.Healthy = int(api.Or(to.healthy, int64(c.Healthy)))
	c.Unhealthy = int(api.Or(to.unhealthy, int64(c.Unhealthy)))
	if to.matcher != nil {
		c.Matcher = api.Or(to.matcher.HttpCode, api.Or(to.matcher.GrpcCode, c.Matcher))
	}
}

var (
	checkPathForm = regexp.MustCompile(`^/[!-~]*$`)
	matcherForm   = regexp.MustCompile(`^[2-4][0-9]{2}(-[2-4][0-9]{2})?(,[2-4][0-9]{2}(-[2-4][0-9]{2})?)*$`)
)

// validate checks a health check of a group of the given version. asked is the
// matcher of the call, if it has one.
func (c *HealthCheck) validate(version string, asked *elbv2api.Matcher) error {
	if err := c.checkMatcher(version, asked); err != nil {
		return err
	}
	within := func(what string, n, low, high int) error {
		if n < low || n > high {
			return invalid("%s '%d' must be from %d to %d", what, n, low, high)
		}
		return nil
	}
	port, err := strconv.Atoi(c.Port)
	switch {
	case !c.Enabled:
		return invalid("Health check enabled must be true for target groups with target type 'ip'")
	case c.Protocol != elbv2api.ProtocolEnumHttp && c.Protocol != elbv2api.ProtocolEnumHttps:
		return notBuilt("health checks by %s", c.Protocol)
	case c.Port != trafficPort && (err != nil || port < 1 || port > 65535):
		return invalid("Health check port '%s' must be '%s' or a number from 1 to 65535", c.Port, trafficPort)
	case !checkPathForm.MatchString(c.Path) || len(c.Path) > maxCheckPath:
		return invalid("Health check path '%s' is not valid", c.Path)
	case c.Timeout > c.Interval:
		return invalid("Health check timeout '%d' must be smaller than or equal to the interval '%d'", c.Timeout, c.Interval)
	}
	for _, err := range []error{
		within("Health check interval", c.Interval, 5, 300), within("Health check timeout", c.Timeout, 2, 120),
		within("Healthy threshold", c.Healthy, 2, 10), within("Unhealthy threshold", c.Unhealthy, 2, 10),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) modifyTargetGroup(ctx context.Context, call *api.Call, in *elbv2api.ModifyTargetGroupInput) (*elbv2api.ModifyTargetGroupOutput, error) {
	key := keyOf(api.Val(in.TargetGroupArn))
	err := s.env.Store.Update(ctx, func(tx *store.Tx) error {
		g, ok := TargetGroups.Get(tx, key)
		if !ok {
			return groupNotFound(api.Val(in.TargetGroupArn))
		}
		check := g.Spec.Check
		check.change(checkChange{
			in.HealthCheckEnabled, in.HealthCheckProtocol, in.HealthCheckPort, in.HealthCheckPath,
			in.HealthCheckIntervalSeconds, in.HealthCheckTimeoutSeconds, in.HealthyThresholdCount, in.UnhealthyThresholdCount, in.Matcher,
		})
		if err := check.validate(g.Spec.Version, in.Matcher); err != nil {
			return err
		}
		TargetGroups.Modify(tx, key, func(g *TargetGroup) { g.Spec.Check = check })
		return nil
	})
	if err != nil {
		return nil, err
	}
	snap := s.env.Store.Snapshot()
	g, _ := TargetGroups.Get(snap, key)
	return &elbv2api.ModifyTargetGroupOutput{TargetGroups: []elbv2api.TargetGroup{describeGroup(snap, &g)}}, nil
}

func (s *Service) deleteTargetGroup(ctx context.Context, call *api.Call, in *elbv2api.DeleteTargetGroupInput) (*elbv2api.DeleteTargetGroupOutput, error) {
	name := api.Val(in.TargetGroupArn)
	key := keyOf(name)
	return nil, s.env.Store.Update(ctx, func(tx *store.Tx) error {
		if balancerOf(tx, key) != "" {
			return elbv2api.NewResourceInUseException("Target group '%s' is currently in use by a listener or a rule", name)
		}
		for _, reg := range registrationsOf(tx, key) {
			Registrations.Delete(tx, reg.Key)
		}
		TargetGroups.Delete(tx, key) // gone already is no error, as AWS answers
		return nil
	})
}

func describeGroup(r store.Reader, g *TargetGroup) elbv2api.TargetGroup {
	c := g.Spec.Check
	out := elbv2api.TargetGroup{
		TargetGroupArn: api.Ptr(g.ARN()), TargetGroupName: api.Ptr(g.Spec.Name), Protocol: api.Ptr(g.Spec.Protocol),
		Port: api.Ptr(int64(g.Spec.Port)), VpcId: api.Ptr(g.Spec.VPCID), TargetType: api.Ptr(elbv2api.TargetTypeEnumIp),
		ProtocolVersion: api.Ptr(cmp.Or(g.Spec.Version, versionHTTP1)), IpAddressType: api.Ptr(elbv2api.TargetGroupIpAddressTypeEnumIpv4),
		HealthCheckProtocol: api.Ptr(c.Protocol), HealthCheckPort: api.Ptr(c.Port), HealthCheckEnabled: api.Ptr(c.Enabled),
		HealthCheckPath: api.Ptr(c.Path), Matcher: matcherOf(g.Spec.Version, c.Matcher),
		HealthCheckIntervalSeconds: api.Ptr(int64(c.Interval)), HealthCheckTimeoutSeconds: api.Ptr(int64(c.Timeout)),
		HealthyThresholdCount: api.Ptr(int64(c.Healthy)), UnhealthyThresholdCount: api.Ptr(int64(c.Unhealthy)),
		LoadBalancerArns: []string{},
	}
	if b := balancerOf(r, g.Key); b != "" {
		out.LoadBalancerArns = []string{arnOf(b)}
	}
	return out
}

func (s *Service) describeTargetGroups(_ context.Context, call *api.Call, in *elbv2api.DescribeTargetGroupsInput) (*elbv2api.DescribeTargetGroupsOutput, error) {
	snap := s.env.Store.Snapshot()
	found, err := groupsAsked(snap, scopeOf(call), in)
	if err != nil {
		return nil, err
	}
	part, next, err := page(found, func(g *TargetGroup) string { return g.Key }, in.Marker, in.PageSize)
	if err != nil {
		return nil, err
	}
	out := &elbv2api.DescribeTargetGroupsOutput{TargetGroups: []elbv2api.TargetGroup{}, NextMarker: next}
	for i := range part {
		out.TargetGroups = append(out.TargetGroups, describeGroup(snap, &part[i]))
	}
	return out, nil
}

// groupsNamed returns the target groups that have both an ARN and a name of
// those that a request names, in the order of their keys.
func groupsNamed(r store.Reader, scope arn.Scope, in *elbv2api.DescribeTargetGroupsInput) ([]TargetGroup, error) {
	found := map[string]TargetGroup{}
	for _, name := range in.TargetGroupArns {
		g, ok := TargetGroups.Get(r, keyOf(name))
		if !ok {
			return nil, elbv2api.NewTargetGroupNotFoundException("One or more target groups not found: %s", name)
		}
		found[g.Key] = g
	}
	named := map[string]TargetGroup{}
	for _, name := range in.Names {
		before := len(named)
		for key, g := range TargetGroups.Prefix(r, scope.Key("targetgroup/"+name+"/")) {
			named[key] = g
		}
		if len(named) == before {
			return nil, elbv2api.NewTargetGroupNotFoundException("One or more target groups not found: %s", name)
		}
	}
	switch {
	case len(in.TargetGroupArns) == 0:
		found = named
	case len(in.Names) > 0:
		maps.DeleteFunc(found, func(key string, _ TargetGroup) bool { _, ok := named[key]; return !ok })
	}
	return slices.SortedFunc(maps.Values(found), func(a, b TargetGroup) int { return strings.Compare(a.Key, b.Key) }), nil
}

// groupsAsked returns the target groups that a request names by load balancer,
// ARN or name, or all.
func groupsAsked(r store.Reader, scope arn.Scope, in *elbv2api.DescribeTargetGroupsInput) (found []TargetGroup, err error) {
	if in.LoadBalancerArn == nil && len(in.TargetGroupArns)+len(in.Names) > 0 {
		return groupsNamed(r, scope, in)
	}
	var used []string
	if in.LoadBalancerArn != nil {
		if _, ok := LoadBalancers.Get(r, keyOf(*in.LoadBalancerArn)); !ok {
			return nil, balancerNotFound(*in.LoadBalancerArn)
		}
		used = groupsUsedBy(r, keyOf(*in.LoadBalancerArn))
	}
	seen := map[string]bool{}
	for key, g := range TargetGroups.Prefix(r, scope.Prefix()) {
		seen[g.ARN()], seen[g.Spec.Name] = true, true
		asked := (in.LoadBalancerArn == nil || slices.Contains(used, key)) &&
			(len(in.TargetGroupArns) == 0 || slices.Contains(in.TargetGroupArns, g.ARN())) &&
			(len(in.Names) == 0 || slices.Contains(in.Names, g.Spec.Name))
		if asked {
			found = append(found, g)
		}
	}
	for _, name := range append(slices.Clone(in.TargetGroupArns), in.Names...) {
		if !seen[name] {
			return nil, elbv2api.NewTargetGroupNotFoundException("One or more target groups not found: %s", name)
		}
	}
	return found, nil
}
