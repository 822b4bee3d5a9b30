package pipelines

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/search"
	"apexai/crm/internal/tenant"
)

// writeStages makes the pipeline's stages what the drafts say. A deal's stage
// cannot change its kind or go away below it.
func (s Store) writeStages(ctx context.Context, q database.Queryer, t tenant.Tenant, p Pipeline, drafts []StageDraft) error {
	gone := []any{t.Workspace}
	kept := map[id.ID]bool{}
	for i, d := range drafts {
		if d.ID == nil {
			if _, err := database.Exec(ctx, q, insertStage, t.Workspace, id.New(), p.ID, d.Name, d.Kind, d.Probability, d.StaleDays, i); err != nil {
				return err
			}
			continue
		}
		was, ok := p.Stage(*d.ID)
		if !ok || was.Kind != d.Kind || kept[*d.ID] {
			return problem.Validation(problem.Fault{Pointer: "/stages", Code: "stage", Message: "a stage named here is not of this pipeline, is of another kind, or is here twice"})
		}
		kept[*d.ID] = true
		if _, err := database.Exec(ctx, q, updateStage, d.Name, d.Probability, d.StaleDays, i, t.Workspace, *d.ID, p.ID); err != nil {
			return err
		}
		if was.Name == d.Name {
			continue
		}
		if err := search.Renew(ctx, q, t, *d.ID, search.InStage); err != nil { // its deals are found by its name
			return err
		}
	}
	for _, stage := range p.Stages {
		if kept[stage.ID] {
			continue
		}
		gone = append(gone, stage.ID)
		if _, err := database.Exec(ctx, q, updateNoStage, s.now(), t.Workspace, stage.ID); err != nil {
			return err
		}
	}
	if len(gone) == 1 {
		return nil
	}
	deals, _, err := database.One(ctx, q, database.Scalar[int], countInStages+page.Marks(len(gone)-1)+") FOR UPDATE", gone...)
	if err == nil && deals > 0 {
		return problem.Conflict(counted(deals)+" in a stage that would go away; move them first", problem.Fault{Pointer: "/stages", Code: "in-use", Message: "there are deals in a stage that is left out"})
	}
	return err
}
