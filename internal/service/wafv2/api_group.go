package wafv2

import (
	"context"
	"encoding/json"

	"apex/internal/api"
	"apex/internal/api/wafv2api"
	"apex/internal/store"
)

func (s *Service) createGroup(ctx context.Context, call *api.Call, in *wafv2api.CreateRuleGroupRequest) (*wafv2api.CreateRuleGroupResponse, error) {
	item, err := newItem(call, KindGroup, *in.Scope, *in.Name, in.Description, in.Tags)
	if err != nil {
		return nil, err
	}
	item.Spec.Group = &wafv2api.RuleGroup{Capacity: in.Capacity, Rules: in.Rules, VisibilityConfig: in.VisibilityConfig, CustomResponseBodies: in.CustomResponseBodies}
	made, err := s.add(ctx, item, func(tx *store.Tx) error { return fitGroup(tx, item.Spec.Group) })
	summary := wafv2api.RuleGroupSummary(made)
	return &wafv2api.CreateRuleGroupResponse{Summary: &summary}, err
}

// fitGroup checks a rule group: its rules must fit into the capacity that it was
// given for good.
func fitGroup(r store.Reader, g *wafv2api.RuleGroup) error {
	units, err := checkRules(r, g.Rules)
	if err == nil && units > *g.Capacity {
		return wafv2api.NewWAFLimitsExceededException("AWS WAF couldn’t perform the operation because the rules use %d capacity units and the rule group has %d.", units, *g.Capacity)
	}
	return err
}

func (s *Service) getGroup(_ context.Context, call *api.Call, in *wafv2api.GetRuleGroupRequest) (*wafv2api.GetRuleGroupResponse, error) {
	var item Item
	var err error
	switch snap := s.store.Snapshot(); {
	case in.ARN != nil:
		item, err = findARN(snap, *in.ARN)
	case in.Scope == nil || in.Id == nil || in.Name == nil:
		return nil, badParameter("want the ARN, or Name, Scope and Id., field: RULE_GROUP")
	default:
		item, err = find(snap, call, KindGroup, in.Scope, in.Id, in.Name)
	}
	if err != nil {
		return nil, err
	}
	if item.Spec.Group == nil {
		return nil, missing()
	}
	g := *item.Spec.Group
	g.Name, g.Id, g.ARN, g.Description = &item.Spec.Name, &item.Spec.ID, &item.Spec.ARN, item.Spec.Description
	g.LabelNamespace = api.Ptr("awswaf:" + call.Account + ":rulegroup:" + item.Spec.Name + ":")
	return &wafv2api.GetRuleGroupResponse{RuleGroup: &g, LockToken: &item.Spec.Lock}, nil
}

func (s *Service) updateGroup(ctx context.Context, call *api.Call, in *wafv2api.UpdateRuleGroupRequest) (*wafv2api.UpdateRuleGroupResponse, error) {
	next, err := s.change(ctx, call, KindGroup, in.Scope, in.Id, in.Name, in.LockToken, func(tx *store.Tx, item *Item) error {
		item.Spec.Description = in.Description
		item.Spec.Group = &wafv2api.RuleGroup{
			Capacity: item.Spec.Group.Capacity, Rules: in.Rules, VisibilityConfig: in.VisibilityConfig, CustomResponseBodies: in.CustomResponseBodies,
		}
		return fitGroup(tx, item.Spec.Group)
	})
	return &wafv2api.UpdateRuleGroupResponse{NextLockToken: next}, err
}

func (s *Service) deleteGroup(ctx context.Context, call *api.Call, in *wafv2api.DeleteRuleGroupRequest) (*wafv2api.DeleteRuleGroupResponse, error) {
	return nil, s.drop(ctx, call, KindGroup, in.Scope, in.Id, in.Name, in.LockToken)
}

func (s *Service) listGroups(_ context.Context, call *api.Call, in *wafv2api.ListRuleGroupsRequest) (*wafv2api.ListRuleGroupsResponse, error) {
	all, next := s.listed(call, KindGroup, *in.Scope, in.Limit, in.NextMarker)
	out := &wafv2api.ListRuleGroupsResponse{RuleGroups: []wafv2api.RuleGroupSummary{}, NextMarker: next}
	for _, one := range all {
		out.RuleGroups = append(out.RuleGroups, wafv2api.RuleGroupSummary(one))
	}
	return out, nil
}

// changeARN edits the item that an ARN names without a lock token.
func (s *Service) changeARN(ctx context.Context, text string, edit func(*ItemSpec) error) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		item, err := findARN(tx, text)
		if err == nil {
			err = edit(&item.Spec)
		}
		if err == nil {
			Items.Put(tx, item)
		}
		return err
	})
}

func (s *Service) putPolicy(ctx context.Context, _ *api.Call, in *wafv2api.PutPermissionPolicyRequest) (*wafv2api.PutPermissionPolicyResponse, error) {
	return nil, s.changeARN(ctx, *in.ResourceArn, func(spec *ItemSpec) error {
		if spec.Kind != KindGroup || !json.Valid([]byte(*in.Policy)) {
			return wafv2api.NewWAFInvalidPermissionPolicyException("The policy is no JSON, or of no rule group.")
		}
		spec.Policy = *in.Policy
		return nil
	})
}

func (s *Service) getPolicy(_ context.Context, _ *api.Call, in *wafv2api.GetPermissionPolicyRequest) (*wafv2api.GetPermissionPolicyResponse, error) {
	item, err := findARN(s.store.Snapshot(), *in.ResourceArn)
	if err == nil && item.Spec.Policy == "" {
		err = missing()
	}
	return &wafv2api.GetPermissionPolicyResponse{Policy: &item.Spec.Policy}, err
}

func (s *Service) deletePolicy(ctx context.Context, _ *api.Call, in *wafv2api.DeletePermissionPolicyRequest) (*wafv2api.DeletePermissionPolicyResponse, error) {
	return nil, s.changeARN(ctx, *in.ResourceArn, func(spec *ItemSpec) error {
		spec.Policy = ""
		return nil
	})
}
