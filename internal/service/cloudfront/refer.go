package cloudfront

import (
	"slices"

	"apex/internal/api"
	cf "apex/internal/api/cloudfrontapi"
	"apex/internal/store"
)

// isUsed reports whether a distribution or a key group refers to a resource.
func isUsed(r store.Reader, call *api.Call, name string) bool {
	for _, d := range Distributions.Prefix(r, scopeOf(call).Prefix()) {
		if slices.Contains(references(&d.Spec.Config), name) {
			return true
		}
	}
	for _, g := range KeyGroups.Prefix(r, scopeOf(call).Prefix()) {
		if slices.Contains(g.Spec.Config.Items, name) {
			return true
		}
	}
	return false
}

// references are all that a distribution names of other resources.
func references(c *cf.DistributionConfig) []string {
	var names []string
	for _, o := range c.Origins.Items {
		names = append(names, api.Val(o.OriginAccessControlId))
		if o.S3OriginConfig != nil {
			names = append(names, api.Val(o.S3OriginConfig.OriginAccessIdentity))
		}
	}
	for _, b := range behaviorsOf(c) {
		names = append(names, api.Val(b.CachePolicyId), api.Val(b.OriginRequestPolicyId), api.Val(b.ResponseHeadersPolicyId))
		if b.TrustedKeyGroups != nil {
			names = append(names, b.TrustedKeyGroups.Items...)
		}
		if b.FunctionAssociations != nil {
			for _, f := range b.FunctionAssociations.Items {
				names = append(names, *f.FunctionARN)
			}
		}
	}
	return slices.DeleteFunc(names, func(n string) bool { return n == "" })
}

// behaviorsOf returns all behaviours of a distribution; the default one has no
// path pattern, and the others share their members with the configuration.
func behaviorsOf(c *cf.DistributionConfig) []cf.CacheBehavior {
	d := c.DefaultCacheBehavior
	all := []cf.CacheBehavior{{
		TargetOriginId: d.TargetOriginId, TrustedSigners: d.TrustedSigners, TrustedKeyGroups: d.TrustedKeyGroups,
		ViewerProtocolPolicy: d.ViewerProtocolPolicy, AllowedMethods: d.AllowedMethods, SmoothStreaming: d.SmoothStreaming,
		Compress: d.Compress, LambdaFunctionAssociations: d.LambdaFunctionAssociations, FunctionAssociations: d.FunctionAssociations,
		FieldLevelEncryptionId: d.FieldLevelEncryptionId, RealtimeLogConfigArn: d.RealtimeLogConfigArn, CachePolicyId: d.CachePolicyId,
		OriginRequestPolicyId: d.OriginRequestPolicyId, ResponseHeadersPolicyId: d.ResponseHeadersPolicyId,
		ForwardedValues: d.ForwardedValues, MinTTL: d.MinTTL, DefaultTTL: d.DefaultTTL, MaxTTL: d.MaxTTL, GrpcConfig: d.GrpcConfig,
	}}
	if c.CacheBehaviors != nil {
		all = append(all, c.CacheBehaviors.Items...)
	}
	return all
}

// setDefaultBehavior undoes behaviorsOf for the default one.
func setDefaultBehavior(d *cf.DefaultCacheBehavior, b *cf.CacheBehavior) {
	d.TrustedSigners, d.TrustedKeyGroups, d.AllowedMethods, d.SmoothStreaming = b.TrustedSigners, b.TrustedKeyGroups, b.AllowedMethods, b.SmoothStreaming
	d.Compress, d.LambdaFunctionAssociations, d.FunctionAssociations = b.Compress, b.LambdaFunctionAssociations, b.FunctionAssociations
	d.FieldLevelEncryptionId, d.GrpcConfig = b.FieldLevelEncryptionId, b.GrpcConfig
	d.CachePolicyId, d.OriginRequestPolicyId = b.CachePolicyId, b.OriginRequestPolicyId
	d.ResponseHeadersPolicyId, d.RealtimeLogConfigArn = b.ResponseHeadersPolicyId, b.RealtimeLogConfigArn
	d.MinTTL, d.DefaultTTL, d.MaxTTL = b.MinTTL, b.DefaultTTL, b.MaxTTL
}
