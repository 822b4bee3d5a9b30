package server

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"apexai/crm/internal/account"
	"apexai/crm/internal/activities"
	"apexai/crm/internal/api"
	"apexai/crm/internal/audit"
	"apexai/crm/internal/auth"
	"apexai/crm/internal/calendar"
	"apexai/crm/internal/companies"
	"apexai/crm/internal/database"
	"apexai/crm/internal/deals"
	"apexai/crm/internal/demo"
	"apexai/crm/internal/exports"
	"apexai/crm/internal/home"
	"apexai/crm/internal/imports"
	"apexai/crm/internal/jobs"
	"apexai/crm/internal/keys"
	"apexai/crm/internal/mail"
	"apexai/crm/internal/notifications"
	"apexai/crm/internal/openapi"
	"apexai/crm/internal/page"
	"apexai/crm/internal/people"
	"apexai/crm/internal/pipelines"
	"apexai/crm/internal/realtime"
	"apexai/crm/internal/reports"
	"apexai/crm/internal/search"
	"apexai/crm/internal/tasks"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
	"apexai/crm/internal/webhooks"
	"apexai/crm/internal/workspaces"
)

// build makes the handler of everything below /api/.
func (s *Server) build(ctx context.Context, opened *database.DB) (http.Handler, error) {
	key, err := account.Store{DB: opened}.Key(ctx, "cursor")
	if err != nil {
		return nil, fmt.Errorf("cursor key: %w", err)
	}
	callers, groups := s.subjects(opened, page.Signer{Key: key})
	if err := s.employ(opened, callers); err != nil {
		return nil, err
	}
	docs, err := openapi.Handler(openapi.New(api.Base, groups...))
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", api.New(s.gate(callers, opened), groups...))
	mux.Handle("/socket.io/", s.hub)
	mux.Handle("/api/weekly/", s.adviser(s.assistant(opened)).Letters(func(ctx context.Context, t tenant.Tenant) error {
		if err := callers.Accounts.SetWeekly(ctx, t, false); err != nil {
			return err
		}
		return callers.Members.Forget(ctx, auth.MemberKey(t.Workspace, t.User))
	}))
	mux.Handle("/api/openapi.json", docs)
	mux.Handle("/api/docs", docs)
	mux.Handle("/api/docs/", docs)
	return mux, nil
}

// Description is the API in OpenAPI 3.1.
func Description() openapi.Document {
	_, groups := new(Server).subjects(nil, page.Signer{})
	return openapi.New(api.Base, groups...)
}

// subjects puts the subjects together: each gives its operations. It asks
// nothing of what it is given, which may be nil for a description.
func (s *Server) subjects(opened *database.DB, signer page.Signer) (auth.Auth, [][]web.Route) {
	callers, lanes := s.callers(opened), pipelines.Store{DB: opened, Now: time.Now}
	var groups [][]web.Route
	groups = [][]web.Route{
		callers.Routes(),
		workspaces.API{Accounts: callers.Accounts, Auth: callers, PublicURL: s.config.PublicURL, Now: time.Now}.Routes(),
		keys.API{Store: callers.Keys, Resources: func() []string { return api.Resources(groups...) }}.Routes(),
		people.API{Store: people.Store{DB: opened, Now: time.Now}, Signer: signer}.Routes(),
		companies.API{Store: companies.Store{DB: opened, Now: time.Now}, Signer: signer}.Routes(),
		pipelines.API{Store: lanes}.Routes(),
		deals.API{Store: deals.Store{DB: opened, Pipelines: lanes, Now: time.Now}, Signer: signer}.Routes(),
		lists(opened),
		reports.API{DB: opened, Redis: s.redis, Now: time.Now}.Routes(),
		activities.API{Store: activities.Store{DB: opened, Now: time.Now}, Signer: signer}.Routes(),
		tasks.API{Store: tasks.Store{DB: opened, Now: time.Now}, Signer: signer}.Routes(),
		notifications.API{Store: notifications.Store{DB: opened, Now: time.Now}, Signer: signer}.Routes(),
		calendar.API{Store: calendar.Store{DB: opened, Now: time.Now}}.Routes(),
		home.API{Store: home.Store{DB: opened, Now: time.Now}}.Routes(),
		search.API{Store: search.Store{DB: opened}}.Routes(),
		demo.API{DB: opened}.Routes(),
		realtime.API{DB: opened}.Routes(),
		webhooks.API{Store: s.hooks(opened), Signer: signer}.Routes(),
		jobs.NewAPI(opened, s.redis).Routes(),
		audit.API{DB: opened, Signer: signer}.Routes(),
		s.assisted(opened, signer),
		mail.API{Store: s.post(opened)}.Routes(),
		imports.API{Store: s.tables(opened)}.Routes(),
		exports.API{Store: s.takeout(opened)}.Routes(),
	}
	return callers, groups
}
