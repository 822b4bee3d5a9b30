package ecs

import (
	"apex/internal/api"
	"apex/internal/arn"
	"apex/internal/store"
)

// A TaskView is a task as events tell of it.
type TaskView struct {
	ARN, ClusterARN, Last, Desired string
	Detail                         map[string]any
}

// ViewTask returns what an event says of the task with the key, in the words of
// "ECS Task State Change" (ECS developer guide).
func ViewTask(r store.Reader, key string) (TaskView, bool) {
	t, ok := Tasks.Get(r, key)
	if !ok {
		return TaskView{}, false
	}
	scope, _ := arn.SplitKey(key)
	d := describeTask(r, scope, t, false)
	v := TaskView{ARN: t.Spec.ARN, ClusterARN: api.Val(d.ClusterArn), Last: api.Val(d.LastStatus), Desired: api.Val(d.DesiredStatus)}
	v.Detail = map[string]any{
		"taskArn": v.ARN, "clusterArn": v.ClusterARN, "lastStatus": v.Last, "desiredStatus": v.Desired,
		"taskDefinitionArn": api.Val(d.TaskDefinitionArn), "group": api.Val(d.Group), "startedBy": api.Val(d.StartedBy),
		"launchType": api.Val(d.LaunchType), "platformVersion": api.Val(d.PlatformVersion), "cpu": api.Val(d.Cpu), "memory": api.Val(d.Memory),
		"availabilityZone": api.Val(d.AvailabilityZone), "version": api.Val(d.Version), "createdAt": d.CreatedAt,
	}
	for name, value := range map[string]*string{"stopCode": d.StopCode, "stoppedReason": d.StoppedReason, "connectivity": d.Connectivity} {
		if value != nil {
			v.Detail[name] = *value
		}
	}
	if d.StartedAt != nil {
		v.Detail["startedAt"] = d.StartedAt
	}
	if d.StoppedAt != nil {
		v.Detail["stoppedAt"] = d.StoppedAt
	}
	containers := []map[string]any{}
	for _, c := range d.Containers {
		container := map[string]any{"containerArn": api.Val(c.ContainerArn), "name": api.Val(c.Name), "lastStatus": api.Val(c.LastStatus), "taskArn": v.ARN}
		if c.ExitCode != nil {
			container["exitCode"] = *c.ExitCode
		}
		containers = append(containers, container)
	}
	v.Detail["containers"] = containers
	return v, true
}

// A DeploymentView is a service's newest deployment as events tell of it.
type DeploymentView struct {
	ServiceARN, ID, State, Reason string
}

// ViewDeployment returns the newest deployment of the service with the key.
func ViewDeployment(r store.Reader, key string) (DeploymentView, bool) {
	row, ok := Services.Get(r, key)
	if !ok || len(row.Spec.Deployments) == 0 {
		return DeploymentView{}, false
	}
	d := row.Spec.Deployments[row.current()]
	st := row.Status.deployment(d.ID)
	return DeploymentView{ServiceARN: row.Spec.ARN, ID: d.ID, State: st.Rollout, Reason: st.Reason}, true
}
