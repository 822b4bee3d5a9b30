package pipelines

import (
	"context"
	"slices"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

// A Store keeps pipelines in MySQL.
type Store struct {
	DB  *database.DB
	Now func() time.Time
}

const (
	lockAll       = `SELECT id FROM workspaces WHERE id = ? FOR UPDATE`
	lockOne       = `SELECT p.id FROM pipelines p WHERE p.workspace_id = ? AND p.id = ? FOR UPDATE`
	insertOne     = `INSERT INTO pipelines (workspace_id, id, name, currency, position, created_at, created_by, updated_at, updated_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
	updateOne     = `UPDATE pipelines SET version = version + 1, name = ?, currency = ?, updated_at = ?, updated_by = ? WHERE workspace_id = ? AND id = ?`
	updatePlace   = `UPDATE pipelines SET position = ? WHERE workspace_id = ? AND id = ?`
	updateGone    = `UPDATE pipelines SET version = version + 1, deleted_at = ?, updated_at = ?, updated_by = ? WHERE workspace_id = ? AND id = ?`
	insertStage   = `INSERT INTO stages (workspace_id, id, pipeline_id, name, kind, probability, stale_days, position) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
	updateStage   = `UPDATE stages SET name = ?, probability = ?, stale_days = ?, position = ? WHERE workspace_id = ? AND id = ? AND pipeline_id = ?`
	updateNoStage = `UPDATE stages SET deleted_at = ? WHERE workspace_id = ? AND id = ?`
	updateStages  = `UPDATE stages SET deleted_at = ? WHERE workspace_id = ? AND pipeline_id = ? AND deleted_at IS NULL`
	// Locking reads see what was committed while this transaction waited.
	countDeals    = `SELECT COUNT(*) FROM deals d WHERE d.workspace_id = ? AND d.pipeline_id = ? AND d.deleted_at IS NULL FOR UPDATE`
	countInStages = `SELECT COUNT(*) FROM deals d WHERE d.workspace_id = ? AND d.deleted_at IS NULL AND d.stage_id IN (`
)

// List returns all pipelines. A workspace without any gets its first now.
func (s Store) List(ctx context.Context, t tenant.Tenant) (all []Pipeline, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		all, err = All(ctx, q, t)
		return err
	})
	if err != nil || len(all) > 0 {
		return all, err
	}
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		all, err = Ensure(ctx, q, t, s.now())
		return err
	})
	return all, err
}

// Ensure gives a workspace without a pipeline its first and returns all.
func Ensure(ctx context.Context, q database.Queryer, t tenant.Tenant, now time.Time) ([]Pipeline, error) {
	if _, err := database.All(ctx, q, database.Scalar[int], lockAll, t.Workspace); err != nil {
		return nil, err
	}
	all, err := All(ctx, q, t)
	if err != nil || len(all) > 0 {
		return all, err
	}
	first := Draft{Preset: Presets()[0].Key}
	first.fill()
	if _, err := insert(ctx, q, t, first, 0, now); err != nil {
		return nil, err
	}
	return All(ctx, q, t)
}

// Get returns one pipeline.
func (s Store) Get(ctx context.Context, t tenant.Tenant, which id.ID) (p Pipeline, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		p, err = One(ctx, q, t, which)
		return err
	})
	return p, err
}

// Create adds a pipeline behind the others.
func (s Store) Create(ctx context.Context, t tenant.Tenant, d Draft) (p Pipeline, err error) {
	if !d.fill() {
		return p, problem.Validation(problem.Fault{Pointer: "/preset", Code: "choice", Message: "there is no such preset"})
	}
	if err := d.check(); err != nil {
		return p, err
	}
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		all, err := s.locked(ctx, q, t)
		if err != nil {
			return err
		}
		if d.Replace {
			if all, err = s.dropEmpty(ctx, q, t, all); err != nil {
				return err
			}
		}
		if len(all) >= maxPipelines {
			return problem.Conflict("a workspace has at most 20 pipelines")
		}
		which, err := insert(ctx, q, t, d, len(all), s.now())
		if err != nil {
			return err
		}
		if p, err = One(ctx, q, t, which); err != nil {
			return err
		}
		return record(ctx, q, t, "created", nil, &p)
	})
	return p, err
}

// locked holds the workspace's set of pipelines still and reads it.
func (s Store) locked(ctx context.Context, q database.Queryer, t tenant.Tenant) ([]Pipeline, error) {
	if _, err := database.All(ctx, q, database.Scalar[int], lockAll, t.Workspace); err != nil {
		return nil, err
	}
	return All(ctx, q, t)
}

