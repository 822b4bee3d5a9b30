package reports

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/filter"
	"apexai/crm/internal/id"
	"apexai/crm/internal/money"
	"apexai/crm/internal/pipelines"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

// A Pipeline says what is in each open stage now, and how long deals stayed in
// it that left it in the range.
type Pipeline struct {
	Stages []InStage   `json:"stages"`
	Count  int         `json:"count"`
	Sums   []money.Sum `json:"sums"`
	Filter filter.Node `json:"filter"`
}

// InStage is one stage of a Pipeline.
type InStage struct {
	StageID     id.ID       `json:"stageId"`
	Name        string      `json:"name"`
	Probability int         `json:"probability"`
	Count       int         `json:"count"`
	Stale       int         `json:"stale"`
	Sums        []money.Sum `json:"sums"`
	Left        int         `json:"left"`        // how many times a deal left it in the range
	AverageDays float64     `json:"averageDays"` // that those had been in it
	Filter      filter.Node `json:"filter"`
	StaleFilter filter.Node `json:"staleFilter"`
}

const (
	selectInStages = `SELECT d.stage_id, d.currency, COUNT(*), SUM(d.amount_minor), ROUND(SUM(d.amount_minor * s.probability) / 100),
		SUM(s.stale_days > 0 AND d.stage_entered_at < DATE_SUB(UTC_TIMESTAMP(), INTERVAL s.stale_days DAY))
		FROM deals d JOIN stages s ON s.workspace_id = d.workspace_id AND s.id = d.stage_id
		WHERE d.workspace_id = ? AND d.status = 'open'`
	byStage      = ` GROUP BY d.stage_id, d.currency ORDER BY SUM(d.amount_minor) DESC, d.currency`
	selectStayed = `SELECT h.from_stage_id, COUNT(*), AVG(h.seconds_in) FROM stage_history h
		JOIN deals d ON d.workspace_id = h.workspace_id AND d.id = h.deal_id
		WHERE h.workspace_id = ? AND h.moved_at >= ? AND h.moved_at < ? AND h.from_stage_id IS NOT NULL`
	byLeft = ` GROUP BY h.from_stage_id`
)

type inStage struct {
	stage id.ID
	sum   money.Sum
	stale int
}

type stayed struct {
	stage   id.ID
	left    int
	seconds float64
}

func readPipeline(ctx context.Context, q database.Queryer, t tenant.Tenant, a Ask) (p Pipeline, err error) {
	stages, err := stagesOf(ctx, q, t, a)
	if err != nil {
		return p, err
	}
	where, args := a.deals()
	sums, err := database.All(ctx, q, func(row database.Row, r *inStage) error {
		return row.Scan(&r.stage, &r.sum.Currency, &r.sum.Count, &r.sum.AmountMinor, &r.sum.WeightedMinor, &r.stale)
	}, selectInStages+where+byStage, append([]any{t.Workspace}, args...)...)
	if err != nil {
		return p, err
	}
	left, err := database.All(ctx, q, func(row database.Row, r *stayed) error {
		return row.Scan(&r.stage, &r.left, &r.seconds)
	}, selectStayed+where+byLeft, append([]any{t.Workspace, a.From.UTC(), a.To.UTC()}, args...)...)
	if err != nil {
		return p, err
	}
	p = Pipeline{Stages: []InStage{}, Sums: []money.Sum{}, Filter: a.narrowed(filter.Leaf("status", filter.Equal, pipelines.Open))}
	for _, stage := range stages {
		if stage.Kind == pipelines.Open {
			p.add(a.inStage(stage, sums, left))
		}
	}
	return p, nil
}

// stagesOf are the stages of the pipeline that is asked for.
func stagesOf(ctx context.Context, q database.Queryer, t tenant.Tenant, a Ask) ([]pipelines.Stage, error) {
	if a.Pipeline == nil {
		return nil, problem.Syntax("pipelineId is missing: stages are those of one pipeline")
	}
	p, err := pipelines.One(ctx, q, t, *a.Pipeline)
	return p.Stages, err
}

func (a Ask) inStage(stage pipelines.Stage, sums []inStage, left []stayed) InStage {
	here := filter.Leaf("stage", filter.Equal, stage.ID)
	s := InStage{StageID: stage.ID, Name: stage.Name, Probability: stage.Probability, Sums: []money.Sum{}, Filter: a.narrowed(here)}
	s.StaleFilter = a.narrowed(here, filter.Leaf("stale", filter.Equal, true))
	for _, row := range sums {
		if row.stage == stage.ID {
			s.Count += row.sum.Count
			s.Stale += row.stale
			s.Sums = append(s.Sums, row.sum)
		}
	}
	for _, row := range left {
		if row.stage == stage.ID {
			s.Left, s.AverageDays = row.left, row.seconds/(24*60*60)
		}
	}
	return s
}

func (p *Pipeline) add(s InStage) {
	p.Stages = append(p.Stages, s)
	p.Count += s.Count
	for _, sum := range s.Sums {
		p.Sums = added(p.Sums, sum)
	}
}

// added adds a sum to that of its currency.
func added(sums []money.Sum, more money.Sum) []money.Sum {
	for i := range sums {
		if s := &sums[i]; s.Currency == more.Currency {
			s.Count += more.Count
			s.AmountMinor += more.AmountMinor
			s.WeightedMinor += more.WeightedMinor
			return sums
		}
	}
	return append(sums, more)
}
