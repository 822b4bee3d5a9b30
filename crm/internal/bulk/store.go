package bulk

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/jobs"
	"apexai/crm/internal/page"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/records"
	"apexai/crm/internal/tasks"
	"apexai/crm/internal/tenant"
)

// A Store runs changes of many records.
type Store struct {
	DB    *database.DB
	Kinds records.Kinds
	Tasks tasks.Store
	Now   func() time.Time
}

const (
	insertRun  = `INSERT INTO bulk_runs (workspace_id, id, kind, action, status, total, created_at, created_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
	insertRows = `INSERT INTO bulk_rows (workspace_id, run_id, position, record_id, status) VALUES `
	selectRun  = `SELECT id, kind, action, status, total, created_at, created_by, finished_at FROM bulk_runs WHERE workspace_id = ? AND id = ?`
	updateRun  = `UPDATE bulk_runs SET status = ?, finished_at = ? WHERE workspace_id = ? AND id = ?`
	countRows  = `SELECT status, COUNT(*) FROM bulk_rows WHERE workspace_id = ? AND run_id = ? GROUP BY status`
	selectBad  = `SELECT record_id, message FROM bulk_rows WHERE workspace_id = ? AND run_id = ? AND status IN ('failed', 'kept') ORDER BY position LIMIT ?`
	purgeRuns  = `DELETE FROM bulk_runs WHERE workspace_id > 0 AND created_at < ? LIMIT 100`
)

type payload struct {
	Run id.ID `json:"run"`
}

const (
	runJob  = "bulk.run"
	undoJob = "bulk.undo"
)

// Start begins a run. A small one is done when it returns; of others a job
// takes care.
func (s Store) Start(ctx context.Context, t tenant.Tenant, kind records.Kind, o Order) (Run, error) {
	a, err := o.check(kind)
	if err != nil {
		return Run{}, err
	}
	which, total := id.New(), 0
	err = s.DB.Batch(ctx, func(ctx context.Context, q database.Queryer) error {
		chosen, err := choose(ctx, q, t, kind, o)
		if err != nil {
			return err
		}
		total = len(chosen)
		return s.keep(ctx, q, t, which, kind.Name, a, chosen)
	})
	if err != nil {
		return Run{}, err
	}
	if total <= atOnce {
		if err := s.advance(ctx, t, which, running); err != nil {
			return Run{}, err
		}
	}
	return s.Get(ctx, t, which)
}

func choose(ctx context.Context, q database.Queryer, t tenant.Tenant, kind records.Kind, o Order) ([]id.ID, error) {
	if o.Filter == nil {
		var once []id.ID
		seen := map[id.ID]bool{}
		for _, which := range o.IDs {
			if !seen[which] {
				seen[which] = true
				once = append(once, which)
			}
		}
		return once, nil
	}
	chosen, err := kind.IDs(ctx, q, t, records.Selection{Filter: *o.Filter, Words: page.Words(o.Q)}, most+1)
	err = problem.Within("/filter", err)
	if len(chosen) > most {
		err = problem.Conflict("the filter finds more than 10000 records, which is more than is changed at once")
	}
	return chosen, err
}

func (s Store) keep(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, kind string, a action, chosen []id.ID) error {
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	if _, err := database.Exec(ctx, q, insertRun, t.Workspace, which, kind, text, running, len(chosen), s.now(), t.User); err != nil {
		return err
	}
	position := 0
	for chunk := range slices.Chunk(chosen, 500) {
		var args []any
		for _, record := range chunk {
			args = append(args, t.Workspace, which, position, record, todo)
			position++
		}
		if _, err := database.Exec(ctx, q, insertRows+strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, ?), ", len(chunk)), ", "), args...); err != nil {
			return err
		}
	}
	if len(chosen) <= atOnce {
		return nil
	}
	return jobs.Enqueue(ctx, q, t, jobs.Job{Kind: runJob, Payload: payload{which}})
}

// Get returns a run as it stands.
func (s Store) Get(ctx context.Context, t tenant.Tenant, which id.ID) (r Run, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		r, err = read(ctx, q, t, which, "")
		if err != nil {
			return err
		}
		_, err = database.All(ctx, q, func(row database.Row, n *int) error {
			var status string
			err := row.Scan(&status, n)
			if count := map[string]*int{done: &r.Done, failed: &r.Failed, undone: &r.Undone, kept: &r.Kept}[status]; count != nil {
				*count = *n
			}
			return err
		}, countRows, t.Workspace, which)
		if err != nil {
			return err
		}
		r.Faults, err = database.All(ctx, q, func(row database.Row, f *Fault) error { return row.Scan(&f.ID, &f.Message) }, selectBad, t.Workspace, which, maxFaults)
		if r.Faults == nil {
			r.Faults = []Fault{}
		}
		return err
	})
	return r, err
}

func read(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, lock string) (Run, error) {
	r, ok, err := database.One(ctx, q, func(row database.Row, r *Run) error {
		var text []byte
		if err := row.Scan(&r.ID, &r.Kind, &text, &r.Status, &r.Total, &r.CreatedAt, &r.CreatedBy, &r.FinishedAt); err != nil {
			return err
		}
		return json.Unmarshal(text, &r.action)
	}, selectRun+lock, t.Workspace, which)
	if err == nil && !ok {
		err = problem.NotFound("run")
	}
	return r, err
}

// Undo takes the records of a run back to how they were, but for those that
// were changed since.
func (s Store) Undo(ctx context.Context, t tenant.Tenant, which id.ID) (Run, error) {
	total := 0
	err := s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		r, err := read(ctx, q, t, which, " FOR UPDATE")
		if err != nil {
			return err
		}
		if r.CreatedBy != t.User && t.Role < tenant.Admin {
			return problem.Forbidden("only who began this and admins undo it")
		}
		if r.Status != done {
			return problem.Conflict("this is " + r.Status + " and cannot be undone now")
		}
		if _, err := database.Exec(ctx, q, updateRun, undoing, nil, t.Workspace, which); err != nil {
			return err
		}
		if total = r.Total; total <= atOnce {
			return nil
		}
		return jobs.Enqueue(ctx, q, t, jobs.Job{Kind: undoJob, Payload: payload{which}})
	})
	if err != nil {
		return Run{}, err
	}
	if total <= atOnce {
		if err := s.advance(ctx, t, which, undoing); err != nil {
			return Run{}, err
		}
	}
	return s.Get(ctx, t, which)
}

// now is cut to what MySQL keeps, so that an answer equals a later read.
func (s Store) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }

// Jobs do the runs that are too long for a request.
func (s Store) Jobs() []jobs.Handler {
	run := func(status string) func(context.Context, tenant.Tenant, json.RawMessage) error {
		return func(ctx context.Context, t tenant.Tenant, raw json.RawMessage) error {
			var p payload
			if err := json.Unmarshal(raw, &p); err != nil {
				return jobs.Skip(err)
			}
			return s.advance(ctx, t, p.Run, status)
		}
	}
	return []jobs.Handler{
		{Kind: runJob, Queue: jobs.Critical, Retry: 5, Timeout: 10 * time.Minute, Run: run(running)},
		{Kind: undoJob, Queue: jobs.Critical, Retry: 5, Timeout: 10 * time.Minute, Run: run(undoing)},
	}
}

// Periodic forgets runs after 30 days, as the trash does.
func (s Store) Periodic() []jobs.Periodic {
	return []jobs.Periodic{{Name: "bulk.purge", Every: time.Hour, Run: func(ctx context.Context) error {
		return s.DB.Batch(ctx, func(ctx context.Context, q database.Queryer) error {
			_, err := database.Exec(ctx, q, purgeRuns, s.now().AddDate(0, 0, -30))
			return err
		})
	}}}
}
