package fields

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"apexai/crm/internal/check"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

// maxRewritten is how many records one change of options may touch.
const maxRewritten = 5000

const (
	selectHolders = `SELECT DISTINCT record_id FROM field_values WHERE workspace_id = ? AND field_id = ? AND str IN (`
	selectCustom  = `SELECT id, custom FROM %s WHERE workspace_id = ? AND id IN (`
	updateCustom  = `UPDATE %s SET version = version + 1, custom = ? WHERE workspace_id = ? AND id = ?`
)

// tables are where the records of each kind are.
var tables = map[string]string{"person": "people", "company": "companies", "deal": "deals"}

// Update changes a field. Records follow renamed options; options that
// records have go only if the patch says so.
func (s Store) Update(ctx context.Context, t tenant.Tenant, which id.ID, version int, p Patch) (after Def, err error) {
	err = s.DB.Batch(ctx, func(ctx context.Context, q database.Queryer) error {
		before, err := one(ctx, q, t, which, " FOR UPDATE")
		if err != nil {
			return err
		}
		if before.DeletedAt != nil {
			return problem.NotFound("field")
		}
		if before.Version != version {
			return problem.Stale(before)
		}
		d, renamed, err := p.over(before)
		if err != nil {
			return err
		}
		if err := s.rewrite(ctx, q, t, before, d, renamed, p.Clear); err != nil {
			return err
		}
		options, err := json.Marshal(d.Options)
		if err != nil {
			return err
		}
		if _, err := database.Exec(ctx, q, updateDef, d.Label, options, d.Position, s.now(), t.User, t.Workspace, which); err != nil {
			return err
		}
		if after, err = one(ctx, q, t, which, ""); err != nil {
			return err
		}
		return record(ctx, q, t, "updated", &before, &after)
	})
	return after, err
}

// over is the patched field, and what becomes of each option that goes: its
// new name, or "" if there is none.
func (p Patch) over(d Def) (Def, map[string]string, error) {
	var f check.Faults
	d.Label = p.Label.Over(d.Label)
	checkLabel(&f, &d.Label)
	if d.Position = p.Position.Over(d.Position); d.Position < 0 || d.Position > 999 {
		f.Add("/position", "range", "from 0 to 999")
	}
	was := d.Options
	next := make([]string, len(was))
	for i, o := range was {
		next[i] = o
		if name, ok := p.Rename[o]; ok {
			next[i] = name
		}
	}
	d.Options = checkOptions(&f, d.Type, p.Options.Over(next))
	gone := map[string]string{}
	for _, o := range was {
		if name := strings.Join(strings.Fields(p.Rename[o]), " "); name != "" && slices.Contains(d.Options, name) {
			gone[o] = name
		} else if !slices.Contains(d.Options, o) {
			gone[o] = ""
		}
	}
	for name := range p.Rename {
		if !slices.Contains(was, name) {
			f.Add("/rename", "unknown", "there is no option "+name)
		}
	}
	return d, gone, f.Problem()
}

// rewrite gives the records that have an option that goes its new name, or
// takes it from them.
func (s Store) rewrite(ctx context.Context, q database.Queryer, t tenant.Tenant, before, after Def, gone map[string]string, clear bool) error {
	if len(gone) == 0 {
		return nil
	}
	args, lost := []any{t.Workspace, before.ID}, []any{t.Workspace, before.ID}
	for o, name := range gone {
		if args = append(args, o); name == "" {
			lost = append(lost, o)
		}
	}
	if len(lost) > 2 && !clear {
		n, err := database.All(ctx, q, database.Scalar[id.ID], selectHolders+page.Marks(len(lost)-2)+")", lost...)
		if err != nil {
			return err
		}
		if len(n) > 0 {
			return problem.Conflict(fmt.Sprintf("%d records have an option that goes; send clear to take it from them, or rename it", len(n)),
				problem.Fault{Pointer: "/options", Code: "in-use", Message: fmt.Sprintf("%d records have it", len(n))})
		}
	}
	holders, err := database.All(ctx, q, database.Scalar[id.ID], selectHolders+page.Marks(len(args)-2)+") LIMIT 5001", args...)
	if err != nil {
		return err
	}
	if len(holders) > maxRewritten {
		return problem.Conflict(fmt.Sprintf("more than %d records have this option, which is more than is changed at once", maxRewritten))
	}
	for chunk := range slices.Chunk(holders, 200) {
		if err := rewriteSome(ctx, q, t, after, gone, chunk); err != nil {
			return err
		}
	}
	return nil
}

type holder struct {
	record id.ID
	values Values
}

func rewriteSome(ctx context.Context, q database.Queryer, t tenant.Tenant, d Def, gone map[string]string, records []id.ID) error {
	args := []any{t.Workspace}
	for _, r := range records {
		args = append(args, r)
	}
	table := tables[d.Kind]
	all, err := database.All(ctx, q, func(row database.Row, h *holder) error { return row.Scan(&h.record, &h.values) },
		fmt.Sprintf(selectCustom, table)+page.Marks(len(records))+") FOR UPDATE", args...)
	if err != nil {
		return err
	}
	for _, h := range all {
		value, cells, err := clean(d, renamedValue(d, h.values[d.Key], gone))
		if err != nil {
			return fmt.Errorf("rename an option of field %s: %w", d.ID, err)
		}
		if value == nil {
			delete(h.values, d.Key)
		} else {
			h.values[d.Key] = value
		}
		if err := write(ctx, q, t, h.record, map[id.ID][]cell{d.ID: cells}); err != nil {
			return err
		}
		if _, err := database.Exec(ctx, q, fmt.Sprintf(updateCustom, table), h.values.Column(), t.Workspace, h.record); err != nil {
			return err
		}
	}
	return nil
}

// renamedValue is a select's or multi's value with the new names.
func renamedValue(d Def, raw json.RawMessage, gone map[string]string) json.RawMessage {
	var single string
	if d.Type == "select" && json.Unmarshal(raw, &single) == nil {
		if name, ok := gone[single]; ok {
			single = name
		}
		return encode(single)
	}
	var list, kept []string
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	for _, o := range list {
		name, ok := gone[o]
		if !ok {
			name = o
		}
		if name != "" {
			kept = append(kept, name)
		}
	}
	return encode(kept)
}
