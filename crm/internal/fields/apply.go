package fields

import (
	"context"
	"maps"
	"slices"
	"strings"

	"apexai/crm/internal/check"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/tenant"
)

const (
	deleteCells  = `DELETE FROM field_values WHERE workspace_id = ? AND record_id = ? AND field_id IN (`
	insertCells  = `INSERT INTO field_values (workspace_id, record_id, field_id, position, str, num, day, ref) VALUES `
	selectMember = `SELECT 1 FROM members WHERE workspace_id = ? AND user_id = ? AND role <> 'nobody'`
)

// Apply judges a patch of a record's own fields, writes its typed rows in the
// caller's transaction, and returns the values that the record has then; the
// caller writes them into the column custom. Faults point below /custom.
func Apply(ctx context.Context, q database.Queryer, t tenant.Tenant, kind string, record id.ID, old, patch Values) (Values, error) {
	if len(patch) == 0 {
		return old, nil
	}
	defs, err := Read(ctx, q, t, kind)
	if err != nil {
		return old, err
	}
	values, rows, err := judge(ctx, q, t, defs, old, patch)
	if err != nil {
		return old, err
	}
	return values, write(ctx, q, t, record, rows)
}

func judge(ctx context.Context, q database.Queryer, t tenant.Tenant, defs []Def, old, patch Values) (Values, map[id.ID][]cell, error) {
	values, rows := maps.Clone(old), map[id.ID][]cell{}
	if values == nil {
		values = Values{}
	}
	var f check.Faults
	for _, key := range slices.Sorted(maps.Keys(patch)) {
		at := "/custom/" + key
		i := slices.IndexFunc(defs, func(d Def) bool { return d.Key == key })
		if i < 0 {
			f.Add(at, "unknown", "there is no such field")
			continue
		}
		value, cells, err := clean(defs[i], patch[key])
		if err != nil {
			f.Add(at, defs[i].Type, err.Error())
			continue
		}
		if defs[i].Type == "user" && value != nil {
			if _, ok, err := database.One(ctx, q, database.Scalar[int], selectMember, t.Workspace, cells[0].ref); err != nil {
				return nil, nil, err
			} else if !ok {
				f.Add(at, "not-found", "this is no member of the workspace")
			}
		}
		if rows[defs[i].ID] = cells; value == nil {
			delete(values, key)
		} else {
			values[key] = value
		}
	}
	return values, rows, f.Problem()
}

func write(ctx context.Context, q database.Queryer, t tenant.Tenant, record id.ID, rows map[id.ID][]cell) error {
	remove, insert, marks := []any{t.Workspace, record}, []any(nil), 0
	for field, cells := range rows {
		remove = append(remove, field)
		for position, c := range cells {
			insert = append(insert, t.Workspace, record, field, position, c.str, c.num, c.day, c.ref)
			marks++
		}
	}
	if _, err := database.Exec(ctx, q, deleteCells+page.Marks(len(rows))+")", remove...); err != nil || marks == 0 {
		return err
	}
	_, err := database.Exec(ctx, q, insertCells+strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, ?, ?, ?, ?), ", marks), ", "), insert...)
	return err
}
