package home

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/tasks"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/zone"
)

// A Sum is an amount of money of some deals.
type Sum struct {
	Currency    string `json:"currency"`
	AmountMinor int64  `json:"amountMinor"`
	Deals       int    `json:"deals"`
}

// Numbers are a day's three.
type Numbers struct {
	Open []Sum        `json:"open"` // what is in the pipelines
	Won  []Sum        `json:"won"`  // this month
	Due  tasks.Counts `json:"due"`
}

const (
	selectOpen = `SELECT d.currency, COALESCE(SUM(d.amount_minor), 0), COUNT(*) FROM deals d
		WHERE d.workspace_id = ? AND d.status = 'open' AND d.deleted_at IS NULL GROUP BY d.currency ORDER BY 2 DESC`
	selectWon = `SELECT d.currency, COALESCE(SUM(d.amount_minor), 0), COUNT(*) FROM deals d
		WHERE d.workspace_id = ? AND d.status = 'won' AND d.closed_at >= ? AND d.deleted_at IS NULL GROUP BY d.currency ORDER BY 2 DESC`
)

// Numbers counts for the workspace, and the caller's tasks.
func (s Store) Numbers(ctx context.Context, t tenant.Tenant, day tasks.Day) (n Numbers, err error) {
	if n.Due, err = (tasks.Store{DB: s.DB, Now: s.Now}).Counts(ctx, t, day); err != nil {
		return n, err
	}
	today := day.Date(0)
	month := zone.Begins(zone.Day(today.Year(), today.Month(), 1), day.In)
	scan := func(row database.Row, s *Sum) error { return row.Scan(&s.Currency, &s.AmountMinor, &s.Deals) }
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		open, err := database.All(ctx, q, scan, selectOpen, t.Workspace)
		if err != nil {
			return err
		}
		won, err := database.All(ctx, q, scan, selectWon, t.Workspace, month)
		n.Open, n.Won = append([]Sum{}, open...), append([]Sum{}, won...)
		return err
	})
	return n, err
}
