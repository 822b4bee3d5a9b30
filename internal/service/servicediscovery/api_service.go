package servicediscovery

import (
	"context"
	"slices"
	"strings"

	"apex/internal/api"
	sd "apex/internal/api/servicediscoveryapi"
	"apex/internal/store"
)

func findService(r store.Reader, call *api.Call, id *string) (Entry, error) {
	name := api.Val(id)
	e, ok := Services.Get(r, scopeOf(call).Key(name[strings.LastIndexByte(name, '/')+1:]))
	if !ok {
		return e, sd.NewServiceNotFound("Service not found: %s", name)
	}
	return e, nil
}

func (s *Service) createService(ctx context.Context, call *api.Call, in *sd.CreateServiceRequest) (*sd.CreateServiceResponse, error) {
	tags, err := newTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	made := Entry{Key: scopeOf(call).Key(newID("srv-")), Spec: EntrySpec{
		Name: *in.Name, Description: in.Description, Request: api.Val(in.CreatorRequestId), DNS: in.DnsConfig, HealthCheck: in.HealthCheckConfig,
		CustomHealth: in.HealthCheckCustomConfig, HTTP: in.Type != nil, Tags: tags, CreatedAt: call.Now,
	}}
	namespace := in.NamespaceId
	if in.DnsConfig != nil && namespace == nil {
		namespace = in.DnsConfig.NamespaceId
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		n, err := findNamespace(tx, call, namespace)
		if err != nil {
			return err
		}
		made.Spec.Namespace = idOf(n.Key)
		for _, other := range servicesOf(tx, &n) {
			if other.Spec.Name == made.Spec.Name {
				return taken(&other)
			}
		}
		if err := checkService(&n, &made.Spec); err != nil {
			return err
		}
		Services.Put(tx, made)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &sd.CreateServiceResponse{Service: describeService(s.store.Snapshot(), &made)}, nil
}

func taken(e *Entry) error {
	err := sd.NewServiceAlreadyExists("Service already exists: %s", e.Spec.Name)
	err.Fields = map[string]any{"ServiceId": idOf(e.Key), "ServiceArn": arnOf(e.Key, "service")}
	return err
}

// checkService wants a service's members to go with each other and with the
// namespace, and fills in their defaults.
func checkService(n *Namespace, spec *EntrySpec) error {
	dns := spec.DNS
	switch {
	case spec.Name == "" || len(spec.Name) > 127:
		return sd.NewInvalidInput("The service name %q is not valid", spec.Name)
	case spec.HealthCheck != nil && spec.CustomHealth != nil:
		return sd.NewInvalidInput("HealthCheckConfig and HealthCheckCustomConfig cannot be given together")
	case spec.HealthCheck != nil && n.Spec.Type != sd.NamespaceTypeDnsPublic:
		return sd.NewInvalidInput("HealthCheckConfig is for services of public DNS namespaces")
	case dns == nil && n.Spec.Type != sd.NamespaceTypeHttp && !spec.HTTP:
		return sd.NewInvalidInput("DnsConfig is required for a service of a DNS namespace")
	case dns == nil:
		return nil
	case n.Spec.Type == sd.NamespaceTypeHttp || spec.HTTP:
		return sd.NewInvalidInput("DnsConfig cannot be given for a service that is found by HTTP alone")
	}
	config := *dns
	config.NamespaceId = api.Ptr(idOf(n.Key))
	config.RoutingPolicy = api.Ptr(api.Or(config.RoutingPolicy, sd.RoutingPolicyMultivalue))
	spec.DNS = &config
	return checkRecords(config.DnsRecords, *config.RoutingPolicy)
}

func checkRecords(records []sd.DnsRecord, policy string) error {
	var kinds []string
	for _, r := range records {
		if slices.Contains(kinds, *r.Type) {
			return sd.NewInvalidInput("The record type %s is given twice", *r.Type)
		}
		kinds = append(kinds, *r.Type)
	}
	cname := slices.Contains(kinds, sd.RecordTypeCname)
	switch {
	case len(kinds) == 0:
		return sd.NewInvalidInput("DnsRecords must not be empty")
	case cname && len(kinds) > 1:
		return sd.NewInvalidInput("A CNAME record cannot be beside others")
	case cname && policy == sd.RoutingPolicyMultivalue:
		return sd.NewInvalidInput("A CNAME record requires the routing policy WEIGHTED")
	}
	return nil
}

func instancesOf(r store.Reader, e *Entry) (list []Instance) {
	for _, i := range Instances.Prefix(r, e.Key+"/") {
		list = append(list, i)
	}
	return list
}

func describeService(r store.Reader, e *Entry) *sd.Service {
	kind := sd.ServiceTypeHttp
	if e.Spec.DNS != nil {
		kind = sd.ServiceTypeDnsHttp
	}
	return &sd.Service{
		Id: api.Ptr(idOf(e.Key)), Arn: api.Ptr(arnOf(e.Key, "service")), Name: &e.Spec.Name, NamespaceId: &e.Spec.Namespace, Description: e.Spec.Description,
		InstanceCount: api.Ptr(int64(len(instancesOf(r, e)))), DnsConfig: e.Spec.DNS, Type: &kind, HealthCheckConfig: e.Spec.HealthCheck,
		HealthCheckCustomConfig: e.Spec.CustomHealth, CreateDate: &e.Spec.CreatedAt, CreatorRequestId: &e.Spec.Request,
	}
}

func (s *Service) getService(_ context.Context, call *api.Call, in *sd.GetServiceRequest) (*sd.GetServiceResponse, error) {
	snap := s.store.Snapshot()
	e, err := findService(snap, call, in.Id)
	if err != nil {
		return nil, err
	}
	return &sd.GetServiceResponse{Service: describeService(snap, &e)}, nil
}

func (s *Service) listServices(_ context.Context, call *api.Call, in *sd.ListServicesRequest) (*sd.ListServicesResponse, error) {
	snap := s.store.Snapshot()
	var found []Entry
	for _, e := range Services.Prefix(snap, scopeOf(call).Prefix()) {
		if !slices.ContainsFunc(in.Filters, func(f sd.ServiceFilter) bool { return !slices.Contains(f.Values, e.Spec.Namespace) }) {
			found = append(found, e)
		}
	}
	shown, next, err := page(found, func(e *Entry) string { return e.Key }, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	out := &sd.ListServicesResponse{Services: []sd.ServiceSummary{}, NextToken: next}
	for i := range shown {
		d := describeService(snap, &shown[i])
		out.Services = append(out.Services, sd.ServiceSummary{
			Id: d.Id, Arn: d.Arn, Name: d.Name, Type: d.Type, Description: d.Description, InstanceCount: d.InstanceCount, DnsConfig: d.DnsConfig,
			HealthCheckConfig: d.HealthCheckConfig, HealthCheckCustomConfig: d.HealthCheckCustomConfig, CreateDate: d.CreateDate,
		})
	}
	return out, nil
}

// updateService replaces what a service has: what is left out goes, but its DNS
// configuration, of which the records alone can change.
func (s *Service) updateService(ctx context.Context, call *api.Call, in *sd.UpdateServiceRequest) (*sd.UpdateServiceResponse, error) {
	var operation *string
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		e, err := findService(tx, call, in.Id)
		if err != nil {
			return err
		}
		e.Spec.Description, e.Spec.HealthCheck = in.Service.Description, in.Service.HealthCheckConfig
		if change := in.Service.DnsConfig; change != nil {
			if e.Spec.DNS == nil {
				return sd.NewInvalidInput("The service %s has no DNS configuration", *in.Id)
			}
			if err := checkRecords(change.DnsRecords, *e.Spec.DNS.RoutingPolicy); err != nil {
				return err
			}
			config := *e.Spec.DNS
			config.DnsRecords = change.DnsRecords
			e.republish(tx, &config)
		}
		Services.Put(tx, e)
		operation = done(tx, call, sd.OperationTypeUpdateService, sd.OperationTargetTypeService, idOf(e.Key), "")
		return nil
	})
	return &sd.UpdateServiceResponse{OperationId: operation}, err
}

func (s *Service) deleteService(ctx context.Context, call *api.Call, in *sd.DeleteServiceRequest) (*sd.DeleteServiceResponse, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		e, err := findService(tx, call, in.Id)
		switch {
		case err != nil:
			return err
		case len(instancesOf(tx, &e)) > 0:
			return sd.NewResourceInUse("The service %s has registered instances", idOf(e.Key))
		}
		Services.Delete(tx, e.Key)
		return nil
	})
}
