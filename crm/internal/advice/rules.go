// Package advice says by rules what to do next: for each user a few actions
// with the reason of each, and once a week what happened. Language models may
// word it; they decide nothing.
package advice

import (
	"context"
	"fmt"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/proposals"
	"apexai/crm/internal/tenant"
)

// The rules, most pressing first. Each looks at the open deals and the people
// of one owner; what has none is everybody's.
const (
	deals = ` FROM deals d JOIN stages s ON s.workspace_id = d.workspace_id AND s.id = d.stage_id
		WHERE d.workspace_id = ? AND (d.owner_id = ? OR d.owner_id IS NULL) AND d.status = 'open' AND d.deleted_at IS NULL`
	selectPassed = `SELECT d.id, d.title, d.close_date, DATEDIFF(?, d.close_date)` + deals + `
		AND d.close_date < ? ORDER BY d.amount_minor DESC, d.id LIMIT ?`
	selectStale = `SELECT d.id, d.title, d.stage_entered_at, DATEDIFF(?, d.stage_entered_at)` + deals + `
		AND s.stale_days > 0 AND d.stage_entered_at < DATE_SUB(?, INTERVAL s.stale_days DAY) ORDER BY d.amount_minor DESC, d.id LIMIT ?`
	selectAimless = `SELECT d.id, d.title, d.stage_entered_at, DATEDIFF(?, d.stage_entered_at)` + deals + ` AND d.created_at < ?
		AND NOT EXISTS (SELECT 1 FROM tasks k WHERE k.workspace_id = d.workspace_id AND k.target_kind = 'deal' AND k.target_id = d.id AND k.status = 'open' AND k.deleted_at IS NULL)
		ORDER BY d.amount_minor DESC, d.id LIMIT ?`
	selectQuiet = `SELECT p.id, TRIM(CONCAT_WS(' ', p.first_name, p.last_name)), p.last_contact_at, DATEDIFF(?, p.last_contact_at) FROM people p
		WHERE p.workspace_id = ? AND (p.owner_id = ? OR p.owner_id IS NULL) AND p.deleted_at IS NULL AND p.last_contact_at < DATE_SUB(?, INTERVAL 30 DAY)
		AND EXISTS (SELECT 1 FROM deals d WHERE d.workspace_id = p.workspace_id AND d.primary_person_id = p.id AND d.status = 'open' AND d.deleted_at IS NULL)
		ORDER BY p.score DESC, p.id LIMIT ?`
)

type hit struct {
	id    id.ID
	name  string
	since time.Time
	days  int
}

func scanHit(row database.Row, h *hit) error { return row.Scan(&h.id, &h.name, &h.since, &h.days) }

// perRule is how many records of one rule are shown; more is a list, not advice.
const perRule = 4

type rule struct {
	name, kind, query string
	title, reason     string // with the record's name, with the days
	args              func(t tenant.Tenant, now time.Time) []any
}

var rules = []rule{
	{"close-passed", "deal", selectPassed, "Set a new close date for %s", "Its close date passed %s ago", ofDeals},
	{"stale", "deal", selectStale, "Follow up on %s", "It has been in its stage for %s", ofDeals},
	{"no-next-step", "deal", selectAimless, "Plan the next step for %s", "No open task; in its stage for %s", ofDeals},
	{"quiet", "person", selectQuiet, "Get in touch with %s", "An open deal, but no contact for %s", func(t tenant.Tenant, now time.Time) []any {
		return []any{now, t.Workspace, t.User, now, perRule}
	}},
}

func ofDeals(t tenant.Tenant, now time.Time) []any {
	return []any{now, t.Workspace, t.User, now, perRule}
}

// advise asks every rule; a record that one rule names is not named by the
// next.
func advise(ctx context.Context, q database.Queryer, t tenant.Tenant, now time.Time) ([]proposals.Draft, error) {
	var all []proposals.Draft
	named := map[id.ID]bool{}
	today := now.Format(time.DateOnly)
	for _, r := range rules {
		hits, err := database.All(ctx, q, scanHit, r.query, r.args(t, now)...)
		if err != nil {
			return nil, fmt.Errorf("advise by rule %s: %w", r.name, err)
		}
		for _, h := range hits {
			if named[h.id] {
				continue
			}
			named[h.id] = true
			all = append(all, proposals.Draft{
				Kind: proposals.Action, Target: proposals.Ref{Kind: r.kind, ID: h.id, Name: h.name},
				Payload: proposals.Payload{Title: fmt.Sprintf(r.title, h.name), DueDate: &today, Rule: r.name, Reason: fmt.Sprintf(r.reason, days(h.days))},
				Mark:    []string{r.name, h.since.Format(time.DateOnly), t.User.String()}, // dismissed, it comes again only when the fact is another
			})
		}
	}
	return all, nil
}

func days(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", max(n, 0))
}
