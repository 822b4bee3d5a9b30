package servicediscovery

import (
	"context"
	"errors"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/route53api"
	sd "apex/internal/api/servicediscoveryapi"
	"apex/internal/service/route53"
	"apex/internal/store"
)

// soaTTL is that of a namespace's zone where the caller gives none, in seconds.
const soaTTL = 15

// owner is whose the zones of namespaces are.
var owner = route53.Owner{Principal: "servicediscovery.amazonaws.com", Description: "Created by AWS Cloud Map"}

func findNamespace(r store.Reader, call *api.Call, id *string) (Namespace, error) {
	name := api.Val(id)
	n, ok := Namespaces.Get(r, scopeOf(call).Key(name[strings.LastIndexByte(name, '/')+1:]))
	if !ok {
		return n, sd.NewNamespaceNotFound("Namespace not found: %s", name)
	}
	return n, nil
}

func (s *Service) createPrivate(ctx context.Context, call *api.Call, in *sd.CreatePrivateDnsNamespaceRequest) (*sd.CreatePrivateDnsNamespaceResponse, error) {
	spec := NamespaceSpec{Name: *in.Name, Type: sd.NamespaceTypeDnsPrivate, Description: in.Description, Request: api.Val(in.CreatorRequestId), SOATTL: soaTTL}
	if p := in.Properties; p != nil {
		spec.SOATTL = *p.DnsProperties.SOA.TTL
	}
	id, err := s.createNamespace(ctx, call, spec, in.Tags, &route53api.VPC{VPCId: in.Vpc, VPCRegion: &call.Region})
	return &sd.CreatePrivateDnsNamespaceResponse{OperationId: id}, err
}

func (s *Service) createPublic(ctx context.Context, call *api.Call, in *sd.CreatePublicDnsNamespaceRequest) (*sd.CreatePublicDnsNamespaceResponse, error) {
	spec := NamespaceSpec{Name: *in.Name, Type: sd.NamespaceTypeDnsPublic, Description: in.Description, Request: api.Val(in.CreatorRequestId), SOATTL: soaTTL}
	if p := in.Properties; p != nil {
		spec.SOATTL = *p.DnsProperties.SOA.TTL
	}
	id, err := s.createNamespace(ctx, call, spec, in.Tags, nil)
	return &sd.CreatePublicDnsNamespaceResponse{OperationId: id}, err
}

func (s *Service) createHTTP(ctx context.Context, call *api.Call, in *sd.CreateHttpNamespaceRequest) (*sd.CreateHttpNamespaceResponse, error) {
	spec := NamespaceSpec{Name: *in.Name, Type: sd.NamespaceTypeHttp, Description: in.Description, Request: api.Val(in.CreatorRequestId)}
	id, err := s.createNamespace(ctx, call, spec, in.Tags, nil)
	return &sd.CreateHttpNamespaceResponse{OperationId: id}, err
}

// createNamespace returns the operation's id. A repeated request gets the first
// one's.
func (s *Service) createNamespace(ctx context.Context, call *api.Call, spec NamespaceSpec, tags []sd.Tag, vpc *route53api.VPC) (*string, error) {
	var err error
	if spec.Tags, err = newTags(nil, tags); err != nil {
		return nil, err
	}
	spec.CreatedAt = call.Now
	var operation *string
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		for _, o := range Operations.Prefix(tx, scopeOf(call).Prefix()) {
			if spec.Request != "" && o.Spec.Request == spec.Request && o.Spec.Type == sd.OperationTypeCreateNamespace {
				operation = api.Ptr(idOf(o.Key))
				return nil
			}
		}
		made := Namespace{Key: scopeOf(call).Key(newID("ns-")), Spec: spec}
		if err := addZone(tx, call, &made, vpc); err != nil {
			return err
		}
		Namespaces.Put(tx, made)
		operation = done(tx, call, sd.OperationTypeCreateNamespace, sd.OperationTargetTypeNamespace, idOf(made.Key), spec.Request)
		return nil
	})
	return operation, err
}

