package ai

import (
	"context"
	"encoding/json"

	"apexai/crm/internal/llm"
	"apexai/crm/internal/tenant"
)

// A Wording is advice that a rule gave, to be put into words.
type Wording struct {
	Ref    string `json:"ref"`
	Record string `json:"record"`
	Title  string `json:"title"`
	Reason string `json:"reason"`
}

type worded struct {
	Actions []struct {
		Ref  string `json:"ref"`
		Text string `json:"text"`
	} `json:"actions"`
}

var wordedForm = &llm.Schema{Type: "object", Members: []llm.Member{{Name: "actions", Schema: &llm.Schema{Type: "array", Max: 20, Items: &llm.Schema{Type: "object", Members: []llm.Member{
	{Name: "ref", Schema: &llm.Schema{Type: "string"}},
	{Name: "text", Schema: &llm.Schema{Type: "string", Max: 300, Doc: "one sentence, at most 20 words"}},
}}}}}}

// Word puts advice into words; the same advice is worded once.
func (a Assistant) Word(ctx context.Context, t tenant.Tenant, list []Wording) (words map[string]string, model string, err error) {
	k, err := keyOf("actions", list)
	if err != nil {
		return nil, "", err
	}
	var got worded
	if r, ok, err := a.known(ctx, t, k); err != nil {
		return nil, "", err
	} else if ok {
		err := json.Unmarshal(r.body, &got)
		return got.byRef(), r.model, err
	}
	prompt, err := block(map[string]any{"actions": list})
	if err != nil {
		return nil, "", err
	}
	got, reply, err := Object[worded](ctx, a, t, "actions", llm.Request{
		System: system("actions", "Say for each action in one friendly sentence why it is worth doing now. Add nothing to its reason."),
		Prompt: prompt, Schema: wordedForm, MaxTokens: 1200,
	})
	if err != nil {
		return nil, "", err
	}
	return got.byRef(), reply.Model, a.keep(ctx, t, k, "actions", Target{}, reply.Model, got)
}

func (w worded) byRef() map[string]string {
	all := map[string]string{}
	for _, a := range w.Actions {
		all[a.Ref] = a.Text
	}
	return all
}
