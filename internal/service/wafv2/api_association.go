package wafv2

import (
	"context"
	"strings"

	"apex/internal/api"
	"apex/internal/api/wafv2api"
	"apex/internal/arn"
	"apex/internal/service/elbv2"
	"apex/internal/store"
)

// exists tells whether a resource is there that a web ACL can guard: an
// Application Load Balancer.
func exists(r store.Reader, text string) bool {
	name, err := arn.Parse(text)
	if err != nil || name.Service != "elasticloadbalancing" || !strings.HasPrefix(name.Resource, "loadbalancer/app/") {
		return false
	}
	_, ok := elbv2.LoadBalancers.Get(r, name.Scope().Key(name.Resource))
	return ok
}

func checkResource(r store.Reader, text string) error {
	name, err := arn.Parse(text)
	switch {
	case err != nil:
		return badParameter("The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by colons or slashes., field: RESOURCE_ARN, parameter: %s", text)
	case name.Service != "elasticloadbalancing":
		return badParameter("The region guards Application Load Balancers alone., field: RESOURCE_ARN, parameter: %s", text)
	case !exists(r, text):
		return missing()
	}
	return nil
}

func (s *Service) associate(ctx context.Context, _ *api.Call, in *wafv2api.AssociateWebACLRequest) (*wafv2api.AssociateWebACLResponse, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		item, err := findARN(tx, *in.WebACLArn)
		if err == nil {
			err = checkResource(tx, *in.ResourceArn)
		}
		switch {
		case err != nil:
			return err
		case item.Spec.Kind != KindACL || item.Spec.Scope == cloudFront:
			return badParameter("want the ARN of a regional web ACL., field: WEB_ACL, parameter: %s", *in.WebACLArn)
		}
		Associations.Put(tx, Association{Key: *in.ResourceArn, ACL: item.Spec.ARN})
		return nil
	})
}

func (s *Service) disassociate(ctx context.Context, _ *api.Call, in *wafv2api.DisassociateWebACLRequest) (*wafv2api.DisassociateWebACLResponse, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		if err := checkResource(tx, *in.ResourceArn); err != nil {
			return err
		}
		Associations.Delete(tx, *in.ResourceArn)
		return nil
	})
}

func (s *Service) getForResource(_ context.Context, call *api.Call, in *wafv2api.GetWebACLForResourceRequest) (*wafv2api.GetWebACLForResourceResponse, error) {
	snap := s.store.Snapshot()
	if err := checkResource(snap, *in.ResourceArn); err != nil {
		return nil, err
	}
	a, ok := Associations.Get(snap, *in.ResourceArn)
	if !ok {
		return nil, nil
	}
	item, err := findARN(snap, a.ACL)
	if err != nil {
		return nil, err
	}
	return &wafv2api.GetWebACLForResourceResponse{WebACL: shownACL(call, item)}, nil
}

func (s *Service) listResources(_ context.Context, _ *api.Call, in *wafv2api.ListResourcesForWebACLRequest) (*wafv2api.ListResourcesForWebACLResponse, error) {
	snap := s.store.Snapshot()
	item, err := findARN(snap, *in.WebACLArn)
	out := &wafv2api.ListResourcesForWebACLResponse{ResourceArns: []string{}}
	if err != nil || api.Or(in.ResourceType, "APPLICATION_LOAD_BALANCER") != "APPLICATION_LOAD_BALANCER" {
		return out, err
	}
	for resource, a := range Associations.All(snap) {
		if a.ACL == item.Spec.ARN && exists(snap, resource) {
			out.ResourceArns = append(out.ResourceArns, resource)
		}
	}
	return out, nil
}

func (s *Service) putLogging(ctx context.Context, _ *api.Call, in *wafv2api.PutLoggingConfigurationRequest) (*wafv2api.PutLoggingConfigurationResponse, error) {
	spec := *in.LoggingConfiguration
	spec.ManagedByFirewallManager = api.Ptr(false)
	for _, to := range spec.LogDestinationConfigs {
		if name, err := arn.Parse(to); err != nil || !strings.Contains(name.Resource, "aws-waf-logs-") {
			return nil, badParameter("The ARN isn't valid. The name of a log destination begins with aws-waf-logs-., field: LOG_DESTINATION, parameter: %s", to)
		}
	}
	return &wafv2api.PutLoggingConfigurationResponse{LoggingConfiguration: &spec}, s.store.Update(ctx, func(tx *store.Tx) error {
		if _, err := findARN(tx, *spec.ResourceArn); err != nil {
			return err
		}
		Loggings.Put(tx, Logging{Key: *spec.ResourceArn, Spec: spec})
		return nil
	})
}

func (s *Service) getLogging(_ context.Context, _ *api.Call, in *wafv2api.GetLoggingConfigurationRequest) (*wafv2api.GetLoggingConfigurationResponse, error) {
	l, ok := Loggings.Get(s.store.Snapshot(), *in.ResourceArn)
	if !ok {
		return nil, missing()
	}
	return &wafv2api.GetLoggingConfigurationResponse{LoggingConfiguration: &l.Spec}, nil
}

func (s *Service) deleteLogging(ctx context.Context, _ *api.Call, in *wafv2api.DeleteLoggingConfigurationRequest) (*wafv2api.DeleteLoggingConfigurationResponse, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		if !Loggings.Delete(tx, *in.ResourceArn) {
			return missing()
		}
		return nil
	})
}

func (s *Service) listLogging(_ context.Context, call *api.Call, in *wafv2api.ListLoggingConfigurationsRequest) (*wafv2api.ListLoggingConfigurationsResponse, error) {
	area := ":regional/"
	if *in.Scope == cloudFront {
		area = ":global/"
	}
	out := &wafv2api.ListLoggingConfigurationsResponse{LoggingConfigurations: []wafv2api.LoggingConfiguration{}}
	for acl, l := range Loggings.All(s.store.Snapshot()) {
		if strings.Contains(acl, ":"+call.Region+":"+call.Account+area) {
			out.LoggingConfigurations = append(out.LoggingConfigurations, l.Spec)
		}
	}
	return out, nil
}
