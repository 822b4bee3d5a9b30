package elbv2

import (
	"context"
	"slices"
	"strconv"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
)

// limits are the quotas that hold here, by AWS's names for them.
var limits = []struct {
	name string
	max  int
}{
	{"application-load-balancers", maxBalancers},
	{"condition-values-per-alb-rule", maxValues},
	{"condition-wildcards-per-alb-rule", maxWildcards},
	{"listeners-per-application-load-balancer", maxListeners},
	{"rules-per-application-load-balancer", maxRules},
	{"target-groups-per-action-on-application-load-balancer", maxGroupsPerAction},
	{"targets-per-target-group", maxTargets},
}

func (s *Service) describeAccountLimits(_ context.Context, call *api.Call, in *elbv2api.DescribeAccountLimitsInput) (*elbv2api.DescribeAccountLimitsOutput, error) {
	var all []elbv2api.Limit
	for _, l := range limits {
		all = append(all, elbv2api.Limit{Name: api.Ptr(l.name), Max: api.Ptr(strconv.Itoa(l.max))})
	}
	part, next, err := page(all, func(l *elbv2api.Limit) string { return *l.Name }, in.Marker, in.PageSize)
	if err != nil {
		return nil, err
	}
	return &elbv2api.DescribeAccountLimitsOutput{Limits: part, NextMarker: next}, nil
}

// tls13 and tls12 are the cipher suites of today's policies, in AWS's order.
var (
	tls13 = []string{"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}
	tls12 = []string{
		"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA256",
		"ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA384",
	}
)

var policies = []struct {
	name             string
	protocols, suite []string
}{
	{"ELBSecurityPolicy-TLS13-1-2-2021-06", []string{"TLSv1.2", "TLSv1.3"}, slices.Concat(tls13, tls12)},
	{"ELBSecurityPolicy-TLS13-1-3-2021-06", []string{"TLSv1.3"}, tls13},
	{"ELBSecurityPolicy-TLS-1-2-2017-01", []string{"TLSv1.2"}, append(slices.Clone(tls12), "AES128-GCM-SHA256", "AES128-SHA256", "AES256-GCM-SHA384", "AES256-SHA256")},
}

func (s *Service) describeSSLPolicies(_ context.Context, call *api.Call, in *elbv2api.DescribeSSLPoliciesInput) (*elbv2api.DescribeSSLPoliciesOutput, error) {
	var found []elbv2api.SslPolicy
	for _, p := range policies {
		if len(in.Names) > 0 && !slices.Contains(in.Names, p.name) {
			continue
		}
		policy := elbv2api.SslPolicy{Name: api.Ptr(p.name), SslProtocols: p.protocols, SupportedLoadBalancerTypes: []string{"application", "network"}}
		for i, name := range p.suite {
			policy.Ciphers = append(policy.Ciphers, elbv2api.Cipher{Name: api.Ptr(name), Priority: api.Ptr(int64(i + 1))})
		}
		found = append(found, policy)
	}
	if len(found) < len(in.Names) {
		return nil, elbv2api.NewSSLPolicyNotFoundException("SSL policies %v: one or more not found", in.Names)
	}
	part, next, err := page(found, func(p *elbv2api.SslPolicy) string { return *p.Name }, in.Marker, in.PageSize)
	if err != nil {
		return nil, err
	}
	return &elbv2api.DescribeSSLPoliciesOutput{SslPolicies: part, NextMarker: next}, nil
}
