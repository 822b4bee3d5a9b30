package iam

import (
	"slices"

	"apex/internal/api"
	"apex/internal/api/iamapi"
	"apex/internal/controller"
	"apex/internal/seal"
	"apex/internal/service"
	"apex/internal/store"
)

// A Service serves IAM.
type Service struct {
	store  *store.Store
	sealer *seal.Sealer
}

// New returns the service of a region.
func New(env service.Env) *Service { return &Service{store: env.Store, sealer: env.Sealer} }

// Controllers returns none: what IAM holds is true once it is written.
func (s *Service) Controllers() []controller.Controller { return nil }

// Routes binds the operations.
func (s *Service) Routes() []api.Route {
	return slices.Concat(s.userRoutes(), s.groupRoutes(), s.roleRoutes(), s.linkedRoleRoutes(), s.policyRoutes(), s.profileRoutes(), s.providerRoutes(), []api.Route{
		iamapi.SimulatePrincipalPolicy.Handle(s.simulatePrincipal),
		iamapi.SimulateCustomPolicy.Handle(s.simulateCustom).Limited("no resource policies"),
		iamapi.ListAccountAliases.Handle(s.listAccountAliases),
	})
}
