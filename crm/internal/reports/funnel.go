package reports

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/filter"
	"apexai/crm/internal/id"
	"apexai/crm/internal/pipelines"
	"apexai/crm/internal/tenant"
)

// A Funnel says how many of the deals that were added in the range came as far
// as each stage: into it or into a later one.
type Funnel struct {
	Steps []Step `json:"steps"` // the open stages, then the one of won deals
}

// A Step is one stage of a Funnel.
type Step struct {
	StageID id.ID       `json:"stageId"`
	Name    string      `json:"name"`
	Count   int         `json:"count"`
	Rate    float64     `json:"rate"` // of those of the step before, from 0 to 1
	Filter  filter.Node `json:"filter"`
}

const (
	selectReached = `SELECT reached, COUNT(*) FROM (
		SELECT h.deal_id, MAX(CASE s.kind WHEN 'won' THEN 1000 WHEN 'lost' THEN -1 ELSE s.position END) AS reached
		FROM deals d JOIN stage_history h ON h.workspace_id = d.workspace_id AND h.deal_id = d.id
		JOIN stages s ON s.workspace_id = h.workspace_id AND s.id = h.to_stage_id AND s.pipeline_id = d.pipeline_id AND s.deleted_at IS NULL
		WHERE d.workspace_id = ? AND d.created_at >= ? AND d.created_at < ?`
	byReached = ` GROUP BY h.deal_id) way GROUP BY reached`
)

type reachedRow struct{ position, deals int }

func readFunnel(ctx context.Context, q database.Queryer, t tenant.Tenant, a Ask) (Funnel, error) {
	f := Funnel{Steps: []Step{}}
	stages, err := stagesOf(ctx, q, t, a)
	if err != nil {
		return f, err
	}
	where, args := a.deals()
	rows, err := database.All(ctx, q, func(row database.Row, r *reachedRow) error { return row.Scan(&r.position, &r.deals) },
		selectReached+where+byReached, append([]any{t.Workspace, a.From.UTC(), a.To.UTC()}, args...)...)
	var way []id.ID // lost deals got no further by that
	for _, s := range stages {
		if s.Kind != pipelines.Lost {
			way = append(way, s.ID)
			f.Steps = append(f.Steps, Step{StageID: s.ID, Name: s.Name})
		}
	}
	for i := range f.Steps {
		step := &f.Steps[i]
		for _, r := range rows {
			if r.position >= i {
				step.Count += r.deals
			}
		}
		if i > 0 && f.Steps[i-1].Count > 0 {
			step.Rate = float64(step.Count) / float64(f.Steps[i-1].Count)
		}
		reached := filter.Leaf("enteredStage", filter.In, way[i:])
		step.Filter = a.narrowed(append([]filter.Node{reached}, within("createdAt", a.From, a.To)...)...)
	}
	return f, err
}
