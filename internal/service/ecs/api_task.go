package ecs

import (
	"context"
	"slices"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/store"
)

func (s *Service) runTask(ctx context.Context, call *api.Call, in *ecsapi.RunTaskRequest) (*ecsapi.RunTaskResponse, error) {
	scope := scopeOf(call)
	count := int(api.Or(in.Count, 1))
	if err := checkRun(in, count); err != nil {
		return nil, err
	}
	out := &ecsapi.RunTaskResponse{Tasks: []ecsapi.Task{}, Failures: []ecsapi.Failure{}}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		l, err := newLaunch(tx, scope, in, call.Now)
		if err != nil {
			return err
		}
		again, err := ranBefore(tx, scope, l)
		if err != nil || len(again) > 0 {
			out.Tasks = again
			return err
		}
		subnets := l.revision.Network.AwsvpcConfiguration.Subnets
		for i := range count {
			l.subnets = slices.Concat(subnets[i%len(subnets):], subnets[:i%len(subnets)]) // spread over the zones
			t, err := launchTask(tx, scope, l)
			if err != nil {
				out.Failures = append(out.Failures, ecsapi.Failure{Reason: api.Ptr("RESOURCE:ENI"), Detail: api.Ptr(err.Error())})
				continue
			}
			out.Tasks = append(out.Tasks, describeTask(tx, scope, t, true))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// checkRun checks what a call says by itself.
func checkRun(in *ecsapi.RunTaskRequest, count int) error {
	if count < 1 || count > 10 {
		return invalid("count: %d is not from 1 to 10.", count)
	}
	if len(in.VolumeConfigurations) > 0 {
		return unbuilt("volumeConfigurations")
	}
	if strings.HasPrefix(api.Val(in.Group), "service:") {
		return invalid("group: %s is a service's.", *in.Group)
	}
	return nil
}

// newLaunch is what the tasks of a call are made from.
func newLaunch(tx *store.Tx, scope arn.Scope, in *ecsapi.RunTaskRequest, now time.Time) (launch, error) {
	tags, err := newTags(in.Tags)
	if err != nil {
		return launch{}, err
	}
	cluster, err := findCluster(tx, scope, in.Cluster)
	if err != nil {
		return launch{}, err
	}
	d, err := newRevision(tx, scope, cluster, deploymentRequest{
		definition: api.Val(in.TaskDefinition), launchType: api.Val(in.LaunchType), strategy: in.CapacityProviderStrategy,
		platform: in.PlatformVersion, network: in.NetworkConfiguration, at: now,
	})
	if err != nil {
		return launch{}, err
	}
	definition, err := findDefinition(tx, scope, d.TaskDefinition)
	if err != nil {
		return launch{}, err
	}
	if err := checkOverrides(definition, in.Overrides); err != nil {
		return launch{}, err
	}
	if api.Val(in.EnableExecuteCommand) && definition.Definition.TaskRoleArn == nil && (in.Overrides == nil || in.Overrides.TaskRoleArn == nil) {
		return launch{}, invalid("The task could not be run because a valid taskRoleArn is not being used. Specify a valid task role in your task definition and try again.")
	}
	l := launch{
		providers: map[string]int{}, cluster: cluster.Spec.Name, definition: definition, revision: d, overrides: in.Overrides,
		group: api.Or(in.Group, familyGroup(definition)), startedBy: api.Val(in.StartedBy), token: api.Val(in.ClientToken),
		exec: api.Val(in.EnableExecuteCommand), tags: tags, at: now,
	}
	if api.Val(in.PropagateTags) == ecsapi.PropagateTagsTaskDefinition {
		l.tags = definition.Tags.With(tags)
	}
	if api.Val(in.EnableECSManagedTags) {
		l.tags = l.tags.With(managedTags(cluster.Spec.Name, ""))
	}
	return l, nil
}

// ranBefore finds the tasks of an earlier call with the same token: a client that
// heard no answer asks again and must not get a second set.
func ranBefore(tx *store.Tx, scope arn.Scope, l launch) ([]ecsapi.Task, error) {
	if l.token == "" {
		return nil, nil
	}
	var tasks []ecsapi.Task
	var ids []string
	for _, t := range Tasks.Prefix(tx, scope.Key(l.cluster+"/")) {
		if t.Spec.ClientToken != l.token {
			continue
		}
		tasks, ids = append(tasks, describeTask(tx, scope, t, true)), append(ids, t.Spec.ID)
		if t.Spec.Definition != *l.definition.Definition.TaskDefinitionArn || t.Spec.StartedBy != l.startedBy {
			return nil, ecsapi.NewConflictException("The RunTask request could not be processed due to conflicts: clientToken %s was used for task %s.", l.token, strings.Join(ids, ", "))
		}
	}
	return tasks, nil
}

// checkOverrides refuses overrides of containers that are not there, and those
// that this region does not follow.
func checkOverrides(d Definition, o *ecsapi.TaskOverride) error {
	if o == nil {
		return nil
	}
	for _, c := range o.ContainerOverrides {
		if !slices.ContainsFunc(d.Definition.ContainerDefinitions, func(def ecsapi.ContainerDefinition) bool {
			return api.Val(def.Name) == api.Val(c.Name)
		}) {
			return invalid("Override for container named %s is not a container in the TaskDefinition.", api.Val(c.Name))
		}
		if len(c.EnvironmentFiles) > 0 || len(c.ResourceRequirements) > 0 {
			return unbuilt("overrides of environmentFiles or resourceRequirements")
		}
	}
	cpu, memory := taskSize(d, o)
	units, err := parseCPU(cpu)
	if err != nil {
		return invalid("overrides: cpu: %v.", err)
	}
	mib, err := parseMemory(memory)
	if err != nil {
		return invalid("overrides: memory: %v.", err)
	}
	if !fargatePair(units, mib) {
		return invalid("No Fargate configuration exists for given values: %d CPU, %d memory.", units, mib)
	}
	return nil
}

func (s *Service) stopTask(ctx context.Context, call *api.Call, in *ecsapi.StopTaskRequest) (*ecsapi.StopTaskResponse, error) {
	scope := scopeOf(call)
	var t Task
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		cluster, err := findCluster(tx, scope, in.Cluster)
		if err != nil {
			return err
		}
		name := cluster.Spec.Name
		var ok bool
		if t, ok = Tasks.Get(tx, taskKey(scope, name, taskID(scope, name, api.Val(in.Task)))); !ok {
			return invalid("The referenced task was not found.")
		}
		if t.Spec.Stop != nil || t.Status.Code != "" {
			return nil
		}
		if t.Spec.Stop, err = s.stopOf(t, in.Reason, call.Now); err != nil {
			return err
		}
		Tasks.Put(tx, t)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := describeTask(s.store.Snapshot(), scope, t, true)
	return &ecsapi.StopTaskResponse{Task: &out}, nil
}

func (s *Service) describeTasks(_ context.Context, call *api.Call, in *ecsapi.DescribeTasksRequest) (*ecsapi.DescribeTasksResponse, error) {
	scope, snap := scopeOf(call), s.store.Snapshot()
	cluster, err := findCluster(snap, scope, in.Cluster)
	if err != nil {
		return nil, err
	}
	if n := len(in.Tasks); n < 1 || n > 100 {
		return nil, invalid("Tasks must have from 1 to 100 entries, not %d.", n)
	}
	name := cluster.Spec.Name
	out := &ecsapi.DescribeTasksResponse{Tasks: []ecsapi.Task{}, Failures: []ecsapi.Failure{}}
	for _, ref := range in.Tasks {
		id := taskID(scope, name, ref)
		t, ok := Tasks.Get(snap, taskKey(scope, name, id))
		if !ok {
			out.Failures = append(out.Failures, missing(scope.ARN("ecs", "task/"+name+"/"+id)))
			continue
		}
		out.Tasks = append(out.Tasks, describeTask(snap, scope, t, slices.Contains(in.Include, ecsapi.TaskFieldTags)))
	}
	return out, nil
}

func (s *Service) listTasks(_ context.Context, call *api.Call, in *ecsapi.ListTasksRequest) (*ecsapi.ListTasksResponse, error) {
	scope, snap := scopeOf(call), s.store.Snapshot()
	cluster, err := findCluster(snap, scope, in.Cluster)
	if err != nil {
		return nil, err
	}
	if in.ServiceName != nil {
		name := serviceName(scope, cluster.Spec.Name, *in.ServiceName)
		if _, ok := Services.Get(snap, serviceKey(scope, cluster.Spec.Name, name)); !ok {
			return nil, ecsapi.NewServiceNotFoundException("Service not found.")
		}
		in.ServiceName = &name
	}
	var arns []string
	for _, t := range Tasks.Prefix(snap, scope.Key(cluster.Spec.Name+"/")) {
		if listed(t, in) {
			arns = append(arns, t.Spec.ARN)
		}
	}
	page, next, err := paged(arns, in.NextToken, in.MaxResults)
	return &ecsapi.ListTasksResponse{TaskArns: page, NextToken: next}, err
}

func listed(t Task, in *ecsapi.ListTasksRequest) bool {
	return desiredStatus(t) == api.Or(in.DesiredStatus, ecsapi.DesiredStatusRunning) &&
		api.Or(in.ServiceName, t.Spec.Service) == t.Spec.Service &&
		api.Or(in.StartedBy, t.Spec.StartedBy) == t.Spec.StartedBy &&
		api.Or(in.LaunchType, t.Spec.LaunchType) == t.Spec.LaunchType &&
		(in.Family == nil || familyOf(t.Spec.Definition) == *in.Family) && in.ContainerInstance == nil
}
