package reports

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/filter"
	"apexai/crm/internal/id"
	"apexai/crm/internal/pipelines"
	"apexai/crm/internal/tenant"
)

// An Activity says what each member did in the range.
type Activity struct {
	Members []Doing `json:"members"`
}

// Doing is what one member did.
type Doing struct {
	UserID    id.ID       `json:"userId"`
	Name      string      `json:"name"`
	Notes     int         `json:"notes"`
	Calls     int         `json:"calls"`
	Meetings  int         `json:"meetings"`
	Emails    int         `json:"emails"`
	Moves     int         `json:"moves"` // of deals to another stage
	Won       int         `json:"won"`   // deals of theirs
	WonFilter filter.Node `json:"wonFilter"`
}

const (
	// One query over what members write, move and win; each is counted from an
	// index before anybody's name is looked up. Of a long range engines think
	// that reading the records is as good, with all that was written in them.
	selectDoings = `SELECT u.id, u.name, x.kind, x.n FROM (
		SELECT a.author_id AS who, a.type AS kind, COUNT(*) AS n FROM activities a FORCE INDEX (ix_doings)
			WHERE a.workspace_id = ? AND a.occurred_at >= ? AND a.occurred_at < ? AND a.deleted_at IS NULL AND a.type IN ('note', 'call', 'meeting', 'email')
			GROUP BY a.author_id, a.type
		UNION ALL SELECT h.moved_by, 'move', COUNT(*) FROM stage_history h FORCE INDEX (ix_moved)
			WHERE h.workspace_id = ? AND h.moved_at >= ? AND h.moved_at < ? AND h.from_stage_id IS NOT NULL
			GROUP BY h.moved_by
		UNION ALL SELECT d.owner_id, 'won', COUNT(*) FROM deals d FORCE INDEX (ix_closed)
			WHERE d.workspace_id = ? AND d.status = 'won' AND d.closed_at >= ? AND d.closed_at < ? AND d.deleted_at IS NULL
			GROUP BY d.owner_id
	) x JOIN members m ON m.workspace_id = ? AND m.user_id = x.who JOIN users u ON u.id = m.user_id`
	ofOwner  = ` WHERE u.id = ?`
	byMember = ` ORDER BY u.name, u.id`
)

type doingRow struct {
	who  id.ID
	name string
	kind string
	n    int
}

func readActivity(ctx context.Context, q database.Queryer, t tenant.Tenant, a Ask) (Activity, error) {
	report := Activity{Members: []Doing{}}
	from, to := a.From.UTC(), a.To.UTC()
	query := selectDoings
	args := []any{t.Workspace, from, to, t.Workspace, from, to, t.Workspace, from, to, t.Workspace}
	if a.Owner != nil {
		query, args = query+ofOwner, append(args, *a.Owner)
	}
	rows, err := database.All(ctx, q, func(row database.Row, r *doingRow) error { return row.Scan(&r.who, &r.name, &r.kind, &r.n) }, query+byMember, args...)
	for _, r := range rows {
		if n := len(report.Members); n == 0 || report.Members[n-1].UserID != r.who {
			won := append([]filter.Node{filter.Leaf("owner", filter.Equal, r.who), filter.Leaf("status", filter.Equal, pipelines.Won)}, within("closedAt", a.From, a.To)...)
			report.Members = append(report.Members, Doing{UserID: r.who, Name: r.name, WonFilter: filter.All(won...)})
		}
		d := &report.Members[len(report.Members)-1]
		into := map[string]*int{"note": &d.Notes, "call": &d.Calls, "meeting": &d.Meetings, "email": &d.Emails, "move": &d.Moves, "won": &d.Won}
		*into[r.kind] = r.n
	}
	return report, err
}
