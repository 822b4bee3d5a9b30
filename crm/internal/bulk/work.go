package bulk

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/records"
	"apexai/crm/internal/tags"
	"apexai/crm/internal/tasks"
	"apexai/crm/internal/tenant"
)

// The states of a row beside done and undone.
const (
	todo   = "todo"
	failed = "failed"
	kept   = "kept" // changed since, so undoing left it
)

const (
	selectRows = `SELECT position, record_id, version, previous FROM bulk_rows WHERE workspace_id = ? AND run_id = ? AND status = ? ORDER BY position LIMIT ? FOR UPDATE`
	updateRow  = `UPDATE bulk_rows SET status = ?, version = ?, previous = ?, message = ? WHERE workspace_id = ? AND run_id = ? AND position = ?`
	savepoint  = `SAVEPOINT bulk_row`
	rollback   = `ROLLBACK TO SAVEPOINT bulk_row`
)

// A row is one record of a run.
type row struct {
	position int
	record   id.ID
	version  int
	undo     []byte
}

// advance does what is left of a run that is running or undoing. It may be
// called again at any time: what is done is done.
func (s Store) advance(ctx context.Context, t tenant.Tenant, which id.ID, status string) error {
	for {
		more := false
		err := s.DB.Batch(ctx, func(ctx context.Context, q database.Queryer) (err error) {
			more, err = s.chunk(ctx, q, t, which, status)
			return err
		})
		if err != nil || !more {
			return err
		}
	}
}

func (s Store) chunk(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, status string) (more bool, err error) {
	run, err := read(ctx, q, t, which, " FOR UPDATE")
	if err != nil || run.Status != status {
		return false, err
	}
	kind, ok := s.Kinds.Find(run.Kind)
	if !ok {
		return false, problem.NotFound("kind")
	}
	from, to, finished := todo, done, done
	if status == undoing {
		from, to, finished = done, undone, undone
	}
	rows, err := database.All(ctx, q, func(r database.Row, x *row) error { return r.Scan(&x.position, &x.record, &x.version, &x.undo) },
		selectRows, t.Workspace, which, from, chunkSize)
	if err != nil {
		return false, err
	}
	for _, r := range rows {
		if err := s.one(ctx, q, t, kind, run, r, to); err != nil {
			return false, err
		}
	}
	if len(rows) == chunkSize {
		return true, nil
	}
	_, err = database.Exec(ctx, q, updateRun, finished, s.now(), t.Workspace, which)
	return false, err
}

// one does one row. What is wrong with the record alone is noted with it and
// undone with it; every other fault ends the chunk.
func (s Store) one(ctx context.Context, q database.Queryer, t tenant.Tenant, kind records.Kind, run Run, r row, to string) error {
	if _, err := database.Exec(ctx, q, savepoint); err != nil {
		return err
	}
	var err error
	if to == undone {
		err = s.back(ctx, q, t, kind, run.action, &r)
	} else {
		err = s.apply(ctx, q, t, kind, run.action, &r)
	}
	message := ""
	if p, ok := errors.AsType[*problem.Problem](err); ok && p.Status < 500 {
		if _, err := database.Exec(ctx, q, rollback); err != nil {
			return err
		}
		if message = explain(p); to == undone {
			to = kept
		} else {
			to = failed
		}
		err = nil
	}
	if err != nil {
		return err
	}
	var undo any
	if r.undo != nil {
		undo = r.undo
	}
	_, err = database.Exec(ctx, q, updateRow, to, r.version, undo, message, t.Workspace, run.ID, r.position)
	return err
}

func explain(p *problem.Problem) string {
	text := p.Detail
	if len(p.Errors) > 0 {
		text = p.Errors[0].Message
	}
	if text == "" {
		text = p.Title
	}
	runes := []rune(text)
	return string(runes[:min(len(runes), 300)])
}

