package deals

import (
	"context"
	"strings"

	"apexai/crm/internal/change"
	"apexai/crm/internal/database"
	"apexai/crm/internal/search"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/timeline"
)

// record notes what was done to a deal: in the audit log and for who listens,
// in the search index and, if it is in another stage now, in its timeline. For
// a new deal was is nil.
func (s Store) record(ctx context.Context, q database.Queryer, t tenant.Tenant, verb string, was *Deal, d Deal) error {
	var before Deal
	var known any
	if was != nil {
		before, known = *was, *was
	}
	if err := change.Record(ctx, q, t, s.noted(verb, known, d)); err != nil {
		return err
	}
	if err := found(ctx, q, t, before, d); err != nil {
		return err
	}
	if was == nil || was.StageID == d.StageID || s.Quiet {
		return nil
	}
	_, err := timeline.Log(ctx, q, t, timeline.Entry{
		Type: timeline.StageChange, Subject: was.StageName + " → " + d.StageName, Body: d.LostReason, OccurredAt: d.StageEnteredAt,
		Meta: struct {
			From      string `json:"from"`
			To        string `json:"to"`
			Status    string `json:"status"`
			SecondsIn int64  `json:"secondsIn"`
		}{was.StageName, d.StageName, d.Status, int64(d.StageEnteredAt.Sub(was.StageEnteredAt).Seconds())},
		Links: links(d),
	})
	return err
}

// noted is a change as the audit log and the sockets have it.
func (s Store) noted(verb string, was any, d Deal) change.Change {
	return change.Change{Kind: "deal", ID: d.ID, Version: d.Version, Verb: verb, Before: was, After: d, Near: near(d), Quiet: s.Quiet}
}

// near are the records whose pages show the deal.
func near(d Deal) []change.Ref {
	var refs []change.Ref
	for _, l := range links(d)[1:] {
		refs = append(refs, change.Ref{Kind: l.Kind, ID: l.ID})
	}
	return refs
}

func links(d Deal) []timeline.Link {
	all := []timeline.Link{{Kind: "deal", ID: d.ID}}
	if d.CompanyID != nil {
		all = append(all, timeline.Link{Kind: "company", ID: *d.CompanyID})
	}
	if d.PrimaryPersonID != nil {
		all = append(all, timeline.Link{Kind: "person", ID: *d.PrimaryPersonID})
	}
	return all
}

// found brings the search index up to date with a deal that was before.
func found(ctx context.Context, q database.Queryer, t tenant.Tenant, before, d Deal) error {
	if d.DeletedAt != nil {
		return search.Drop(ctx, q, t, "deal", d.ID)
	}
	if before.DeletedAt == nil && doc(before) == doc(d) {
		return nil
	}
	if before.ID.IsZero() {
		return search.Add(ctx, q, t, doc(d))
	}
	return search.Put(ctx, q, t, doc(d))
}

// doc is a deal as search knows it.
func doc(d Deal) search.Doc {
	var lines []string
	for _, line := range []string{d.CompanyName, d.StageName} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	return search.Doc{Kind: "deal", ID: d.ID, Title: d.Title, Sub: strings.Join(lines, " · "), Words: d.PrimaryPersonName}
}
