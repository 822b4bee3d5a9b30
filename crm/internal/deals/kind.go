package deals

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/records"
	"apexai/crm/internal/tenant"
)

// Listing is how lists of deals are narrowed and sorted.
var Listing = records.Listing{Name: "deal", Alias: "d", Common: filterable, Orders: orders, Last: last}

// Kind is how deals are worked with as records.
func (s Store) Kind() records.Kind {
	quiet := s
	quiet.Quiet = true // what works on records of any kind works on many
	return records.Of(
		records.Kind{Listing: Listing, Path: "deals", From: fromWhere, Bare: bare, Words: matching, Now: s.Now},
		records.Keeper[Deal, Patch]{
			Record: asRecord, Read: s.read, Some: s.some, Alter: quiet.Alter, Discard: quiet.Discard, Revive: quiet.Revive,
			Lock: lockSome, Trash: quiet.bin, Noted: quiet.noted,
		})
}

func asRecord(v Deal) records.Record {
	return records.Record{ID: v.ID, Version: v.Version, Name: v.Title, Deleted: v.DeletedAt, Value: v}
}

func (s Store) some(ctx context.Context, q database.Queryer, t tenant.Tenant, which []id.ID) ([]Deal, error) {
	return records.Some(ctx, q, t, scan, selectDeals+" AND d.id IN (", which, s.complete)
}

func matching(words []string) (sql string, args []any) {
	for _, word := range words {
		sql += matchesWord
		prefix := page.Prefix(word)
		args = append(args, prefix, "% "+prefix, prefix)
	}
	return sql, args
}
