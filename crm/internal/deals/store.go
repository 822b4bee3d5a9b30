package deals

import (
	"context"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/fields"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/pipelines"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/records"
	"apexai/crm/internal/tags"
	"apexai/crm/internal/tenant"
)

// A Store keeps deals in MySQL.
type Store struct {
	DB        *database.DB
	Pipelines pipelines.Store
	Now       func() time.Time
	Quiet     bool // its changes are part of a mass change, such as an import
}

const open = pipelines.Open

const (
	insertOne = `INSERT INTO deals (workspace_id, id, title, pipeline_id, stage_id, status, lane_rank, amount_minor, currency, close_date,
		owner_id, company_id, primary_person_id, lost_reason, custom, stage_entered_at, closed_at, created_at, created_by, updated_at, updated_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	updateOne = `UPDATE deals SET version = version + 1, title = ?, amount_minor = ?, currency = ?, close_date = ?, owner_id = ?, company_id = ?,
		primary_person_id = ?, lost_reason = ?, custom = ?, updated_at = ?, updated_by = ? WHERE workspace_id = ? AND id = ?`
	updateTrash = `UPDATE deals SET version = version + 1, deleted_at = ?, updated_at = ?, updated_by = ? WHERE workspace_id = ? AND id IN (`
	// Locks the deal alone: the query that reads it would lock its relations too.
	lockSome    = `SELECT 1 FROM deals WHERE workspace_id = ? AND id IN (`
	deleteLinks = `DELETE FROM deal_people WHERE workspace_id = ? AND deal_id = ? AND person_id IN (`
	insertLink  = `INSERT INTO deal_people (workspace_id, deal_id, person_id, role, position) VALUES (?, ?, ?, ?, ?)`
)

// Get returns a deal, also one in the trash.
func (s Store) Get(ctx context.Context, t tenant.Tenant, which id.ID) (d Deal, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		d, err = s.read(ctx, q, t, which)
		return err
	})
	return d, err
}

func (s Store) read(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID) (Deal, error) {
	d, ok, err := database.One(ctx, q, scan, selectDeals+" AND d.id = ?", t.Workspace, which)
	if err != nil {
		return d, err
	}
	if !ok {
		return d, problem.NotFound("deal")
	}
	one := []Deal{d}
	err = s.complete(ctx, q, t, one)
	return one[0], err
}

// Create adds a deal at the top of its lane.
func (s Store) Create(ctx context.Context, t tenant.Tenant, d Draft) (deal Deal, err error) {
	if err := d.check(); err != nil {
		return deal, err
	}
	all, err := s.Pipelines.List(ctx, t)
	if err != nil {
		return deal, err
	}
	if err := d.choose(all); err != nil {
		return deal, err
	}
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		deal, err = s.insert(ctx, q, t, d)
		return err
	})
	return deal, err
}

// Add adds a deal as part of a batch (DB.Batch), in which a query sees what
// others have committed.
func (s Store) Add(ctx context.Context, q database.Queryer, t tenant.Tenant, d Draft) (deal Deal, err error) {
	if err := d.check(); err != nil {
		return deal, err
	}
	all, err := pipelines.All(ctx, q, t)
	if err == nil && len(all) == 0 {
		all, err = pipelines.Ensure(ctx, q, t, s.now())
	}
	if err != nil {
		return deal, err
	}
	if err := d.choose(all); err != nil {
		return deal, err
	}
	return s.insert(ctx, q, t, d)
}

func (s Store) insert(ctx context.Context, q database.Queryer, t tenant.Tenant, d Draft) (deal Deal, err error) {
	stage, err := lane(ctx, q, t, *d.StageID)
	if err != nil {
		return deal, err
	}
	if err := related(ctx, q, t, d, Draft{}); err != nil {
		return deal, err
	}
	which, now := id.New(), s.now()
	rank, err := s.place(ctx, q, t, stage.ID, which, nil)
	if err != nil {
		return deal, err
	}
	custom, err := fields.Apply(ctx, q, t, "deal", which, nil, d.Custom)
	if err != nil {
		return deal, err
	}
	closed, reason := closing(stage, now, d.LostReason)
	if _, err := database.Exec(ctx, q, insertOne, t.Workspace, which, d.Title, stage.Pipeline(), stage.ID, stage.Kind, rank, d.AmountMinor, d.Currency, d.CloseDate,
		d.OwnerID, d.CompanyID, d.PrimaryPersonID, reason, custom.Column(), now, closed, now, t.User, now, t.User); err != nil {
		return deal, err
	}
	if err := writeLinks(ctx, q, t, which, d.People); err != nil {
		return deal, err
	}
	if len(d.Tags) > 0 {
		if err := tags.Set(ctx, q, t, "deal", which, d.Tags); err != nil {
			return deal, err
		}
	}
	if err := enter(ctx, q, t, which, nil, stage.ID, now, 0); err != nil {
		return deal, err
	}
	if deal, err = s.read(ctx, q, t, which); err != nil {
		return deal, err
	}
	return deal, s.record(ctx, q, t, "created", nil, deal)
}

// choose fills in the pipeline, stage and currency that a draft leaves open.
func (d *Draft) choose(all []pipelines.Pipeline) error {
	for _, p := range all {
		if d.PipelineID != nil && *d.PipelineID != p.ID {
			continue
		}
		stage := p.First(open)
		if d.StageID != nil {
			var ok bool
			if stage, ok = p.Stage(*d.StageID); !ok {
				continue
			}
		}
		d.PipelineID, d.StageID = &p.ID, &stage.ID
		if d.Currency == "" {
			d.Currency = p.Currency
		}
		return nil
	}
	pointer := "/pipelineId"
	if d.StageID != nil {
		pointer = "/stageId"
	}
	return problem.Validation(problem.Fault{Pointer: pointer, Code: "not-found", Message: "this is not in the workspace"})
}

// Update changes the version that the caller read.
func (s Store) Update(ctx context.Context, t tenant.Tenant, which id.ID, version int, patch Patch) (d Deal, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		d, err = s.Alter(ctx, q, t, which, version, patch)
		return err
	})
	return d, err
}

// Alter changes a deal as part of a transaction: the version that the caller
// read, or with 0 the one that is there.
func (s Store) Alter(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, version int, patch Patch) (Deal, error) {
	return s.change(ctx, q, t, which, "updated", func(deal Deal) error {
		if err := current(deal, version); err != nil {
			return err
		}
		was := deal.draft()
		d := patch.over(was)
		if err := d.check(); err != nil {
			return err
		}
		if d.Currency == "" {
			d.Currency = was.Currency
		}
		if deal.Status != pipelines.Lost {
			d.LostReason = ""
		}
		if err := related(ctx, q, t, d, was); err != nil {
			return err
		}
		custom, err := fields.Apply(ctx, q, t, "deal", which, deal.Custom, patch.Custom)
		if err != nil {
			return err
		}
		if _, err := database.Exec(ctx, q, updateOne, d.Title, d.AmountMinor, d.Currency, d.CloseDate, d.OwnerID, d.CompanyID,
			d.PrimaryPersonID, d.LostReason, custom.Column(), s.now(), t.User, t.Workspace, which); err != nil {
			return err
		}
		if patch.Tags.Given {
			if err := tags.Set(ctx, q, t, "deal", which, d.Tags); err != nil {
				return err
			}
		}
		if !patch.People.Given {
			return nil
		}
		return replaceLinks(ctx, q, t, which, was.People, d.People)
	})
}

// Delete puts the version that the caller read into the trash.
func (s Store) Delete(ctx context.Context, t tenant.Tenant, which id.ID, version int) error {
	return s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		return s.Discard(ctx, q, t, which, version)
	})
}

// Discard puts a deal into the trash as part of a transaction: the version
// that the caller read, or with 0 the one that is there.
func (s Store) Discard(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, version int) error {
	_, err := s.change(ctx, q, t, which, "deleted", func(d Deal) error {
		if err := current(d, version); err != nil {
			return err
		}
		return s.bin(ctx, q, t, which)
	})
	return err
}

// bin puts deals into the trash.
func (s Store) bin(ctx context.Context, q database.Queryer, t tenant.Tenant, which ...id.ID) error {
	now := s.now()
	return records.ExecAmong(ctx, q, updateTrash, []any{now, now, t.User, t.Workspace}, which)
}

func current(d Deal, version int) error {
	if d.DeletedAt != nil {
		return problem.NotFound("deal")
	}
	if version != 0 && d.Version != version {
		return problem.Stale(d)
	}
	return nil
}

// change holds the row while fn works on it, records what that changed, and
// returns it as it is then.
func (s Store) change(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, verb string, fn func(Deal) error) (Deal, error) {
	if err := records.Hold(ctx, q, t, lockSome, which); err != nil {
		return Deal{}, err
	}
	was, err := s.read(ctx, q, t, which)
	if err != nil {
		return was, err
	}
	if err := fn(was); err != nil {
		return was, err
	}
	d, err := s.read(ctx, q, t, which)
	if err != nil || d.Version == was.Version {
		return d, err
	}
	return d, s.record(ctx, q, t, verb, &was, d)
}

// replaceLinks keeps those to people in the trash, who may come back.
func replaceLinks(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, was, people []Partner) error {
	args := []any{t.Workspace, which}
	for _, p := range was {
		args = append(args, p.PersonID)
	}
	if len(was) > 0 {
		if _, err := database.Exec(ctx, q, deleteLinks+page.Marks(len(was))+")", args...); err != nil {
			return err
		}
	}
	return writeLinks(ctx, q, t, which, people)
}

func writeLinks(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, people []Partner) error {
	for i, p := range people {
		if _, err := database.Exec(ctx, q, insertLink, t.Workspace, which, p.PersonID, p.Role, i); err != nil {
			return err
		}
	}
	return nil
}

// now is cut to what MySQL keeps, so that an answer equals a later read.
func (s Store) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }
