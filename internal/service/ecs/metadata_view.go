package ecs

import (
	"strconv"
	"time"

	"apex/internal/arn"
	"apex/internal/service/ec2"
	"apex/internal/store"
)

// A view is a task as it sees itself through its metadata. Member names are those
// of the task metadata endpoint, version 4.
type view struct {
	s     *Service
	snap  store.Snapshot
	scope arn.Scope
	t     Task
	asked ContainerStatus
}

func (v view) task(tags bool) map[string]any {
	cpu, _ := strconv.ParseFloat(v.t.Spec.CPU, 64)
	memory, _ := strconv.Atoi(v.t.Spec.Memory)
	containers := []map[string]any{}
	for _, c := range v.t.Status.Containers {
		containers = append(containers, v.container(c))
	}
	out := map[string]any{
		"Cluster": v.scope.ARN("ecs", "cluster/"+v.t.Spec.Cluster), "TaskARN": v.t.Spec.ARN,
		"Family": familyOf(v.t.Spec.Definition), "Revision": revisionOf(v.t.Spec.Definition),
		"DesiredStatus": desiredStatus(v.t), "KnownStatus": last(v.t), "AvailabilityZone": v.t.Spec.Zone,
		"LaunchType": v.t.Spec.LaunchType, "Limits": map[string]any{"CPU": cpu / 1024, "Memory": memory},
		"Containers": containers,
	}
	if v.t.Spec.Service != "" {
		out["ServiceName"] = v.t.Spec.Service
	}
	if stop := v.t.Spec.Stop; stop != nil && !stop.Deadline.IsZero() { // an extension, in the words of EC2's instance-action
		out["SpotInterruption"] = map[string]any{"action": "terminate", "time": stop.Deadline.UTC().Format(time.RFC3339)}
	}
	if tags {
		out["TaskTags"] = v.t.Spec.Tags
	}
	stamp(out, "PullStartedAt", v.t.Status.PullStarted)
	stamp(out, "PullStoppedAt", v.t.Status.PullEnded)
	return out
}

func (v view) container(c ContainerStatus) map[string]any {
	out := map[string]any{
		"DockerId": c.RuntimeID, "DockerName": c.Name, "Name": c.Name, "Image": v.imageOf(c.Name), "ImageID": c.Digest,
		"ContainerARN": c.ARN, "DesiredStatus": desiredStatus(v.t), "KnownStatus": c.Last, "Type": "NORMAL",
		"Labels": map[string]string{
			"com.amazonaws.ecs.cluster":                 v.scope.ARN("ecs", "cluster/"+v.t.Spec.Cluster),
			"com.amazonaws.ecs.container-name":          c.Name,
			"com.amazonaws.ecs.task-arn":                v.t.Spec.ARN,
			"com.amazonaws.ecs.task-definition-family":  familyOf(v.t.Spec.Definition),
			"com.amazonaws.ecs.task-definition-version": revisionOf(v.t.Spec.Definition),
		},
		"Networks": []map[string]any{v.network()},
	}
	if c.Exit != nil {
		out["ExitCode"] = *c.Exit
	}
	stamp(out, "CreatedAt", v.t.Spec.CreatedAt)
	stamp(out, "StartedAt", v.t.Status.Started)
	return out
}

func (v view) network() map[string]any {
	out := map[string]any{
		"NetworkMode": "awsvpc", "IPv4Addresses": []string{v.t.Status.Address}, "AttachmentIndex": 0,
		"PrivateDNSName": hostname(v.scope, v.t.Status.Address), "DomainNameServers": []string{resolverAddress},
	}
	if subnet, ok := ec2.Subnets.Get(v.snap, v.scope.Key(v.t.Spec.Subnet)); ok {
		out["IPv4SubnetCIDRBlock"] = subnet.Spec.CIDR.String()
	}
	return out
}

func stamp(out map[string]any, name string, t time.Time) {
	if !t.IsZero() {
		out[name] = t.UTC().Format(time.RFC3339Nano)
	}
}
