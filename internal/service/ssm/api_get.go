package ssm

import (
	"context"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ssmapi"
	"apex/internal/service/kms"
	"apex/internal/store"
)

func (s *Service) getParameter(_ context.Context, call *api.Call, in *ssmapi.GetParameterRequest) (*ssmapi.GetParameterResult, error) {
	snap := s.env.Store.Snapshot()
	p, v, selector, err := find(snap, scopeOf(call), api.Val(in.Name))
	if err != nil {
		return nil, err
	}
	out, err := s.parameter(snap, call, &p, &v, selector, api.Val(in.WithDecryption))
	return &ssmapi.GetParameterResult{Parameter: out}, err
}

// value is a version's value as the caller may see it.
func (s *Service) value(r store.Reader, call *api.Call, p *Parameter, v *Version, decrypt bool) (string, error) {
	if err := v.mayShow(r, s.env, kms.UserOf(call, signingName), p, decrypt); err != nil {
		return "", err
	}
	return v.show(r, s.env, p, decrypt)
}

// parameter is a version as the API shows it.
func (s *Service) parameter(r store.Reader, call *api.Call, p *Parameter, v *Version, selector string, decrypt bool) (*ssmapi.Parameter, error) {
	value, err := s.value(r, call, p, v, decrypt)
	if err != nil {
		return nil, err
	}
	out := &ssmapi.Parameter{
		Name: &p.Spec.Name, Type: &v.Type, Value: &value, Version: &v.Number, LastModifiedDate: &v.Modified, ARN: api.Ptr(p.ARN()), DataType: &v.DataType,
	}
	if selector != "" {
		out.Selector = &selector
	}
	return out, nil
}

func (s *Service) getParameters(_ context.Context, call *api.Call, in *ssmapi.GetParametersRequest) (*ssmapi.GetParametersResult, error) {
	snap := s.env.Store.Snapshot()
	out := &ssmapi.GetParametersResult{Parameters: []ssmapi.Parameter{}, InvalidParameters: []string{}}
	for _, name := range in.Names {
		p, v, selector, err := find(snap, scopeOf(call), name)
		if err != nil {
			out.InvalidParameters = append(out.InvalidParameters, name)
			continue
		}
		shown, err := s.parameter(snap, call, &p, &v, selector, api.Val(in.WithDecryption))
		if err != nil {
			return nil, err
		}
		out.Parameters = append(out.Parameters, *shown)
	}
	return out, nil
}

func (s *Service) getParametersByPath(_ context.Context, call *api.Call, in *ssmapi.GetParametersByPathRequest) (*ssmapi.GetParametersByPathResult, error) {
	path := api.Val(in.Path)
	if !strings.HasPrefix(path, "/") || !namePattern.MatchString(path) {
		return nil, invalid(`The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash "/". It can't be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore).`)
	}
	filters, err := filtersOf(in.ParameterFilters, "Type", "KeyId", "Label", "DataType", "tag")
	if err != nil {
		return nil, err
	}
	snap := s.env.Store.Snapshot()
	var found []ssmapi.Parameter
	for _, p := range Parameters.Prefix(snap, scopeOf(call).Key(strings.TrimSuffix(path, "/")+"/")) {
		if !below(p.Spec.Name, path, api.Val(in.Recursive)) || !filters.pass(&p) {
			continue
		}
		v, selector := filters.version(&p)
		shown, err := s.parameter(snap, call, &p, v, selector, api.Val(in.WithDecryption))
		if err != nil {
			return nil, err
		}
		found = append(found, *shown)
	}
	list, next, err := page(found, func(p ssmapi.Parameter) string { return *p.Name }, in.NextToken, api.Or(in.MaxResults, 10))
	return &ssmapi.GetParametersByPathResult{Parameters: list, NextToken: next}, err
}

// below reports whether a parameter lies in a path, directly or at any depth.
func below(name, path string, recursive bool) bool {
	rest, ok := strings.CutPrefix(name, strings.TrimSuffix(path, "/")+"/")
	return ok && (recursive || !strings.Contains(rest, "/"))
}

func (s *Service) getParameterHistory(_ context.Context, call *api.Call, in *ssmapi.GetParameterHistoryRequest) (*ssmapi.GetParameterHistoryResult, error) {
	snap := s.env.Store.Snapshot()
	p, _, _, err := find(snap, scopeOf(call), api.Val(in.Name))
	if err != nil {
		return nil, err
	}
	var all []ssmapi.ParameterHistory
	for _, v := range p.Spec.Versions {
		value, err := s.value(snap, call, &p, &v, api.Val(in.WithDecryption))
		if err != nil {
			return nil, err
		}
		m := metadata(&p, &v)
		all = append(all, ssmapi.ParameterHistory{
			Name: m.Name, Type: m.Type, KeyId: m.KeyId, LastModifiedDate: m.LastModifiedDate, LastModifiedUser: m.LastModifiedUser,
			Description: m.Description, Value: &value, AllowedPattern: m.AllowedPattern, Version: m.Version, Labels: append([]string{}, v.Labels...),
			Tier: m.Tier, Policies: m.Policies, DataType: m.DataType,
		})
	}
	list, next, err := page(all, func(h ssmapi.ParameterHistory) string { return string(rune(*h.Version)) }, in.NextToken, api.Or(in.MaxResults, 50))
	return &ssmapi.GetParameterHistoryResult{Parameters: list, NextToken: next}, err
}

func (s *Service) deleteParameter(ctx context.Context, call *api.Call, in *ssmapi.DeleteParameterRequest) (*ssmapi.DeleteParameterResult, error) {
	return nil, s.env.Store.Update(ctx, func(tx *store.Tx) error {
		if !Parameters.Delete(tx, scopeOf(call).Key(api.Val(in.Name))) {
			return notFound(in.Name)()
		}
		return nil
	})
}

func (s *Service) deleteParameters(ctx context.Context, call *api.Call, in *ssmapi.DeleteParametersRequest) (*ssmapi.DeleteParametersResult, error) {
	out := &ssmapi.DeleteParametersResult{DeletedParameters: []string{}, InvalidParameters: []string{}}
	return out, s.env.Store.Update(ctx, func(tx *store.Tx) error {
		for _, name := range slices.Compact(slices.Sorted(slices.Values(in.Names))) {
			if Parameters.Delete(tx, scopeOf(call).Key(name)) {
				out.DeletedParameters = append(out.DeletedParameters, name)
			} else {
				out.InvalidParameters = append(out.InvalidParameters, name)
			}
		}
		return nil
	})
}
