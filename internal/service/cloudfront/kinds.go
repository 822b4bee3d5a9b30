package cloudfront

import (
	"apex/internal/api"
	cf "apex/internal/api/cloudfrontapi"
)

// plainID: distributions name a resource by its id.
func plainID(_ *api.Call, id string) string { return id }

// identityPath is how an S3 origin names an origin access identity.
const identityPath = "origin-access-identity/cloudfront/"

// kinds are all kinds of resources that distributions refer to.
type kinds struct {
	distributions   kind[cf.DistributionConfig]
	accessControls  kind[cf.OriginAccessControlConfig]
	identities      kind[cf.CloudFrontOriginAccessIdentityConfig]
	cachePolicies   kind[cf.CachePolicyConfig]
	requestPolicies kind[cf.OriginRequestPolicyConfig]
	headerPolicies  kind[cf.ResponseHeadersPolicyConfig]
	functions       kind[Function]
	keyGroups       kind[cf.KeyGroupConfig]
	publicKeys      kind[cf.PublicKeyConfig]
}

func newKinds() *kinds {
	k := &kinds{
		distributions: kind[cf.DistributionConfig]{
			table: Distributions, newID: newID("E"), missing: cf.NewNoSuchDistribution, exists: cf.NewDistributionAlreadyExists,
			name:  func(c *cf.DistributionConfig) string { return *c.CallerReference },
			fixed: func(c *cf.DistributionConfig) string { return *c.CallerReference },
		},
		accessControls: kind[cf.OriginAccessControlConfig]{
			table: AccessControls, newID: newID("E"), missing: cf.NewNoSuchOriginAccessControl, used: cf.NewOriginAccessControlInUse,
			exists: cf.NewOriginAccessControlAlreadyExists, refer: plainID,
			name: func(c *cf.OriginAccessControlConfig) string { return *c.Name },
		},
		identities: kind[cf.CloudFrontOriginAccessIdentityConfig]{
			table: AccessIdentities, newID: newID("E"), missing: cf.NewNoSuchCloudFrontOriginAccessIdentity, used: cf.NewCloudFrontOriginAccessIdentityInUse,
			exists: cf.NewCloudFrontOriginAccessIdentityAlreadyExists,
			refer:  func(_ *api.Call, id string) string { return identityPath + id },
			name:   func(c *cf.CloudFrontOriginAccessIdentityConfig) string { return *c.CallerReference },
			fixed:  func(c *cf.CloudFrontOriginAccessIdentityConfig) string { return *c.CallerReference },
		},
		cachePolicies: kind[cf.CachePolicyConfig]{
			table: CachePolicies, newID: newUUID, missing: cf.NewNoSuchCachePolicy, used: cf.NewCachePolicyInUse, exists: cf.NewCachePolicyAlreadyExists,
			refer: plainID, name: func(c *cf.CachePolicyConfig) string { return *c.Name }, check: checkCachePolicy, managed: managedCachePolicies(),
		},
		requestPolicies: kind[cf.OriginRequestPolicyConfig]{
			table: OriginRequestPolicies, newID: newUUID, missing: cf.NewNoSuchOriginRequestPolicy, used: cf.NewOriginRequestPolicyInUse,
			exists: cf.NewOriginRequestPolicyAlreadyExists, refer: plainID,
			name: func(c *cf.OriginRequestPolicyConfig) string { return *c.Name }, check: checkRequestPolicy, managed: managedRequestPolicies(),
		},
		headerPolicies: kind[cf.ResponseHeadersPolicyConfig]{
			table: ResponseHeaderPolicies, newID: newUUID, missing: cf.NewNoSuchResponseHeadersPolicy, used: cf.NewResponseHeadersPolicyInUse,
			exists: cf.NewResponseHeadersPolicyAlreadyExists, refer: plainID,
			name: func(c *cf.ResponseHeadersPolicyConfig) string { return *c.Name }, check: checkHeaderPolicy, managed: managedHeaderPolicies(),
		},
		functions: kind[Function]{
			table: Functions, missing: cf.NewNoSuchFunctionExists, used: cf.NewFunctionInUse, exists: cf.NewFunctionAlreadyExists,
			refer: func(call *api.Call, id string) string { return arnOf(call, "function", id) }, check: checkFunction,
		},
		publicKeys: kind[cf.PublicKeyConfig]{
			table: PublicKeys, newID: newID("K"), missing: cf.NewNoSuchPublicKey, used: cf.NewPublicKeyInUse, exists: cf.NewPublicKeyAlreadyExists,
			refer: plainID, name: func(c *cf.PublicKeyConfig) string { return *c.CallerReference }, check: checkPublicKey,
		},
		keyGroups: kind[cf.KeyGroupConfig]{
			table: KeyGroups, newID: newUUID, missing: cf.NewNoSuchResource, used: cf.NewResourceInUse, exists: cf.NewKeyGroupAlreadyExists,
			refer: plainID, name: func(c *cf.KeyGroupConfig) string { return *c.Name }, check: checkKeyGroup,
		},
	}
	k.distributions.check = k.checkDistribution
	return k
}
