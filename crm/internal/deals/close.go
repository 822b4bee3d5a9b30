package deals

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/pipelines"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

// Win takes the version that the caller read to the stage of won deals.
func (s Store) Win(ctx context.Context, t tenant.Tenant, which id.ID, version int) (Deal, error) {
	return s.close(ctx, t, which, version, pipelines.Won, "")
}

// Lose takes the version that the caller read to the stage of lost deals.
func (s Store) Lose(ctx context.Context, t tenant.Tenant, which id.ID, version int, reason string) (Deal, error) {
	if reason == "" {
		return Deal{}, problem.Validation(problem.Fault{Pointer: "/reason", Code: "required", Message: "say in a few words why it was lost"})
	}
	return s.close(ctx, t, which, version, pipelines.Lost, reason)
}

func (s Store) close(ctx context.Context, t tenant.Tenant, which id.ID, version int, kind, reason string) (Deal, error) {
	d, p, err := s.inPipeline(ctx, t, which, version)
	if err != nil {
		return d, err
	}
	return s.Move(ctx, t, which, version, Move{StageID: p.First(kind).ID, LostReason: reason})
}

// inPipeline reads a deal and its pipeline before anything is locked. Should
// the deal go elsewhere meanwhile, its version is another one.
func (s Store) inPipeline(ctx context.Context, t tenant.Tenant, which id.ID, version int) (d Deal, p pipelines.Pipeline, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		if d, err = s.read(ctx, q, t, which); err != nil {
			return err
		}
		if err = current(d, version); err != nil {
			return err
		}
		p, err = pipelines.One(ctx, q, t, d.PipelineID)
		return err
	})
	return d, p, err
}

// Reopen takes the version that the caller read back to the open stage that it
// was in last.
func (s Store) Reopen(ctx context.Context, t tenant.Tenant, which id.ID, version int) (Deal, error) {
	d, p, err := s.inPipeline(ctx, t, which, version)
	if err != nil {
		return d, err
	}
	if d.Status == open {
		return d, problem.Conflict("this deal is open already")
	}
	history, err := s.History(ctx, t, which)
	if err != nil {
		return d, err
	}
	target := p.First(open)
	for _, e := range history { // newest first
		if e.FromStageID == nil {
			continue
		}
		if stage, ok := p.Stage(*e.FromStageID); ok && stage.Kind == open {
			target = stage
			break
		}
	}
	return s.Move(ctx, t, which, version, Move{StageID: target.ID})
}

// Restore takes a deal out of the trash, to where it stood in its lane, or to
// the top of the first one if that is gone; a deal that is not in it stays.
func (s Store) Restore(ctx context.Context, t tenant.Tenant, which id.ID) (d Deal, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		d, err = s.Revive(ctx, q, t, which)
		return err
	})
	return d, err
}

// Revive is Restore as part of a transaction.
func (s Store) Revive(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID) (Deal, error) {
	was, err := s.read(ctx, q, t, which)
	if err != nil || was.DeletedAt == nil {
		return was, err
	}
	all, err := pipelines.All(ctx, q, t)
	if err != nil {
		return was, err
	}
	target := all[0].First(open)
	for _, p := range all {
		if p.ID == was.PipelineID {
			target = p.First(was.Status)
			if stage, ok := p.Stage(was.StageID); ok {
				target = stage
			}
		}
	}
	stage, err := lane(ctx, q, t, target.ID)
	if err != nil {
		return was, err
	}
	return s.change(ctx, q, t, which, "restored", func(d Deal) error {
		if d.DeletedAt == nil {
			return nil
		}
		return s.take(ctx, q, t, d, stage, Move{StageID: stage.ID, LostReason: d.LostReason})
	})
}
