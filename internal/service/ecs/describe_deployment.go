package ecs

import (
	"strings"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/store"
)

func deploymentARN(scope arn.Scope, svc ServiceSpec, name string) string {
	return scope.ARN("ecs", "service-deployment/"+svc.Cluster+"/"+svc.Name+"/"+name)
}

func revisionARN(scope arn.Scope, svc ServiceSpec, id string) string {
	return scope.ARN("ecs", "service-revision/"+svc.Cluster+"/"+svc.Name+"/"+strings.TrimPrefix(id, "ecs-svc/"))
}

// stateOf is the status of a service deployment as AWS says it, with what its
// owner asked for and nobody did yet.
func stateOf(d Deployment, st DeploymentStatus) string {
	switch {
	case st.State == "":
		return statePending
	case st.State == stateInProgress && d.Stop == ecsapi.StopServiceDeploymentStopTypeRollback:
		return ecsapi.ServiceDeploymentStatusRollbackRequested
	case st.State == stateInProgress && d.Stop == ecsapi.StopServiceDeploymentStopTypeAbort:
		return ecsapi.ServiceDeploymentStatusStopRequested
	}
	return st.State
}

// describeDeployment is a service deployment as AWS describes it.
func describeDeployment(r store.Reader, scope arn.Scope, row ServiceRow, d Deployment) ecsapi.ServiceDeployment {
	st, tasks := row.Status.deployment(d.ID), tasksOf(r, scope, row.Spec)
	svc := row.Spec
	out := ecsapi.ServiceDeployment{
		ServiceDeploymentArn: api.Ptr(deploymentARN(scope, svc, d.Name)), ServiceArn: &svc.ARN,
		ClusterArn: api.Ptr(scope.ARN("ecs", "cluster/"+svc.Cluster)),
		CreatedAt:  &d.CreatedAt, StartedAt: moment(st.StartedAt), FinishedAt: moment(st.FinishedAt), StoppedAt: moment(st.StoppedAt),
		UpdatedAt: api.Ptr(latest(st.UpdatedAt, d.CreatedAt)), Status: api.Ptr(stateOf(d, st)), StatusReason: optional(st.StateReason),
		LifecycleStage: optional(st.Stage), DeploymentConfiguration: &d.Rollout,
		DeploymentCircuitBreaker: describeBreaker(d, st, svc.Desired), Alarms: describeAlarms(d, st),
		TargetServiceRevision:  api.Ptr(summary(scope, row, d, d.ID, tasks)),
		SourceServiceRevisions: []ecsapi.ServiceRevisionSummary{},
	}
	for _, old := range row.Spec.Deployments {
		if old.ID != d.ID && !old.CreatedAt.After(d.CreatedAt) && (old.ID == d.Source || tallyOf(tasks, old.ID) != tally{}) {
			out.SourceServiceRevisions = append(out.SourceServiceRevisions, summary(scope, row, d, old.ID, tasks))
		}
	}
	if st.Back != "" {
		out.Rollback = &ecsapi.Rollback{
			Reason: &st.StateReason, StartedAt: moment(st.BackAt), ServiceRevisionArn: api.Ptr(revisionARN(scope, svc, st.Back)),
		}
	}
	for _, h := range hooksAt(d, st.Stage, st.Step, st.StageAt, latest(st.UpdatedAt, st.StageAt), hookTasks(r, scope, svc.Cluster, d)) {
		out.LifecycleHookDetails = append(out.LifecycleHookDetails, ecsapi.DeploymentLifecycleHookDetail{
			HookId: &h.id, TargetType: optional(h.kind), TargetArn: optional(h.definition), Status: &h.status,
			ExpiresAt: &h.ends, TimeoutAction: &h.action,
		})
	}
	return out
}

// summary counts the tasks of a revision within a deployment.
func summary(scope arn.Scope, row ServiceRow, d Deployment, id string, tasks []Task) ecsapi.ServiceRevisionSummary {
	n, st := tallyOf(tasks, id), row.Status.deployment(d.ID)
	wanted := n.running + n.pending
	if id == row.primary().ID {
		wanted = row.Spec.Desired
	}
	out := ecsapi.ServiceRevisionSummary{
		Arn: api.Ptr(revisionARN(scope, row.Spec, id)), RequestedTaskCount: &wanted, RunningTaskCount: &n.running, PendingTaskCount: &n.pending,
	}
	if !shifts(api.Val(d.Rollout.Strategy)) {
		return out
	}
	production, test := st.Percent, 0.0
	if st.Test {
		test = 100
	}
	switch id {
	case d.ID:
	case d.Source:
		production, test = 100-production, 100-test
	default:
		production, test = 0, 0
	}
	out.RequestedProductionTrafficWeight, out.RequestedTestTrafficWeight = &production, &test
	return out
}

