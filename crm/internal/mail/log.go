package mail

import (
	"context"

	"apexai/crm/internal/activities"
	"apexai/crm/internal/change"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
)

// meta leads from an entry in a timeline to its mail.
type meta struct {
	Email id.ID  `json:"email"`
	To    string `json:"to"`
}

// noteMail notes a mail in the timeline of the record that it is about, or, if
// it is about none, in the audit log alone.
func noteMail(ctx context.Context, q database.Queryer, t tenant.Tenant, m Mail) error {
	if m.Target == nil {
		return record(ctx, q, t, "created", "", m)
	}
	_, err := activities.Log(ctx, q, t, activities.Entry{
		Type: activities.Email, Subject: m.Subject, Body: m.Text, Meta: meta{m.ID, m.To},
		Links: []activities.Link{{Kind: m.Target.Kind, ID: m.Target.ID}},
	})
	return err
}

// record notes what was done to a mail. What it says stays where it is.
func record(ctx context.Context, q database.Queryer, t tenant.Tenant, verb, before string, m Mail) error {
	type said struct {
		Status string `json:"status"`
		To     string `json:"to"`
	}
	c := change.Change{Kind: "email", ID: m.ID, Verb: verb, After: said{m.Status, m.To}}
	if before != "" {
		c.Before = said{before, m.To}
	}
	return change.Record(ctx, q, t, c)
}
