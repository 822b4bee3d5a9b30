package proposals

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"apexai/crm/internal/change"
	"apexai/crm/internal/companies"
	"apexai/crm/internal/database"
	"apexai/crm/internal/deals"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/people"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tasks"
	"apexai/crm/internal/tenant"
)

// A Store keeps proposals in MySQL and applies those that are accepted.
type Store struct {
	DB        *database.DB
	People    people.Store
	Companies companies.Store
	Deals     deals.Store
	Tasks     tasks.Store
	Now       func() time.Time
}

const (
	insertProposals = `INSERT INTO proposals (workspace_id, id, kind, target_kind, target_id, payload, evidence, model, mark, created_at, created_by) VALUES `
	oneProposal     = `(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), `
	// What was proposed before stays as it is, and so does what became of it.
	onceOnly = ` ON DUPLICATE KEY UPDATE mark = VALUES(mark)`
	columns  = `p.id, p.kind, p.target_kind, p.target_id, COALESCE(d.title, ''), p.payload, p.evidence, p.model, p.status, p.result_kind, p.result_id, p.created_at, p.decided_at, p.decided_by`
	from     = ` FROM proposals p
		LEFT JOIN search_docs d ON d.workspace_id = p.workspace_id AND d.kind = p.target_kind AND d.target_id = p.target_id
		WHERE p.workspace_id = ?`
	selectProposals = `SELECT ` + columns + from
	lockProposal    = `SELECT 1 FROM proposals WHERE workspace_id = ? AND id = ? FOR UPDATE`
	decideProposal  = `UPDATE proposals SET status = ?, payload = ?, result_kind = ?, result_id = ?, decided_at = ?, decided_by = ? WHERE workspace_id = ? AND id = ?`
)

func scan(row database.Row, p *Proposal) error {
	var payload, evidence []byte
	var result Ref
	err := row.Scan(&p.ID, &p.Kind, &p.Target.Kind, &p.Target.ID, &p.Target.Name, &payload, &evidence, &p.Model, &p.Status, &result.Kind, &result.ID, &p.CreatedAt, &p.DecidedAt, &p.DecidedBy)
	if err != nil {
		return err
	}
	if result.Kind != "" {
		p.Result = &result
	}
	if err := json.Unmarshal(payload, &p.Payload); err != nil {
		return fmt.Errorf("proposal %s: its payload: %w", p.ID, err)
	}
	p.Evidence = []Evidence{}
	return json.Unmarshal(evidence, &p.Evidence)
}

// Propose keeps drafts and returns them as they are now, in their order; some
// may have been proposed, accepted or dismissed before.
func (s Store) Propose(ctx context.Context, t tenant.Tenant, drafts []Draft) ([]Proposal, error) {
	if len(drafts) == 0 {
		return []Proposal{}, nil
	}
	var rows, marks []any
	marks = append(marks, t.Workspace)
	for _, d := range drafts {
		payload, err := json.Marshal(d.Payload)
		if err != nil {
			return nil, fmt.Errorf("propose %s: %w", d.Kind, err)
		}
		evidence, err := json.Marshal(append([]Evidence{}, d.Evidence...))
		if err != nil {
			return nil, fmt.Errorf("propose %s: %w", d.Kind, err)
		}
		rows = append(rows, t.Workspace, id.New(), d.Kind, d.Target.Kind, d.Target.ID, payload, evidence, d.Model, d.mark(), s.now(), t.User)
		marks = append(marks, d.mark())
	}
	var all []Proposal
	err := s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) (err error) {
		if _, err = database.Exec(ctx, q, insertProposals+strings.TrimSuffix(strings.Repeat(oneProposal, len(drafts)), ", ")+onceOnly, rows...); err != nil {
			return err
		}
		all, err = database.All(ctx, q, scan, selectProposals+" AND p.mark IN ("+page.Marks(len(drafts))+") ORDER BY p.id", marks...)
		return err
	})
	return all, err
}

