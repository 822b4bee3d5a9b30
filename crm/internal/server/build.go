package server

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"apexai/crm/internal/account"
	"apexai/crm/internal/api"
	"apexai/crm/internal/auth"
	"apexai/crm/internal/cache"
	"apexai/crm/internal/companies"
	"apexai/crm/internal/config"
	"apexai/crm/internal/database"
	"apexai/crm/internal/idempotency"
	"apexai/crm/internal/page"
	"apexai/crm/internal/people"
	"apexai/crm/internal/session"
)

// build puts the subjects together: each gives its operations.
func (s *Server) build(ctx context.Context, opened *database.DB) (http.Handler, error) {
	accounts := account.Store{DB: opened}
	key, err := accounts.Key(ctx, "cursor")
	if err != nil {
		return nil, fmt.Errorf("cursor key: %w", err)
	}
	signer := page.Signer{Key: key}
	callers := auth.Auth{
		Accounts:    accounts,
		Sessions:    session.Store{Redis: s.redis, Now: time.Now},
		Members:     cache.New[account.Identity](s.redis, "member", "1", time.Minute),
		Development: s.config.Environment == config.Development,
		Now:         time.Now,
	}
	return api.New(callers.Caller, idempotency.Guard{Redis: s.redis},
		callers.Routes(),
		people.API{Store: people.Store{DB: opened, Now: time.Now}, Signer: signer}.Routes(),
		companies.API{Store: companies.Store{DB: opened, Now: time.Now}, Signer: signer}.Routes(),
	), nil
}
