// Package ai has language models read records for people: summaries, drafts
// of e-mails, tasks in a note, filters from words.
//
// Nothing that a model says is written: what would change a record becomes a
// proposal that somebody accepts. Records go into a prompt as data in a
// delimited block, and the model has no tools. Every question is held to the
// workspace's budget before it is asked.
package ai

import (
	"context"
	"time"

	"apexai/crm/internal/companies"
	"apexai/crm/internal/database"
	"apexai/crm/internal/deals"
	"apexai/crm/internal/llm"
	"apexai/crm/internal/people"
	"apexai/crm/internal/proposals"
	"apexai/crm/internal/tenant"
)

// An Assistant asks language models on a workspace's behalf.
type Assistant struct {
	DB          *database.DB
	Client      *llm.Client
	DailyTokens int // of a workspace that has set none
	People      people.Store
	Companies   companies.Store
	Deals       deals.Store
	Proposals   proposals.Store
	Now         func() time.Time
}

func (a Assistant) now() time.Time { return a.Now().UTC().Truncate(time.Millisecond) }

// Object asks for an answer of a form and reads it into a T.
func Object[T any](ctx context.Context, a Assistant, t tenant.Tenant, task string, r llm.Request) (v T, reply llm.Reply, err error) {
	err = a.run(ctx, t, task, r, func(only []string) (llm.Reply, error) {
		v, reply, err = llm.Object[T](ctx, a.Client, r, only)
		return reply, err
	})
	return v, reply, err
}

// Text asks for a text.
func (a Assistant) Text(ctx context.Context, t tenant.Tenant, task string, r llm.Request) (reply llm.Reply, err error) {
	err = a.run(ctx, t, task, r, func(only []string) (llm.Reply, error) {
		reply, err = a.Client.Text(ctx, r, only)
		return reply, err
	})
	return reply, err
}

// Stream asks for a text and gives its parts to each as they come.
func (a Assistant) Stream(ctx context.Context, t tenant.Tenant, task string, r llm.Request, each func(string) error) (reply llm.Reply, err error) {
	err = a.run(ctx, t, task, r, func(only []string) (llm.Reply, error) {
		reply, err = a.Client.Stream(ctx, r, only, each)
		return reply, err
	})
	return reply, err
}
