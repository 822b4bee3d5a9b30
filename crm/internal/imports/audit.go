package imports

import (
	"context"

	"apexai/crm/internal/change"
	"apexai/crm/internal/database"
	"apexai/crm/internal/tenant"
)

// A heading is what the audit log keeps of an import: no values of its table.
type heading struct {
	FileName string `json:"fileName"`
	Kind     string `json:"kind"`
	Status   string `json:"status"`
	Rows     int    `json:"rows"`
}

func (i Import) heading() heading { return heading{i.FileName, i.Mapping.Kind, i.Status, i.Total} }

// record notes that an import was brought in, begun, stopped or taken back.
// What it does to records is noted with each of them.
func record(ctx context.Context, q database.Queryer, t tenant.Tenant, verb string, was any, i Import) error {
	return change.Record(ctx, q, t, change.Change{Kind: "import", ID: i.ID, Version: i.Version, Verb: verb, Before: was, After: i.heading()})
}