func insert(ctx context.Context, q database.Queryer, t tenant.Tenant, d Draft, position int, now time.Time) (id.ID, error) {
	which := id.New()
	if _, err := database.Exec(ctx, q, insertOne, t.Workspace, which, d.Name, d.Currency, position, now, t.User, now, t.User); err != nil {
		return which, err
	}
	for i, stage := range d.Stages {
		if _, err := database.Exec(ctx, q, insertStage, t.Workspace, id.New(), which, stage.Name, stage.Kind, stage.Probability, stage.StaleDays, i); err != nil {
			return which, err
		}
	}
	return which, nil
}

// dropEmpty takes away the pipelines that no deal was put into yet.
func (s Store) dropEmpty(ctx context.Context, q database.Queryer, t tenant.Tenant, all []Pipeline) ([]Pipeline, error) {
	var kept []Pipeline
	for _, p := range all {
		deals, _, err := database.One(ctx, q, database.Scalar[int], countDeals, t.Workspace, p.ID)
		if err != nil {
			return nil, err
		}
		if deals > 0 {
			kept = append(kept, p)
			continue
		}
		if err := s.drop(ctx, q, t, p); err != nil {
			return nil, err
		}
	}
	return kept, nil
}

func (s Store) drop(ctx context.Context, q database.Queryer, t tenant.Tenant, p Pipeline) error {
	now := s.now()
	if _, err := database.Exec(ctx, q, updateStages, now, t.Workspace, p.ID); err != nil {
		return err
	}
	if _, err := database.Exec(ctx, q, updateGone, now, now, t.User, t.Workspace, p.ID); err != nil {
		return err
	}
	return record(ctx, q, t, "deleted", &p, nil)
}

// Update changes the version that the caller read, with its stages.
func (s Store) Update(ctx context.Context, t tenant.Tenant, which id.ID, version int, patch Patch) (Pipeline, error) {
	return s.change(ctx, t, which, version, func(ctx context.Context, q database.Queryer, p Pipeline) error {
		d := patch.over(p.draft())
		d.Stages = slices.Clone(d.Stages)
		if err := d.check(); err != nil {
			return err
		}
		if _, err := database.Exec(ctx, q, updateOne, d.Name, d.Currency, s.now(), t.User, t.Workspace, which); err != nil {
			return err
		}
		if !patch.Stages.Given {
			return nil
		}
		return s.writeStages(ctx, q, t, p, d.Stages)
	})
}

// Delete takes away the version that the caller read, if no deal is in it.
func (s Store) Delete(ctx context.Context, t tenant.Tenant, which id.ID, version int) error {
	return s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		all, err := s.locked(ctx, q, t)
		if err != nil {
			return err
		}
		p, err := hold(ctx, q, t, which, version)
		if err != nil {
			return err
		}
		if len(all) == 1 {
			return problem.Conflict("this is the last pipeline; add another one first")
		}
		deals, _, err := database.One(ctx, q, database.Scalar[int], countDeals, t.Workspace, which)
		if err != nil {
			return err
		}
		if deals > 0 {
			return problem.Conflict(counted(deals) + " in this pipeline; move or delete them first")
		}
		return s.drop(ctx, q, t, p)
	})
}

// Order puts the pipelines into the given order; those not named follow.
func (s Store) Order(ctx context.Context, t tenant.Tenant, order []id.ID) (all []Pipeline, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		if all, err = s.locked(ctx, q, t); err != nil {
			return err
		}
		place := func(p Pipeline) int {
			if i := slices.Index(order, p.ID); i >= 0 {
				return i
			}
			return len(order)
		}
		slices.SortStableFunc(all, func(a, b Pipeline) int { return place(a) - place(b) })
		for i := range all {
			was := all[i]
			all[i].Position = i + 1
			if _, err := database.Exec(ctx, q, updatePlace, i, t.Workspace, was.ID); err != nil {
				return err
			}
			if was.Position == i+1 {
				continue
			}
			if err := record(ctx, q, t, "moved", &was, &all[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

func hold(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, version int) (Pipeline, error) {
	if _, _, err := database.One(ctx, q, database.Scalar[id.ID], lockOne, t.Workspace, which); err != nil {
		return Pipeline{}, err
	}
	p, err := One(ctx, q, t, which)
	if err == nil && p.Version != version {
		err = problem.Stale(p)
	}
	return p, err
}

func (s Store) change(ctx context.Context, t tenant.Tenant, which id.ID, version int, fn func(context.Context, database.Queryer, Pipeline) error) (p Pipeline, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		was, err := hold(ctx, q, t, which, version)
		if err != nil {
			return err
		}
		if err := fn(ctx, q, was); err != nil {
			return err
		}
		if p, err = One(ctx, q, t, which); err != nil {
			return err
		}
		return record(ctx, q, t, "updated", &was, &p)
	})
	return p, err
}

// now is cut to what MySQL keeps, so that an answer equals a later read.
func (s Store) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }
