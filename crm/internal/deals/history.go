package deals

import (
	"context"
	"slices"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
)

// An Entry is one step of a deal's way: into a stage, after so many seconds in
// the one that it left.
type Entry struct {
	FromStageID   *id.ID    `json:"fromStageId"`
	FromStageName string    `json:"fromStageName"`
	ToStageID     id.ID     `json:"toStageId"`
	ToStageName   string    `json:"toStageName"`
	At            time.Time `json:"at"`
	By            id.ID     `json:"by"`
	SecondsIn     int64     `json:"secondsIn"`
}

const selectHistory = `SELECT h.from_stage_id, COALESCE(a.name, ''), h.to_stage_id, b.name, h.moved_at, h.moved_by, h.seconds_in
	FROM stage_history h
	LEFT JOIN stages a ON a.workspace_id = h.workspace_id AND a.id = h.from_stage_id
	JOIN stages b ON b.workspace_id = h.workspace_id AND b.id = h.to_stage_id
	WHERE h.workspace_id = ? AND h.deal_id = ? ORDER BY h.moved_at DESC, h.id DESC LIMIT 200`

// History is a deal's way through the stages, the newest step first.
func (s Store) History(ctx context.Context, t tenant.Tenant, which id.ID) (all []Entry, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		all, err = database.All(ctx, q, func(row database.Row, e *Entry) error {
			return row.Scan(&e.FromStageID, &e.FromStageName, &e.ToStageID, &e.ToStageName, &e.At, &e.By, &e.SecondsIn)
		}, selectHistory, t.Workspace, which)
		if err == nil && len(all) == 0 { // there is no such deal, or it is of old
			_, err = s.read(ctx, q, t, which)
		}
		return err
	})
	return slices.Concat([]Entry{}, all), err
}
