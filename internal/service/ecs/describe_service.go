package ecs

import (
	"cmp"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/store"
)

// describeService is a service as AWS describes it. Counts come from the tasks
// themselves, so that they are never older than the answer.
func describeService(r store.Reader, scope arn.Scope, row ServiceRow, tags bool) *ecsapi.Service {
	spec := row.Spec
	tasks := tasksOf(r, scope, spec)
	all := tallyOf(tasks, "")
	primary := row.primary()
	out := &ecsapi.Service{
		ServiceArn: &spec.ARN, ServiceName: &spec.Name, ClusterArn: api.Ptr(scope.ARN("ecs", "cluster/"+spec.Cluster)),
		Status: api.Ptr(serviceStatus(row)), DesiredCount: &spec.Desired, RunningCount: &all.running, PendingCount: &all.pending,
		TaskDefinition: &primary.TaskDefinition, LaunchType: optional(primary.LaunchType), CapacityProviderStrategy: primary.Strategy,
		PlatformVersion: api.Ptr(cmp.Or(spec.Platform, latestPlatform)), PlatformFamily: api.Ptr(platformFamily),
		NetworkConfiguration: primary.Network, LoadBalancers: orEmpty(primary.LoadBalancers),
		ServiceRegistries: orEmpty(primary.Registries), DeploymentConfiguration: &spec.Rollout,
		Deployments: describeDeployments(row, tasks), Events: describeEvents(row.Status.Events),
		RoleArn: &spec.Role, CreatedAt: &spec.CreatedAt, CreatedBy: &spec.CreatedBy,
		HealthCheckGracePeriodSeconds: spec.Grace, SchedulingStrategy: api.Ptr(ecsapi.SchedulingStrategyReplica),
		DeploymentController: &ecsapi.DeploymentController{Type: api.Ptr(ecsapi.DeploymentControllerTypeEcs)},
		PlacementConstraints: orEmpty(spec.PlacementRules), PlacementStrategy: orEmpty(spec.PlacementStrategy),
		EnableECSManagedTags: &spec.ManagedTags, EnableExecuteCommand: &spec.ExecuteCommand,
		PropagateTags: &spec.PropagateTags, AvailabilityZoneRebalancing: &spec.Rebalancing,
	}
	for _, d := range spec.Deployments {
		if n := tallyOf(tasks, d.ID); d.ID == primary.ID || n != (tally{}) {
			sum := summary(scope, row, d, d.ID, tasks)
			out.CurrentServiceRevisions = append(out.CurrentServiceRevisions, ecsapi.ServiceCurrentRevisionSummary{
				Arn: sum.Arn, RequestedTaskCount: sum.RequestedTaskCount, RunningTaskCount: sum.RunningTaskCount, PendingTaskCount: sum.PendingTaskCount,
			})
		}
	}
	if now := spec.Deployments[row.current()]; !final(row.Status.deployment(now.ID).State) {
		out.CurrentServiceDeployment = api.Ptr(deploymentARN(scope, spec, now.Name))
	}
	if tags {
		out.Tags = wireTags(spec.Tags)
	}
	return out
}

const platformFamily = "Linux"

func serviceStatus(row ServiceRow) string {
	switch {
	case !row.Status.Gone.IsZero():
		return "INACTIVE"
	case row.Spec.Deleted:
		return "DRAINING"
	}
	return "ACTIVE"
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// describeDeployments lists the primary revision and those that still have
// tasks. An old one wants as many as it has left.
func describeDeployments(row ServiceRow, tasks []Task) []ecsapi.Deployment {
	out := []ecsapi.Deployment{}
	if !row.Status.Gone.IsZero() {
		return out
	}
	primary := row.primary().ID
	for _, d := range row.Spec.Deployments {
		n := tallyOf(tasks, d.ID)
		status, desired := "PRIMARY", row.Spec.Desired
		if d.ID != primary {
			if n == (tally{}) {
				continue
			}
			status, desired = "ACTIVE", n.running+n.pending
		}
		state := row.rolloutOf(d.ID)
		one := ecsapi.Deployment{
			Id: &d.ID, Status: &status, TaskDefinition: &d.TaskDefinition, DesiredCount: &desired,
			RunningCount: &n.running, PendingCount: &n.pending, FailedTasks: &state.Failed,
			CreatedAt: &d.CreatedAt, UpdatedAt: api.Ptr(latest(state.UpdatedAt, d.CreatedAt)),
			LaunchType: optional(d.LaunchType), CapacityProviderStrategy: d.Strategy,
			PlatformVersion: &d.PlatformVersion, PlatformFamily: api.Ptr(platformFamily), NetworkConfiguration: d.Network,
			RolloutState: &state.Rollout, RolloutStateReason: &state.Reason,
		}
		if status == "PRIMARY" {
			out = append([]ecsapi.Deployment{one}, out...)
			continue
		}
		out = append(out, one)
	}
	return out
}

// rolloutOf is the state of a revision: of its own deployment, or of the one that
// goes back to it.
func (row ServiceRow) rolloutOf(id string) DeploymentStatus {
	st := row.Status.deployment(id)
	newest := row.Status.deployment(row.Spec.Deployments[0].ID)
	switch {
	case newest.Back != id:
	case newest.State == stateBack:
		st.Rollout, st.Reason, st.UpdatedAt = ecsapi.DeploymentRolloutStateCompleted, "ECS deployment "+id+" completed.", newest.UpdatedAt
	default:
		st.Rollout, st.Reason, st.UpdatedAt = ecsapi.DeploymentRolloutStateInProgress, newest.BackReason, newest.UpdatedAt
	}
	return st
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// deployment returns what is known of a deployment, which may be nothing yet.
func (s ServiceStatus) deployment(id string) DeploymentStatus {
	for _, d := range s.Deployments {
		if d.ID == id {
			return d
		}
	}
	return DeploymentStatus{
		ID: id, Rollout: ecsapi.DeploymentRolloutStateInProgress, Reason: "ECS deployment " + id + " in progress.",
	}
}

func describeEvents(events []Event) []ecsapi.ServiceEvent {
	out := []ecsapi.ServiceEvent{}
	for _, e := range events {
		out = append(out, ecsapi.ServiceEvent{Id: &e.ID, CreatedAt: &e.At, Message: &e.Message})
	}
	return out
}
