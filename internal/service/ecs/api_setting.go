package ecs

import (
	"context"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/store"
)

// Settings are the account settings that somebody set.
var Settings = store.NewTable("ecs.settings", func(s *Setting) string { return s.Key })

// A Setting is one account setting of one principal.
type Setting struct {
	Key  string // the scope, the principal's ARN, and the name
	Spec SettingSpec
}

// A SettingSpec is what the caller asked for.
type SettingSpec struct{ Principal, Name, Value string }

// settings are the names, AWS's default of each, and what else it may be.
var settings = []struct {
	name, standard string
	values         []string
}{
	{ecsapi.SettingNameAwsvpcTrunking, "disabled", []string{"enabled", "disabled"}},
	{ecsapi.SettingNameContainerInsights, "disabled", []string{"enabled", "disabled", "enhanced"}},
	{ecsapi.SettingNameContainerInstanceLongArnFormat, "enabled", []string{"enabled"}},
	{ecsapi.SettingNameDefaultLogDriverMode, "non-blocking", []string{"blocking", "non-blocking"}},
	{ecsapi.SettingNameFargateEventWindows, "disabled", []string{"enabled", "disabled"}},
	{ecsapi.SettingNameFargateFipsmode, "disabled", []string{"disabled"}},
	{ecsapi.SettingNameFargateTaskRetirementWaitPeriod, "7", []string{"0", "7", "14"}},
	{ecsapi.SettingNameServiceLongArnFormat, "enabled", []string{"enabled"}},
	{ecsapi.SettingNameTagResourceAuthorization, "on", []string{"on", "off"}},
	{ecsapi.SettingNameTaskLongArnFormat, "enabled", []string{"enabled"}},
}

func settingKey(scope arn.Scope, principal, name string) string {
	return scope.Key(principal + "|" + name)
}

// rootOf is the principal under which the defaults of an account are kept.
func rootOf(scope arn.Scope) string { return scope.Global().ARN("iam", "root") }

// settingOf is what a setting is for a principal: what it set, or the account's
// default, or AWS's.
func settingOf(r store.Reader, scope arn.Scope, principal, name string) string {
	for _, who := range []string{principal, rootOf(scope)} {
		if s, ok := Settings.Get(r, settingKey(scope, who, name)); ok {
			return s.Spec.Value
		}
	}
	for _, s := range settings {
		if s.name == name {
			return s.standard
		}
	}
	return ""
}

// checkSetting returns the value as it is kept.
func checkSetting(name, value string) (string, error) {
	value = strings.ToLower(value)
	for _, s := range settings {
		if s.name != name {
			continue
		}
		if !slices.Contains(s.values, value) {
			return "", invalid("Invalid value %q for the account setting %s: this region takes %s.", value, name, strings.Join(s.values, ", "))
		}
		return value, nil
	}
	return "", invalid("The account setting %s cannot be set.", name)
}

func (s *Service) putSetting(ctx context.Context, scope arn.Scope, principal, name, value string) (*ecsapi.Setting, error) {
	value, err := checkSetting(name, value)
	if err != nil {
		return nil, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		Settings.Put(tx, Setting{Key: settingKey(scope, principal, name), Spec: SettingSpec{Principal: principal, Name: name, Value: value}})
		return nil
	})
	return describeSetting(name, value, principal), err
}

func describeSetting(name, value, principal string) *ecsapi.Setting {
	return &ecsapi.Setting{Name: &name, Value: &value, PrincipalArn: &principal, Type: api.Ptr(ecsapi.SettingTypeUser)}
}

func (s *Service) putAccountSetting(ctx context.Context, call *api.Call, in *ecsapi.PutAccountSettingRequest) (*ecsapi.PutAccountSettingResponse, error) {
	set, err := s.putSetting(ctx, scopeOf(call), api.Or(in.PrincipalArn, call.Principal.ARN), api.Val(in.Name), api.Val(in.Value))
	if err != nil {
		return nil, err
	}
	return &ecsapi.PutAccountSettingResponse{Setting: set}, nil
}

func (s *Service) putAccountSettingDefault(ctx context.Context, call *api.Call, in *ecsapi.PutAccountSettingDefaultRequest) (*ecsapi.PutAccountSettingDefaultResponse, error) {
	set, err := s.putSetting(ctx, scopeOf(call), rootOf(scopeOf(call)), api.Val(in.Name), api.Val(in.Value))
	if err != nil {
		return nil, err
	}
	return &ecsapi.PutAccountSettingDefaultResponse{Setting: set}, nil
}

func (s *Service) deleteAccountSetting(ctx context.Context, call *api.Call, in *ecsapi.DeleteAccountSettingRequest) (*ecsapi.DeleteAccountSettingResponse, error) {
	scope, name := scopeOf(call), api.Val(in.Name)
	principal := api.Or(in.PrincipalArn, call.Principal.ARN)
	var value string
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		Settings.Delete(tx, settingKey(scope, principal, name))
		value = settingOf(tx, scope, principal, name)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &ecsapi.DeleteAccountSettingResponse{Setting: describeSetting(name, value, principal)}, nil
}

func (s *Service) listAccountSettings(_ context.Context, call *api.Call, in *ecsapi.ListAccountSettingsRequest) (*ecsapi.ListAccountSettingsResponse, error) {
	scope, snap := scopeOf(call), s.store.Snapshot()
	principal := api.Or(in.PrincipalArn, call.Principal.ARN)
	if in.Value != nil && in.Name == nil {
		return nil, invalid("A value filter needs the name of the setting.")
	}
	found, names := map[string]*ecsapi.Setting{}, []string{}
	for _, known := range settings {
		value := settingOf(snap, scope, principal, known.name)
		_, set := Settings.Get(snap, settingKey(scope, principal, known.name))
		if api.Or(in.Name, known.name) != known.name || api.Or(in.Value, value) != value || !set && !api.Val(in.EffectiveSettings) {
			continue
		}
		names, found[known.name] = append(names, known.name), describeSetting(known.name, value, principal)
	}
	limit := in.MaxResults
	if limit != nil && *limit == 0 {
		limit = nil
	}
	page, next, err := paged(names, in.NextToken, limit)
	out := &ecsapi.ListAccountSettingsResponse{Settings: []ecsapi.Setting{}, NextToken: next}
	for _, name := range page {
		out.Settings = append(out.Settings, *found[name])
	}
	return out, err
}
