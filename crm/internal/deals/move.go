package deals

import (
	"context"
	"fmt"
	"slices"
	"time"

	"apexai/crm/internal/check"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/pipelines"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

// A Move takes a deal into a stage, behind the deal AfterID, or to the top if
// that is empty or no longer in the lane. LostReason counts if the stage is
// that of lost deals.
type Move struct {
	StageID    id.ID  `json:"stageId"`
	AfterID    *id.ID `json:"afterId"`
	LostReason string `json:"lostReason"`
}

const (
	selectRank = `SELECT d.lane_rank FROM deals d WHERE d.workspace_id = ? AND d.stage_id = ? AND d.id = ? AND d.deleted_at IS NULL`
	selectNext = `SELECT d.lane_rank FROM deals d WHERE d.workspace_id = ? AND d.stage_id = ? AND d.id <> ? AND d.lane_rank > ? AND d.deleted_at IS NULL
		ORDER BY d.lane_rank LIMIT 1`
	selectSame  = `SELECT d.id FROM deals d WHERE d.workspace_id = ? AND d.stage_id = ? AND d.lane_rank = ? AND d.deleted_at IS NULL LIMIT 1`
	selectLane  = `SELECT d.id FROM deals d WHERE d.workspace_id = ? AND d.stage_id = ? AND d.id <> ? AND d.deleted_at IS NULL ORDER BY d.lane_rank, d.id`
	updateRanks = `UPDATE deals SET lane_rank = ELT(FIELD(id, %[1]s), %[1]s) WHERE workspace_id = ? AND id IN (%[1]s)`
	updatePlace = `UPDATE deals SET version = version + 1, lane_rank = ?, updated_at = ?, updated_by = ? WHERE workspace_id = ? AND id = ?`
	updateStage = `UPDATE deals SET version = version + 1, pipeline_id = ?, stage_id = ?, status = ?, lane_rank = ?, stage_entered_at = ?, closed_at = ?,
		lost_reason = ?, deleted_at = NULL, updated_at = ?, updated_by = ? WHERE workspace_id = ? AND id = ?`
	insertEntry = `INSERT INTO stage_history (workspace_id, id, deal_id, from_stage_id, to_stage_id, moved_at, moved_by, seconds_in) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
)

// Move takes the version that the caller read to another place.
//
// The lane is locked before the deal, by everybody who changes its order: the
// order is total however many move into it at once.
func (s Store) Move(ctx context.Context, t tenant.Tenant, which id.ID, version int, m Move) (d Deal, err error) {
	var f check.Faults
	if f.Line("/lostReason", &m.LostReason, 200); f.Problem() != nil {
		return d, f.Problem()
	}
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		stage, err := lane(ctx, q, t, m.StageID)
		if err != nil {
			return err
		}
		d, err = s.change(ctx, q, t, which, "moved", func(d Deal) error {
			if err := current(d, version); err != nil {
				return err
			}
			return s.take(ctx, q, t, d, stage, m)
		})
		return err
	})
	return d, err
}

// lane reads a stage and keeps the order of its deals still.
func lane(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID) (pipelines.Stage, error) {
	stage, ok, err := pipelines.StageOf(ctx, q, t, which, true)
	if err == nil && !ok {
		err = problem.Validation(problem.Fault{Pointer: "/stageId", Code: "not-found", Message: "this stage is not there any more"})
	}
	return stage, err
}

// take puts a held deal into a locked lane.
func (s Store) take(ctx context.Context, q database.Queryer, t tenant.Tenant, d Deal, stage pipelines.Stage, m Move) error {
	rank, err := s.rankIn(ctx, q, t, d, stage, m)
	if err != nil {
		return err
	}
	now := s.now()
	if stage.ID == d.StageID && d.DeletedAt == nil && m.LostReason == "" {
		_, err := database.Exec(ctx, q, updatePlace, rank, now, t.User, t.Workspace, d.ID)
		return err
	}
	closed, reason := closing(stage, now, m.LostReason)
	entered := now
	if stage.ID == d.StageID {
		entered, closed = d.StageEnteredAt, d.ClosedAt
	} else if err := enter(ctx, q, t, d.ID, &d.StageID, stage.ID, now, now.Sub(d.StageEnteredAt)); err != nil {
		return err
	}
	_, err = database.Exec(ctx, q, updateStage, stage.Pipeline(), stage.ID, stage.Kind, rank, entered, closed, reason, now, t.User, t.Workspace, d.ID)
	return err
}

func (s Store) rankIn(ctx context.Context, q database.Queryer, t tenant.Tenant, d Deal, stage pipelines.Stage, m Move) (string, error) {
	if d.DeletedAt != nil && stage.ID == d.StageID {
		return s.formerPlace(ctx, q, t, d)
	}
	return s.place(ctx, q, t, stage.ID, d.ID, m.AfterID)
}

// closing is what a stage's kind says of a deal that enters it.
func closing(stage pipelines.Stage, now time.Time, reason string) (*time.Time, string) {
	switch stage.Kind {
	case pipelines.Won:
		return &now, ""
	case pipelines.Lost:
		return &now, reason
	}
	return nil, ""
}

// enter notes in the history that a deal is in a stage from now on.
func enter(ctx context.Context, q database.Queryer, t tenant.Tenant, deal id.ID, from *id.ID, to id.ID, now time.Time, spent time.Duration) error {
	_, err := database.Exec(ctx, q, insertEntry, t.Workspace, id.New(), deal, from, to, now, t.User, max(int64(spent/time.Second), 0))
	return err
}

// place finds the rank behind a deal of a locked lane, or at its top.
func (s Store) place(ctx context.Context, q database.Queryer, t tenant.Tenant, stage, which id.ID, after *id.ID) (string, error) {
	above := ""
	if after != nil && *after != which {
		var err error
		if above, _, err = database.One(ctx, q, database.Scalar[string], selectRank, t.Workspace, stage, *after); err != nil {
			return "", err
		}
	}
	below, _, err := database.One(ctx, q, database.Scalar[string], selectNext, t.Workspace, stage, which, above)
	if err != nil {
		return "", err
	}
	if rank := between(above, below); len(rank) <= longestRank {
		return rank, nil
	}
	return s.rearrange(ctx, q, t, stage, which, after)
}

// formerPlace is the rank by which a deal that comes out of the trash stands
// where it stood: its own, unless another has that now.
func (s Store) formerPlace(ctx context.Context, q database.Queryer, t tenant.Tenant, d Deal) (string, error) {
	other, taken, err := database.One(ctx, q, database.Scalar[id.ID], selectSame, t.Workspace, d.StageID, d.Rank)
	if err != nil || !taken {
		return d.Rank, err
	}
	return s.place(ctx, q, t, d.StageID, d.ID, &other)
}

const atOnce = 500 // rows of one statement

// rearrange gives all deals of a lane new ranks, evenly apart, and returns the
// one for the deal that is being put behind after.
func (s Store) rearrange(ctx context.Context, q database.Queryer, t tenant.Tenant, stage, which id.ID, after *id.ID) (string, error) {
	order, err := database.All(ctx, q, database.Scalar[id.ID], selectLane, t.Workspace, stage, which)
	if err != nil {
		return "", err
	}
	ranks := spread(len(order) + 1)
	mine := ranks[0]
	rest := ranks[1:]
	for i, other := range order {
		if after != nil && other == *after {
			mine = ranks[i+1]
			rest = slices.Delete(slices.Clone(ranks), i+1, i+2)
		}
	}
	for from := 0; from < len(order); from += atOnce {
		to := min(from+atOnce, len(order))
		var ids, places []any
		for i := from; i < to; i++ {
			ids, places = append(ids, order[i]), append(places, rest[i])
		}
		args := slices.Concat(ids, places, []any{t.Workspace}, ids)
		if _, err := database.Exec(ctx, q, fmt.Sprintf(updateRanks, page.Marks(to-from)), args...); err != nil {
			return "", err
		}
	}
	return mine, nil
}
