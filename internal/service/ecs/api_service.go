package ecs

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/store"
)

func (s *Service) createService(ctx context.Context, call *api.Call, in *ecsapi.CreateServiceRequest) (*ecsapi.CreateServiceResponse, error) {
	scope := scopeOf(call)
	if !nameRule.MatchString(api.Val(in.ServiceName)) {
		return nil, invalid("Service name contains invalid characters: up to 255 letters, digits, hyphens and underscores are allowed.")
	}
	if err := checkService(in); err != nil {
		return nil, err
	}
	tags, err := newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	var row ServiceRow
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		cluster, err := findCluster(tx, scope, in.Cluster)
		if err != nil {
			return err
		}
		key := serviceKey(scope, cluster.Spec.Name, *in.ServiceName)
		if old, ok := Services.Get(tx, key); ok && old.Status.Gone.IsZero() {
			if old.Spec.Deleted {
				return invalid("Unable to Start a service that is still Draining.")
			}
			return invalid("Creation of service was not idempotent.")
		}
		first, err := newRevision(tx, scope, cluster, deploymentRequest{
			definition: api.Val(in.TaskDefinition), launchType: api.Val(in.LaunchType),
			strategy: in.CapacityProviderStrategy, platform: in.PlatformVersion,
			network: in.NetworkConfiguration, balancers: in.LoadBalancers, registries: in.ServiceRegistries, at: call.Now,
		})
		if err != nil {
			return err
		}
		rollout, err := newRollout(ecsapi.DeploymentConfiguration{}, in.DeploymentConfiguration)
		if err != nil {
			return err
		}
		if err := checkTraffic(tx, rollout, in.LoadBalancers); err != nil {
			return err
		}
		if err := checkHooks(tx, scope, rollout.LifecycleHooks); err != nil {
			return err
		}
		row = ServiceRow{Key: key, Spec: ServiceSpec{
			Name: *in.ServiceName, Cluster: cluster.Spec.Name, CreatedBy: call.Principal.ARN,
			ARN:     scope.ARN("ecs", "service/"+cluster.Spec.Name+"/"+*in.ServiceName),
			Desired: api.Or(in.DesiredCount, 1), Rollout: rollout,
			Grace: in.HealthCheckGracePeriodSeconds, Tags: tags, ManagedTags: api.Val(in.EnableECSManagedTags),
			PropagateTags:  api.Or(in.PropagateTags, ecsapi.PropagateTagsNone),
			ExecuteCommand: api.Val(in.EnableExecuteCommand), Platform: api.Val(in.PlatformVersion),
			Rebalancing: api.Or(in.AvailabilityZoneRebalancing, ecsapi.AvailabilityZoneRebalancingEnabled),
			Role:        api.Or(in.Role, serviceRole(scope)), CreatedAt: call.Now,
			PlacementRules: in.PlacementConstraints, PlacementStrategy: in.PlacementStrategy,
		}}
		forgetRevisions(tx, key)
		deploy(tx, &row, first)
		Services.Put(tx, row)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &ecsapi.CreateServiceResponse{Service: describeService(s.store.Snapshot(), scope, row, true)}, nil
}

// serviceRole is the service-linked role that AWS uses when none is given.
func serviceRole(scope arn.Scope) string {
	return scope.Global().ARN("iam", "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS")
}

// checkService refuses services that this region does not run.
func checkService(in *ecsapi.CreateServiceRequest) error {
	if api.Val(in.DesiredCount) < 0 {
		return invalid("desiredCount: %d is less than 0.", *in.DesiredCount)
	}
	if api.Or(in.SchedulingStrategy, ecsapi.SchedulingStrategyReplica) != ecsapi.SchedulingStrategyReplica {
		return invalid("The daemon scheduling strategy is not supported on Fargate.")
	}
	if len(in.LoadBalancers) == 0 && in.HealthCheckGracePeriodSeconds != nil && *in.HealthCheckGracePeriodSeconds > 0 {
		return invalid("Health check grace period is only valid for services configured to use load balancers")
	}
	if in.ServiceConnectConfiguration != nil && api.Val(in.ServiceConnectConfiguration.Enabled) {
		return unbuiltService("serviceConnectConfiguration")
	}
	if len(in.VolumeConfigurations) > 0 {
		return unbuiltService("volumeConfigurations")
	}
	return checkController(in.DeploymentController)
}

func checkController(c *ecsapi.DeploymentController) error {
	if c != nil && api.Or(c.Type, ecsapi.DeploymentControllerTypeEcs) != ecsapi.DeploymentControllerTypeEcs {
		return unbuiltService("a deployment controller other than ECS")
	}
	return nil
}

func unbuiltService(what string) error {
	return ecsapi.NewUnsupportedFeatureException("This region does not run services with %s.", what)
}

