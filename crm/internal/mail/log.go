package mail

import (
	"context"

	"apexai/crm/internal/activities"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
)

// meta leads from an entry in a timeline to its mail.
type meta struct {
	Email id.ID  `json:"email"`
	To    string `json:"to"`
}

// logMail notes a mail in the timeline of the record that it is about.
func logMail(ctx context.Context, q database.Queryer, t tenant.Tenant, m Mail) error {
	if m.Target == nil {
		return nil
	}
	_, err := activities.Log(ctx, q, t, activities.Entry{
		Type: activities.Email, Subject: m.Subject, Body: m.Text, Meta: meta{m.ID, m.To},
		Links: []activities.Link{{Kind: m.Target.Kind, ID: m.Target.ID}},
	})
	return err
}
