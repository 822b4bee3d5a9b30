package secretsmanager

import (
	"context"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/secretsmanagerapi"
	"apex/internal/page"
	"apex/internal/store"
)

func (s *Service) listSecrets(_ context.Context, call *api.Call, in *secretsmanagerapi.ListSecretsRequest) (*secretsmanagerapi.ListSecretsResponse, error) {
	page, next, err := listPage(s.store.Snapshot(), call, listQuery{
		filters: in.Filters, deleted: api.Val(in.IncludePlannedDeletion),
		by: api.Val(in.SortBy), ascending: api.Val(in.SortOrder) == secretsmanagerapi.SortOrderTypeAsc,
		limit: api.Or(in.MaxResults, 100), token: in.NextToken,
	})
	if err != nil {
		return nil, err
	}
	out := &secretsmanagerapi.ListSecretsResponse{NextToken: next, SecretList: []secretsmanagerapi.SecretListEntry{}}
	for _, secret := range page {
		out.SecretList = append(out.SecretList, entryOf(secret))
	}
	return out, nil
}

// A listQuery chooses and orders secrets.
type listQuery struct {
	filters   []secretsmanagerapi.Filter
	deleted   bool   // also those that are to be deleted
	by        string // a SortByType
	ascending bool
	limit     int64
	token     *string
}

func listPage(r store.Reader, call *api.Call, q listQuery) ([]Secret, *string, error) {
	var all []Secret
	for _, secret := range Secrets.Prefix(r, scopeOf(call).Prefix()) {
		if (q.deleted || secret.Spec.Deleted.IsZero()) && matchesAll(secret.Spec, call.Region, q.filters) {
			all = append(all, secret)
		}
	}
	return paged(all, q.key, q.token, q.limit)
}

// key orders secrets as the query wants them.
func (q listQuery) key(s *Secret) string {
	at := s.Spec.Created
	switch q.by {
	case secretsmanagerapi.SortByTypeName:
		if q.ascending {
			return s.Spec.Name
		}
		return page.Reverse(s.Spec.Name)
	case secretsmanagerapi.SortByTypeLastChangedDate:
		at = s.Spec.Changed
	case secretsmanagerapi.SortByTypeLastAccessedDate:
		at = s.Spec.Accessed
	}
	if q.ascending {
		return page.Oldest(at, s.Spec.Name)
	}
	return page.Newest(at, s.Spec.Name)
}

// matchesAll reports whether a secret passes all filters. The values of one
// filter are alternatives; a leading "!" turns one around.
func matchesAll(s SecretSpec, region string, filters []secretsmanagerapi.Filter) bool {
	for _, f := range filters {
		matches := slices.ContainsFunc(f.Values, func(v string) bool {
			text, negated := strings.CutPrefix(v, "!")
			return matches(s, region, api.Val(f.Key), text) != negated
		})
		if !matches {
			return false
		}
	}
	return true
}

func matches(s SecretSpec, region, key, text string) bool {
	switch key {
	case secretsmanagerapi.FilterNameStringTypeName:
		return strings.HasPrefix(s.Name, text)
	case secretsmanagerapi.FilterNameStringTypeDescription:
		return hasPrefixFold(s.Description, text)
	case secretsmanagerapi.FilterNameStringTypeTagKey:
		return anyTag(s, func(k, _ string) bool { return strings.HasPrefix(k, text) })
	case secretsmanagerapi.FilterNameStringTypeTagValue:
		return anyTag(s, func(_, v string) bool { return strings.HasPrefix(v, text) })
	case secretsmanagerapi.FilterNameStringTypePrimaryRegion:
		return strings.HasPrefix(region, text)
	case secretsmanagerapi.FilterNameStringTypeOwningService:
		return strings.HasPrefix(s.Owner, text)
	}
	return hasPrefixFold(s.Name, text) || hasPrefixFold(s.Description, text) ||
		anyTag(s, func(k, v string) bool { return hasPrefixFold(k, text) || hasPrefixFold(v, text) })
}

func hasPrefixFold(s, prefix string) bool {
	return strings.HasPrefix(strings.ToLower(s), strings.ToLower(prefix))
}

func anyTag(s SecretSpec, is func(k, v string) bool) bool {
	for k, v := range s.Tags {
		if is(k, v) {
			return true
		}
	}
	return false
}
