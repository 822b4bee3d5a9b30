package companies

import (
	"context"
	"encoding/json"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/records"
	"apexai/crm/internal/tenant"
)

// Kind is how companies are worked with as records.
func (s Store) Kind() records.Kind {
	quiet := s
	quiet.Quiet = true // what works on records of any kind works on many
	return records.Kind{
		Name: "company", Path: "companies", Alias: "c", From: fromWhere, Orders: orders, Fields: s.Fields, Words: matching,
		Read: func(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID) (records.Record, error) {
			return asRecord(read(ctx, q, t, which, ""))
		},
		Alter: func(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, version int, patch json.RawMessage) (records.Record, error) {
			p, err := records.Decode[Patch](patch)
			if err != nil {
				return records.Record{}, err
			}
			return asRecord(quiet.Alter(ctx, q, t, which, version, p))
		},
		Discard: quiet.Discard,
		Revive: func(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID) (records.Record, error) {
			return asRecord(quiet.Revive(ctx, q, t, which))
		},
	}
}

func asRecord(c Company, err error) (records.Record, error) {
	return records.Record{ID: c.ID, Version: c.Version, Name: c.Name, Deleted: c.DeletedAt, Value: c}, err
}