// A Query is which proposals to list: pending ones unless it says otherwise.
type Query struct {
	page.Request
	Status string
	Target *Ref
	Kind   string
}

var orders = page.Orders{{Name: "-createdAt", Columns: []page.Column{page.ID("p.id")}, Desc: true}}

// List returns one page of proposals, the newest first.
func (s Store) List(ctx context.Context, t tenant.Tenant, query Query) (p page.Page[Proposal], err error) {
	where, args := " AND p.status = ?", []any{t.Workspace, query.Status}
	if query.Target != nil {
		where += " AND p.target_kind = ? AND p.target_id = ?"
		args = append(args, query.Target.Kind, query.Target.ID)
	}
	if query.Kind != "" {
		where += " AND p.kind = ?"
		args = append(args, query.Kind)
	}
	after, afterArgs, err := query.Order.After(query.After)
	if err != nil {
		return p, err
	}
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		rows, err := database.All(ctx, q, scan, selectProposals+where+after+" ORDER BY "+query.Order.By()+" LIMIT ?", append(append(args, afterArgs...), query.Limit+1)...)
		p = page.Cut(query.Request, rows, func(p Proposal, _ page.Order) []string { return []string{p.ID.String()} })
		return err
	})
	return p, err
}

// Accept applies a proposal, with the edits of who accepts it. One that was
// accepted before is returned as it is.
func (s Store) Accept(ctx context.Context, t tenant.Tenant, which id.ID, e Edit) (Proposal, error) {
	return s.decide(ctx, t, which, Accepted, func(ctx context.Context, q database.Queryer, p *Proposal) error {
		p.Payload = e.over(p.Payload)
		result, err := s.apply(ctx, q, t, *p, e)
		p.Result = &result
		return err
	})
}

// Dismiss puts a proposal away for good.
func (s Store) Dismiss(ctx context.Context, t tenant.Tenant, which id.ID) (Proposal, error) {
	return s.decide(ctx, t, which, Dismissed, func(context.Context, database.Queryer, *Proposal) error { return nil })
}

// decide holds the proposal while fn does what follows from the decision, in
// the same transaction.
func (s Store) decide(ctx context.Context, t tenant.Tenant, which id.ID, status string, fn func(context.Context, database.Queryer, *Proposal) error) (p Proposal, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		if _, _, err := database.One(ctx, q, database.Scalar[int], lockProposal, t.Workspace, which); err != nil {
			return err
		}
		if p, err = read(ctx, q, t, which); err != nil {
			return err
		}
		if p.Status == status {
			return nil
		}
		if p.Status != Pending {
			return problem.Conflict("this proposal was " + p.Status + " already")
		}
		was := p
		if err := fn(ctx, q, &p); err != nil {
			return err
		}
		if err := s.write(ctx, q, t, p, status); err != nil {
			return err
		}
		if p, err = read(ctx, q, t, which); err != nil {
			return err
		}
		return change.Record(ctx, q, t, change.Change{Kind: "proposal", ID: which, Version: 2, Verb: status, Before: was, After: p, Near: []change.Ref{{Kind: p.Target.Kind, ID: p.Target.ID}}})
	})
	return p, err
}

func (s Store) write(ctx context.Context, q database.Queryer, t tenant.Tenant, p Proposal, status string) error {
	payload, err := json.Marshal(p.Payload)
	if err != nil {
		return fmt.Errorf("decide proposal %s: %w", p.ID, err)
	}
	kind, result := "", any(nil)
	if p.Result != nil {
		kind, result = p.Result.Kind, p.Result.ID
	}
	_, err = database.Exec(ctx, q, decideProposal, status, payload, kind, result, s.now(), t.User, t.Workspace, p.ID)
	return err
}

func read(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID) (Proposal, error) {
	p, ok, err := database.One(ctx, q, scan, selectProposals+" AND p.id = ?", t.Workspace, which)
	if err == nil && !ok {
		err = problem.NotFound("proposal")
	}
	return p, err
}

func (s Store) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }
