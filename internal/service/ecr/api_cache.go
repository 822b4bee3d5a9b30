package ecr

import (
	"context"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ecrapi"
	"apex/internal/store"
)

// An upstream is a registry that images can be pulled through from.
type upstream struct {
	host, name string
	open       bool // needs no credentials
}

// upstreams are the registries that ECR pulls through, by their hosts; a host that
// begins with a dot stands for all below it (ECR user guide, Pull through cache).
var upstreams = []upstream{
	{"public.ecr.aws", ecrapi.UpstreamRegistryEcrPublic, true},
	{"quay.io", ecrapi.UpstreamRegistryQuay, true},
	{"registry.k8s.io", ecrapi.UpstreamRegistryK8s, true},
	{"registry-1.docker.io", ecrapi.UpstreamRegistryDockerHub, false},
	{"ghcr.io", ecrapi.UpstreamRegistryGithubContainerRegistry, false},
	{".azurecr.io", ecrapi.UpstreamRegistryAzureContainerRegistry, false},
	{"registry.gitlab.com", ecrapi.UpstreamRegistryGitlabContainerRegistry, false},
}

func cacheKey(call *api.Call, prefix *string) string {
	return scopeOf(call).Key(api.Val(prefix))
}

func (s *Service) createPullThroughCacheRule(ctx context.Context, call *api.Call, in *ecrapi.CreatePullThroughCacheRuleRequest) (*ecrapi.CreatePullThroughCacheRuleResponse, error) {
	url := api.Val(in.UpstreamRegistryUrl)
	at := slices.IndexFunc(upstreams, func(u upstream) bool {
		return url == u.host || u.host[0] == '.' && strings.HasSuffix(url, u.host)
	})
	switch {
	case at < 0:
		return nil, ecrapi.NewUnsupportedUpstreamRegistryException("The upstream registry %s is not supported.", url)
	case !upstreams[at].open && in.CredentialArn == nil:
		return nil, ecrapi.NewInvalidParameterException("Invalid parameter at 'credentialArn' failed to satisfy constraint: 'must be given for the upstream registry %s'", url)
	}
	rule := ecrapi.PullThroughCacheRule{
		EcrRepositoryPrefix: in.EcrRepositoryPrefix, UpstreamRegistryUrl: &url, CreatedAt: &call.Now, UpdatedAt: &call.Now,
		RegistryId: &call.Account, UpstreamRegistry: &upstreams[at].name, CredentialArn: in.CredentialArn,
	}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		key := cacheKey(call, in.EcrRepositoryPrefix)
		if _, ok := CacheRules.Get(tx, key); ok {
			return ecrapi.NewPullThroughCacheRuleAlreadyExistsException("The pull through cache rule with prefix '%s' already exists in the registry with id '%s'", *in.EcrRepositoryPrefix, call.Account)
		}
		CacheRules.Put(tx, CacheRule{key, rule})
		return nil
	})
	return &ecrapi.CreatePullThroughCacheRuleResponse{
		EcrRepositoryPrefix: rule.EcrRepositoryPrefix, UpstreamRegistryUrl: &url, CreatedAt: &call.Now, RegistryId: &call.Account,
		UpstreamRegistry: rule.UpstreamRegistry, CredentialArn: in.CredentialArn,
	}, err
}

func findRule(r store.Reader, call *api.Call, prefix *string) (CacheRule, error) {
	rule, ok := CacheRules.Get(r, cacheKey(call, prefix))
	if !ok {
		return rule, ecrapi.NewPullThroughCacheRuleNotFoundException("The pull through cache rule with prefix '%s' does not exist in the registry with id '%s'", api.Val(prefix), call.Account)
	}
	return rule, nil
}

func (s *Service) describePullThroughCacheRules(_ context.Context, call *api.Call, in *ecrapi.DescribePullThroughCacheRulesRequest) (*ecrapi.DescribePullThroughCacheRulesResponse, error) {
	snap, all := s.store.Snapshot(), []ecrapi.PullThroughCacheRule{}
	for _, prefix := range in.EcrRepositoryPrefixes {
		rule, err := findRule(snap, call, &prefix)
		if err != nil {
			return nil, err
		}
		all = append(all, rule.Spec)
	}
	if in.EcrRepositoryPrefixes == nil {
		for _, rule := range CacheRules.Prefix(snap, scopeOf(call).Prefix()) {
			all = append(all, rule.Spec)
		}
	}
	rules, next, err := paged(all, func(r *ecrapi.PullThroughCacheRule) string { return *r.EcrRepositoryPrefix }, in.NextToken, api.Or(in.MaxResults, 100))
	return &ecrapi.DescribePullThroughCacheRulesResponse{PullThroughCacheRules: rules, NextToken: next}, err
}

func (s *Service) updatePullThroughCacheRule(ctx context.Context, call *api.Call, in *ecrapi.UpdatePullThroughCacheRuleRequest) (*ecrapi.UpdatePullThroughCacheRuleResponse, error) {
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		rule, err := findRule(tx, call, in.EcrRepositoryPrefix)
		if err != nil {
			return err
		}
		rule.Spec.CredentialArn, rule.Spec.UpdatedAt = in.CredentialArn, &call.Now
		CacheRules.Put(tx, rule)
		return nil
	})
	return &ecrapi.UpdatePullThroughCacheRuleResponse{
		EcrRepositoryPrefix: in.EcrRepositoryPrefix, RegistryId: &call.Account, UpdatedAt: &call.Now, CredentialArn: in.CredentialArn,
	}, err
}

func (s *Service) deletePullThroughCacheRule(ctx context.Context, call *api.Call, in *ecrapi.DeletePullThroughCacheRuleRequest) (*ecrapi.DeletePullThroughCacheRuleResponse, error) {
	var gone CacheRule
	err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
		if gone, err = findRule(tx, call, in.EcrRepositoryPrefix); err != nil {
			return err
		}
		CacheRules.Delete(tx, gone.Key)
		return nil
	})
	return &ecrapi.DeletePullThroughCacheRuleResponse{
		EcrRepositoryPrefix: gone.Spec.EcrRepositoryPrefix, UpstreamRegistryUrl: gone.Spec.UpstreamRegistryUrl, CreatedAt: gone.Spec.CreatedAt,
		RegistryId: gone.Spec.RegistryId, CredentialArn: gone.Spec.CredentialArn,
	}, err
}

func (s *Service) validatePullThroughCacheRule(_ context.Context, call *api.Call, in *ecrapi.ValidatePullThroughCacheRuleRequest) (*ecrapi.ValidatePullThroughCacheRuleResponse, error) {
	rule, err := findRule(s.store.Snapshot(), call, in.EcrRepositoryPrefix)
	if err != nil {
		return nil, err
	}
	return &ecrapi.ValidatePullThroughCacheRuleResponse{
		EcrRepositoryPrefix: in.EcrRepositoryPrefix, RegistryId: &call.Account, UpstreamRegistryUrl: rule.Spec.UpstreamRegistryUrl,
		CredentialArn: rule.Spec.CredentialArn, IsValid: api.Ptr(false), Failure: api.Ptr("This region does not pull through."),
	}, nil
}
