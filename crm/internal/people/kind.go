package people

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/records"
	"apexai/crm/internal/tenant"
)

// Listing is how lists of people are narrowed and sorted.
var Listing = records.Listing{Name: "person", Alias: "p", Common: filterable, Orders: orders, Last: last}

// Kind is how people are worked with as records.
func (s Store) Kind() records.Kind {
	quiet := s
	quiet.Quiet = true // what works on records of any kind works on many
	return records.Of(
		records.Kind{Listing: Listing, Path: "people", From: fromWhere, Bare: bare, Words: matching, Now: s.Now},
		records.Keeper[Person, Patch]{
			Record: asRecord, Read: Read, Some: some, Alter: quiet.Alter, Discard: quiet.Discard, Revive: quiet.Revive,
			Lock: lockSome, Trash: quiet.bin, Noted: quiet.noted,
		})
}

func asRecord(v Person) records.Record {
	return records.Record{ID: v.ID, Version: v.Version, Name: doc(v).Title, Deleted: v.DeletedAt, Value: v}
}

func some(ctx context.Context, q database.Queryer, t tenant.Tenant, which []id.ID) ([]Person, error) {
	return records.Some(ctx, q, t, scan, selectPeople+" AND p.id IN (", which, complete)
}
