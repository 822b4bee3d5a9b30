package deals

import (
	"context"
	"encoding/json"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/records"
	"apexai/crm/internal/tenant"
)

// Kind is how deals are worked with as records.
func (s Store) Kind() records.Kind {
	quiet := s
	quiet.Quiet = true // what works on records of any kind works on many
	return records.Kind{
		Name: "deal", Path: "deals", Alias: "d", From: fromWhere, Orders: orders, Words: matching,
		Fields: s.Fields,
		Read: func(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID) (records.Record, error) {
			return asRecord(s.read(ctx, q, t, which))
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

func matching(words []string) (sql string, args []any) {
	for _, word := range words {
		sql += matchesWord
		prefix := page.Prefix(word)
		args = append(args, prefix, "% "+prefix, prefix)
	}
	return sql, args
}

func asRecord(d Deal, err error) (records.Record, error) {
	return records.Record{ID: d.ID, Version: d.Version, Name: d.Title, Deleted: d.DeletedAt, Value: d}, err
}
