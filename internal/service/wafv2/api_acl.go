package wafv2

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/wafv2api"
	"apex/internal/store"
)

func (s *Service) createACL(ctx context.Context, call *api.Call, in *wafv2api.CreateWebACLRequest) (*wafv2api.CreateWebACLResponse, error) {
	item, err := newItem(call, KindACL, *in.Scope, *in.Name, in.Description, in.Tags)
	if err != nil {
		return nil, err
	}
	item.Spec.ACL = &wafv2api.WebACL{
		DefaultAction: in.DefaultAction, Rules: in.Rules, VisibilityConfig: in.VisibilityConfig, CustomResponseBodies: in.CustomResponseBodies,
		CaptchaConfig: in.CaptchaConfig, ChallengeConfig: in.ChallengeConfig, TokenDomains: in.TokenDomains, AssociationConfig: in.AssociationConfig,
	}
	summary, err := s.add(ctx, item, func(tx *store.Tx) error { return fitACL(tx, item.Spec.ACL) })
	return &wafv2api.CreateWebACLResponse{Summary: &summary}, err
}

// fitACL checks a web ACL and fills in its capacity.
func fitACL(r store.Reader, acl *wafv2api.WebACL) error {
	if (acl.DefaultAction.Allow == nil) == (acl.DefaultAction.Block == nil) {
		return badParameter("You have used none or multiple values for a field that requires exactly one value., field: DEFAULT_ACTION, parameter: DefaultAction")
	}
	units, err := checkRules(r, acl.Rules)
	acl.Capacity = &units
	return err
}

func (s *Service) getACL(_ context.Context, call *api.Call, in *wafv2api.GetWebACLRequest) (*wafv2api.GetWebACLResponse, error) {
	item, err := find(s.store.Snapshot(), call, KindACL, in.Scope, in.Id, in.Name)
	if err != nil {
		return nil, err
	}
	return &wafv2api.GetWebACLResponse{WebACL: shownACL(call, item), LockToken: &item.Spec.Lock}, nil
}

func shownACL(call *api.Call, item Item) *wafv2api.WebACL {
	acl := *item.Spec.ACL
	acl.Name, acl.Id, acl.ARN, acl.Description = &item.Spec.Name, &item.Spec.ID, &item.Spec.ARN, item.Spec.Description
	acl.ManagedByFirewallManager = api.Ptr(false)
	acl.LabelNamespace = api.Ptr("awswaf:" + call.Account + ":webacl:" + item.Spec.Name + ":")
	if acl.Rules == nil {
		acl.Rules = []wafv2api.Rule{}
	}
	return &acl
}

func (s *Service) updateACL(ctx context.Context, call *api.Call, in *wafv2api.UpdateWebACLRequest) (*wafv2api.UpdateWebACLResponse, error) {
	next, err := s.change(ctx, call, KindACL, in.Scope, in.Id, in.Name, in.LockToken, func(tx *store.Tx, item *Item) error {
		item.Spec.Description = in.Description
		item.Spec.ACL = &wafv2api.WebACL{
			DefaultAction: in.DefaultAction, Rules: in.Rules, VisibilityConfig: in.VisibilityConfig, CustomResponseBodies: in.CustomResponseBodies,
			CaptchaConfig: in.CaptchaConfig, ChallengeConfig: in.ChallengeConfig, TokenDomains: in.TokenDomains, AssociationConfig: in.AssociationConfig,
		}
		return fitACL(tx, item.Spec.ACL)
	})
	return &wafv2api.UpdateWebACLResponse{NextLockToken: next}, err
}

func (s *Service) deleteACL(ctx context.Context, call *api.Call, in *wafv2api.DeleteWebACLRequest) (*wafv2api.DeleteWebACLResponse, error) {
	return nil, s.drop(ctx, call, KindACL, in.Scope, in.Id, in.Name, in.LockToken)
}

func (s *Service) listACLs(_ context.Context, call *api.Call, in *wafv2api.ListWebACLsRequest) (*wafv2api.ListWebACLsResponse, error) {
	all, next := s.listed(call, KindACL, *in.Scope, in.Limit, in.NextMarker)
	return &wafv2api.ListWebACLsResponse{WebACLs: all, NextMarker: next}, nil
}

func (s *Service) checkCapacity(_ context.Context, _ *api.Call, in *wafv2api.CheckCapacityRequest) (*wafv2api.CheckCapacityResponse, error) {
	units, err := checkRules(s.store.Snapshot(), in.Rules)
	return &wafv2api.CheckCapacityResponse{Capacity: &units}, err
}
