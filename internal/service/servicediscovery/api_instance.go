package servicediscovery

import (
	"context"
	"regexp"
	"slices"

	"apex/internal/api"
	sd "apex/internal/api/servicediscoveryapi"
	"apex/internal/store"
)

// instanceName is what instances may be called.
var instanceName = regexp.MustCompile(`^[0-9a-zA-Z_/:.@-]+$`)

func findInstance(r store.Reader, call *api.Call, service, id *string) (Entry, Instance, error) {
	e, err := findService(r, call, service)
	if err != nil {
		return e, Instance{}, err
	}
	i, ok := Instances.Get(r, e.Key+"/"+*id)
	if !ok {
		return e, i, sd.NewInstanceNotFound("Instance not found: %s", *id)
	}
	return e, i, nil
}

func (s *Service) registerInstance(ctx context.Context, call *api.Call, in *sd.RegisterInstanceRequest) (*sd.RegisterInstanceResponse, error) {
	if !instanceName.MatchString(*in.InstanceId) {
		return nil, sd.NewInvalidInput("The instance ID %q is not valid", *in.InstanceId)
	}
	var operation *string
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		e, err := findService(tx, call, in.ServiceId)
		if err != nil {
			return err
		}
		if err := e.put(tx, *in.InstanceId, in.Attributes, api.Val(in.CreatorRequestId)); err != nil {
			return err
		}
		operation = done(tx, call, sd.OperationTypeRegisterInstance, sd.OperationTargetTypeInstance, *in.InstanceId, "")
		return nil
	})
	return &sd.RegisterInstanceResponse{OperationId: operation}, err
}

func (s *Service) deregisterInstance(ctx context.Context, call *api.Call, in *sd.DeregisterInstanceRequest) (*sd.DeregisterInstanceResponse, error) {
	var operation *string
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		e, i, err := findInstance(tx, call, in.ServiceId, in.InstanceId)
		if err != nil {
			return err
		}
		e.remove(tx, &i)
		operation = done(tx, call, sd.OperationTypeDeregisterInstance, sd.OperationTargetTypeInstance, *in.InstanceId, "")
		return nil
	})
	return &sd.DeregisterInstanceResponse{OperationId: operation}, err
}

func (s *Service) getInstance(_ context.Context, call *api.Call, in *sd.GetInstanceRequest) (*sd.GetInstanceResponse, error) {
	_, i, err := findInstance(s.store.Snapshot(), call, in.ServiceId, in.InstanceId)
	if err != nil {
		return nil, err
	}
	return &sd.GetInstanceResponse{Instance: &sd.Instance{Id: in.InstanceId, CreatorRequestId: &i.Spec.Request, Attributes: i.Spec.Attributes}}, nil
}

func (s *Service) listInstances(_ context.Context, call *api.Call, in *sd.ListInstancesRequest) (*sd.ListInstancesResponse, error) {
	snap := s.store.Snapshot()
	e, err := findService(snap, call, in.ServiceId)
	if err != nil {
		return nil, err
	}
	shown, next, err := page(instancesOf(snap, &e), func(i *Instance) string { return i.Key }, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	out := &sd.ListInstancesResponse{Instances: []sd.InstanceSummary{}, NextToken: next}
	for _, i := range shown {
		out.Instances = append(out.Instances, sd.InstanceSummary{Id: api.Ptr(i.name()), Attributes: i.Spec.Attributes})
	}
	return out, nil
}

func (i *Instance) health() string {
	if i.Spec.Unhealthy {
		return sd.HealthStatusUnhealthy
	}
	return sd.HealthStatusHealthy
}

func (s *Service) getHealth(_ context.Context, call *api.Call, in *sd.GetInstancesHealthStatusRequest) (*sd.GetInstancesHealthStatusResponse, error) {
	snap := s.store.Snapshot()
	e, err := findService(snap, call, in.ServiceId)
	if err != nil {
		return nil, err
	}
	for _, id := range in.Instances {
		if _, _, err := findInstance(snap, call, in.ServiceId, &id); err != nil {
			return nil, err
		}
	}
	all := slices.DeleteFunc(instancesOf(snap, &e), func(i Instance) bool { return in.Instances != nil && !slices.Contains(in.Instances, i.name()) })
	shown, next, err := page(all, func(i *Instance) string { return i.Key }, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	out := &sd.GetInstancesHealthStatusResponse{Status: map[string]string{}, NextToken: next}
	for _, i := range shown {
		out.Status[i.name()] = i.health()
	}
	return out, nil
}

func (s *Service) updateHealth(ctx context.Context, call *api.Call, in *sd.UpdateInstanceCustomHealthStatusRequest) (*sd.UpdateInstanceCustomHealthStatusOutput, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		e, i, err := findInstance(tx, call, in.ServiceId, in.InstanceId)
		switch {
		case err != nil:
			return err
		case e.Spec.CustomHealth == nil:
			return sd.NewCustomHealthNotFound("The service %s has no custom health check", *in.ServiceId)
		}
		i.Spec.Unhealthy = *in.Status == sd.CustomHealthStatusUnhealthy
		Instances.Put(tx, i)
		publish(tx, &e, &i)
		e.Spec.Revision++
		Services.Put(tx, e)
		return nil
	})
}