// addZone makes a DNS namespace's hosted zone. Two HTTP namespaces of one name
// are refused here, too.
func addZone(tx *store.Tx, call *api.Call, n *Namespace, vpc *route53api.VPC) error {
	for _, other := range Namespaces.Prefix(tx, scopeOf(call).Prefix()) {
		if other.Spec.Name == n.Spec.Name && other.Spec.Type == n.Spec.Type && n.Spec.Type == sd.NamespaceTypeHttp {
			return alreadyThere(&other)
		}
	}
	if n.Spec.Type == sd.NamespaceTypeHttp {
		return nil
	}
	zone, err := route53.RequestZone(tx, call, n.Spec.Name, idOf(n.Key), vpc, owner)
	var refused *api.Error
	switch {
	case err == nil:
		n.Spec.Zone = zone
		return nil
	case errors.As(err, &refused) && refused.Code == "ConflictingDomainExists":
		return alreadyThere(n)
	case errors.As(err, &refused):
		return sd.NewInvalidInput("%s", refused.Message)
	}
	return err
}

func alreadyThere(n *Namespace) error {
	err := sd.NewNamespaceAlreadyExists("The namespace that you're trying to create already exists: %s", n.Spec.Name)
	err.Fields = map[string]any{"NamespaceId": idOf(n.Key)}
	return err
}

func describeNamespace(r store.Reader, n *Namespace) *sd.Namespace {
	count := int64(len(servicesOf(r, n)))
	out := &sd.Namespace{
		Id: api.Ptr(idOf(n.Key)), Arn: api.Ptr(arnOf(n.Key, "namespace")), Name: &n.Spec.Name, Type: &n.Spec.Type, Description: n.Spec.Description,
		ServiceCount: &count, CreateDate: &n.Spec.CreatedAt, CreatorRequestId: &n.Spec.Request,
		Properties: &sd.NamespaceProperties{HttpProperties: &sd.HttpProperties{HttpName: &n.Spec.Name}},
	}
	if n.Spec.Zone != "" {
		out.Properties.DnsProperties = &sd.DnsProperties{HostedZoneId: &n.Spec.Zone, SOA: &sd.SOA{TTL: &n.Spec.SOATTL}}
	}
	return out
}

func servicesOf(r store.Reader, n *Namespace) (list []Entry) {
	for _, e := range Services.Prefix(r, scopeOfKey(n.Key).Prefix()) {
		if e.Spec.Namespace == idOf(n.Key) {
			list = append(list, e)
		}
	}
	return list
}

func (s *Service) getNamespace(_ context.Context, call *api.Call, in *sd.GetNamespaceRequest) (*sd.GetNamespaceResponse, error) {
	snap := s.store.Snapshot()
	n, err := findNamespace(snap, call, in.Id)
	if err != nil {
		return nil, err
	}
	return &sd.GetNamespaceResponse{Namespace: describeNamespace(snap, &n)}, nil
}

