package ai

import (
	"context"
	"encoding/json"
	"time"

	"apexai/crm/internal/id"
	"apexai/crm/internal/llm"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

// A Summary of a record, each point with the activities that it is from.
type Summary struct {
	Text    string     `json:"text"` // empty if there is none yet
	Points  []Point    `json:"points"`
	Model   string     `json:"model"`
	At      *time.Time `json:"at"`      // when it was made
	Stale   bool       `json:"stale"`   // the record has changed since
	Enough  bool       `json:"enough"`  // there is something to sum up
	Cached  bool       `json:"cached"`  // nothing was asked for it now
	Sources int        `json:"sources"` // how many activities there were to read
}

// A Point is one thing worth knowing.
type Point struct {
	Text    string   `json:"text"`
	Sources []Source `json:"sources"`
}

// A Source is an activity that says so.
type Source struct {
	ID   id.ID  `json:"id"`
	Type string `json:"type"`
	At   string `json:"at"`
}

type sum struct {
	Summary string `json:"summary"`
	Points  []struct {
		Text    string   `json:"text"`
		Sources []string `json:"sources"`
	} `json:"points"`
}

var summaryForm = &llm.Schema{Type: "object", Members: []llm.Member{
	{Name: "summary", Schema: &llm.Schema{Type: "string", Max: 1200, Doc: "two or three sentences: who or what this is, where things stand, what comes next"}},
	{Name: "points", Schema: &llm.Schema{Type: "array", Max: 8, Items: &llm.Schema{Type: "object", Members: []llm.Member{
		{Name: "text", Schema: &llm.Schema{Type: "string", Max: 500, Doc: "one fact or open question, at most 25 words"}},
		{Name: "sources", Schema: &llm.Schema{Type: "array", Max: 8, Items: &llm.Schema{Type: "string"}, Doc: "refs of the activities that say so"}},
	}}}},
}}

var errNothing = problem.Conflict("there is nothing to sum up yet: log a note, a call or a meeting first")

// Summarise sums up a record; it answers from memory unless something changed
// or fresh is set.
func (a Assistant) Summarise(ctx context.Context, t tenant.Tenant, at Target, fresh bool) (Summary, error) {
	f, k, err := a.summaryKey(ctx, t, at)
	if err != nil {
		return Summary{}, err
	}
	if len(f.Activities) == 0 {
		return Summary{}, errNothing
	}
	if !fresh {
		if r, ok, err := a.known(ctx, t, k); err != nil || ok {
			return shown(r, k, f, true), err
		}
	}
	prompt, err := block(f)
	if err != nil {
		return Summary{}, err
	}
	got, reply, err := Object[sum](ctx, a, t, "summary", llm.Request{
		System: system("summary", "Sum up the record for a colleague who is about to call. Give a short summary and up to six points; "+
			"each point names the refs of the activities that it is from. A point without a source is not allowed."),
		Prompt: prompt, Schema: summaryForm, MaxTokens: 2000,
	})
	if err != nil {
		return Summary{}, err
	}
	kept := f.cite(got)
	if err := a.keep(ctx, t, k, "summary", at, reply.Model, kept); err != nil {
		return Summary{}, err
	}
	now := a.now()
	kept.Model, kept.At, kept.Enough = reply.Model, &now, true
	return kept, nil
}

// LastSummary is the newest summary that there is; it asks no model.
func (a Assistant) LastSummary(ctx context.Context, t tenant.Tenant, at Target) (Summary, error) {
	f, k, err := a.summaryKey(ctx, t, at)
	if err != nil {
		return Summary{}, err
	}
	r, ok, err := a.newest(ctx, t, "summary", at)
	if err != nil || !ok {
		return Summary{Points: []Point{}, Enough: len(f.Activities) > 0, Sources: len(f.Activities)}, err
	}
	return shown(r, k, f, true), nil
}

func (a Assistant) summaryKey(ctx context.Context, t tenant.Tenant, at Target) (file, key, error) {
	f, err := a.read(ctx, t, at)
	if err != nil {
		return f, key{}, err
	}
	k, err := keyOf("summary", at, f)
	return f, k, err
}

func shown(r result, now key, f file, cached bool) Summary {
	s := Summary{Points: []Point{}}
	json.Unmarshal(r.body, &s) // of our own making
	s.Model, s.At, s.Stale, s.Enough, s.Cached, s.Sources = r.model, &r.at, r.key != now, len(f.Activities) > 0, cached, len(f.Activities)
	return s
}

// cite turns refs into activities. What cites none that there is, is left
// out: nobody could check it.
func (f file) cite(got sum) Summary {
	s := Summary{Text: got.Summary, Points: []Point{}, Sources: len(f.Activities)}
	refs := map[string]entry{}
	for _, e := range f.Activities {
		refs[e.Ref] = e
	}
	for _, p := range got.Points {
		point := Point{Text: p.Text}
		for _, ref := range p.Sources {
			if e, ok := refs[ref]; ok {
				point.Sources = append(point.Sources, Source{e.id, e.Type, e.At})
			}
		}
		if len(point.Sources) > 0 {
			s.Points = append(s.Points, point)
		}
	}
	return s
}
