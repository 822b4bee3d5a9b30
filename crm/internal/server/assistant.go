package server

import (
	"net/http"
	"slices"
	"time"

	"apexai/crm/internal/account"
	"apexai/crm/internal/advice"
	"apexai/crm/internal/ai"
	"apexai/crm/internal/api"
	"apexai/crm/internal/companies"
	"apexai/crm/internal/database"
	"apexai/crm/internal/deals"
	"apexai/crm/internal/llm"
	"apexai/crm/internal/mcp"
	"apexai/crm/internal/page"
	"apexai/crm/internal/people"
	"apexai/crm/internal/pipelines"
	"apexai/crm/internal/proposals"
	"apexai/crm/internal/score"
	"apexai/crm/internal/tasks"
	"apexai/crm/internal/web"
)

// assisted are the operations of the assistant and of what it proposes.
func (s *Server) assisted(opened *database.DB, signer page.Signer) []web.Route {
	assistant := s.assistant(opened)
	return slices.Concat(
		ai.API{Assistant: assistant}.Routes(),
		proposals.API{Store: assistant.Proposals, Signer: signer}.Routes(),
		score.API{Store: score.Store{DB: opened, Now: time.Now}}.Routes(),
		s.adviser(assistant).Routes(),
		mcp.Server{API: http.HandlerFunc(s.serveAPI), Base: api.Base}.Routes(),
	)
}

// adviser is what says by rules what to do next.
func (s *Server) adviser(assistant ai.Assistant) advice.Adviser {
	return advice.Adviser{DB: assistant.DB, Proposals: assistant.Proposals, Assistant: assistant, Mail: s.config.Mail.Configured(), PublicURL: s.config.PublicURL, Secret: account.Store{DB: assistant.DB}.Key, Now: time.Now}
}

// assistant is what asks language models: Gemini first, OpenAI if it fails.
func (s *Server) assistant(opened *database.DB) ai.Assistant {
	c := s.config.AI
	limits := llm.DefaultLimits
	limits.FirstByte = c.Patience
	kept := proposals.Store{
		DB: opened, Now: time.Now,
		People:    people.Store{DB: opened, Now: time.Now},
		Companies: companies.Store{DB: opened, Now: time.Now},
		Deals:     deals.Store{DB: opened, Pipelines: pipelines.Store{DB: opened, Now: time.Now}, Now: time.Now},
		Tasks:     tasks.Store{DB: opened, Now: time.Now},
	}
	return ai.Assistant{
		DB: opened,
		Client: llm.New(limits,
			llm.Gemini(c.Gemini.BaseURL, c.Gemini.Model, string(c.Gemini.Key)),
			llm.OpenAI(c.OpenAI.BaseURL, c.OpenAI.Model, string(c.OpenAI.Key))),
		DailyTokens: c.DailyTokens,
		People:      kept.People, Companies: kept.Companies, Deals: kept.Deals, Proposals: kept,
		Now: time.Now,
	}
}
