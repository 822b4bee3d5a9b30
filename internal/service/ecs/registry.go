package ecs

import (
	"strconv"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	sd "apex/internal/api/servicediscoveryapi"
	"apex/internal/arn"
	"apex/internal/service/servicediscovery"
	"apex/internal/store"
)

// checkRegistries wants a service's registries to exist, and to learn a port where
// they have SRV records.
func checkRegistries(r store.Reader, registries []ecsapi.ServiceRegistry) error {
	for _, reg := range registries {
		name := api.Val(reg.RegistryArn)
		found, ok := servicediscovery.Lookup(r, name)
		switch {
		case !ok:
			return invalid("Service registry %s does not exist.", name)
		case reg.Port != nil && reg.ContainerName != nil:
			return invalid("A service registry cannot specify both a port and a container.")
		case found.Spec.DNS == nil:
			continue
		}
		for _, record := range found.Spec.DNS.DnsRecords {
			if *record.Type == sd.RecordTypeSrv && reg.Port == nil && reg.ContainerPort == nil {
				return invalid("When using SRV record for service registry %s, either port or containerName and containerPort must be specified.", name)
			}
		}
	}
	return nil
}

// announce puts the task into its registries. One that was deleted takes nothing.
func announce(tx *store.Tx, t Task) {
	for _, reg := range t.Spec.Registries {
		_ = servicediscovery.Register(tx, api.Val(reg.RegistryArn), t.Spec.ID, whereabouts(t, reg))
	}
}

func renounce(tx *store.Tx, t Task) {
	for _, reg := range t.Spec.Registries {
		servicediscovery.Deregister(tx, api.Val(reg.RegistryArn), t.Spec.ID)
	}
}

// whereabouts is what Cloud Map learns of a task.
func whereabouts(t Task, reg ecsapi.ServiceRegistry) map[string]string {
	scope, _ := arn.SplitKey(t.Key)
	family := t.Spec.Definition[strings.LastIndexByte(t.Spec.Definition, '/')+1:]
	family, _, _ = strings.Cut(family, ":")
	out := map[string]string{
		"AWS_INSTANCE_IPV4": t.Status.Address, "AVAILABILITY_ZONE": t.Spec.Zone, "REGION": scope.Region,
		"ECS_CLUSTER_NAME": t.Spec.Cluster, "ECS_SERVICE_NAME": t.Spec.Service, "ECS_TASK_DEFINITION_FAMILY": family,
	}
	if port := api.Or(reg.Port, api.Val(reg.ContainerPort)); port != 0 {
		out["AWS_INSTANCE_PORT"] = strconv.FormatInt(port, 10)
	}
	return out
}
