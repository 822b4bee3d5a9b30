// Package home tells what a user's day asks for: deals that need attention,
// what colleagues did, and three small numbers.
package home

import (
	"cmp"
	"context"
	"slices"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tasks"
	"apexai/crm/internal/tenant"
)

// A Store reads what is on a user's home page.
type Store struct {
	DB  *database.DB
	Now func() time.Time
}

// The reasons for which a deal needs attention.
const (
	Late   = "late"    // its close date has passed
	Stale  = "stale"   // it stands in its stage for longer than that stage's deals should
	NoStep = "no-step" // there is no open task about it
)

// A Deal is one that needs attention, and why.
type Deal struct {
	ID          id.ID    `json:"id"`
	Title       string   `json:"title"`
	CompanyName string   `json:"companyName"`
	StageName   string   `json:"stageName"`
	AmountMinor int64    `json:"amountMinor"`
	Currency    string   `json:"currency"`
	CloseDate   *string  `json:"closeDate"`
	DaysInStage int      `json:"daysInStage"`
	OwnerID     *id.ID   `json:"ownerId"`
	Reasons     []string `json:"reasons"` // late, stale, no-step

	staleDays int
	hasStep   bool
}

const (
	// What somebody owns, and what nobody does.
	selectDeals = `SELECT d.id, d.title, COALESCE(c.name, ''), s.name, d.amount_minor, d.currency, CAST(d.close_date AS CHAR), d.stage_entered_at, s.stale_days, d.owner_id,
			EXISTS (SELECT 1 FROM tasks t WHERE t.workspace_id = d.workspace_id AND t.target_kind = 'deal' AND t.target_id = d.id AND t.status = 'open' AND t.deleted_at IS NULL) AS step
		FROM deals d JOIN stages s ON s.workspace_id = d.workspace_id AND s.id = d.stage_id
		LEFT JOIN companies c ON c.workspace_id = d.workspace_id AND c.id = d.company_id AND c.deleted_at IS NULL
		WHERE d.workspace_id = ? AND d.status = 'open' AND d.deleted_at IS NULL AND (d.owner_id = ? OR d.owner_id IS NULL)
		ORDER BY d.amount_minor DESC LIMIT 200`
	mostDeals = 8
)

// Attention lists the caller's open deals that need it, the most urgent first.
func (s Store) Attention(ctx context.Context, t tenant.Tenant, day tasks.Day) ([]Deal, error) {
	found := []Deal{}
	err := s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		all, err := database.All(ctx, q, func(row database.Row, d *Deal) error { return d.scan(row, day.Now) }, selectDeals, t.Workspace, t.User)
		for _, d := range all {
			if d.judge(day); len(d.Reasons) > 0 {
				found = append(found, d)
			}
		}
		return err
	})
	slices.SortStableFunc(found, func(a, b Deal) int { return cmp.Compare(b.urgency(), a.urgency()) })
	return found[:min(len(found), mostDeals)], err
}

func (d *Deal) scan(row database.Row, now time.Time) error {
	var entered time.Time
	err := row.Scan(&d.ID, &d.Title, &d.CompanyName, &d.StageName, &d.AmountMinor, &d.Currency, &d.CloseDate, &entered, &d.staleDays, &d.OwnerID, &d.hasStep)
	d.DaysInStage, d.Reasons = int(now.Sub(entered).Hours()/24), []string{}
	return err
}

func (d *Deal) judge(day tasks.Day) {
	if d.CloseDate != nil && *d.CloseDate < day.Date(0).Format(time.DateOnly) {
		d.Reasons = append(d.Reasons, Late)
	}
	if d.staleDays > 0 && d.DaysInStage > d.staleDays {
		d.Reasons = append(d.Reasons, Stale)
	}
	if !d.hasStep {
		d.Reasons = append(d.Reasons, NoStep)
	}
}

// urgency: a date that has passed counts more than standing still, and that
// more than having no next step; the amount is the database's order.
func (d Deal) urgency() int {
	points := 0
	for _, reason := range d.Reasons {
		points += map[string]int{Late: 4, Stale: 2, NoStep: 1}[reason]
	}
	return points
}
