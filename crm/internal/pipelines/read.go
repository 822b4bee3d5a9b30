package pipelines

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

const (
	columns      = `p.id, p.version, p.name, p.currency, p.position, p.created_at, p.updated_at`
	selectAll    = `SELECT ` + columns + ` FROM pipelines p WHERE p.workspace_id = ? AND p.deleted_at IS NULL ORDER BY p.position, p.id`
	selectOne    = `SELECT ` + columns + ` FROM pipelines p WHERE p.workspace_id = ? AND p.id = ? AND p.deleted_at IS NULL`
	stageColumns = `SELECT s.id, s.name, s.kind, s.probability, s.stale_days, s.pipeline_id`
	selectStages = stageColumns + ` FROM stages s WHERE s.workspace_id = ? AND s.deleted_at IS NULL ORDER BY s.position, s.id`
	selectStage  = stageColumns + ` FROM stages s WHERE s.workspace_id = ? AND s.id = ? AND s.deleted_at IS NULL`
)

func scan(row database.Row, p *Pipeline) error {
	return row.Scan(&p.ID, &p.Version, &p.Name, &p.Currency, &p.Position, &p.CreatedAt, &p.UpdatedAt)
}

func scanStage(row database.Row, s *Stage) error {
	return row.Scan(&s.ID, &s.Name, &s.Kind, &s.Probability, &s.StaleDays, &s.pipeline)
}

// All reads the workspace's pipelines with their stages, in order: two queries.
func All(ctx context.Context, q database.Queryer, t tenant.Tenant) ([]Pipeline, error) {
	all, err := database.All(ctx, q, scan, selectAll, t.Workspace)
	if err != nil || len(all) == 0 {
		return all, err
	}
	stages, err := database.All(ctx, q, scanStage, selectStages, t.Workspace)
	for i := range all {
		p := &all[i]
		p.Position = i + 1
		for _, s := range stages {
			if s.pipeline == p.ID {
				p.Stages = append(p.Stages, s)
			}
		}
	}
	return all, err
}

// One reads a pipeline with its stages.
func One(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID) (Pipeline, error) {
	all, err := All(ctx, q, t)
	if err != nil {
		return Pipeline{}, err
	}
	for _, p := range all {
		if p.ID == which {
			return p, nil
		}
	}
	return Pipeline{}, problem.NotFound("pipeline")
}

// StageOf reads a stage; ok is false if there is none. Locked, its lane stands
// still until the transaction ends.
func StageOf(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, locked bool) (s Stage, ok bool, err error) {
	query := selectStage
	if locked {
		query += " FOR UPDATE"
	}
	return database.One(ctx, q, scanStage, query, t.Workspace, which)
}

// First is the pipeline's first stage of a kind.
func (p Pipeline) First(kind string) Stage {
	for _, s := range p.Stages {
		if s.Kind == kind {
			return s
		}
	}
	return Stage{} // none has no such stage: check holds it to that
}

// Stage is the pipeline's stage with the given id.
func (p Pipeline) Stage(which id.ID) (Stage, bool) {
	for _, s := range p.Stages {
		if s.ID == which {
			return s, true
		}
	}
	return Stage{}, false
}
