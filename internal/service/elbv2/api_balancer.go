package elbv2

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
	"apex/internal/arn"
	"apex/internal/awsid"
	"apex/internal/service/ec2"
	"apex/internal/store"
)

const maxBalancers = 50

var resourceName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$`)

func checkName(name string) error {
	if !resourceName.MatchString(name) {
		return invalid("The name '%s' must have 1 to 32 letters, digits or hyphens, and not begin or end with a hyphen", name)
	}
	return nil
}

func (s *Service) createLoadBalancer(ctx context.Context, call *api.Call, in *elbv2api.CreateLoadBalancerInput) (*elbv2api.CreateLoadBalancerOutput, error) {
	scope := scopeOf(call)
	spec, err := balancerSpec(call, in)
	if err != nil {
		return nil, err
	}
	var made LoadBalancer
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		if have, ok := balancerNamed(tx, scope, spec.Name); ok {
			made = have
			return sameBalancer(&have, in, spec)
		}
		spec.CookieKey = s.cookieKey(balancerKey(scope, spec))
		made, err = addBalancer(tx, scope, spec, subnetsOf(in))
		return err
	})
	if err != nil {
		return nil, err
	}
	return &elbv2api.CreateLoadBalancerOutput{LoadBalancers: []elbv2api.LoadBalancer{s.describeBalancer(&made)}}, nil
}

// balancerSpec checks what needs no look at other rows.
func balancerSpec(call *api.Call, in *elbv2api.CreateLoadBalancerInput) (spec LoadBalancerSpec, err error) {
	spec = LoadBalancerSpec{
		Name: api.Val(in.Name), Scheme: api.Or(in.Scheme, elbv2api.LoadBalancerSchemeEnumInternetFacing),
		SecurityGroups: in.SecurityGroups, CreatedAt: call.Now, ID: awsid.Hex(16),
	}
	if err := checkName(spec.Name); err != nil {
		return spec, err
	}
	if strings.HasPrefix(spec.Name, "internal-") {
		return spec, invalid("The name '%s' must not begin with internal-", spec.Name)
	}
	if t := api.Or(in.Type, elbv2api.LoadBalancerTypeEnumApplication); t != elbv2api.LoadBalancerTypeEnumApplication {
		return spec, notBuilt("load balancers of type %s", t)
	}
	if t := api.Or(in.IpAddressType, elbv2api.IpAddressTypeIpv4); t != elbv2api.IpAddressTypeIpv4 {
		return spec, notBuilt("IP address type %s", t)
	}
	if spec.Scheme != elbv2api.LoadBalancerSchemeEnumInternetFacing && spec.Scheme != elbv2api.LoadBalancerSchemeEnumInternal {
		return spec, elbv2api.NewInvalidSchemeException("Scheme '%s' is not valid", spec.Scheme)
	}
	if len(in.Subnets) > 0 && len(in.SubnetMappings) > 0 {
		return spec, invalid("Specify either subnets or subnet mappings, not both")
	}
	spec.Tags, err = newTags(in.Tags)
	return spec, err
}

func subnetsOf(in *elbv2api.CreateLoadBalancerInput) []string {
	ids := slices.Clone(in.Subnets)
	for _, m := range in.SubnetMappings {
		ids = append(ids, api.Val(m.SubnetId))
	}
	return ids
}

func balancerNamed(r store.Reader, scope arn.Scope, name string) (LoadBalancer, bool) {
	for _, b := range LoadBalancers.Prefix(r, scope.Key("loadbalancer/app/"+name+"/")) {
		return b, true
	}
	return LoadBalancer{}, false
}

// sameBalancer accepts a repeated call.
func sameBalancer(have *LoadBalancer, in *elbv2api.CreateLoadBalancerInput, want LoadBalancerSpec) error {
	subnets, has := subnetsOf(in), []string{}
	for _, n := range have.Spec.Nodes {
		has = append(has, n.SubnetID)
	}
	slices.Sort(subnets)
	slices.Sort(has)
	groups := slices.Sorted(slices.Values(want.SecurityGroups))
	if !slices.Equal(subnets, has) || want.Scheme != have.Spec.Scheme ||
		len(groups) > 0 && !slices.Equal(groups, slices.Sorted(slices.Values(have.Spec.SecurityGroups))) {
		return elbv2api.NewDuplicateLoadBalancerNameException("A load balancer with the same name '%s' exists, but with different settings", want.Name)
	}
	return nil
}

func balancerKey(scope arn.Scope, spec LoadBalancerSpec) string {
	return scope.Key("loadbalancer/app/" + spec.Name + "/" + spec.ID)
}

func addBalancer(tx *store.Tx, scope arn.Scope, spec LoadBalancerSpec, subnets []string) (LoadBalancer, error) {
	var none LoadBalancer
	count := 0
	for range LoadBalancers.Prefix(tx, scope.Prefix()) {
		count++
	}
	if count >= maxBalancers {
		return none, elbv2api.NewTooManyLoadBalancersException("%d load balancers are the most in a region", maxBalancers)
	}
	zones, err := zonesOf(tx, scope, subnets)
	if err != nil {
		return none, err
	}
	spec.VPCID = zones[0].Spec.VPCID
	if spec.Scheme == elbv2api.LoadBalancerSchemeEnumInternetFacing && !hasInternet(tx, scope, spec.VPCID) {
		return none, elbv2api.NewInvalidSubnetException("VPC %s has no internet gateway", spec.VPCID)
	}
	spec.DNSName = dnsName(scope, spec)
	b := LoadBalancer{Key: balancerKey(scope, spec), Spec: spec}
	if err := attach(tx, scope, &b.Spec, zones); err != nil {
		return none, err
	}
	LoadBalancers.Put(tx, b)
	return b, nil
}

// attach gives a load balancer one interface in each of the subnets, keeps those
// it has there, releases the others, and makes its name lead to them.
func attach(tx *store.Tx, scope arn.Scope, spec *LoadBalancerSpec, subnets []ec2.Subnet) error {
	old, addrs := spec.Nodes, []netip.Addr{}
	spec.Nodes = nil
	for _, subnet := range subnets {
		node, err := nodeIn(tx, scope, spec, old, subnet)
		if err != nil {
			return err
		}
		eni, _ := ec2.NetworkInterfaces.Get(tx, scope.Key(node.InterfaceID))
		spec.SecurityGroups = eni.Spec.GroupIDs // the VPC's default group if none was given
		spec.Nodes, addrs = append(spec.Nodes, node), append(addrs, eni.Spec.PrivateIP)
	}
	for _, n := range old {
		if !slices.Contains(spec.Nodes, n) {
			ec2.ReleaseInterface(tx, scope, n.InterfaceID)
		}
	}
	ec2.PutName(tx, scope, spec.VPCID, spec.DNSName, addrs)
	return nil
}

// nodeIn returns the node of a subnet: an old one, or one with a new interface.
func nodeIn(tx *store.Tx, scope arn.Scope, spec *LoadBalancerSpec, old []Node, subnet ec2.Subnet) (Node, error) {
	for _, n := range old {
		if n.SubnetID == subnet.ID() {
			return n, nil
		}
	}
	eni, err := ec2.RequestInterface(tx, scope, ec2.InterfaceSpec{
		SubnetID: subnet.ID(), GroupIDs: spec.SecurityGroups, Requester: "amazon-elb", CreatedAt: spec.CreatedAt,
		Description: "ELB app/" + spec.Name + "/" + spec.ID,
		PublicIP:    spec.Scheme == elbv2api.LoadBalancerSchemeEnumInternetFacing,
	})
	if err != nil {
		return Node{}, groupFault(err)
	}
	return Node{Zone: subnet.Spec.Zone, SubnetID: subnet.ID(), InterfaceID: eni.ID()}, nil
}

// groupFault says in this service's words what is wrong with a security group.
func groupFault(err error) error {
	if e, ok := err.(*api.Error); ok && strings.HasPrefix(e.Code, "InvalidGroup") {
		return elbv2api.NewInvalidSecurityGroupException("%s", e.Message)
	}
	return err
}

// zonesOf checks the subnets of a load balancer: at least two, each in a zone of
// its own, all in one VPC.
func zonesOf(r store.Reader, scope arn.Scope, ids []string) ([]ec2.Subnet, error) {
	var subnets []ec2.Subnet
	for _, id := range ids {
		subnet, ok := ec2.Subnets.Get(r, scope.Key(id))
		if !ok {
			return nil, elbv2api.NewSubnetNotFoundException("The subnet ID '%s' does not exist", id)
		}
		for _, other := range subnets {
			if other.Spec.Zone == subnet.Spec.Zone {
				return nil, elbv2api.NewInvalidConfigurationRequestException("A load balancer cannot be attached to multiple subnets in the same Availability Zone")
			}
			if other.Spec.VPCID != subnet.Spec.VPCID {
				return nil, elbv2api.NewInvalidConfigurationRequestException("All subnets must belong to one VPC")
			}
		}
		subnets = append(subnets, subnet)
	}
	if len(subnets) < 2 {
		return nil, invalid("At least two subnets in two different Availability Zones must be specified")
	}
	slices.SortFunc(subnets, func(a, b ec2.Subnet) int { return cmp.Compare(a.Spec.Zone, b.Spec.Zone) })
	return subnets, nil
}

func hasInternet(r store.Reader, scope arn.Scope, vpcID string) bool {
	for _, g := range ec2.InternetGateways.Prefix(r, scope.Prefix()) {
		if g.Spec.VPCID == vpcID {
			return true
		}
	}
	return false
}

func dnsName(scope arn.Scope, spec LoadBalancerSpec) string {
	name := fmt.Sprintf("%s-%d.%s.elb.amazonaws.com", spec.Name, 1_000_000_000+rand.IntN(1_000_000_000), scope.Region)
	if spec.Scheme == elbv2api.LoadBalancerSchemeEnumInternal {
		name = "internal-" + name
	}
	return strings.ToLower(name)
}

func (s *Service) deleteLoadBalancer(ctx context.Context, call *api.Call, in *elbv2api.DeleteLoadBalancerInput) (*elbv2api.DeleteLoadBalancerOutput, error) {
	key := keyOf(api.Val(in.LoadBalancerArn))
	return nil, s.env.Store.Update(ctx, func(tx *store.Tx) error {
		b, ok := LoadBalancers.Get(tx, key)
		if !ok {
			return nil // gone already, as AWS answers
		}
		if valueOf(loadBalancerAttributes, b.Spec.Attributes, "deletion_protection.enabled") == "true" {
			return elbv2api.NewOperationNotPermittedException("Load balancer '%s' cannot be deleted because deletion protection is enabled", b.ARN())
		}
		for _, l := range listenersOf(tx, key) {
			removeListener(tx, l)
		}
		scope, _ := arn.SplitKey(key)
		for _, n := range b.Spec.Nodes {
			ec2.ReleaseInterface(tx, scope, n.InterfaceID)
		}
		ec2.DeleteName(tx, scope, b.Spec.VPCID, b.Spec.DNSName)
		LoadBalancers.Delete(tx, key)
		return nil
	})
}
