package ecs

import (
	"fmt"
	"math/rand/v2"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/awsid"
	"apex/internal/service/ec2"
	"apex/internal/store"
	"apex/internal/tag"
)

// A launch is what a new task is made from.
type launch struct {
	cluster    string
	definition Definition
	revision   RevisionSpec // also of a task run by hand: where and as what it runs
	service    *ServiceSpec
	overrides  *ecsapi.TaskOverride
	group      string
	startedBy  string
	token      string // of the call, which a client may repeat
	exec       bool
	tags       tag.Tags
	subnets    []string       // to try in turn
	providers  map[string]int // how many tasks each capacity provider has; counted on
	at         time.Time
}

// launchTask records a task and the interface it needs.
func launchTask(tx *store.Tx, scope arn.Scope, l launch) (Task, error) {
	id := awsid.Hex(32)
	eni, err := requestInterface(tx, scope, l, id)
	if err != nil {
		return Task{}, err
	}
	spec := TaskSpec{
		ID: id, ARN: scope.ARN("ecs", "task/"+l.cluster+"/"+id), Cluster: l.cluster,
		Definition: *l.definition.Definition.TaskDefinitionArn, Group: l.group, StartedBy: l.startedBy, ClientToken: l.token,
		LaunchType: ecsapi.LaunchTypeFargate, Provider: nextProvider(l.revision.Strategy, l.providers),
		PlatformVersion: platformVersion, Overrides: l.overrides, ExecuteCommand: l.exec,
		Zone: eni.Spec.Zone, Subnet: eni.Spec.SubnetID, Interface: eni.ID(), Attachment: awsid.UUID(),
		Credentials: awsid.UUID(), Tags: l.tags, CreatedAt: l.at,
	}
	spec.CPU, spec.Memory = taskSize(l.definition, l.overrides)
	if svc := l.service; svc != nil {
		spec.Service, spec.Deployment = svc.Name, l.revision.ID
		spec.Registries = l.revision.Registries
		spec.LoadBalancers, spec.Grace = l.revision.resolved(), time.Duration(api.Val(svc.Grace))*time.Second
	}
	t := Task{Key: taskKey(scope, l.cluster, id), Spec: spec}
	t.Status.Address = eni.Spec.PrivateIP.String()
	for _, c := range l.definition.Definition.ContainerDefinitions {
		t.Status.Containers = append(t.Status.Containers, ContainerStatus{
			Name: api.Val(c.Name), ARN: scope.ARN("ecs", fmt.Sprintf("container/%s/%s/%s", l.cluster, id, awsid.UUID())),
			RuntimeID: fmt.Sprintf("%s-%010d", id, rand.Int64N(1e10)), Last: statusPending,
		})
	}
	if l.providers != nil {
		l.providers[t.Spec.Provider]++
	}
	Tasks.Put(tx, t)
	return t, nil
}

// requestInterface tries the subnets in turn: one may be full.
func requestInterface(tx *store.Tx, scope arn.Scope, l launch, id string) (eni ec2.NetworkInterface, err error) {
	v := l.revision.Network.AwsvpcConfiguration
	for _, subnet := range l.subnets {
		eni, err = ec2.RequestInterface(tx, scope, ec2.InterfaceSpec{
			SubnetID: subnet, GroupIDs: v.SecurityGroups, Requester: "ecs", CreatedAt: l.at,
			Description: scope.ARN("ecs", "attachment/"+id),
			PublicIP:    api.Val(v.AssignPublicIp) == ecsapi.AssignPublicIpEnabled,
		})
		if err == nil {
			return eni, nil
		}
	}
	if err == nil {
		err = invalid("None of the subnets exists any more.")
	}
	return eni, err
}

func taskSize(d Definition, o *ecsapi.TaskOverride) (cpu, memory string) {
	cpu, memory = api.Val(d.Definition.Cpu), api.Val(d.Definition.Memory)
	if o != nil {
		cpu, memory = api.Or(o.Cpu, cpu), api.Or(o.Memory, memory)
	}
	return cpu, memory
}

// serviceTaskTags are the tags of a service's tasks.
func serviceTaskTags(svc ServiceSpec, d Definition) tag.Tags {
	tags := tag.Tags{}
	switch svc.PropagateTags {
	case ecsapi.PropagateTagsService:
		tags = svc.Tags
	case ecsapi.PropagateTagsTaskDefinition:
		tags = d.Tags
	}
	if svc.ManagedTags {
		tags = tags.With(managedTags(svc.Cluster, svc.Name))
	}
	return tags
}

func managedTags(cluster, service string) tag.Tags {
	tags := tag.Tags{"aws:ecs:clusterName": cluster}
	if service != "" {
		tags["aws:ecs:serviceName"] = service
	}
	return tags
}

// familyGroup is the group of a task run by hand, unless it names another.
func familyGroup(d Definition) string {
	return "family:" + api.Val(d.Definition.Family)
}
