package imports

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/tenant"
)

const (
	stateUndone = "undone"
	stateKept   = "kept"
	backAtOnce  = 500 // changes of one transaction
)

const (
	selectChanges = `SELECT number, kind, record_id, was, became FROM import_changes WHERE workspace_id = ? AND import_id = ? AND state = '' ORDER BY number DESC LIMIT ?`
	updateChanges = `UPDATE import_changes SET state = ?, reason = ? WHERE workspace_id = ? AND import_id = ? AND number IN (`
)

// past is one change of an import, to be taken back.
type past struct {
	number      int
	kind        string
	record      id.ID
	was, became members
}

func scanPast(row database.Row, p *past) error {
	var was *string
	var became string
	if err := row.Scan(&p.number, &p.kind, &p.record, &was, &became); err != nil {
		return err
	}
	if was != nil {
		if err := json.Unmarshal([]byte(*was), &p.was); err != nil {
			return fmt.Errorf("import change %d: %w", p.number, err)
		}
	}
	return json.Unmarshal([]byte(became), &p.became)
}

// doUndo takes changes back from the last to the first, some in each
// transaction.
func (s Store) doUndo(ctx context.Context, t tenant.Tenant, which id.ID) error {
	for {
		i, err := s.backward(ctx, t, which)
		if err != nil || i.Status != Undoing {
			return err
		}
		s.tell(ctx, t, i)
	}
}

func (s Store) backward(ctx context.Context, t tenant.Tenant, which id.ID) (i Import, err error) {
	err = s.DB.Batch(ctx, func(ctx context.Context, q database.Queryer) error {
		if i, err = read(ctx, q, t, which, " FOR UPDATE"); err != nil || i.Status != Undoing {
			return err
		}
		all, err := database.All(ctx, q, scanPast, selectChanges, t.Workspace, which, backAtOnce)
		if err != nil {
			return err
		}
		if err := s.takeBackAll(ctx, q, t, &i, all); err != nil {
			return err
		}
		if len(all) < backAtOnce {
			now := s.now()
			i.Status, i.FinishedAt = Undone, &now
		}
		return write(ctx, q, t, i)
	})
	if err == nil && i.Status == Undone {
		s.tell(ctx, t, i)
	}
	return i, err
}

// takeBackAll undoes changes, last first; records made one behind the other go
// in few statements.
func (s Store) takeBackAll(ctx context.Context, q database.Queryer, t tenant.Tenant, i *Import, all []past) error {
	for len(all) > 0 {
		n := slices.IndexFunc(all, func(p past) bool { return p.was != nil })
		if n < 0 {
			n = len(all)
		}
		if err := s.unmake(ctx, q, t, i, all[:n]); err != nil {
			return err
		}
		if all = all[n:]; len(all) == 0 {
			return nil
		}
		if err := s.takeBack(ctx, q, t, i, all[0]); err != nil {
			return err
		}
		all = all[1:]
	}
	return nil
}

// takeBack undoes the change of a record, or notes why it stays.
func (s Store) takeBack(ctx context.Context, q database.Queryer, t tenant.Tenant, i *Import, p past) error {
	if _, err := database.Exec(ctx, q, savepoint); err != nil {
		return err
	}
	reason, err := s.restore(ctx, q, t, p)
	if refused(err) {
		reason = explain(err)
		_, err = database.Exec(ctx, q, backToPoint)
	}
	if err != nil {
		return err
	}
	return i.settle(ctx, q, t, reason, p.number)
}

// settle notes what became of changes: undone, or kept for a reason.
func (i *Import) settle(ctx context.Context, q database.Queryer, t tenant.Tenant, reason string, numbers ...int) error {
	if len(numbers) == 0 {
		return nil
	}
	state := stateUndone
	if reason == "" {
		i.Undone += len(numbers)
	} else {
		state = stateKept
		i.Kept += len(numbers)
	}
	args := []any{state, cut(reason, 300), t.Workspace, i.ID}
	for _, number := range numbers {
		args = append(args, number)
	}
	_, err := database.Exec(ctx, q, updateChanges+page.Marks(len(numbers))+")", args...)
	return err
}

// restore brings a record back to what it was, unless somebody changed since
// what the import had changed.
func (s Store) restore(ctx context.Context, q database.Queryer, t tenant.Tenant, p past) (reason string, err error) {
	subject, err := s.named(p.kind)
	if err != nil {
		return "", err
	}
	record, err := subject.read(ctx, q, t, p.record)
	if err != nil {
		return "", err
	}
	now, err := membersOf(record)
	if err != nil {
		return "", err
	}
	if now["deletedAt"] != nil {
		return "it is in the trash", nil
	}
	if reason := p.changed(now); reason != "" {
		return reason, nil
	}
	_, err = subject.alter(ctx, q, t, p.record, p.back())
	return "", err
}

// changed says what somebody changed since.
func (p past) changed(now members) string {
	for name, value := range p.became {
		if !same(now[name], value) {
			return "somebody changed it since (" + name + ")"
		}
	}
	return ""
}

// attached says what keeps a record that the import made.
func attached(now members) string {
	for name, what := range map[string]string{"peopleCount": "people belong to it", "dealCount": "deals belong to it", "openDealCount": "deals belong to it"} {
		if n, _ := now[name].(float64); n > 0 {
			return what
		}
	}
	if now["lastContactAt"] != nil || now["lastActivityAt"] != nil {
		return "somebody was in contact since"
	}
	return ""
}

// back is the patch that undoes the change.
func (p past) back() members {
	patch := members{}
	for name, value := range p.was {
		if name == "custom" {
			value = cleared(value, p.became[name])
		}
		patch[name] = value
	}
	return patch
}

// cleared are the own fields as they were, with null for those that were not.
func cleared(was, became any) any {
	patch := map[string]any{}
	new, _ := became.(map[string]any)
	for key := range new {
		patch[key] = nil
	}
	old, _ := was.(map[string]any)
	for key, value := range old {
		patch[key] = value
	}
	return patch
}