func describeBreaker(d Deployment, st DeploymentStatus, desired int64) *ecsapi.ServiceDeploymentCircuitBreaker {
	b := d.Rollout.DeploymentCircuitBreaker
	triggered := strings.HasPrefix(st.Reason, breakerName)
	return &ecsapi.ServiceDeploymentCircuitBreaker{
		Status:       api.Ptr(monitorStatus(b != nil && api.Val(b.Enable), triggered, st.State)),
		FailureCount: &st.Failed, Threshold: api.Ptr(int64(thresholdOf(b, desired))),
	}
}

func describeAlarms(d Deployment, st DeploymentStatus) *ecsapi.ServiceDeploymentAlarms {
	out := &ecsapi.ServiceDeploymentAlarms{}
	a := d.Rollout.Alarms
	if a != nil {
		out.AlarmNames = a.AlarmNames
	}
	out.TriggeredAlarmNames = st.Alarms
	out.Status = api.Ptr(monitorStatus(a != nil && api.Val(a.Enable) && !st.Quiet, len(st.Alarms) > 0, st.State))
	return out
}

// monitorStatus is how what may end a deployment stands.
func monitorStatus(enabled, triggered bool, state string) string {
	switch {
	case !enabled:
		return ecsapi.ServiceDeploymentRollbackMonitorsStatusDisabled
	case triggered:
		return ecsapi.ServiceDeploymentRollbackMonitorsStatusTriggered
	case final(state):
		return ecsapi.ServiceDeploymentRollbackMonitorsStatusMonitoringComplete
	}
	return ecsapi.ServiceDeploymentRollbackMonitorsStatusMonitoring
}

// describeRevision is a service revision as AWS describes it.
func describeRevision(r store.Reader, scope arn.Scope, svc ServiceSpec, rev RevisionSpec) ecsapi.ServiceRevision {
	out := ecsapi.ServiceRevision{
		ServiceRevisionArn: api.Ptr(revisionARN(scope, svc, rev.ID)), ServiceArn: &svc.ARN,
		ClusterArn: api.Ptr(scope.ARN("ecs", "cluster/"+svc.Cluster)), TaskDefinition: &rev.TaskDefinition,
		LaunchType: optional(rev.LaunchType), CapacityProviderStrategy: rev.Strategy,
		PlatformVersion: &rev.PlatformVersion, PlatformFamily: api.Ptr(platformFamily),
		LoadBalancers: orEmpty(rev.LoadBalancers), ServiceRegistries: rev.Registries, NetworkConfiguration: rev.Network, CreatedAt: &rev.CreatedAt,
		GuardDutyEnabled: api.Ptr(false), ContainerImages: []ecsapi.ContainerImage{},
	}
	for _, lb := range rev.resolved() {
		one := ecsapi.ServiceRevisionLoadBalancer{TargetGroupArn: lb.TargetGroupArn}
		if lb.AdvancedConfiguration != nil {
			one.ProductionListenerRule = lb.AdvancedConfiguration.ProductionListenerRule
		}
		if out.ResolvedConfiguration == nil {
			out.ResolvedConfiguration = &ecsapi.ResolvedConfiguration{}
		}
		out.ResolvedConfiguration.LoadBalancers = append(out.ResolvedConfiguration.LoadBalancers, one)
	}
	digests := map[string]string{}
	for _, t := range tasksOf(r, scope, svc) {
		for _, c := range t.Status.Containers {
			if t.Spec.Deployment == rev.ID && c.Digest != "" {
				digests[c.Name] = c.Digest
			}
		}
	}
	if def, err := findDefinition(r, scope, rev.TaskDefinition); err == nil {
		for _, c := range def.Definition.ContainerDefinitions {
			out.ContainerImages = append(out.ContainerImages, ecsapi.ContainerImage{
				ContainerName: c.Name, Image: c.Image, ImageDigest: optional(digests[api.Val(c.Name)]),
			})
		}
	}
	return out
}
