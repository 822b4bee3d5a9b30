package sts

import (
	"log/slog"

	"apex/internal/api"
	"apex/internal/api/stsapi"
	"apex/internal/controller"
	"apex/internal/dataplane/balancer/auth"
	"apex/internal/seal"
	"apex/internal/service"
	"apex/internal/store"
)

// A Service serves STS.
type Service struct {
	store  *store.Store
	sealer *seal.Sealer
	log    *slog.Logger
	issuers
}

// New returns the service of a region.
func New(env service.Env) *Service {
	return &Service{store: env.Store, sealer: env.Sealer, log: env.Log, issuers: issuers{keys: map[string]*auth.Keys{}}}
}

// Controllers returns none: a session is real once it is written.
func (s *Service) Controllers() []controller.Controller { return nil }

// Routes binds the operations.
func (s *Service) Routes() []api.Route {
	return []api.Route{
		stsapi.GetCallerIdentity.Handle(s.getCallerIdentity),
		stsapi.GetAccessKeyInfo.Handle(s.getAccessKeyInfo),
		stsapi.GetSessionToken.Handle(s.getSessionToken).Limited("no MFA"),
		stsapi.AssumeRole.Handle(s.assumeRole).Limited("no MFA"),
		stsapi.AssumeRoleWithWebIdentity.Handle(s.assumeRoleWithWebIdentity),
		stsapi.GetFederationToken.Handle(s.getFederationToken),
		stsapi.DecodeAuthorizationMessage.Handle(s.decodeAuthorizationMessage),
	}
}
