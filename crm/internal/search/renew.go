package search

import (
	"context"
	"encoding/json"
	"fmt"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/jobs"
	"apexai/crm/internal/tenant"
)

// The jobs that index anew what is found by another record's name too.
const (
	Staff    = "search.staff"   // those who work at a company
	Sales    = "search.deals"   // a company's deals
	InStage  = "search.stage"   // the deals in a stage
	Contacts = "search.contact" // the deals whose first contact somebody is
)

// members are what payloads call the record whose name it is.
var members = map[string]string{Staff: "company", Sales: "company", InStage: "stage", Contacts: "person"}

// Renew queues jobs in the transaction q: a record has another name, or is
// that of other records now.
func Renew(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, kinds ...string) error {
	for _, kind := range kinds {
		job := jobs.Job{Kind: kind, Payload: map[string]id.ID{members[kind]: which}, Unique: which.String()}
		if err := jobs.Enqueue(ctx, q, t, job); err != nil {
			return err
		}
	}
	return nil
}

// A Page reads the documents of the next records that a record is named in,
// behind after and in the order of their ids.
type Page func(ctx context.Context, q database.Queryer, t tenant.Tenant, of, after id.ID, limit int) ([]Doc, error)

// Renewed is what does such a job: each page is a transaction of its own.
func Renewed(db *database.DB, kind string, read Page) func(context.Context, tenant.Tenant, json.RawMessage) error {
	return func(ctx context.Context, t tenant.Tenant, payload json.RawMessage) error {
		var of map[string]id.ID
		if err := json.Unmarshal(payload, &of); err != nil {
			return jobs.Skip(fmt.Errorf("read job %s: %w", kind, err))
		}
		_, err := pages(ctx, db, t, func(ctx context.Context, q database.Queryer, t tenant.Tenant, after id.ID, limit int) ([]Doc, error) {
			return read(ctx, q, t, of[members[kind]], after, limit)
		})
		return err
	}
}
