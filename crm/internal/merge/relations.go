package merge

import (
	"context"
	"slices"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/tenant"
)

// A relation is what belongs to a record in another table. find names the
// rows of the loser that can be the winner's: one that the winner has already
// stays behind. move gives rows to another record.
type relation struct {
	name       string
	find, move string
	both       bool // find needs the winner too
}

const (
	findPrimary   = `SELECT id FROM deals WHERE workspace_id = ? AND primary_person_id = ?`
	movePrimary   = `UPDATE deals SET primary_person_id = ? WHERE workspace_id = ? AND primary_person_id = ? AND id IN (`
	findParts     = `SELECT a.deal_id FROM deal_people a WHERE a.workspace_id = ? AND a.person_id = ? AND NOT EXISTS (SELECT 1 FROM deal_people b WHERE b.workspace_id = a.workspace_id AND b.deal_id = a.deal_id AND b.person_id = ?)`
	moveParts     = `UPDATE deal_people SET person_id = ? WHERE workspace_id = ? AND person_id = ? AND deal_id IN (`
	findStaff     = `SELECT id FROM people WHERE workspace_id = ? AND company_id = ?`
	moveStaff     = `UPDATE people SET company_id = ? WHERE workspace_id = ? AND company_id = ? AND id IN (`
	findCustomers = `SELECT id FROM deals WHERE workspace_id = ? AND company_id = ?`
	moveCustomers = `UPDATE deals SET company_id = ? WHERE workspace_id = ? AND company_id = ? AND id IN (`
	findTimeline  = `SELECT a.activity_id FROM activity_links a WHERE a.workspace_id = ? AND a.kind IN ('person', 'company', 'deal') AND a.target_id = ? AND NOT EXISTS (SELECT 1 FROM activity_links b WHERE b.workspace_id = a.workspace_id AND b.activity_id = a.activity_id AND b.target_id = ?)`
	findMeetings  = findTimeline + ` AND a.type <> 'stage-change'` // a deal's way stays its own
	moveTimeline  = `UPDATE activity_links SET target_id = ? WHERE workspace_id = ? AND kind IN ('person', 'company', 'deal') AND target_id = ? AND activity_id IN (`
	findTasks     = `SELECT id FROM tasks WHERE workspace_id = ? AND target_kind IN ('person', 'company', 'deal') AND target_id = ?`
	moveTasks     = `UPDATE tasks SET target_id = ? WHERE workspace_id = ? AND target_kind IN ('person', 'company', 'deal') AND target_id = ? AND id IN (`
	findMail      = `SELECT id FROM emails WHERE workspace_id = ? AND target_kind IN ('person', 'company', 'deal') AND target_id = ?`
	moveMail      = `UPDATE emails SET target_id = ? WHERE workspace_id = ? AND target_kind IN ('person', 'company', 'deal') AND target_id = ? AND id IN (`
)

var (
	timeline = relation{"timeline", findTimeline, moveTimeline, true}
	todos    = relation{"tasks", findTasks, moveTasks, false}
	letters  = relation{"emails", findMail, moveMail, false}
)

// relations are those of each kind that can be merged.
var relations = map[string][]relation{
	"person":  {{"deals", findPrimary, movePrimary, false}, {"dealPeople", findParts, moveParts, true}, timeline, todos, letters},
	"company": {{"people", findStaff, moveStaff, false}, {"companyDeals", findCustomers, moveCustomers, false}, timeline, todos, letters},
	"deal":    {{"timeline", findMeetings, moveTimeline, true}, todos, letters},
}

const atOnce = 1000 // rows of one statement

// moved are the rows that went from the loser to the winner, by relation.
type moved map[string][]id.ID

func give(ctx context.Context, q database.Queryer, t tenant.Tenant, kind string, from, to id.ID) (moved, error) {
	all := moved{}
	for _, r := range relations[kind] {
		args := []any{t.Workspace, from}
		if r.both {
			args = append(args, to)
		}
		rows, err := database.All(ctx, q, database.Scalar[id.ID], r.find, args...)
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			continue
		}
		all[r.name] = rows
		if err := r.give(ctx, q, t, rows, from, to); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// give takes some rows at a time: a company may have more activities than one
// statement may be long.
func (r relation) give(ctx context.Context, q database.Queryer, t tenant.Tenant, rows []id.ID, from, to id.ID) error {
	for some := range slices.Chunk(rows, atOnce) {
		args := []any{to, t.Workspace, from}
		for _, row := range some {
			args = append(args, row)
		}
		if _, err := database.Exec(ctx, q, r.move+page.Marks(len(some))+")", args...); err != nil {
			return err
		}
	}
	return nil
}

// takeBack gives the loser what was its own.
func takeBack(ctx context.Context, q database.Queryer, t tenant.Tenant, kind string, all moved, winner, loser id.ID) error {
	for _, r := range relations[kind] {
		if rows := all[r.name]; len(rows) > 0 {
			if err := r.give(ctx, q, t, rows, winner, loser); err != nil {
				return err
			}
		}
	}
	return nil
}

const (
	selectContact = `SELECT last_contact_at FROM people WHERE workspace_id = ? AND id = ?`
	updateContact = `UPDATE people SET last_contact_at = ? WHERE workspace_id = ? AND id = ?`
	selectSeen    = `SELECT last_activity_at FROM companies WHERE workspace_id = ? AND id = ?`
	updateSeen    = `UPDATE companies SET last_activity_at = ? WHERE workspace_id = ? AND id = ?`
)

var lastSeen = map[string][2]string{"person": {selectContact, updateContact}, "company": {selectSeen, updateSeen}}

// last is when a record was dealt with, if its kind keeps that.
func last(ctx context.Context, q database.Queryer, t tenant.Tenant, kind string, which id.ID) (*time.Time, error) {
	statements, ok := lastSeen[kind]
	if !ok {
		return nil, nil
	}
	at, _, err := database.One(ctx, q, database.Scalar[*time.Time], statements[0], t.Workspace, which)
	return at, err
}

func setLast(ctx context.Context, q database.Queryer, t tenant.Tenant, kind string, which id.ID, at *time.Time) error {
	statements, ok := lastSeen[kind]
	if !ok {
		return nil
	}
	_, err := database.Exec(ctx, q, statements[1], at, t.Workspace, which)
	return err
}
