package ecs

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	sd "apex/internal/api/servicediscoveryapi"
	"apex/internal/service/servicediscovery"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

// registry makes a service of Cloud Map with records of the given types, and
// returns its ARN.
func (w *world) registry(id string, kinds ...string) string {
	config := &sd.DnsConfig{RoutingPolicy: api.Ptr(sd.RoutingPolicyMultivalue)}
	for _, kind := range kinds {
		config.DnsRecords = append(config.DnsRecords, sd.DnsRecord{Type: &kind, TTL: api.Ptr[int64](10)})
	}
	w.update(func(tx *store.Tx) {
		servicediscovery.Namespaces.Put(tx, servicediscovery.Namespace{Key: scope.Key("ns-1"), Spec: servicediscovery.NamespaceSpec{Name: "corp.local"}})
		servicediscovery.Services.Put(tx, servicediscovery.Entry{Key: scope.Key(id), Spec: servicediscovery.EntrySpec{Name: id, Namespace: "ns-1", DNS: config}})
	})
	return scope.ARN("servicediscovery", "service/"+id)
}

// TestTasksAreInTheirRegistry follows Cloud Map's instances from a service's start
// to its end.
func TestTasksAreInTheirRegistry(t *testing.T) {
	w := newWorld(t)
	w.run()
	w.cluster()
	registry := w.registry("srv-1", sd.RecordTypeA, sd.RecordTypeSrv)
	definition := w.define("web", "await 0")
	w.create("web", definition, 2, func(in *ecs.CreateServiceInput) {
		in.ServiceRegistries = []types.ServiceRegistry{{RegistryArn: &registry, Port: aws.Int32(3000)}}
	})
	w.await("two instances", func(snap store.Snapshot) bool {
		return servicediscovery.Instances.Len(snap) == 2 && slices.Equal(w.addresses(snap), w.registered(snap))
	})
	if got := w.describe("web").ServiceRegistries; len(got) != 1 || *got[0].RegistryArn != registry || *got[0].Port != 3000 {
		t.Errorf("described %+v", got)
	}
	if _, err := w.client.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("main"), Service: aws.String("web"), DesiredCount: aws.Int32(0)}); err != nil {
		t.Fatal(err)
	}
	w.await("no instance", func(snap store.Snapshot) bool { return servicediscovery.Instances.Len(snap) == 0 })
}

// registered are the addresses that Cloud Map knows, in order.
func (w *world) registered(snap store.Snapshot) (list []string) {
	for _, i := range servicediscovery.Instances.All(snap) {
		if i.Spec.Attributes["AWS_INSTANCE_PORT"] == "3000" && i.Spec.Attributes["ECS_SERVICE_NAME"] == "web" {
			list = append(list, i.Spec.Attributes["AWS_INSTANCE_IPV4"])
		}
	}
	slices.Sort(list)
	return list
}

func (w *world) addresses(snap store.Snapshot) (list []string) {
	for _, task := range tasksIn(snap, "web") {
		list = append(list, task.Status.Address)
	}
	slices.Sort(list)
	return list
}

func TestRefusedRegistries(t *testing.T) {
	w := newWorld(t)
	srv := w.registry("srv-1", sd.RecordTypeSrv)
	for name, registry := range map[string]ecsapi.ServiceRegistry{
		"absent":        {RegistryArn: api.Ptr(scope.ARN("servicediscovery", "service/srv-9"))},
		"no port":       {RegistryArn: &srv},
		"port and name": {RegistryArn: &srv, Port: api.Ptr[int64](1), ContainerName: api.Ptr("c")},
	} {
		if got := servicetest.Code(checkRegistries(w.env.Store.Snapshot(), []ecsapi.ServiceRegistry{registry})); got == "" {
			t.Errorf("%s: taken", name)
		}
	}
}
