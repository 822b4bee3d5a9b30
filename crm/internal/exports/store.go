package exports

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"apexai/crm/internal/change"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/jobs"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An Export is a file that a job writes.
type Export struct {
	ID         id.ID      `json:"id"`
	Kind       string     `json:"kind"`
	Format     string     `json:"format"`
	Status     string     `json:"status"` // queued, done or failed
	Records    int        `json:"records"`
	Fault      string     `json:"fault,omitempty"`
	CreatedAt  time.Time  `json:"createdAt"`
	CreatedBy  id.ID      `json:"createdBy"`
	FinishedAt *time.Time `json:"finishedAt"` // the file is kept for a day from then

	order Order
	file  id.ID
}

// Location is where the export is read.
func (e Export) Location() string { return "/api/v1/exports/" + e.ID.String() }

const (
	selectExports = `SELECT e.id, e.kind, e.format, e.query, e.status, e.written, e.file_id, e.fault, e.created_at, e.created_by, e.finished_at FROM exports e WHERE e.workspace_id = ?`
	selectOne     = selectExports + ` AND e.id = ?`
	insertOne     = `INSERT INTO exports (workspace_id, id, kind, format, query, status, created_at, created_by) VALUES (?, ?, ?, ?, ?, 'queued', ?, ?)`
	updateOne     = `UPDATE exports SET status = ?, written = ?, file_id = ?, fault = ?, finished_at = ? WHERE workspace_id = ? AND id = ?`
)

func scan(row database.Row, e *Export) error {
	var order string
	if err := row.Scan(&e.ID, &e.Kind, &e.Format, &order, &e.Status, &e.Records, &e.file, &e.Fault, &e.CreatedAt, &e.CreatedBy, &e.FinishedAt); err != nil {
		return err
	}
	return json.Unmarshal([]byte(order), &e.order)
}

// Get returns an export. It is its maker's alone.
func (s Store) Get(ctx context.Context, t tenant.Tenant, which id.ID) (e Export, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		var ok bool
		e, ok, err = database.One(ctx, q, scan, selectOne, t.Workspace, which)
		if err == nil && (!ok || e.CreatedBy != t.User) {
			err = problem.NotFound("export")
		}
		return err
	})
	return e, err
}

const exportJob = "export"

type ticket struct {
	Export id.ID `json:"export"`
}

// Begin has a job write a file.
func (s Store) Begin(ctx context.Context, t tenant.Tenant, o Order) (Export, error) {
	if err := o.check(t); err != nil {
		return Export{}, err
	}
	if o.Kind != Workspace {
		if _, err := s.page(ctx, t, o, ""); err != nil { // a filter that cannot be used is told now
			return Export{}, err
		}
	}
	which := id.New()
	encoded, err := json.Marshal(o)
	if err != nil {
		return Export{}, err
	}
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		if _, err := database.Exec(ctx, q, insertOne, t.Workspace, which, o.Kind, o.Format, string(encoded), s.now(), t.User); err != nil {
			return err
		}
		if err := noted(ctx, q, t, which, o); err != nil {
			return err
		}
		return jobs.Enqueue(ctx, q, t, jobs.Job{Kind: exportJob, Payload: ticket{which}, Unique: which.String()})
	})
	if err != nil {
		return Export{}, err
	}
	return s.Get(ctx, t, which)
}

// noted records who took what out, which nothing else would show.
func noted(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, o Order) error {
	return change.Record(ctx, q, t, change.Change{Kind: "export", ID: which, Verb: "created", After: struct {
		Kind   string `json:"kind"`
		Format string `json:"format"`
	}{o.Kind, o.Format}})
}

// Jobs are the work that exports do in the background.
func (s Store) Jobs() []jobs.Handler {
	return []jobs.Handler{{Kind: exportJob, Queue: jobs.Default, Retry: 3, Timeout: 15 * time.Minute, Run: s.run}}
}

func (s Store) run(ctx context.Context, t tenant.Tenant, payload json.RawMessage) error {
	var which ticket
	if err := json.Unmarshal(payload, &which); err != nil {
		return jobs.Skip(fmt.Errorf("read order of export: %w", err))
	}
	e, err := s.Get(ctx, t, which.Export)
	if err != nil || e.Status != "queued" {
		return err
	}
	err = s.fill(ctx, t, &e)
	if p, ok := errors.AsType[*problem.Problem](err); ok && p.Status < 500 {
		e.Status, e.Fault, err = "failed", p.Error(), nil
	}
	if err != nil {
		return err
	}
	now := s.now()
	e.FinishedAt = &now
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		_, err := database.Exec(ctx, q, updateOne, e.Status, e.Records, e.file, e.Fault, now, t.Workspace, e.ID)
		return err
	})
	if err == nil && s.Tell != nil {
		s.Tell(ctx, t, "export.finished", map[string]any{"id": e.ID, "status": e.Status})
	}
	return err
}

func (s Store) fill(ctx context.Context, t tenant.Tenant, e *Export) error {
	w, err := s.Files.Create(ctx, t, name(e.Kind, e.Format, e.CreatedAt))
	if err != nil {
		return err
	}
	if e.Records, err = s.write(ctx, t, e.order, w); err != nil {
		return errors.Join(err, s.Files.Remove(context.WithoutCancel(ctx), t, w.ID()))
	}
	f, err := w.Finish(keepFor)
	e.file, e.Status = f.ID, "done"
	return err
}

// name is a file's name: people-2026-11-26.csv.
func name(kind, format string, at time.Time) string {
	return kind + "-" + at.Format(time.DateOnly) + "." + format
}

// contentType: JSON records are a file to keep rather than an answer.
func contentType(format string) string {
	switch format {
	case csvFormat:
		return "text/csv; charset=utf-8"
	case vcfFormat:
		return "text/vcard; charset=utf-8"
	}
	return "application/octet-stream"
}

// File is the file of an export.
func (s Store) File(ctx context.Context, t tenant.Tenant, which id.ID) (web.File, error) {
	e, err := s.Get(ctx, t, which)
	if err != nil {
		return web.File{}, err
	}
	if e.Status != "done" {
		return web.File{}, problem.Conflict("this export is " + e.Status)
	}
	f, err := s.Files.Get(ctx, t, e.file)
	if err != nil {
		return web.File{}, err
	}
	return web.File{Name: f.Name, ContentType: contentType(e.Format), Write: func(ctx context.Context, w io.Writer) error {
		_, err := io.Copy(w, s.Files.Open(ctx, t, f.ID))
		return err
	}}, nil
}

// Stream writes few records as they are read.
func (s Store) Stream(ctx context.Context, t tenant.Tenant, o Order) (web.File, error) {
	if err := o.check(t); err != nil {
		return web.File{}, err
	}
	if o.Kind == Workspace {
		return web.File{}, problem.Conflict("a whole workspace is written by a job: POST /exports")
	}
	first, err := s.page(ctx, t, o, "")
	if err != nil {
		return web.File{}, err
	}
	if n, err := strconv.Atoi(first.Total); first.Total != "" && (err != nil || n > atOnce) {
		return web.File{}, problem.Conflict(fmt.Sprintf("these are more than %d records, which a job writes: POST /exports", atOnce))
	}
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error { return noted(ctx, q, t, id.New(), o) })
	if err != nil {
		return web.File{}, err
	}
	return web.File{Name: name(o.Kind, o.Format, s.Now()), ContentType: contentType(o.Format), Write: func(ctx context.Context, w io.Writer) error {
		_, err := s.write(ctx, t, o, w)
		return err
	}}, nil
}

func (s Store) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }
