package ecs

import (
	"maps"
	"strconv"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
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
		"Containers": containers, "FaultInjectionEnabled": false, "ClockDrift": clock(v.s.now()),
		"EphemeralStorageMetrics": v.storage(),
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
	stamp(out, "ExecutionStoppedAt", v.t.Status.Ended)
	return out
}

// clock says that the machine's clock is as good as its keeper: the containers
// have no other.
func clock(now time.Time) map[string]any {
	return map[string]any{
		"ClockErrorBound": 0, "ReferenceTimestamp": now.UTC().Format(time.RFC3339Nano), "ClockSynchronizationStatus": "SYNCHRONIZED",
	}
}

// storage is the task's ephemeral storage in MiB.
func (v view) storage() map[string]any {
	out := map[string]any{"Utilized": 0, "Reserved": storageOf(v.snap, v.scope, v.t) << 10}
	if one, ok := v.s.meters.reading(v.t.Key); ok && one.disk > 0 {
		out["Utilized"] = one.disk >> 20
	}
	return out
}

func (v view) container(c ContainerStatus) map[string]any {
	def := v.definitionOf(c.Name)
	out := map[string]any{
		"DockerId": c.RuntimeID, "DockerName": c.Name, "Name": c.Name, "Image": api.Val(def.Image), "ImageID": c.Digest,
		"ContainerARN": c.ARN, "DesiredStatus": desiredStatus(v.t), "KnownStatus": c.Last, "Type": "NORMAL",
		"Labels": v.labels(c, def), "Networks": []map[string]any{v.network()}, "Snapshotter": "overlayfs",
		"Limits": map[string]any{"CPU": api.Val(def.Cpu), "Memory": api.Or(def.Memory, api.Val(def.MemoryReservation))},
	}
	if c.Exit != nil {
		out["ExitCode"] = *c.Exit
	}
	if def.RestartPolicy != nil {
		out["RestartCount"] = c.Restarts
	}
	if c.Health != "" {
		out["Health"] = map[string]any{"status": c.Health}
	}
	if l := def.LogConfiguration; l != nil {
		out["LogDriver"] = api.Val(l.LogDriver)
		options := maps.Clone(l.Options)
		options["awslogs-stream"] = l.Options[optionPrefix] + "/" + c.Name + "/" + v.t.Spec.ID
		out["LogOptions"] = options
	}
	stamp(out, "CreatedAt", v.t.Spec.CreatedAt)
	stamp(out, "StartedAt", v.t.Status.Started)
	stamp(out, "FinishedAt", v.t.Status.Ended)
	return out
}

// labels are the definition's and those that ECS adds.
func (v view) labels(c ContainerStatus, def ecsapi.ContainerDefinition) map[string]string {
	all := maps.Clone(def.DockerLabels)
	if all == nil {
		all = map[string]string{}
	}
	all["com.amazonaws.ecs.cluster"] = v.scope.ARN("ecs", "cluster/"+v.t.Spec.Cluster)
	all["com.amazonaws.ecs.container-name"] = c.Name
	all["com.amazonaws.ecs.task-arn"] = v.t.Spec.ARN
	all["com.amazonaws.ecs.task-definition-family"] = familyOf(v.t.Spec.Definition)
	all["com.amazonaws.ecs.task-definition-version"] = revisionOf(v.t.Spec.Definition)
	return all
}

// definitionOf is what the definition says of a container.
func (v view) definitionOf(name string) ecsapi.ContainerDefinition {
	definition, err := findDefinition(v.snap, v.scope, v.t.Spec.Definition)
	if err != nil {
		return ecsapi.ContainerDefinition{}
	}
	for _, c := range definition.Definition.ContainerDefinitions {
		if api.Val(c.Name) == name {
			return c
		}
	}
	return ecsapi.ContainerDefinition{}
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
