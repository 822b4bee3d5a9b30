package cloudfront

import (
	"time"

	"apex/internal/api"
	cf "apex/internal/api/cloudfrontapi"
	"apex/internal/arn"
	"apex/internal/store"
	"apex/internal/tag"
)

// The tables of the service. Keys are of the account's global scope.
var (
	Distributions          = table[cf.DistributionConfig]("cloudfront.distributions")
	Invalidations          = table[cf.InvalidationBatch]("cloudfront.invalidations")
	AccessControls         = table[cf.OriginAccessControlConfig]("cloudfront.access-controls")
	AccessIdentities       = table[cf.CloudFrontOriginAccessIdentityConfig]("cloudfront.access-identities")
	CachePolicies          = table[cf.CachePolicyConfig]("cloudfront.cache-policies")
	OriginRequestPolicies  = table[cf.OriginRequestPolicyConfig]("cloudfront.request-policies")
	ResponseHeaderPolicies = table[cf.ResponseHeadersPolicyConfig]("cloudfront.header-policies")
	Functions              = table[Function]("cloudfront.functions")
	KeyGroups              = table[cf.KeyGroupConfig]("cloudfront.key-groups")
	PublicKeys             = table[cf.PublicKeyConfig]("cloudfront.public-keys")
)

// Tables lists the service's tables.
func Tables() []store.AnyTable {
	return []store.AnyTable{
		Distributions, Invalidations, AccessControls, AccessIdentities, CachePolicies,
		OriginRequestPolicies, ResponseHeaderPolicies, Functions, KeyGroups, PublicKeys,
	}
}

func table[C any](name string) *store.Table[Item[C]] {
	return store.NewTable(name, func(i *Item[C]) string { return i.Key })
}

// An Item is any resource: its configuration and what CloudFront adds to it.
type Item[C any] struct {
	Key    string // "…/E0123456789ABC"
	Spec   Spec[C]
	Status Status
}

// Spec is what the caller asked for.
type Spec[C any] struct {
	Config     C
	ETag       string // of this version
	CreatedAt  time.Time
	ModifiedAt time.Time
	Tags       tag.Tags
	Domain     string // of a distribution: "d111111abcdef8.cloudfront.net"
	// CanonicalUser is how S3 knows an origin access identity.
	CanonicalUser string
}

// Status is what the controller did.
type Status struct {
	Deployed string // the ETag of the version that is in force
}

// ID returns the resource's id, or a function's name.
func (i *Item[C]) ID() string {
	_, id := arn.SplitKey(i.Key)
	return id
}

// A Function is code for the edge in its two stages.
type Function struct {
	Config cf.FunctionConfig
	Code   []byte
	Live   *Published
}

// Published is the stage LIVE of a function.
type Published struct {
	Config cf.FunctionConfig
	Code   []byte
	ETag   string
	At     time.Time
}

func scopeOf(call *api.Call) arn.Scope { return arn.Scope{Account: call.Account} }

func arnOf(call *api.Call, kind, id string) string {
	return scopeOf(call).ARN("cloudfront", kind+"/"+id)
}
