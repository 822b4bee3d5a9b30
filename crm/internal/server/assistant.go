package server

import (
	"time"

	"apexai/crm/internal/ai"
	"apexai/crm/internal/companies"
	"apexai/crm/internal/database"
	"apexai/crm/internal/deals"
	"apexai/crm/internal/llm"
	"apexai/crm/internal/people"
	"apexai/crm/internal/pipelines"
)

// assistant is what asks language models: Gemini first, OpenAI if it fails.
func (s *Server) assistant(opened *database.DB) ai.Assistant {
	c := s.config.AI
	limits := llm.DefaultLimits
	limits.FirstByte = c.Patience
	return ai.Assistant{
		DB: opened,
		Client: llm.New(limits,
			llm.Gemini(c.Gemini.BaseURL, c.Gemini.Model, string(c.Gemini.Key)),
			llm.OpenAI(c.OpenAI.BaseURL, c.OpenAI.Model, string(c.OpenAI.Key))),
		DailyTokens: c.DailyTokens,
		People:      people.Store{DB: opened, Now: time.Now},
		Companies:   companies.Store{DB: opened, Now: time.Now},
		Deals:       deals.Store{DB: opened, Pipelines: pipelines.Store{DB: opened, Now: time.Now}, Now: time.Now},
		Now:         time.Now,
	}
}