// apply does the run's action with one record, and notes how to undo it.
func (s Store) apply(ctx context.Context, q database.Queryer, t tenant.Tenant, kind records.Kind, a action, r *row) error {
	before, err := kind.Read(ctx, q, t, r.record)
	if err != nil {
		return err
	}
	if before.Deleted != nil {
		return problem.NotFound(kind.Name)
	}
	switch {
	case a.Delete:
		r.version = before.Version + 1
		return kind.Discard(ctx, q, t, r.record, 0)
	case a.Task != nil:
		draft := *a.Task
		draft.Target = &tasks.Target{Kind: kind.Name, ID: r.record}
		task, err := s.Tasks.Add(ctx, q, t, draft)
		r.version = task.Version
		r.undo, _ = json.Marshal(task.ID.String()) // a text
		return err
	}
	patch, err := a.patch(before.Value)
	if err != nil {
		return err
	}
	if r.undo, err = opposite(before.Value, patch); err != nil {
		return err
	}
	after, err := kind.Alter(ctx, q, t, r.record, 0, patch)
	r.version = after.Version
	return err
}

// patch is what the action means for a record.
func (a action) patch(record any) (json.RawMessage, error) {
	if len(a.Set) > 0 {
		return a.Set, nil
	}
	var have struct{ Tags []tags.Tag }
	if err := through(record, &have); err != nil {
		return nil, err
	}
	same := func(x tags.Tag) func(tags.Tag) bool {
		return func(y tags.Tag) bool {
			return x.ID == y.ID || (x.ID.IsZero() || y.ID.IsZero()) && strings.EqualFold(x.Name, y.Name)
		}
	}
	next := have.Tags
	for _, tag := range a.AddTags {
		if !slices.ContainsFunc(next, same(tag)) {
			next = append(next, tag)
		}
	}
	for _, tag := range a.RemoveTags {
		next = slices.DeleteFunc(next, same(tag))
	}
	list := make([]any, len(next))
	for i, tag := range next {
		if list[i] = any(map[string]any{"id": tag.ID}); tag.ID.IsZero() {
			list[i] = tag.Name
		}
	}
	return json.Marshal(map[string]any{"tags": list})
}

// opposite is the patch that takes a record back behind patch.
func opposite(record any, patch json.RawMessage) (json.RawMessage, error) {
	var was, changed map[string]json.RawMessage
	if err := through(record, &was); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(patch, &changed); err != nil {
		return nil, err
	}
	back := map[string]json.RawMessage{}
	for name, value := range changed {
		if name == "custom" {
			inner, err := custom(was[name], value)
			if err != nil {
				return nil, err
			}
			back[name] = inner
			continue
		}
		if back[name] = was[name]; was[name] == nil {
			back[name] = json.RawMessage("null")
		}
	}
	return json.Marshal(back)
}

func custom(was, patch json.RawMessage) (json.RawMessage, error) {
	var had, changed map[string]json.RawMessage
	if err := json.Unmarshal(patch, &changed); err != nil {
		return nil, problem.Syntax("custom is not an object")
	}
	if err := json.Unmarshal(was, &had); err != nil {
		return nil, err
	}
	back := map[string]json.RawMessage{}
	for key := range changed {
		if back[key] = had[key]; had[key] == nil {
			back[key] = json.RawMessage("null")
		}
	}
	return json.Marshal(back)
}

// through passes a record through its JSON.
func through(record, into any) error {
	text, err := json.Marshal(record)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// back undoes one record, if it is still as the run left it.
func (s Store) back(ctx context.Context, q database.Queryer, t tenant.Tenant, kind records.Kind, a action, r *row) error {
	if a.Task != nil {
		var text string
		if err := json.Unmarshal(r.undo, &text); err != nil {
			return err
		}
		which, err := id.Parse(text)
		if err != nil {
			return err
		}
		return s.Tasks.Discard(ctx, q, t, which, r.version)
	}
	now, err := kind.Read(ctx, q, t, r.record)
	if err != nil {
		return err
	}
	if now.Version != r.version {
		return problem.Conflict("it was changed since")
	}
	if a.Delete {
		_, err = kind.Revive(ctx, q, t, r.record)
		return err
	}
	_, err = kind.Alter(ctx, q, t, r.record, r.version, r.undo)
	return err
}
