package server

import (
	"time"

	"apexai/crm/internal/companies"
	"apexai/crm/internal/database"
	"apexai/crm/internal/deals"
	"apexai/crm/internal/files"
	"apexai/crm/internal/imports"
	"apexai/crm/internal/mail"
	"apexai/crm/internal/people"
	"apexai/crm/internal/pipelines"
)

// post is the mail that leaves.
func (s *Server) post(opened *database.DB) mail.Store {
	return mail.Store{DB: opened, Now: time.Now, Server: s.config.Mail}
}

// tables are what comes in as files.
func (s *Server) tables(opened *database.DB) imports.Store {
	return imports.Store{
		DB: opened, Now: time.Now,
		Files:     files.Store{DB: opened, Now: time.Now},
		People:    people.Store{DB: opened, Now: time.Now},
		Companies: companies.Store{DB: opened, Now: time.Now},
		Deals:     deals.Store{DB: opened, Pipelines: pipelines.Store{DB: opened, Now: time.Now}, Now: time.Now},
	}
}
