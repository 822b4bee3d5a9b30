package server

import (
	"context"
	"slices"
	"strings"
	"time"

	"apexai/crm/internal/companies"
	"apexai/crm/internal/database"
	"apexai/crm/internal/deals"
	"apexai/crm/internal/exports"
	"apexai/crm/internal/files"
	"apexai/crm/internal/imports"
	"apexai/crm/internal/mail"
	"apexai/crm/internal/page"
	"apexai/crm/internal/people"
	"apexai/crm/internal/pipelines"
	"apexai/crm/internal/realtime"
	"apexai/crm/internal/tasks"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// post is the mail that leaves.
func (s *Server) post(opened *database.DB) mail.Store {
	return mail.Store{DB: opened, Now: time.Now, Server: s.config.Mail}
}

// tell sends an event to everyone in a workspace.
func (s *Server) tell(ctx context.Context, t tenant.Tenant, event string, payload any) {
	s.hub.Send(ctx, realtime.Workspace(t.Workspace), event, payload)
}

// tables are what comes in as files.
func (s *Server) tables(opened *database.DB) imports.Store {
	return imports.Store{
		DB: opened, Now: time.Now, Tell: s.tell,
		Files:     files.Store{DB: opened, Now: time.Now},
		People:    people.Store{DB: opened, Now: time.Now},
		Companies: companies.Store{DB: opened, Now: time.Now},
		Deals:     deals.Store{DB: opened, Pipelines: pipelines.Store{DB: opened, Now: time.Now}, Now: time.Now},
	}
}

// takeout is what goes out as files. Its cursors stay within the process, so
// they are signed with any key.
func (s *Server) takeout(opened *database.DB) exports.Store {
	signer := page.Signer{Key: []byte("exports")}
	return exports.Store{
		DB: opened, Now: time.Now, Files: files.Store{DB: opened, Now: time.Now},
		Tell: func(ctx context.Context, t tenant.Tenant, event string, payload any) {
			s.hub.Send(ctx, realtime.User(t.Workspace, t.User), event, payload)
		},
		Lists: listsOf(
			people.API{Store: people.Store{DB: opened, Now: time.Now}, Signer: signer}.Routes(),
			companies.API{Store: companies.Store{DB: opened, Now: time.Now}, Signer: signer}.Routes(),
			deals.API{Store: deals.Store{DB: opened, Pipelines: pipelines.Store{DB: opened, Now: time.Now}, Now: time.Now}, Signer: signer}.Routes(),
			tasks.API{Store: tasks.Store{DB: opened, Now: time.Now}, Signer: signer}.Routes(),
		),
	}
}

// listsOf are the lists among routes, by kind of record.
func listsOf(groups ...[]web.Route) map[string]web.Operation {
	lists := map[string]web.Operation{}
	for _, route := range slices.Concat(groups...) {
		if kind, ok := strings.CutPrefix(route.Pattern, "GET /"); ok && !strings.Contains(kind, "/") {
			lists[kind] = route.Operation
		}
	}
	return lists
}
