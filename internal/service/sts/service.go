package sts

import (
	"apex/internal/api"
	"apex/internal/api/stsapi"
	"apex/internal/controller"
	"apex/internal/seal"
	"apex/internal/service"
	"apex/internal/store"
)

// A Service serves STS.
type Service struct {
	store  *store.Store
	sealer *seal.Sealer
}

// New returns the service of a region.
func New(env service.Env) *Service { return &Service{store: env.Store, sealer: env.Sealer} }

// Controllers returns none: a session is real once it is written.
func (s *Service) Controllers() []controller.Controller { return nil }

// Routes binds the operations.
func (s *Service) Routes() []api.Route {
	return []api.Route{
		stsapi.GetCallerIdentity.Handle(s.getCallerIdentity),
		stsapi.GetAccessKeyInfo.Handle(s.getAccessKeyInfo),
		stsapi.GetSessionToken.Handle(s.getSessionToken).Limited("no MFA"),
		stsapi.AssumeRole.Handle(s.assumeRole).Limited("no session policies, session tags or MFA: they are refused"),
	}
}
