package deals

import (
	"context"
	"math"
	"strings"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/money"
	"apexai/crm/internal/page"
	"apexai/crm/internal/pipelines"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// A Board is a pipeline with its deals: a lane for each stage.
type Board struct {
	PipelineID id.ID  `json:"pipelineId"`
	Lanes      []Lane `json:"lanes"`

	encoded []byte // as JSON; a team that opens its board at once shares it
}

// encode writes the board as JSON, once for all who asked for it.
func (b Board) encode() (Board, error) {
	var err error
	b.encoded, err = web.AppendJSON(nil, b)
	return b, err
}

// Encoded gives what encode wrote.
func (b Board) Encoded() []byte { return b.encoded }

// A Lane is a stage with what is in it: how many deals, what they come to in
// each currency, and the first of them. GET /deals?sort=rank&stageId=… with
// NextCursor goes on.
type Lane struct {
	Stage      pipelines.Stage `json:"stage"`
	Count      int             `json:"count"`
	Sums       []money.Sum     `json:"sums"`
	Items      []Deal          `json:"items"`
	NextCursor string          `json:"nextCursor,omitempty"`
}

const (
	narrowing = `
		JOIN stages s ON s.workspace_id = d.workspace_id AND s.id = d.stage_id
		LEFT JOIN companies c ON c.workspace_id = d.workspace_id AND c.id = d.company_id AND c.deleted_at IS NULL`
	// One lane is the beginning of one range of ix_lane; a window over all deals would sort them.
	byRank          = ` AND d.stage_id = ? ORDER BY d.lane_rank, d.id LIMIT ?`
	laneColumns     = `SELECT s.id, s.name, s.kind, s.probability, s.stale_days, sums.currency, COALESCE(sums.deals, 0), COALESCE(sums.amount, 0)`
	sumColumns      = `d.workspace_id, d.stage_id, d.currency, COUNT(*) AS deals, SUM(d.amount_minor) AS amount`
	selectLanes     = laneColumns + ` FROM stages s LEFT JOIN (SELECT ` + sumColumns + ` FROM deals d WHERE d.workspace_id = ?`
	selectSomeLanes = laneColumns + ` FROM stages s LEFT JOIN (SELECT ` + sumColumns + ` FROM deals d` + narrowing + ` WHERE d.workspace_id = ?`
	fromLanes       = ` GROUP BY d.workspace_id, d.stage_id, d.currency) sums ON sums.workspace_id = s.workspace_id AND sums.stage_id = s.id
		WHERE s.workspace_id = ? AND s.pipeline_id = ? AND s.deleted_at IS NULL ORDER BY s.position, s.id, sums.amount DESC, sums.currency`
)

type laneSum struct {
	stage    pipelines.Stage
	currency *string
	sum      money.Sum
}

// Board reads the lanes of a filter's pipeline: one query for their sums, one
// for their first cards and one for each of their relations. further makes the request for what follows a lane.
func (s Store) Board(ctx context.Context, t tenant.Tenant, f Filter, further func(stage id.ID) (page.Request, error)) (b Board, err error) {
	b.PipelineID = *f.Pipeline
	var sums []laneSum
	var cards []Deal
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		where, args, err := s.condition(ctx, q, t, f)
		if err != nil {
			return err
		}
		query := selectLanes // of which ix_sums has all
		if f.Words != nil || f.Node.Names() != nil {
			query = selectSomeLanes
		}
		sums, err = database.All(ctx, q, scanLane, query+where+fromLanes,
			append(append([]any{t.Workspace}, args...), t.Workspace, *f.Pipeline)...)
		if err != nil || len(sums) == 0 {
			return err
		}
		b.Lanes = lanes(sums)
		var parts []string
		var all []any
		for _, l := range b.Lanes {
			parts = append(parts, "("+selectDeals+where+byRank+")")
			all = append(append(append(all, t.Workspace), args...), l.Stage.ID, cardsOfLane+1)
		}
		if cards, err = database.All(ctx, q, scan, strings.Join(parts, " UNION ALL "), all...); err != nil {
			return err
		}
		return s.complete(ctx, q, t, cards)
	})
	if err == nil && len(sums) == 0 {
		err = problem.NotFound("pipeline")
	}
	if err != nil {
		return b, err
	}
	byStage := map[id.ID][]Deal{}
	for _, d := range cards {
		byStage[d.StageID] = append(byStage[d.StageID], d)
	}
	for i := range b.Lanes {
		l := &b.Lanes[i]
		request, err := further(l.Stage.ID)
		if err != nil {
			return b, err
		}
		cut := page.Cut(request, byStage[l.Stage.ID], sortValues)
		l.NextCursor = cut.NextCursor
		l.Items = cut.Items
	}
	return b, nil
}

const cardsOfLane = 50

func scanLane(row database.Row, l *laneSum) error {
	return row.Scan(&l.stage.ID, &l.stage.Name, &l.stage.Kind, &l.stage.Probability, &l.stage.StaleDays, &l.currency, &l.sum.Count, &l.sum.AmountMinor)
}

// lanes joins the rows of one stage, of which there is one per currency.
func lanes(sums []laneSum) []Lane {
	var all []Lane
	for _, row := range sums {
		if len(all) == 0 || all[len(all)-1].Stage.ID != row.stage.ID {
			all = append(all, Lane{Stage: row.stage, Sums: []money.Sum{}})
		}
		if row.currency == nil {
			continue
		}
		l := &all[len(all)-1]
		row.sum.Currency = *row.currency
		row.sum.WeightedMinor = int64(math.Round(float64(row.sum.AmountMinor) * float64(row.stage.Probability) / 100))
		l.Count += row.sum.Count
		l.Sums = append(l.Sums, row.sum)
	}
	return all
}
