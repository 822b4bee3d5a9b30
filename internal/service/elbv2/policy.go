package elbv2

import (
	"context"
	"crypto/tls"
	"slices"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
	"apex/internal/dataplane/balancer"
)

// defaultPolicy is what an HTTPS listener has unless it says another.
const defaultPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06"

// The cipher suites that policies are made of, in AWS's order. Left out are
// those that this region's TLS does not have: CBC with SHA-384, and AES256-SHA256.
var (
	tls13  = []string{"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}
	gcm    = []string{"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384"}
	cbc256 = []string{"ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA256"}
	cbc1   = []string{"ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA"}
	rsa256 = []string{"AES128-GCM-SHA256", "AES128-SHA256", "AES256-GCM-SHA384"}
	rsa1   = []string{"AES128-SHA", "AES256-SHA"}
)

// A policy says which versions and suites a listener speaks.
type policy struct {
	name        string
	low, high   uint16
	suites      []string
	postQuantum bool
}

// policies are AWS's, but for those of FIPS (AWS's guide, "Security policies for
// your Application Load Balancer").
var policies = []policy{
	{defaultPolicy, tls.VersionTLS12, tls.VersionTLS13, slices.Concat(tls13, gcm, cbc256), false},
	{"ELBSecurityPolicy-TLS13-1-3-2021-06", tls.VersionTLS13, tls.VersionTLS13, tls13, false},
	{"ELBSecurityPolicy-TLS13-1-2-Res-2021-06", tls.VersionTLS12, tls.VersionTLS13, slices.Concat(tls13, gcm), false},
	{"ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06", tls.VersionTLS12, tls.VersionTLS13, slices.Concat(tls13, gcm, cbc256, rsa256), false},
	{"ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06", tls.VersionTLS12, tls.VersionTLS13, slices.Concat(tls13, gcm, cbc256, cbc1, rsa256, rsa1), false},
	{"ELBSecurityPolicy-TLS13-1-1-2021-06", tls.VersionTLS11, tls.VersionTLS13, slices.Concat(tls13, gcm, cbc256, cbc1, rsa256, rsa1), false},
	{"ELBSecurityPolicy-TLS13-1-0-2021-06", tls.VersionTLS10, tls.VersionTLS13, slices.Concat(tls13, gcm, cbc256, cbc1, rsa256, rsa1), false},
	{"ELBSecurityPolicy-TLS13-1-3-PQ-2025-09", tls.VersionTLS13, tls.VersionTLS13, tls13, true},
	{"ELBSecurityPolicy-TLS13-1-2-PQ-2025-09", tls.VersionTLS12, tls.VersionTLS13, slices.Concat(tls13, gcm, cbc256), true},
	{"ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", tls.VersionTLS12, tls.VersionTLS13, slices.Concat(tls13, gcm), true},
	{"ELBSecurityPolicy-FS-1-2-Res-2020-10", tls.VersionTLS12, tls.VersionTLS12, gcm, false},
	{"ELBSecurityPolicy-FS-1-2-Res-2019-08", tls.VersionTLS12, tls.VersionTLS12, slices.Concat(gcm, cbc256), false},
	{"ELBSecurityPolicy-FS-1-2-2019-08", tls.VersionTLS12, tls.VersionTLS12, slices.Concat(gcm, cbc256, cbc1), false},
	{"ELBSecurityPolicy-FS-1-1-2019-08", tls.VersionTLS11, tls.VersionTLS12, slices.Concat(gcm, cbc256, cbc1), false},
	{"ELBSecurityPolicy-FS-2018-06", tls.VersionTLS10, tls.VersionTLS12, slices.Concat(gcm, cbc256, cbc1), false},
	{"ELBSecurityPolicy-TLS-1-2-Ext-2018-06", tls.VersionTLS12, tls.VersionTLS12, slices.Concat(gcm, cbc256, cbc1, rsa256, rsa1), false},
	{"ELBSecurityPolicy-TLS-1-2-2017-01", tls.VersionTLS12, tls.VersionTLS12, slices.Concat(gcm, cbc256, rsa256), false},
	{"ELBSecurityPolicy-TLS-1-1-2017-01", tls.VersionTLS11, tls.VersionTLS12, slices.Concat(gcm, cbc256, cbc1, rsa256, rsa1), false},
	{"ELBSecurityPolicy-2016-08", tls.VersionTLS10, tls.VersionTLS12, slices.Concat(gcm, cbc256, cbc1, rsa256, rsa1), false},
	{"ELBSecurityPolicy-2015-05", tls.VersionTLS10, tls.VersionTLS12, slices.Concat(gcm, cbc256, cbc1, rsa256, rsa1), false},
}

func policyNamed(name string) (policy, bool) {
	for _, p := range policies {
		if p.name == name {
			return p, true
		}
	}
	return policy{}, false
}

// tls is the policy as a balancer serves it, without certificates.
func (p policy) tls() *balancer.TLS {
	t := &balancer.TLS{MinVersion: p.low, MaxVersion: p.high, PostQuantum: p.postQuantum}
	for _, name := range p.suites {
		if id, ok := balancer.CipherSuites[name]; ok {
			t.Ciphers = append(t.Ciphers, id)
		}
	}
	return t
}

// protocols are the versions' names, the oldest first.
func (p policy) protocols() (names []string) {
	for v, name := range []string{"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"} {
		if version := uint16(tls.VersionTLS10 + v); p.low <= version && version <= p.high {
			names = append(names, name)
		}
	}
	return names
}

func (s *Service) describeSSLPolicies(_ context.Context, call *api.Call, in *elbv2api.DescribeSSLPoliciesInput) (*elbv2api.DescribeSSLPoliciesOutput, error) {
	found := []elbv2api.SslPolicy{}
	for _, p := range policies {
		if len(in.Names) > 0 && !slices.Contains(in.Names, p.name) {
			continue
		}
		policy := elbv2api.SslPolicy{Name: api.Ptr(p.name), SslProtocols: p.protocols(), SupportedLoadBalancerTypes: []string{"application", "network"}}
		for i, name := range p.suites {
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
