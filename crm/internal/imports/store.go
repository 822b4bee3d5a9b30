package imports

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"apexai/crm/internal/companies"
	"apexai/crm/internal/database"
	"apexai/crm/internal/deals"
	"apexai/crm/internal/files"
	"apexai/crm/internal/id"
	"apexai/crm/internal/jobs"
	"apexai/crm/internal/people"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

// A Store keeps imports in MySQL and does their work.
type Store struct {
	DB        *database.DB
	Files     files.Store
	People    people.Store
	Companies companies.Store
	Deals     deals.Store
	Now       func() time.Time
	// Tell sends an event to the members of the workspace who are looking.
	Tell func(ctx context.Context, t tenant.Tenant, event string, payload any)
}

const (
	columns = `i.id, i.version, i.file_id, i.file_name, i.size, i.status, i.shape, i.mapping, i.total, i.done, i.created_rows, i.updated_rows,
		i.skipped_rows, i.failed_rows, i.report, i.undone, i.kept, i.fault, i.created_at, i.created_by, i.started_at, i.finished_at`
	selectOne    = `SELECT ` + columns + ` FROM imports i WHERE i.workspace_id = ? AND i.id = ?`
	selectNewest = `SELECT ` + columns + ` FROM imports i WHERE i.workspace_id = ? ORDER BY i.id DESC LIMIT 100`
	insertOne    = `INSERT INTO imports (workspace_id, id, file_id, file_name, size, status, shape, mapping, total, created_at, created_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	updateOne = `UPDATE imports SET version = version + 1, status = ?, shape = ?, mapping = ?, total = ?, done = ?, created_rows = ?, updated_rows = ?,
		skipped_rows = ?, failed_rows = ?, report = ?, undone = ?, kept = ?, fault = ?, started_at = ?, finished_at = ? WHERE workspace_id = ? AND id = ?`
)

func scan(row database.Row, i *Import) error {
	var shape, mapping string
	var report *string
	err := row.Scan(&i.ID, &i.Version, &i.file, &i.FileName, &i.Size, &i.Status, &shape, &mapping, &i.Total, &i.Done, &i.Counts.Created, &i.Counts.Updated,
		&i.Counts.Skipped, &i.Counts.Failed, &report, &i.Undone, &i.Kept, &i.Fault, &i.CreatedAt, &i.CreatedBy, &i.StartedAt, &i.FinishedAt)
	if err == nil {
		err = json.Unmarshal([]byte(shape), &i.Shape)
	}
	if err == nil {
		err = json.Unmarshal([]byte(mapping), &i.Mapping)
	}
	if err == nil && report != nil {
		err = json.Unmarshal([]byte(*report), &i.Report)
	}
	return err
}

// Get returns an import.
func (s Store) Get(ctx context.Context, t tenant.Tenant, which id.ID) (i Import, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		i, err = read(ctx, q, t, which, "")
		return err
	})
	return i, err
}

func read(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, lock string) (Import, error) {
	i, ok, err := database.One(ctx, q, scan, selectOne+lock, t.Workspace, which)
	if err == nil && !ok {
		err = problem.NotFound("import")
	}
	return i, err
}

// List returns the newest hundred imports.
func (s Store) List(ctx context.Context, t tenant.Tenant) (all []Import, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		all, err = database.All(ctx, q, scan, selectNewest, t.Workspace)
		return err
	})
	return all, err
}

func write(ctx context.Context, q database.Queryer, t tenant.Tenant, i Import) error {
	var report any
	if i.Report != nil {
		report = encoded(i.Report)
	}
	_, err := database.Exec(ctx, q, updateOne, i.Status, encoded(i.Shape), encoded(i.Mapping), i.Total, i.Done, i.Counts.Created, i.Counts.Updated,
		i.Counts.Skipped, i.Counts.Failed, report, i.Undone, i.Kept, i.Fault, i.StartedAt, i.FinishedAt, t.Workspace, i.ID)
	return err
}

// change holds an import while fn changes it.
func (s Store) change(ctx context.Context, t tenant.Tenant, which id.ID, fn func(context.Context, database.Queryer, *Import) error) (i Import, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		i, err = read(ctx, q, t, which, " FOR UPDATE")
		if err != nil {
			return err
		}
		if err := fn(ctx, q, &i); err != nil {
			return err
		}
		if err := write(ctx, q, t, i); err != nil {
			return err
		}
		i, err = read(ctx, q, t, which, "")
		return err
	})
	return i, err
}

// The jobs of imports.
const (
	checkJob = "import.check"
	runJob   = "import.run"
	undoJob  = "import.undo"
)

type order struct {
	Import id.ID `json:"import"`
}

// verbs are what the audit log says of the jobs that change records.
var verbs = map[string]string{runJob: "begun", undoJob: "undone"}

// begin brings an import from one of some states to another and queues the
// job that does the work.
func (s Store) begin(ctx context.Context, t tenant.Tenant, which id.ID, job, to string, fn func(*Import) error, from ...string) (Import, error) {
	return s.change(ctx, t, which, func(ctx context.Context, q database.Queryer, i *Import) error {
		if err := i.in(from...); err != nil {
			return err
		}
		was := i.heading()
		if err := fn(i); err != nil {
			return err
		}
		i.Status = to
		if verb := verbs[job]; verb != "" {
			if err := record(ctx, q, t, verb, was, *i); err != nil {
				return err
			}
		}
		return jobs.Enqueue(ctx, q, t, jobs.Job{Kind: job, Payload: order{which}, Unique: fmt.Sprintf("%s:%d", which, i.Version)})
	})
}

func (i Import) in(states ...string) error {
	for _, state := range states {
		if i.Status == state {
			return nil
		}
	}
	return problem.Conflict("this import is " + i.Status)
}

// Check tries an import without writing anything.
func (s Store) Check(ctx context.Context, t tenant.Tenant, which id.ID) (Import, error) {
	return s.begin(ctx, t, which, checkJob, Checking, func(i *Import) error {
		i.Report, i.Done = nil, 0
		return nil
	}, Ready)
}

// Run imports.
func (s Store) Run(ctx context.Context, t tenant.Tenant, which id.ID) (Import, error) {
	return s.begin(ctx, t, which, runJob, Running, func(i *Import) error {
		now := s.now()
		i.Done, i.Counts, i.StartedAt = 0, Counts{}, &now
		return nil
	}, Ready)
}

// Resume goes on with an import that was stopped, or whose job was lost, from
// the row where it is.
func (s Store) Resume(ctx context.Context, t tenant.Tenant, which id.ID) (Import, error) {
	return s.begin(ctx, t, which, runJob, Running, func(i *Import) error {
		i.FinishedAt = nil
		return nil
	}, Cancelled, Running)
}

// Undo takes an import back.
func (s Store) Undo(ctx context.Context, t tenant.Tenant, which id.ID) (Import, error) {
	return s.begin(ctx, t, which, undoJob, Undoing, func(i *Import) error {
		if i.CreatedBy != t.User && t.Role < tenant.Admin {
			return problem.Forbidden("who began an import undoes it, or an admin")
		}
		i.Undone, i.Kept = 0, 0
		return nil
	}, Done, Cancelled, Failed)
}

// Cancel stops an import or a check. What was imported until then stays, and
// can be undone.
func (s Store) Cancel(ctx context.Context, t tenant.Tenant, which id.ID) (Import, error) {
	return s.change(ctx, t, which, func(ctx context.Context, q database.Queryer, i *Import) error {
		if err := i.in(Checking, Running); err != nil {
			return err
		}
		if i.Status == Checking {
			i.Status, i.Done = Ready, 0
			return nil
		}
		was, now := i.heading(), s.now()
		i.Status, i.FinishedAt = Cancelled, &now
		return record(ctx, q, t, "stopped", was, *i)
	})
}

func (s Store) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }

func (s Store) tell(ctx context.Context, t tenant.Tenant, i Import) {
	if s.Tell != nil {
		s.Tell(ctx, t, "import.progress", map[string]any{"id": i.ID, "status": i.Status, "done": i.Done, "total": i.Total, "failed": i.Counts.Failed})
	}
}
