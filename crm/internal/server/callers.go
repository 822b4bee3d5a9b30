package server

import (
	"context"
	"net/http"
	"time"

	"apexai/crm/internal/account"
	"apexai/crm/internal/api"
	"apexai/crm/internal/auth"
	"apexai/crm/internal/cache"
	"apexai/crm/internal/change"
	"apexai/crm/internal/config"
	"apexai/crm/internal/database"
	"apexai/crm/internal/firebase"
	"apexai/crm/internal/id"
	"apexai/crm/internal/idempotency"
	"apexai/crm/internal/keys"
	"apexai/crm/internal/limit"
	"apexai/crm/internal/realtime"
	"apexai/crm/internal/session"
	"apexai/crm/internal/tenant"
)

// networkRate is how often those whom nobody knows may come, a second.
const networkRate = 10

// callers knows who calls.
func (s *Server) callers(opened *database.DB) auth.Auth {
	a := auth.Auth{
		Accounts: account.Store{DB: opened},
		Sessions: session.Store{Redis: s.redis, Now: time.Now},
		Members:  cache.New[account.Identity](s.redis, "member", "3", time.Minute),
		Guesses:  new(auth.Guesses),
		Keys:     keys.Store{DB: opened, Known: cache.New[keys.Known](s.redis, "key", "1", time.Minute), Used: new(keys.Used), Now: time.Now},
		SignIns:  limit.New(s.redis, "sign-in", limit.PerMinute(s.config.Limits.SignIn), time.Now),
		Revoked:  func(_ context.Context, ended session.Session) { s.hub.Recheck(ended.User) },
		Moved: func(ctx context.Context, workspace uint32, user id.ID) {
			s.hub.Send(ctx, realtime.User(workspace, user), "session.changed", struct{}{})
		},
		Development: s.config.Environment == config.Development,
		Now:         time.Now,
	}
	if f := s.config.Firebase; f.Project != "" {
		a.Tokens = &firebase.Verifier{
			Project: f.Project, Now: time.Now,
			Certificates: &firebase.Certificates{URL: f.CertsURL, Client: http.DefaultClient, Now: time.Now},
		}
		a.Ways = auth.Methods{AuthURL: f.AuthURL, APIKey: f.APIKey, DemoURL: f.DemoURL, Providers: f.Providers}
	}
	return a
}

// gate lets callers through, each as often as the settings say.
func (s *Server) gate(callers auth.Auth, opened *database.DB) api.Gate {
	limits := api.Limits{
		Users: limit.New(s.redis, "user", limit.PerSecond(s.config.Limits.User), time.Now),
		Keys:  limit.New(s.redis, "key", limit.PerSecond(s.config.Limits.Key), time.Now),
	}
	if s.config.Limits.SignIn > 0 {
		limits.Networks = limit.New(s.redis, "network", limit.PerSecond(networkRate), time.Now)
	}
	earlier := func(ctx context.Context, t tenant.Tenant) error { return change.Earlier(ctx, opened, t) }
	return api.Gate{Identify: callers.Caller, Limits: limits, Repeats: idempotency.Guard{Redis: s.redis, Earlier: earlier}}
}
