package cloudfront

import (
	"apex/internal/api"
	cf "apex/internal/api/cloudfrontapi"
	"apex/internal/service"
	"apex/internal/store"
)

// A Service keeps the distributions of all accounts.
type Service struct {
	*kinds
	store *store.Store
}

// New returns the service.
func New(env service.Env) *Service { return &Service{kinds: newKinds(), store: env.Store} }

// Routes returns the operations that the service answers.
func (s *Service) Routes() []api.Route {
	var routes []api.Route
	for _, r := range s.operations() {
		routes = append(routes, r.StoredOnly("nothing answers at a distribution's domain name"))
	}
	return routes
}

func (s *Service) operations() []api.Route {
	return []api.Route{
		cf.CreateDistribution.Handle(s.createDistribution),
		cf.CreateDistributionWithTags.Handle(s.createDistributionWithTags),
		cf.GetDistribution.Handle(s.getDistribution),
		cf.GetDistributionConfig.Handle(s.getDistributionConfig),
		cf.UpdateDistribution.Handle(s.updateDistribution),
		cf.DeleteDistribution.Handle(s.deleteDistribution),
		cf.ListDistributions.Handle(s.listDistributions),
		cf.CreateInvalidation.Handle(s.createInvalidation),
		cf.GetInvalidation.Handle(s.getInvalidation),
		cf.ListInvalidations.Handle(s.listInvalidations),
		cf.TagResource.Handle(s.tagResource),
		cf.UntagResource.Handle(s.untagResource),
		cf.ListTagsForResource.Handle(s.listTags),

		cf.CreateOriginAccessControl.Handle(s.createAccessControl),
		cf.GetOriginAccessControl.Handle(s.getAccessControl),
		cf.GetOriginAccessControlConfig.Handle(s.getAccessControlConfig),
		cf.UpdateOriginAccessControl.Handle(s.updateAccessControl),
		cf.DeleteOriginAccessControl.Handle(s.deleteAccessControl),
		cf.ListOriginAccessControls.Handle(s.listAccessControls),
		cf.CreateCloudFrontOriginAccessIdentity.Handle(s.createIdentity),
		cf.GetCloudFrontOriginAccessIdentity.Handle(s.getIdentity),
		cf.GetCloudFrontOriginAccessIdentityConfig.Handle(s.getIdentityConfig),
		cf.UpdateCloudFrontOriginAccessIdentity.Handle(s.updateIdentity),
		cf.DeleteCloudFrontOriginAccessIdentity.Handle(s.deleteIdentity),
		cf.ListCloudFrontOriginAccessIdentities.Handle(s.listIdentities),

		cf.CreateCachePolicy.Handle(s.createCachePolicy),
		cf.GetCachePolicy.Handle(s.getCachePolicy),
		cf.GetCachePolicyConfig.Handle(s.getCachePolicyConfig),
		cf.UpdateCachePolicy.Handle(s.updateCachePolicy),
		cf.DeleteCachePolicy.Handle(s.deleteCachePolicy),
		cf.ListCachePolicies.Handle(s.listCachePolicies),
		cf.CreateOriginRequestPolicy.Handle(s.createRequestPolicy),
		cf.GetOriginRequestPolicy.Handle(s.getRequestPolicy),
		cf.GetOriginRequestPolicyConfig.Handle(s.getRequestPolicyConfig),
		cf.UpdateOriginRequestPolicy.Handle(s.updateRequestPolicy),
		cf.DeleteOriginRequestPolicy.Handle(s.deleteRequestPolicy),
		cf.ListOriginRequestPolicies.Handle(s.listRequestPolicies),
		cf.CreateResponseHeadersPolicy.Handle(s.createHeaderPolicy),
		cf.GetResponseHeadersPolicy.Handle(s.getHeaderPolicy),
		cf.GetResponseHeadersPolicyConfig.Handle(s.getHeaderPolicyConfig),
		cf.UpdateResponseHeadersPolicy.Handle(s.updateHeaderPolicy),
		cf.DeleteResponseHeadersPolicy.Handle(s.deleteHeaderPolicy),
		cf.ListResponseHeadersPolicies.Handle(s.listHeaderPolicies),

		cf.CreateFunction.Handle(s.createFunction),
		cf.DescribeFunction.Handle(s.describeFunction),
		cf.GetFunction.Handle(s.getFunction),
		cf.UpdateFunction.Handle(s.updateFunction),
		cf.PublishFunction.Handle(s.publishFunction),
		cf.DeleteFunction.Handle(s.deleteFunction),
		cf.ListFunctions.Handle(s.listFunctions),

		cf.CreatePublicKey.Handle(s.createPublicKey),
		cf.GetPublicKey.Handle(s.getPublicKey),
		cf.GetPublicKeyConfig.Handle(s.getPublicKeyConfig),
		cf.UpdatePublicKey.Handle(s.updatePublicKey),
		cf.DeletePublicKey.Handle(s.deletePublicKey),
		cf.ListPublicKeys.Handle(s.listPublicKeys),
		cf.CreateKeyGroup.Handle(s.createKeyGroup),
		cf.GetKeyGroup.Handle(s.getKeyGroup),
		cf.GetKeyGroupConfig.Handle(s.getKeyGroupConfig),
		cf.UpdateKeyGroup.Handle(s.updateKeyGroup),
		cf.DeleteKeyGroup.Handle(s.deleteKeyGroup),
		cf.ListKeyGroups.Handle(s.listKeyGroups),
	}
}