func (s *Service) updateService(ctx context.Context, call *api.Call, in *ecsapi.UpdateServiceRequest) (*ecsapi.UpdateServiceResponse, error) {
	if in.ServiceConnectConfiguration != nil && api.Val(in.ServiceConnectConfiguration.Enabled) || len(in.VolumeConfigurations) > 0 {
		return nil, unbuiltService("serviceConnectConfiguration or volumeConfigurations")
	}
	if err := checkController(in.DeploymentController); err != nil {
		return nil, err
	}
	scope := scopeOf(call)
	var row ServiceRow
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		cluster, err := findCluster(tx, scope, in.Cluster)
		if err != nil {
			return err
		}
		var ok bool
		if row, ok = Services.Get(tx, serviceKey(scope, cluster.Spec.Name, serviceName(scope, cluster.Spec.Name, api.Val(in.Service)))); !ok {
			return ecsapi.NewServiceNotFoundException("Service not found.")
		}
		if row.Spec.Deleted {
			return ecsapi.NewServiceNotActiveException("Service was not ACTIVE.")
		}
		if err := updateSpec(&row.Spec, in); err != nil {
			return err
		}
		if err := redeploy(tx, scope, cluster, &row, call, in); err != nil {
			return err
		}
		Services.Put(tx, row)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &ecsapi.UpdateServiceResponse{Service: describeService(s.store.Snapshot(), scope, row, true)}, nil
}

// updateSpec changes what needs no new tasks.
func updateSpec(spec *ServiceSpec, in *ecsapi.UpdateServiceRequest) (err error) {
	spec.Desired = api.Or(in.DesiredCount, spec.Desired)
	if spec.Desired < 0 {
		return invalid("desiredCount: %d is less than 0.", spec.Desired)
	}
	spec.ExecuteCommand = api.Or(in.EnableExecuteCommand, spec.ExecuteCommand)
	spec.ManagedTags = api.Or(in.EnableECSManagedTags, spec.ManagedTags)
	spec.PropagateTags = api.Or(in.PropagateTags, spec.PropagateTags)
	spec.Rebalancing = api.Or(in.AvailabilityZoneRebalancing, spec.Rebalancing)
	if in.HealthCheckGracePeriodSeconds != nil {
		spec.Grace = in.HealthCheckGracePeriodSeconds
	}
	if in.PlacementConstraints != nil {
		spec.PlacementRules = in.PlacementConstraints
	}
	if in.PlacementStrategy != nil {
		spec.PlacementStrategy = in.PlacementStrategy
	}
	spec.Rollout, err = newRollout(spec.Rollout, in.DeploymentConfiguration)
	return err
}

func (s *Service) deleteService(ctx context.Context, call *api.Call, in *ecsapi.DeleteServiceRequest) (*ecsapi.DeleteServiceResponse, error) {
	scope := scopeOf(call)
	var row ServiceRow
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		cluster, err := findCluster(tx, scope, in.Cluster)
		if err != nil {
			return err
		}
		var ok bool
		row, ok = Services.Get(tx, serviceKey(scope, cluster.Spec.Name, serviceName(scope, cluster.Spec.Name, api.Val(in.Service))))
		if !ok || !row.Status.Gone.IsZero() {
			return ecsapi.NewServiceNotFoundException("Service not found.")
		}
		if row.Spec.Desired > 0 && !api.Val(in.Force) && !row.Spec.Deleted {
			return invalid("The service cannot be stopped while it is scaled above 0.")
		}
		row.Spec.Desired, row.Spec.Deleted = 0, true
		Services.Put(tx, row)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &ecsapi.DeleteServiceResponse{Service: describeService(s.store.Snapshot(), scope, row, true)}, nil
}

func (s *Service) describeServices(_ context.Context, call *api.Call, in *ecsapi.DescribeServicesRequest) (*ecsapi.DescribeServicesResponse, error) {
	scope, snap := scopeOf(call), s.store.Snapshot()
	cluster, err := findCluster(snap, scope, in.Cluster)
	if err != nil {
		return nil, err
	}
	if n := len(in.Services); n < 1 || n > 10 {
		return nil, invalid("services: want 1 to 10 names, not %d.", n)
	}
	out := &ecsapi.DescribeServicesResponse{Services: []ecsapi.Service{}, Failures: []ecsapi.Failure{}}
	for _, ref := range in.Services {
		name := serviceName(scope, cluster.Spec.Name, ref)
		row, ok := Services.Get(snap, serviceKey(scope, cluster.Spec.Name, name))
		if !ok {
			out.Failures = append(out.Failures, missing(scope.ARN("ecs", fmt.Sprintf("service/%s/%s", cluster.Spec.Name, name))))
			continue
		}
		out.Services = append(out.Services, *describeService(snap, scope, row, slices.Contains(in.Include, ecsapi.ServiceFieldTags)))
	}
	return out, nil
}

func (s *Service) listServices(_ context.Context, call *api.Call, in *ecsapi.ListServicesRequest) (*ecsapi.ListServicesResponse, error) {
	scope, snap := scopeOf(call), s.store.Snapshot()
	cluster, err := findCluster(snap, scope, in.Cluster)
	if err != nil {
		return nil, err
	}
	var arns []string
	for _, row := range Services.Prefix(snap, scope.Key(cluster.Spec.Name+"/")) {
		launch := row.primary().LaunchType
		if row.Status.Gone.IsZero() && api.Or(in.LaunchType, launch) == launch &&
			api.Or(in.SchedulingStrategy, ecsapi.SchedulingStrategyReplica) == ecsapi.SchedulingStrategyReplica {
			arns = append(arns, row.Spec.ARN)
		}
	}
	page, next, err := paged(arns, in.NextToken, in.MaxResults)
	return &ecsapi.ListServicesResponse{ServiceArns: page, NextToken: next}, err
}

// deploymentID makes an id as AWS's: 19 digits.
func deploymentID() string {
	return fmt.Sprintf("ecs-svc/%019d", rand.Int64N(9e18))
}