func (s *Service) listNamespaces(_ context.Context, call *api.Call, in *sd.ListNamespacesRequest) (*sd.ListNamespacesResponse, error) {
	snap := s.store.Snapshot()
	var found []Namespace
	for _, n := range Namespaces.Prefix(snap, scopeOf(call).Prefix()) {
		if !slices.ContainsFunc(in.Filters, func(f sd.NamespaceFilter) bool { return !n.matches(&f) }) {
			found = append(found, n)
		}
	}
	shown, next, err := page(found, func(n *Namespace) string { return n.Key }, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	out := &sd.ListNamespacesResponse{Namespaces: []sd.NamespaceSummary{}, NextToken: next}
	for i := range shown {
		d := describeNamespace(snap, &shown[i])
		out.Namespaces = append(out.Namespaces, sd.NamespaceSummary{
			Id: d.Id, Arn: d.Arn, Name: d.Name, Type: d.Type, Description: d.Description, ServiceCount: d.ServiceCount, Properties: d.Properties, CreateDate: d.CreateDate,
		})
	}
	return out, nil
}

func (n *Namespace) matches(f *sd.NamespaceFilter) bool {
	value := n.Spec.Name
	if *f.Name == sd.NamespaceFilterNameType {
		value = n.Spec.Type
	}
	if api.Val(f.Condition) == sd.FilterConditionBeginsWith {
		return slices.ContainsFunc(f.Values, func(v string) bool { return strings.HasPrefix(value, v) })
	}
	return slices.Contains(f.Values, value)
}

// updateNamespace edits a namespace of a type and returns the operation's id.
func (s *Service) updateNamespace(ctx context.Context, call *api.Call, id *string, kind string, edit func(*NamespaceSpec)) (*string, error) {
	var operation *string
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		n, err := findNamespace(tx, call, id)
		switch {
		case err != nil:
			return err
		case n.Spec.Type != kind:
			return sd.NewInvalidInput("The namespace %s is of the type %s", *id, n.Spec.Type)
		}
		edit(&n.Spec)
		Namespaces.Put(tx, n)
		operation = done(tx, call, sd.OperationTypeUpdateNamespace, sd.OperationTargetTypeNamespace, idOf(n.Key), "")
		return nil
	})
	return operation, err
}

func (s *Service) updatePrivate(ctx context.Context, call *api.Call, in *sd.UpdatePrivateDnsNamespaceRequest) (*sd.UpdatePrivateDnsNamespaceResponse, error) {
	id, err := s.updateNamespace(ctx, call, in.Id, sd.NamespaceTypeDnsPrivate, func(spec *NamespaceSpec) {
		if in.Namespace.Description != nil {
			spec.Description = in.Namespace.Description
		}
		if p := in.Namespace.Properties; p != nil {
			spec.SOATTL = *p.DnsProperties.SOA.TTL
		}
	})
	return &sd.UpdatePrivateDnsNamespaceResponse{OperationId: id}, err
}

func (s *Service) updatePublic(ctx context.Context, call *api.Call, in *sd.UpdatePublicDnsNamespaceRequest) (*sd.UpdatePublicDnsNamespaceResponse, error) {
	id, err := s.updateNamespace(ctx, call, in.Id, sd.NamespaceTypeDnsPublic, func(spec *NamespaceSpec) {
		if in.Namespace.Description != nil {
			spec.Description = in.Namespace.Description
		}
		if p := in.Namespace.Properties; p != nil {
			spec.SOATTL = *p.DnsProperties.SOA.TTL
		}
	})
	return &sd.UpdatePublicDnsNamespaceResponse{OperationId: id}, err
}

func (s *Service) updateHTTP(ctx context.Context, call *api.Call, in *sd.UpdateHttpNamespaceRequest) (*sd.UpdateHttpNamespaceResponse, error) {
	id, err := s.updateNamespace(ctx, call, in.Id, sd.NamespaceTypeHttp, func(spec *NamespaceSpec) { spec.Description = in.Namespace.Description })
	return &sd.UpdateHttpNamespaceResponse{OperationId: id}, err
}

func (s *Service) deleteNamespace(ctx context.Context, call *api.Call, in *sd.DeleteNamespaceRequest) (*sd.DeleteNamespaceResponse, error) {
	var operation *string
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		n, err := findNamespace(tx, call, in.Id)
		switch {
		case err != nil:
			return err
		case len(servicesOf(tx, &n)) > 0:
			return sd.NewResourceInUse("The namespace %s has services", idOf(n.Key))
		}
		route53.ReleaseZone(tx, call.Account, n.Spec.Zone)
		Namespaces.Delete(tx, n.Key)
		operation = done(tx, call, sd.OperationTypeDeleteNamespace, sd.OperationTargetTypeNamespace, idOf(n.Key), "")
		return nil
	})
	return &sd.DeleteNamespaceResponse{OperationId: operation}, err
}
