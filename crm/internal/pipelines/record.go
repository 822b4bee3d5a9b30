package pipelines

import (
	"context"
	"strconv"

	"apexai/crm/internal/change"
	"apexai/crm/internal/database"
	"apexai/crm/internal/tenant"
)

func counted(deals int) string {
	if deals == 1 {
		return "there is 1 deal"
	}
	return "there are " + strconv.Itoa(deals) + " deals"
}

// record notes a change of a pipeline; what is not there is nil.
func record(ctx context.Context, q database.Queryer, t tenant.Tenant, verb string, was, p *Pipeline) error {
	c := change.Change{Kind: "pipeline", Verb: verb}
	if was != nil {
		c.Before, c.ID, c.Version = *was, was.ID, was.Version+1
	}
	if p != nil {
		c.After, c.ID, c.Version = *p, p.ID, p.Version
	}
	return change.Record(ctx, q, t, c)
}
