package companies

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/records"
	"apexai/crm/internal/tenant"
)

// Listing is how lists of companies are narrowed and sorted.
var Listing = records.Listing{Name: "company", Alias: "c", Common: filterable, Orders: orders, Last: last}

// Kind is how companies are worked with as records.
func (s Store) Kind() records.Kind {
	quiet := s
	quiet.Quiet = true // what works on records of any kind works on many
	return records.Of(
		records.Kind{Listing: Listing, Path: "companies", From: fromWhere, Bare: fromWhere, Words: matching, Now: s.Now},
		records.Keeper[Company, Patch]{
			Record: asRecord, Read: Read, Some: some, Alter: quiet.Alter, Discard: quiet.Discard, Revive: quiet.Revive,
			Lock: lockSome, Trash: quiet.bin, Noted: quiet.noted, Dropped: renamed,
		})
}

func asRecord(v Company) records.Record {
	return records.Record{ID: v.ID, Version: v.Version, Name: v.Name, Deleted: v.DeletedAt, Value: v}
}

func some(ctx context.Context, q database.Queryer, t tenant.Tenant, which []id.ID) ([]Company, error) {
	return records.Some(ctx, q, t, scan, selectAny+" AND c.id IN (", which, complete)
}
