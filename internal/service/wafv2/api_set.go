package wafv2

import (
	"context"
	"net/netip"
	"regexp"

	"apex/internal/api"
	"apex/internal/api/wafv2api"
	"apex/internal/store"
)

func (s *Service) createIPSet(ctx context.Context, call *api.Call, in *wafv2api.CreateIPSetRequest) (*wafv2api.CreateIPSetResponse, error) {
	item, err := newItem(call, KindIPSet, *in.Scope, *in.Name, in.Description, in.Tags)
	if err == nil {
		err = checkAddresses(*in.IPAddressVersion, in.Addresses)
	}
	if err != nil {
		return nil, err
	}
	item.Spec.IPSet = &wafv2api.IPSet{IPAddressVersion: in.IPAddressVersion, Addresses: in.Addresses}
	made, err := s.add(ctx, item, func(*store.Tx) error { return nil })
	summary := wafv2api.IPSetSummary(made)
	return &wafv2api.CreateIPSetResponse{Summary: &summary}, err
}

func checkAddresses(version string, addresses []string) error {
	for _, text := range addresses {
		network, err := netip.ParsePrefix(text)
		if err != nil || network.Addr().Is4() != (version == "IPV4") || network.Bits() == 0 {
			return badParameter("The parameter contains formatting that is not valid., field: IP_ADDRESS, parameter: %s", text)
		}
	}
	return nil
}

func (s *Service) getIPSet(_ context.Context, call *api.Call, in *wafv2api.GetIPSetRequest) (*wafv2api.GetIPSetResponse, error) {
	item, err := find(s.store.Snapshot(), call, KindIPSet, in.Scope, in.Id, in.Name)
	if err != nil {
		return nil, err
	}
	set := *item.Spec.IPSet
	set.Name, set.Id, set.ARN, set.Description = &item.Spec.Name, &item.Spec.ID, &item.Spec.ARN, item.Spec.Description
	if set.Addresses == nil {
		set.Addresses = []string{}
	}
	return &wafv2api.GetIPSetResponse{IPSet: &set, LockToken: &item.Spec.Lock}, nil
}

func (s *Service) updateIPSet(ctx context.Context, call *api.Call, in *wafv2api.UpdateIPSetRequest) (*wafv2api.UpdateIPSetResponse, error) {
	next, err := s.change(ctx, call, KindIPSet, in.Scope, in.Id, in.Name, in.LockToken, func(_ *store.Tx, item *Item) error {
		set := *item.Spec.IPSet
		set.Addresses = in.Addresses
		item.Spec.IPSet, item.Spec.Description = &set, in.Description
		return checkAddresses(*set.IPAddressVersion, in.Addresses)
	})
	return &wafv2api.UpdateIPSetResponse{NextLockToken: next}, err
}

func (s *Service) deleteIPSet(ctx context.Context, call *api.Call, in *wafv2api.DeleteIPSetRequest) (*wafv2api.DeleteIPSetResponse, error) {
	return nil, s.drop(ctx, call, KindIPSet, in.Scope, in.Id, in.Name, in.LockToken)
}

func (s *Service) listIPSets(_ context.Context, call *api.Call, in *wafv2api.ListIPSetsRequest) (*wafv2api.ListIPSetsResponse, error) {
	all, next := s.listed(call, KindIPSet, *in.Scope, in.Limit, in.NextMarker)
	out := &wafv2api.ListIPSetsResponse{IPSets: []wafv2api.IPSetSummary{}, NextMarker: next}
	for _, one := range all {
		out.IPSets = append(out.IPSets, wafv2api.IPSetSummary(one))
	}
	return out, nil
}

func (s *Service) createRegexSet(ctx context.Context, call *api.Call, in *wafv2api.CreateRegexPatternSetRequest) (*wafv2api.CreateRegexPatternSetResponse, error) {
	item, err := newItem(call, KindRegex, *in.Scope, *in.Name, in.Description, in.Tags)
	if err == nil {
		err = checkExpressions(in.RegularExpressionList)
	}
	if err != nil {
		return nil, err
	}
	item.Spec.Regex = &wafv2api.RegexPatternSet{RegularExpressionList: in.RegularExpressionList}
	made, err := s.add(ctx, item, func(*store.Tx) error { return nil })
	summary := wafv2api.RegexPatternSetSummary(made)
	return &wafv2api.CreateRegexPatternSetResponse{Summary: &summary}, err
}

func checkExpressions(list []wafv2api.Regex) error {
	if len(list) > 10 {
		return wafv2api.NewWAFLimitsExceededException("AWS WAF couldn’t perform the operation because a set has at most 10 regular expressions.")
	}
	for _, one := range list {
		if _, err := regexp.Compile(api.Val(one.RegexString)); err != nil {
			return badParameter("The regular expression is not valid., field: REGEX_PATTERN, parameter: %s", api.Val(one.RegexString))
		}
	}
	return nil
}

func (s *Service) getRegexSet(_ context.Context, call *api.Call, in *wafv2api.GetRegexPatternSetRequest) (*wafv2api.GetRegexPatternSetResponse, error) {
	item, err := find(s.store.Snapshot(), call, KindRegex, in.Scope, in.Id, in.Name)
	if err != nil {
		return nil, err
	}
	set := *item.Spec.Regex
	set.Name, set.Id, set.ARN, set.Description = &item.Spec.Name, &item.Spec.ID, &item.Spec.ARN, item.Spec.Description
	return &wafv2api.GetRegexPatternSetResponse{RegexPatternSet: &set, LockToken: &item.Spec.Lock}, nil
}

func (s *Service) updateRegexSet(ctx context.Context, call *api.Call, in *wafv2api.UpdateRegexPatternSetRequest) (*wafv2api.UpdateRegexPatternSetResponse, error) {
	next, err := s.change(ctx, call, KindRegex, in.Scope, in.Id, in.Name, in.LockToken, func(_ *store.Tx, item *Item) error {
		item.Spec.Regex, item.Spec.Description = &wafv2api.RegexPatternSet{RegularExpressionList: in.RegularExpressionList}, in.Description
		return checkExpressions(in.RegularExpressionList)
	})
	return &wafv2api.UpdateRegexPatternSetResponse{NextLockToken: next}, err
}

func (s *Service) deleteRegexSet(ctx context.Context, call *api.Call, in *wafv2api.DeleteRegexPatternSetRequest) (*wafv2api.DeleteRegexPatternSetResponse, error) {
	return nil, s.drop(ctx, call, KindRegex, in.Scope, in.Id, in.Name, in.LockToken)
}

func (s *Service) listRegexSets(_ context.Context, call *api.Call, in *wafv2api.ListRegexPatternSetsRequest) (*wafv2api.ListRegexPatternSetsResponse, error) {
	all, next := s.listed(call, KindRegex, *in.Scope, in.Limit, in.NextMarker)
	out := &wafv2api.ListRegexPatternSetsResponse{RegexPatternSets: []wafv2api.RegexPatternSetSummary{}, NextMarker: next}
	for _, one := range all {
		out.RegexPatternSets = append(out.RegexPatternSets, wafv2api.RegexPatternSetSummary(one))
	}
	return out, nil
}
