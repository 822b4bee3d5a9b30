package iam

import (
	"slices"
	"time"

	"apex/internal/api"
	"apex/internal/api/iamapi"
	"apex/internal/controller"
	"apex/internal/seal"
	"apex/internal/service"
	"apex/internal/store"
)

// A Service serves IAM and decides on every call.
type Service struct {
	store  *store.Store
	sealer *seal.Sealer
	now    func() time.Time
	// finders know the resources of the other services, by the service's name in
	// their ARNs.
	finders map[string]service.Finder
}

// New returns the service of a region. The finders tell it of the resources of
// the other services, by the service's name in their ARNs.
func New(env service.Env, finders map[string]service.Finder) *Service {
	return &Service{store: env.Store, sealer: env.Sealer, now: env.Now, finders: finders}
}

// Controllers returns none: what IAM holds is true once it is written.
func (s *Service) Controllers() []controller.Controller { return nil }

// Routes binds the operations.
func (s *Service) Routes() []api.Route {
	return slices.Concat(s.userRoutes(), s.groupRoutes(), s.roleRoutes(), s.linkedRoleRoutes(), s.policyRoutes(), s.profileRoutes(), s.providerRoutes(), s.accountRoutes(), s.noneRoutes(), []api.Route{
		iamapi.SimulatePrincipalPolicy.Handle(s.simulatePrincipal),
		iamapi.SimulateCustomPolicy.Handle(s.simulateCustom),
		iamapi.GetContextKeysForCustomPolicy.Handle(s.contextKeysOfCustom),
		iamapi.GetContextKeysForPrincipalPolicy.Handle(s.contextKeysOfPrincipal),
	})
}
