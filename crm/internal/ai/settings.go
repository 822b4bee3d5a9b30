package ai

import (
	"context"
	"maps"
	"slices"

	"apexai/crm/internal/change"
	"apexai/crm/internal/check"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/llm"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// Settings are what a workspace lets the assistant do.
type Settings struct {
	On          bool         `json:"on"`
	Gemini      bool         `json:"gemini"` // may be asked
	OpenAI      bool         `json:"openai"`
	DailyTokens int          `json:"dailyTokens"`
	Providers   []llm.Status `json:"providers"` // those that this installation has, in the order in which they are asked
	Available   bool         `json:"available"` // on, and there is a provider that may be asked
}

// A SettingsPatch is a JSON merge patch of Settings.
type SettingsPatch struct {
	On          web.Field[bool] `json:"on"`
	Gemini      web.Field[bool] `json:"gemini"`
	OpenAI      web.Field[bool] `json:"openai"`
	DailyTokens web.Field[int]  `json:"dailyTokens"`
}

const (
	maxDailyTokens = 1_000_000_000
	selectSettings = `SELECT name, value FROM ai_settings WHERE workspace_id = ?`
	upsertSetting  = `INSERT INTO ai_settings (workspace_id, name, value) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE value = VALUES(value)`
)

// allowed are the names of the providers to ask, of those that there are.
func (s Settings) allowed() []string {
	var names []string
	if !s.On {
		return nil
	}
	for _, p := range s.Providers {
		if p.Name == "gemini" && s.Gemini || p.Name == "openai" && s.OpenAI {
			names = append(names, p.Name)
		}
	}
	return names
}

func (s Settings) why() string {
	switch {
	case len(s.Providers) == 0:
		return "no language model is set up here"
	case !s.On:
		return "it is switched off in this workspace's settings"
	}
	return "every provider is switched off in this workspace's settings"
}

// Settings reads a workspace's settings.
func (a Assistant) Settings(ctx context.Context, t tenant.Tenant) (s Settings, err error) {
	err = a.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		s, err = a.settings(ctx, q, t)
		return err
	})
	return s, err
}

func (a Assistant) settings(ctx context.Context, q database.Queryer, t tenant.Tenant) (Settings, error) {
	s := Settings{On: true, Gemini: true, OpenAI: true, DailyTokens: a.DailyTokens, Providers: a.Client.Providers()}
	type row struct {
		name  string
		value int
	}
	rows, err := database.All(ctx, q, func(from database.Row, r *row) error { return from.Scan(&r.name, &r.value) }, selectSettings, t.Workspace)
	for _, r := range rows {
		switch r.name {
		case "on":
			s.On = r.value != 0
		case "gemini":
			s.Gemini = r.value != 0
		case "openai":
			s.OpenAI = r.value != 0
		case "dailyTokens":
			s.DailyTokens = r.value
		}
	}
	s.Available = len(s.allowed()) > 0
	return s, err
}

// Change patches a workspace's settings.
func (a Assistant) Change(ctx context.Context, t tenant.Tenant, p SettingsPatch) (s Settings, err error) {
	var f check.Faults
	if v := p.DailyTokens; v.Given && (v.Value < 0 || v.Value > maxDailyTokens) {
		f.Add("/dailyTokens", "range", "a number from 0 to 1,000,000,000")
	}
	if err := f.Problem(); err != nil {
		return s, err
	}
	values := map[string]int{}
	for name, given := range map[string]web.Field[bool]{"on": p.On, "gemini": p.Gemini, "openai": p.OpenAI} {
		if given.Given {
			values[name] = map[bool]int{true: 1}[given.Value]
		}
	}
	if p.DailyTokens.Given {
		values["dailyTokens"] = p.DailyTokens.Value
	}
	err = a.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		was, err := a.settings(ctx, q, t)
		if err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(values)) {
			if _, err := database.Exec(ctx, q, upsertSetting, t.Workspace, name, values[name]); err != nil {
				return err
			}
		}
		if s, err = a.settings(ctx, q, t); err != nil {
			return err
		}
		was.Providers, was.Available = s.Providers, s.Available
		return change.Record(ctx, q, t, change.Change{Kind: "ai-settings", ID: id.ID{}, Verb: "updated", Before: was, After: s})
	})
	return s, err
}
