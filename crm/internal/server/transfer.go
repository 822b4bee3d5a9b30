package server

import (
	"context"
	"time"

	"apexai/crm/internal/companies"
	"apexai/crm/internal/database"
	"apexai/crm/internal/deals"
	"apexai/crm/internal/files"
	"apexai/crm/internal/imports"
	"apexai/crm/internal/mail"
	"apexai/crm/internal/people"
	"apexai/crm/internal/pipelines"
	"apexai/crm/internal/realtime"
	"apexai/crm/internal/tenant"
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
