package ecs

import (
	"slices"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/service/ec2"
	"apex/internal/service/elbv2"
	"apex/internal/store"
)

// platformVersion is what LATEST means on Fargate. A service says what it was
// asked for, its deployments what that meant.
const (
	platformVersion = "1.4.0"
	latestPlatform  = "LATEST"
)

// A deploymentRequest is what a caller wants new tasks to be.
type deploymentRequest struct {
	definition, launchType string
	strategy               []ecsapi.CapacityProviderStrategyItem
	platform               *string
	network                *ecsapi.NetworkConfiguration
	balancers              []ecsapi.LoadBalancer
	registries             []ecsapi.ServiceRegistry
	at                     time.Time
}

// newRevision checks a request against what the region has.
func newRevision(r store.Reader, scope arn.Scope, cluster Cluster, want deploymentRequest) (RevisionSpec, error) {
	if want.definition == "" {
		return RevisionSpec{}, invalid("TaskDefinition can not be blank.")
	}
	def, err := runnable(r, scope, want.definition)
	if err != nil {
		return RevisionSpec{}, err
	}
	d := RevisionSpec{
		ID: deploymentID(), TaskDefinition: *def.Definition.TaskDefinitionArn,
		PlatformVersion: platformVersion, Network: withPublicIP(want.network), LoadBalancers: want.balancers, Registries: want.registries, CreatedAt: want.at,
	}
	if d.LaunchType, d.Strategy, err = capacity(cluster, want.launchType, want.strategy); err != nil {
		return RevisionSpec{}, err
	}
	if err := checkPlatform(def, want.platform); err != nil {
		return RevisionSpec{}, err
	}
	if _, err := checkNetwork(r, scope, want.network); err != nil {
		return RevisionSpec{}, err
	}
	if err := checkRegistries(r, want.registries); err != nil {
		return RevisionSpec{}, err
	}
	return d, checkBalancers(r, scope, def, want.balancers)
}

// capacity decides between a launch type and a strategy.
func capacity(cluster Cluster, launchType string, strategy []ecsapi.CapacityProviderStrategyItem) (string, []ecsapi.CapacityProviderStrategyItem, error) {
	if launchType != "" && len(strategy) > 0 {
		return "", nil, invalid("Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.")
	}
	if launchType == "" && len(strategy) == 0 {
		strategy = cluster.Spec.DefaultStrategy
	}
	if len(strategy) > 0 {
		return "", withWeights(strategy), checkStrategy(strategy, cluster.Spec.Providers)
	}
	if launchType != ecsapi.LaunchTypeFargate {
		return "", nil, invalid("No Container Instances were found in your cluster. This region runs tasks with launch type FARGATE.")
	}
	return launchType, nil, nil
}

func checkPlatform(def Definition, version *string) error {
	if !slices.Contains(def.Definition.Compatibilities, ecsapi.CompatibilityFargate) {
		return ecsapi.NewPlatformTaskDefinitionIncompatibilityException("The task definition is not compatible with Fargate: it needs network mode awsvpc, cpu and memory.")
	}
	if v := api.Or(version, latestPlatform); v != latestPlatform && v != platformVersion {
		return ecsapi.NewPlatformUnknownException("The specified platform does not exist: %s", v)
	}
	return nil
}

func withPublicIP(n *ecsapi.NetworkConfiguration) *ecsapi.NetworkConfiguration {
	if n == nil || n.AwsvpcConfiguration == nil {
		return n
	}
	v := *n.AwsvpcConfiguration
	v.AssignPublicIp = api.Ptr(api.Or(v.AssignPublicIp, ecsapi.AssignPublicIpDisabled))
	v.SecurityGroups = orEmpty(v.SecurityGroups)
	return &ecsapi.NetworkConfiguration{AwsvpcConfiguration: &v}
}

// checkNetwork returns the subnets by zone, in the caller's order.
func checkNetwork(r store.Reader, scope arn.Scope, n *ecsapi.NetworkConfiguration) ([]zoneSubnets, error) {
	if n == nil || n.AwsvpcConfiguration == nil || len(n.AwsvpcConfiguration.Subnets) == 0 {
		return nil, invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
	}
	var vpc string
	for _, id := range n.AwsvpcConfiguration.Subnets {
		subnet, ok := ec2.Subnets.Get(r, scope.Key(id))
		if !ok {
			return nil, invalid("Error retrieving subnet information for [%s]: The subnet ID '%s' does not exist", id, id)
		}
		if vpc != "" && subnet.Spec.VPCID != vpc {
			return nil, invalid("The subnets %s belong to different VPCs.", strings.Join(n.AwsvpcConfiguration.Subnets, ", "))
		}
		vpc = subnet.Spec.VPCID
	}
	for _, id := range n.AwsvpcConfiguration.SecurityGroups {
		group, ok := ec2.SecurityGroups.Get(r, scope.Key(id))
		if !ok || group.Spec.VPCID != vpc {
			return nil, invalid("Error retrieving security group information for [%s]: The security group '%s' does not exist in the subnets' VPC", id, id)
		}
	}
	return byZone(r, scope, n.AwsvpcConfiguration.Subnets), nil
}

// A zoneSubnets is a zone with the subnets that tasks may use there.
type zoneSubnets struct {
	zone    string
	subnets []string
}

func byZone(r store.Reader, scope arn.Scope, subnets []string) []zoneSubnets {
	var zones []zoneSubnets
	for _, id := range subnets {
		subnet, ok := ec2.Subnets.Get(r, scope.Key(id))
		if !ok {
			continue
		}
		i := slices.IndexFunc(zones, func(z zoneSubnets) bool { return z.zone == subnet.Spec.Zone })
		if i < 0 {
			zones = append(zones, zoneSubnets{zone: subnet.Spec.Zone})
			i = len(zones) - 1
		}
		zones[i].subnets = append(zones[i].subnets, id)
	}
	return zones
}

// checkBalancers checks that each target group can take the container's port.
func checkBalancers(r store.Reader, scope arn.Scope, def Definition, balancers []ecsapi.LoadBalancer) error {
	for _, lb := range balancers {
		if lb.TargetGroupArn == nil || lb.LoadBalancerName != nil {
			return invalid("Classic Load Balancers are not supported: give a targetGroupArn.")
		}
		if !exposes(def, lb) {
			return invalid("The container %s did not have a container port %d defined.", api.Val(lb.ContainerName), api.Val(lb.ContainerPort))
		}
		if err := checkTargetGroup(r, scope, *lb.TargetGroupArn); err != nil {
			return err
		}
	}
	return nil
}

func exposes(def Definition, lb ecsapi.LoadBalancer) bool {
	for _, c := range def.Definition.ContainerDefinitions {
		for _, p := range c.PortMappings {
			if api.Val(c.Name) == api.Val(lb.ContainerName) && api.Val(p.ContainerPort) == api.Val(lb.ContainerPort) {
				return true
			}
		}
	}
	return false
}

func checkTargetGroup(r store.Reader, scope arn.Scope, name string) error {
	a, err := arn.Parse(name)
	if err == nil && a.Scope() == scope {
		if _, ok := elbv2.TargetGroups.Get(r, scope.Key(a.Resource)); ok {
			return nil
		}
	}
	return invalid("The target group with targetGroupArn %s does not exist.", name)
}
