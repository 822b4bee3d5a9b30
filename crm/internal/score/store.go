package score

import (
	"context"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

// A Store works out scores and keeps them with the records.
type Store struct {
	DB  *database.DB
	Now func() time.Time
}

// A Score is how promising a record is, and why.
type Score struct {
	Score   int       `json:"score"`
	Reasons []Reason  `json:"reasons"`
	At      time.Time `json:"at"`
}

// What the rules look at, of some records of one workspace at once.
const (
	ofPeople = `SELECT p.id, p.score, p.title,
		EXISTS (SELECT 1 FROM person_emails e WHERE e.workspace_id = p.workspace_id AND e.person_id = p.id),
		EXISTS (SELECT 1 FROM person_phones n WHERE n.workspace_id = p.workspace_id AND n.person_id = p.id),
		p.company_id IS NOT NULL, p.last_contact_at,
		(SELECT COUNT(*) FROM activity_links l WHERE l.workspace_id = p.workspace_id AND l.kind = 'person' AND l.target_id = p.id AND l.occurred_at > ? AND l.type IN ('note', 'call', 'meeting', 'email')),
		(SELECT COUNT(*) FROM deals d WHERE d.workspace_id = p.workspace_id AND d.primary_person_id = p.id AND d.status = 'open' AND d.deleted_at IS NULL),
		(SELECT COUNT(*) FROM deals d WHERE d.workspace_id = p.workspace_id AND d.primary_person_id = p.id AND d.status = 'won' AND d.deleted_at IS NULL),
		(SELECT COUNT(*) FROM deals d WHERE d.workspace_id = p.workspace_id AND d.primary_person_id = p.id AND d.status = 'lost' AND d.closed_at > ? AND d.deleted_at IS NULL)
		FROM people p WHERE p.workspace_id = ? AND p.deleted_at IS NULL AND p.id IN (`
	ofCompanies = `SELECT c.id, c.score, COALESCE(c.domain, '') <> '', c.industry <> '', c.size_band <> '',
		(SELECT COUNT(*) FROM people p WHERE p.workspace_id = c.workspace_id AND p.company_id = c.id AND p.deleted_at IS NULL), c.last_activity_at,
		(SELECT COUNT(*) FROM activity_links l WHERE l.workspace_id = c.workspace_id AND l.kind = 'company' AND l.target_id = c.id AND l.occurred_at > ? AND l.type IN ('note', 'call', 'meeting', 'email')),
		(SELECT COUNT(*) FROM deals d WHERE d.workspace_id = c.workspace_id AND d.company_id = c.id AND d.status = 'open' AND d.deleted_at IS NULL),
		(SELECT COUNT(*) FROM deals d WHERE d.workspace_id = c.workspace_id AND d.company_id = c.id AND d.status = 'won' AND d.deleted_at IS NULL),
		(SELECT COUNT(*) FROM deals d WHERE d.workspace_id = c.workspace_id AND d.company_id = c.id AND d.status = 'lost' AND d.closed_at > ? AND d.deleted_at IS NULL)
		FROM companies c WHERE c.workspace_id = ? AND c.deleted_at IS NULL AND c.id IN (`
	// A score is worked out and no change of the record: its version stays.
	updatePerson  = `UPDATE people SET score = ? WHERE workspace_id = ? AND id = ?`
	updateCompany = `UPDATE companies SET score = ? WHERE workspace_id = ? AND id = ?`
	atOnce        = 200
)

// judged is a record with the score that it has and what it ought to have.
type judged struct {
	id      id.ID
	now     int
	facts   facts
	reasons []Reason
}

func scanPerson(row database.Row, j *judged) error {
	f := &j.facts
	return row.Scan(&j.id, &j.now, &f.title, &f.hasEmail, &f.hasPhone, &f.hasCompany, &f.lastContact, &f.recent, &f.open, &f.won, &f.lost)
}

func scanCompany(row database.Row, j *judged) error {
	f := &j.facts
	return row.Scan(&j.id, &j.now, &f.domain, &f.industry, &f.sized, &f.people, &f.lastContact, &f.recent, &f.open, &f.won, &f.lost)
}

// judge works out the scores of some records of one kind, in one query, and
// keeps those that have changed.
func (s Store) judge(ctx context.Context, q database.Queryer, t tenant.Tenant, kind string, which []id.ID) ([]judged, error) {
	now := s.Now().UTC()
	args := []any{now.AddDate(0, 0, -30), now.AddDate(0, 0, -180), t.Workspace}
	for _, w := range which {
		args = append(args, w)
	}
	query, update, scan, rules := ofPeople, updatePerson, scanPerson, facts.person
	if kind == "company" {
		query, update, scan, rules = ofCompanies, updateCompany, scanCompany, facts.company
	}
	all, err := database.All(ctx, q, scan, query+page.Marks(len(which))+")", args...)
	for i := range all {
		j := &all[i]
		j.reasons = rules(j.facts, now)
		if sum := total(j.reasons); sum != j.now {
			if _, err := database.Exec(ctx, q, update, sum, t.Workspace, j.id); err != nil {
				return all, err
			}
		}
	}
	return all, err
}

// Explain works out one record's score.
func (s Store) Explain(ctx context.Context, t tenant.Tenant, kind string, which id.ID) (out Score, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		all, err := s.judge(ctx, q, t, kind, []id.ID{which})
		if err == nil && len(all) == 0 {
			return problem.NotFound(kind)
		}
		if err == nil {
			out = Score{total(all[0].reasons), all[0].reasons, s.Now().UTC().Truncate(time.Millisecond)}
		}
		return err
	})
	return out, err
}

// Rescore works out the scores of some records.
func (s Store) Rescore(ctx context.Context, t tenant.Tenant, kind string, which []id.ID) error {
	for len(which) > 0 {
		n := min(len(which), atOnce)
		err := s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
			_, err := s.judge(ctx, q, t, kind, which[:n])
			return err
		})
		if err != nil {
			return err
		}
		which = which[n:]
	}
	return nil
}
