package activities

import (
	"context"

	"apexai/crm/internal/change"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/timeline"
)

// Log notes an entry in the timelines of its records, in the transaction q,
// and tells those who look at them. A call with a person also stands in the
// timeline of the person's company.
func Log(ctx context.Context, q database.Queryer, t tenant.Tenant, e Entry) (id.ID, error) {
	which, err := timeline.Log(ctx, q, t, e)
	if err != nil {
		return which, err
	}
	a, err := read(ctx, q, t, which)
	if err != nil {
		return which, err
	}
	return which, change.Record(ctx, q, t, noted("created", nil, a))
}

// noted is a change as the audit log and the sockets have it.
func noted(verb string, was any, a Activity) change.Change {
	c := change.Change{Kind: "activity", ID: a.ID, Version: a.Version, Verb: verb, Before: was, After: brief(a)}
	for _, l := range a.Links {
		c.Near = append(c.Near, change.Ref{Kind: l.Kind, ID: l.ID})
	}
	return c
}

// brief is an activity without most of its text, which may be long.
func brief(a Activity) Activity {
	a.Body = timeline.Cut(a.Body, 300)
	return a
}
