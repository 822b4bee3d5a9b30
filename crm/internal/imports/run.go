package imports

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/jobs"
	"apexai/crm/internal/sheet"
	"apexai/crm/internal/tenant"
)

const (
	piece    = 500 // rows of one transaction
	stripe   = 10  // numbers of a row's changes
	insertAt = 200 // rows of one insert
)

// Jobs are the work that imports do in the background.
func (s Store) Jobs() []jobs.Handler {
	handler := func(kind string, run func(context.Context, tenant.Tenant, id.ID) error) jobs.Handler {
		return jobs.Handler{Kind: kind, Queue: jobs.Default, Retry: 5, Timeout: 20 * time.Minute, Run: func(ctx context.Context, t tenant.Tenant, payload json.RawMessage) error {
			var o order
			if err := json.Unmarshal(payload, &o); err != nil {
				return jobs.Skip(fmt.Errorf("read order of import: %w", err))
			}
			err := run(ctx, t, o.Import)
			if refused(err) {
				return jobs.Skip(err) // the import is gone
			}
			return err
		}}
	}
	return []jobs.Handler{handler(checkJob, s.doCheck), handler(runJob, s.doRun), handler(undoJob, s.doUndo)}
}

// errElsewhere ends the work of a job whose import another job goes on with,
// or that somebody cancelled.
var errElsewhere = errors.New("the import is no longer at this job's row")

// doRun works through what is left of an import, piece by piece.
func (s Store) doRun(ctx context.Context, t tenant.Tenant, which id.ID) error {
	i, err := s.Get(ctx, t, which)
	if err != nil || i.Status != Running {
		return err
	}
	w, rows, err := s.prepare(ctx, t, i)
	if err != nil {
		return err
	}
	if err := rows.skip(i.Done); err != nil {
		return err
	}
	for i.Status == Running {
		start := rows.number
		part, err := rows.next(piece)
		if err != nil {
			return err
		}
		if i, err = s.step(ctx, t, i, w, part, start); err != nil {
			if errors.Is(err, errElsewhere) {
				return nil
			}
			return err
		}
		s.tell(ctx, t, i)
	}
	return nil
}

func (s Store) prepare(ctx context.Context, t tenant.Tenant, i Import) (work, *table, error) {
	subjects := s.subjects()
	if i.Mapping.Kind == Deals { // the first deal finds a pipeline
		if _, err := s.Deals.Pipelines.List(ctx, t); err != nil {
			return work{}, nil, err
		}
	}
	w := work{subject: subjects[i.Mapping.Kind], company: subjects[Companies], workings: i.Mapping, parser: parser{mapping: i.Mapping}}
	err := s.DB.View(ctx, func(ctx context.Context, q database.Queryer) (err error) {
		if w.parser.fields, w.parser.defs, err = available(ctx, q, t, i.Mapping.Kind); err != nil {
			return err
		}
		w.parser.owners, err = readOwners(ctx, q, t)
		return err
	})
	if err != nil {
		return w, nil, err
	}
	rows, err := s.open(ctx, t, i)
	return w, rows, err
}

// step does one piece in one transaction: what its rows do, their outcomes,
// and the import's counts. It does nothing if the import is not at start.
func (s Store) step(ctx context.Context, t tenant.Tenant, i Import, w work, part []sheet.Row, start int) (Import, error) {
	rows := w.parse(part, start)
	err := s.DB.Batch(ctx, func(ctx context.Context, q database.Queryer) (err error) {
		if i, err = read(ctx, q, t, i.ID, " FOR UPDATE"); err != nil {
			return err
		}
		if i.Status != Running || i.Done != start {
			return errElsewhere
		}
		if err := w.rows(ctx, q, t, &i, rows); err != nil {
			return err
		}
		i.Done += len(rows)
		if len(rows) < piece {
			now := s.now()
			i.Status, i.FinishedAt = Done, &now
			i.Total = i.Done
		}
		return write(ctx, q, t, i)
	})
	return i, err
}

func (w work) parse(part []sheet.Row, start int) []parsed {
	rows := make([]parsed, len(part))
	for n, row := range part {
		rows[n] = w.parser.parse(row, start+n+1)
	}
	return rows
}

func (w work) rows(ctx context.Context, q database.Queryer, t tenant.Tenant, i *Import, rows []parsed) error {
	k, err := look(ctx, q, t, w.workings.Kind, rows)
	if err != nil {
		return err
	}
	verdicts := make([]verdict, len(rows))
	for n, r := range rows {
		if verdicts[n], err = w.apply(ctx, q, t, k, r); err != nil {
			return err
		}
		i.Counts.add(verdicts[n].outcome)
	}
	return keep(ctx, q, t, i.ID, rows, verdicts)
}

const (
	insertRows    = `INSERT INTO import_rows (workspace_id, import_id, number, line, outcome, message, cells) VALUES `
	insertChanges = `INSERT INTO import_changes (workspace_id, import_id, number, nth_row, kind, record_id, was, became) VALUES `
)

// keep notes the outcomes of rows and what they did.
func keep(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, rows []parsed, verdicts []verdict) error {
	var outcomes, changes [][]any
	for n, r := range rows {
		v := verdicts[n]
		var cells any
		if v.outcome == rowFailed {
			cells = encoded(r.cells)
		}
		outcomes = append(outcomes, []any{t.Workspace, which, r.number, r.line, v.outcome, v.message, cells})
		for k, e := range v.effects {
			var was any
			if e.was != nil {
				was = encoded(e.was)
			}
			changes = append(changes, []any{t.Workspace, which, r.number*stripe + k, r.number, e.kind, e.record, was, encoded(e.became)})
		}
	}
	return errors.Join(insertAll(ctx, q, insertRows, outcomes), insertAll(ctx, q, insertChanges, changes))
}

// insertAll inserts rows of equal length, some at a time.
func insertAll(ctx context.Context, q database.Queryer, query string, rows [][]any) error {
	for len(rows) > 0 {
		n := min(len(rows), insertAt)
		var args []any
		for _, row := range rows[:n] {
			args = append(args, row...)
		}
		one := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(rows[0])), ", ") + "), "
		if _, err := database.Exec(ctx, q, query+strings.TrimSuffix(strings.Repeat(one, n), ", "), args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}
