package ecs

import (
	"strconv"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/service/ec2"
	"apex/internal/store"
)

// familyOf takes the family from a task definition's ARN.
func familyOf(definition string) string {
	_, name, _ := strings.Cut(definition, "task-definition/")
	family, _, _ := strings.Cut(name, ":")
	return family
}

// describeTask is a task as AWS describes it.
func describeTask(r store.Reader, scope arn.Scope, t Task, tags bool) ecsapi.Task {
	spec, st := t.Spec, t.Status
	out := ecsapi.Task{
		TaskArn: &spec.ARN, ClusterArn: api.Ptr(scope.ARN("ecs", "cluster/"+spec.Cluster)), TaskDefinitionArn: &spec.Definition,
		Attachments: []ecsapi.Attachment{attachment(r, scope, t)},
		Attributes:  []ecsapi.Attribute{{Name: api.Ptr("ecs.cpu-architecture"), Value: api.Ptr(architecture)}},
		LastStatus:  api.Ptr(last(t)), DesiredStatus: api.Ptr(desiredStatus(t)),
		AvailabilityZone: &spec.Zone, Cpu: &spec.CPU, Memory: &spec.Memory, Group: &spec.Group,
		LaunchType: &spec.LaunchType, CapacityProviderName: optional(spec.Provider),
		PlatformVersion: &spec.PlatformVersion, PlatformFamily: api.Ptr(platformFamily),
		StartedBy: optional(startedBy(spec)), EnableExecuteCommand: &spec.ExecuteCommand,
		Overrides: overrides(t), EphemeralStorage: &ecsapi.EphemeralStorage{SizeInGiB: api.Ptr(storageOf(r, scope, t))},
		CreatedAt: &spec.CreatedAt, ConnectivityAt: moment(st.Connected),
		PullStartedAt: moment(st.PullStarted), PullStoppedAt: moment(st.PullEnded), StartedAt: moment(st.Started),
		StoppingAt: moment(st.Stopping), ExecutionStoppedAt: moment(st.Ended), StoppedAt: moment(st.Stopped),
		StopCode: optional(st.Code), StoppedReason: optional(st.Reason),
		HealthStatus: api.Ptr(taskHealth(st)), Version: api.Ptr(st.Version + 1),
	}
	if !st.Connected.IsZero() {
		out.Connectivity = api.Ptr(ecsapi.ConnectivityConnected)
	}
	for i := range st.Containers {
		out.Containers = append(out.Containers, describeContainer(r, scope, t, st.Containers[i]))
	}
	out.Tags = []ecsapi.Tag{}
	if tags {
		out.Tags = wireTags(spec.Tags)
	}
	return out
}

func startedBy(spec TaskSpec) string {
	if spec.Deployment != "" {
		return spec.Deployment
	}
	return spec.StartedBy
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// overrides gives back one entry for each container, as AWS does.
func overrides(t Task) *ecsapi.TaskOverride {
	out := ecsapi.TaskOverride{}
	if t.Spec.Overrides != nil {
		out = *t.Spec.Overrides
	}
	given := out.ContainerOverrides
	out.ContainerOverrides = nil
	for _, c := range t.Status.Containers {
		each := ecsapi.ContainerOverride{Name: &c.Name}
		for _, o := range given {
			if api.Val(o.Name) == c.Name {
				each = o
			}
		}
		out.ContainerOverrides = append(out.ContainerOverrides, each)
	}
	return &out
}

// attachment describes the task's network interface.
func attachment(r store.Reader, scope arn.Scope, t Task) ecsapi.Attachment {
	status := "PRECREATED"
	switch {
	case last(t) == statusStopped:
		status = "DELETED"
	case !t.Status.Connected.IsZero():
		status = "ATTACHED"
	}
	a := ecsapi.Attachment{Id: &t.Spec.Attachment, Type: api.Ptr("ElasticNetworkInterface"), Status: &status}
	add := func(name, value string) {
		a.Details = append(a.Details, ecsapi.KeyValuePair{Name: &name, Value: &value})
	}
	add("subnetId", t.Spec.Subnet)
	add("networkInterfaceId", t.Spec.Interface)
	add("privateIPv4Address", t.Status.Address)
	add("privateDnsName", hostname(scope, t.Status.Address))
	if eni, ok := ec2.NetworkInterfaces.Get(r, scope.Key(t.Spec.Interface)); ok && eni.Spec.PublicIP.IsValid() {
		add("publicIPv4Address", eni.Spec.PublicIP.String())
	}
	return a
}

// hostname is the private name of an address.
func hostname(scope arn.Scope, address string) string {
	domain := scope.Region + ".compute.internal"
	if scope.Region == "us-east-1" {
		domain = "ec2.internal"
	}
	return "ip-" + strings.ReplaceAll(address, ".", "-") + "." + domain
}

func describeContainer(r store.Reader, scope arn.Scope, t Task, c ContainerStatus) ecsapi.Container {
	out := ecsapi.Container{
		ContainerArn: &c.ARN, TaskArn: &t.Spec.ARN, Name: &c.Name, RuntimeId: &c.RuntimeID,
		LastStatus: &c.Last, ExitCode: c.Exit, Reason: optional(c.Reason), ImageDigest: optional(c.Digest),
		HealthStatus: api.Ptr(orUnknown(c.Health)), NetworkBindings: []ecsapi.NetworkBinding{},
		NetworkInterfaces: []ecsapi.NetworkInterface{{AttachmentId: &t.Spec.Attachment, PrivateIpv4Address: &t.Status.Address}},
	}
	if t.Spec.ExecuteCommand && !t.Status.Connected.IsZero() {
		out.ManagedAgents = []ecsapi.ManagedAgent{{
			Name: api.Ptr(ecsapi.ManagedAgentNameExecuteCommandAgent), LastStatus: &c.Last, LastStartedAt: moment(t.Status.Started),
		}}
	}
	if def, err := findDefinition(r, scope, t.Spec.Definition); err == nil {
		for _, d := range def.Definition.ContainerDefinitions {
			if api.Val(d.Name) == c.Name {
				out.Image = d.Image
				out.Cpu = api.Ptr(strconv.FormatInt(api.Val(d.Cpu), 10))
				out.Memory, out.MemoryReservation = mib(d.Memory), mib(d.MemoryReservation)
			}
		}
	}
	return out
}

func mib(n *int64) *string {
	if n == nil {
		return nil
	}
	return api.Ptr(strconv.FormatInt(*n, 10))
}

func orUnknown(health string) string {
	if health == "" {
		return ecsapi.HealthStatusUnknown
	}
	return health
}

// taskHealth is the worst health of the containers that have a check.
func taskHealth(st TaskStatus) string {
	health := ecsapi.HealthStatusUnknown
	for _, c := range st.Containers {
		switch c.Health {
		case ecsapi.HealthStatusUnhealthy:
			return c.Health
		case ecsapi.HealthStatusHealthy:
			health = c.Health
		}
	}
	return health
}

// revisionOf takes the revision from a task definition's ARN.
func revisionOf(definition string) string {
	return definition[strings.LastIndexByte(definition, ':')+1:]
}
