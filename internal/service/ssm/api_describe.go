package ssm

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"

	"apex/internal/api"
	"apex/internal/api/ssmapi"
)

func (s *Service) describeParameters(_ context.Context, call *api.Call, in *ssmapi.DescribeParametersRequest) (*ssmapi.DescribeParametersResult, error) {
	if len(in.Filters) > 0 && len(in.ParameterFilters) > 0 {
		return nil, invalid("You can use either Filters or ParameterFilters in a single request.")
	}
	filters, err := filtersOf(append(oldFilters(in.Filters), in.ParameterFilters...), "Name", "Type", "KeyId", "Path", "Tier", "DataType", "tag")
	if err != nil {
		return nil, err
	}
	var found []ssmapi.ParameterMetadata
	for _, p := range Parameters.Prefix(s.env.Store.Snapshot(), scopeOf(call).Prefix()) {
		if filters.pass(&p) && !api.Val(in.Shared) {
			found = append(found, metadata(&p, p.latest()))
		}
	}
	list, next, err := page(found, func(m ssmapi.ParameterMetadata) string { return *m.Name }, in.NextToken, api.Or(in.MaxResults, 50))
	return &ssmapi.DescribeParametersResult{Parameters: list, NextToken: next}, err
}

// metadata is a version without its value.
func metadata(p *Parameter, v *Version) ssmapi.ParameterMetadata {
	return ssmapi.ParameterMetadata{
		Name: &p.Spec.Name, ARN: api.Ptr(p.ARN()), Type: &v.Type, KeyId: optional(v.KeyID), LastModifiedDate: &v.Modified,
		LastModifiedUser: optional(v.User), Description: optional(v.Description), AllowedPattern: optional(v.Pattern),
		Version: &v.Number, Tier: &v.Tier, Policies: policiesOf(v.Policies), DataType: &v.DataType,
	}
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// policiesOf lists the policies of a document that validPolicies let pass.
func policiesOf(text string) []ssmapi.ParameterInlinePolicy {
	out := []ssmapi.ParameterInlinePolicy{}
	var list []json.RawMessage
	if json.Unmarshal([]byte(text), &list) != nil {
		return out
	}
	for _, raw := range list {
		var p struct{ Type string }
		if json.Unmarshal(raw, &p) == nil {
			out = append(out, ssmapi.ParameterInlinePolicy{PolicyText: api.Ptr(string(raw)), PolicyType: &p.Type, PolicyStatus: api.Ptr("Pending")})
		}
	}
	return out
}

// page returns the items behind the one that the token names, which may be gone.
func page[T any](all []T, name func(T) string, token *string, limit int64) ([]T, *string, error) {
	if token != nil {
		last, err := base64.RawURLEncoding.DecodeString(*token)
		if err != nil {
			return nil, nil, ssmapi.NewInvalidNextToken("The specified token isn't valid.")
		}
		at := slices.IndexFunc(all, func(t T) bool { return name(t) > string(last) })
		if at < 0 {
			at = len(all)
		}
		all = all[at:]
	}
	if all == nil {
		all = []T{}
	}
	if int64(len(all)) <= limit {
		return all, nil, nil
	}
	return all[:limit], api.Ptr(base64.RawURLEncoding.EncodeToString([]byte(name(all[limit-1])))), nil
}