// named finds a service by its name and its namespace's.
func named(r store.Reader, call *api.Call, namespace, service *string) (Entry, error) {
	known := false
	for _, n := range Namespaces.Prefix(r, scopeOf(call).Prefix()) {
		if n.Spec.Name != *namespace {
			continue
		}
		known = true
		for _, e := range servicesOf(r, &n) {
			if e.Spec.Name == *service {
				return e, nil
			}
		}
	}
	if !known {
		return Entry{}, sd.NewNamespaceNotFound("Namespace not found: %s", *namespace)
	}
	return Entry{}, sd.NewServiceNotFound("Service not found: %s", *service)
}

func (s *Service) discoverRevision(_ context.Context, call *api.Call, in *sd.DiscoverInstancesRevisionRequest) (*sd.DiscoverInstancesRevisionResponse, error) {
	e, err := named(s.store.Snapshot(), call, in.NamespaceName, in.ServiceName)
	if err != nil {
		return nil, err
	}
	return &sd.DiscoverInstancesRevisionResponse{InstancesRevision: &e.Spec.Revision}, nil
}

func (s *Service) discover(_ context.Context, call *api.Call, in *sd.DiscoverInstancesRequest) (*sd.DiscoverInstancesResponse, error) {
	snap := s.store.Snapshot()
	e, err := named(snap, call, in.NamespaceName, in.ServiceName)
	if err != nil {
		return nil, err
	}
	found := wanted(instancesOf(snap, &e), in)
	out := &sd.DiscoverInstancesResponse{Instances: []sd.HttpInstanceSummary{}, InstancesRevision: &e.Spec.Revision}
	for i := range found[:min(len(found), int(api.Or(in.MaxResults, 100)))] {
		out.Instances = append(out.Instances, sd.HttpInstanceSummary{
			InstanceId: api.Ptr(found[i].name()), NamespaceName: in.NamespaceName, ServiceName: in.ServiceName,
			HealthStatus: api.Ptr(found[i].health()), Attributes: found[i].Spec.Attributes,
		})
	}
	return out, nil
}

// wanted are the instances that a question is for: by attributes, by those that it
// would like best, by health.
func wanted(all []Instance, in *sd.DiscoverInstancesRequest) []Instance {
	all = slices.DeleteFunc(all, func(i Instance) bool { return !has(&i, in.QueryParameters) })
	if liked := slices.DeleteFunc(slices.Clone(all), func(i Instance) bool { return !has(&i, in.OptionalParameters) }); len(liked) > 0 {
		all = liked
	}
	status := api.Or(in.HealthStatus, sd.HealthStatusFilterHealthyOrElseAll)
	if status == sd.HealthStatusFilterAll {
		return all
	}
	well := slices.DeleteFunc(slices.Clone(all), func(i Instance) bool { return i.Spec.Unhealthy != (status == sd.HealthStatusFilterUnhealthy) })
	if len(well) == 0 && status == sd.HealthStatusFilterHealthyOrElseAll {
		return all
	}
	return well
}

func has(i *Instance, parameters map[string]string) bool {
	for name, value := range parameters {
		if i.Spec.Attributes[name] != value {
			return false
		}
	}
	return true
}
