package config

import (
	"net"
	"net/url"
	"strings"
	"time"
)

// AI says which language models may be asked, and how much a day.
type AI struct {
	Gemini, OpenAI Model
	DailyTokens    int           // of a workspace, unless it sets its own
	Patience       time.Duration // how long a model may say nothing
}

// Model is one place to ask; without a base URL there is none.
type Model struct {
	BaseURL string
	Model   string
	Key     Secret
}

func (r *reader) ai(e Environment) AI {
	return AI{
		Gemini:      r.model("GEMINI", "https://generativelanguage.googleapis.com", "gemini-2.5-flash", e),
		OpenAI:      r.model("OPENAI", "https://api.openai.com/v1", "gpt-5-mini", e),
		DailyTokens: r.integer("AI_DAILY_TOKENS", 200_000, 0, 1_000_000_000),
		Patience:    r.duration("AI_PATIENCE", 25*time.Second),
	}
}

// model is set up by a key, or by a base URL that needs none.
func (r *reader) model(prefix, base, name string, e Environment) Model {
	m := Model{BaseURL: strings.TrimRight(r.text(prefix+"_BASE_URL", ""), "/"), Model: r.text(prefix+"_MODEL", name), Key: Secret(r.text(prefix+"_API_KEY", ""))}
	if m.BaseURL == "" && m.Key != "" {
		m.BaseURL = base
	}
	if m.BaseURL == "" {
		return m
	}
	u, err := url.Parse(m.BaseURL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		r.fault(prefix+"_BASE_URL", "is not an http:// or https:// URL without user, query and fragment")
	case e == Production && (u.Scheme != "https" || local(u.Hostname()) || strings.Contains(u.Path, "/standins/")):
		r.fault(prefix+"_BASE_URL", "is for development only: want https:// at a host that is not this one")
	}
	return m
}

func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && (ip.IsLoopback() || ip.IsUnspecified())
}
