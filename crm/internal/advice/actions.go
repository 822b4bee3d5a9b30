package advice

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"apexai/crm/internal/ai"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/proposals"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An Adviser gives advice.
type Adviser struct {
	DB        *database.DB
	Proposals proposals.Store
	Assistant ai.Assistant
	Mail      bool                                                   // there is a mail server
	PublicURL *url.URL                                               // where people find the studio; nil if that is not known
	Secret    func(ctx context.Context, name string) ([]byte, error) // a key of the installation's
	Now       func() time.Time
}

// Wish is what advice somebody wants.
type Wish struct {
	Worded bool `json:"worded"` // have a language model word the reasons
}

// Actions are what to do next, the most pressing first.
type Actions struct {
	Items []Advice `json:"items"`
	Model string   `json:"model"` // who worded the reasons; empty: the rules
}

// Advice is one thing to do, to be accepted as a task or dismissed.
type Advice struct {
	proposals.Proposal
	Text string `json:"text"` // the reason in words
}

const most = 8

// Next says what the caller ought to do next. Without a model, or if it
// fails, the rules' own words are used.
func (a Adviser) Next(ctx context.Context, t tenant.Tenant, w Wish) (Actions, error) {
	var drafts []proposals.Draft
	err := a.DB.View(ctx, func(ctx context.Context, q database.Queryer) (err error) {
		drafts, err = advise(ctx, q, t, a.Now().UTC())
		return err
	})
	if err != nil {
		return Actions{}, err
	}
	kept, err := a.Proposals.Propose(ctx, t, drafts)
	if err != nil {
		return Actions{}, err
	}
	out := Actions{Items: pending(drafts, kept)}
	if w.Worded && len(out.Items) > 0 {
		a.word(ctx, t, &out)
	}
	return out, nil
}

// pending are those still to be decided on, in the order of the rules, with
// the days as they are now.
func pending(drafts []proposals.Draft, kept []proposals.Proposal) []Advice {
	type about struct {
		rule string
		id   id.ID
	}
	byFact := map[about]proposals.Proposal{}
	for _, p := range kept {
		byFact[about{p.Payload.Rule, p.Target.ID}] = p
	}
	all := []Advice{}
	for _, d := range drafts {
		p, ok := byFact[about{d.Payload.Rule, d.Target.ID}]
		if !ok || p.Status != proposals.Pending || len(all) == most {
			continue
		}
		p.Payload, p.Target.Name = d.Payload, d.Target.Name
		all = append(all, Advice{p, d.Payload.Reason})
	}
	return all
}

// word has a model put the reasons into words; the rules' stand if it cannot.
func (a Adviser) word(ctx context.Context, t tenant.Tenant, out *Actions) {
	var list []ai.Wording
	for i, item := range out.Items {
		list = append(list, ai.Wording{Ref: fmt.Sprintf("n%d", i+1), Record: item.Target.Name, Title: item.Payload.Title, Reason: item.Payload.Reason})
	}
	words, model, err := a.Assistant.Word(ctx, t, list)
	if err != nil {
		return // it is logged as a run; the rules' own words say the same
	}
	out.Model = model
	for i := range out.Items {
		if text := words[list[i].Ref]; text != "" {
			out.Items[i].Text = text
		}
	}
}

// Routes are the adviser's operations below /api/v1.
func (a Adviser) Routes() []web.Route {
	return []web.Route{{
		Pattern: "POST /ai/next-actions", Needs: tenant.Member, Summary: "Say what to do next, by rules",
		Operation: web.Change(func(ctx context.Context, c *web.Call, w Wish) (Actions, error) { return a.Next(ctx, c.Tenant, w) }),
	}}
}
