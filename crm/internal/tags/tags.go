// Package tags keeps the words by which a workspace sorts its records. A tag
// is of one kind of record; a record has each at most once.
package tags

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"apexai/crm/internal/check"
	"apexai/crm/internal/database"
	"apexai/crm/internal/filter"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

const (
	maxName      = 40
	maxPerRecord = 30
	maxPerKind   = 300
)

// colors are those that a tag may have.
var colors = []string{"gray", "red", "orange", "yellow", "green", "teal", "blue", "indigo", "purple", "pink"}

// A Tag is one word on a record. In a request it may be written as its name
// alone; a name that the workspace does not have yet becomes a tag.
type Tag struct {
	ID    id.ID  `json:"id"`
	Name  string `json:"name"`
	Color string `json:"color"`
}

// UnmarshalJSON takes a tag or its name.
func (t *Tag) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &t.Name)
	}
	type plain Tag
	return json.Unmarshal(data, (*plain)(t))
}

const (
	selectOf       = `SELECT g.record_id, t.id, t.name, t.color FROM taggings g JOIN tags t ON t.workspace_id = g.workspace_id AND t.id = g.tag_id WHERE g.workspace_id = ? AND g.record_id IN (`
	selectNamed    = `SELECT id, name, color FROM tags WHERE workspace_id = ? AND kind = ?`
	insertTag      = `INSERT INTO tags (workspace_id, id, kind, name, color, created_at, created_by) VALUES (?, ?, ?, ?, ?, UTC_TIMESTAMP(3), ?)`
	deleteTaggings = `DELETE FROM taggings WHERE workspace_id = ? AND record_id = ?`
	insertTaggings = `INSERT INTO taggings (workspace_id, tag_id, record_id) VALUES `
	rowsOfTags     = `SELECT record_id, tag_id AS value FROM taggings WHERE workspace_id = ?`
	manyTags       = `SELECT 1 FROM taggings ft WHERE ft.workspace_id = `
)

// Filterable is the field "tags" of records that the SQL calls alias.
func Filterable(alias string) filter.Field {
	return filter.Field{Name: "tags", Label: "Tags", Type: filter.Ref, Column: "ft.tag_id", Several: true, Rows: rowsOfTags, Many: manyTags + alias + ".workspace_id AND ft.record_id = " + alias + ".id"}
}

// Of gives put the tags of each record, by name: one query for them all.
func Of(ctx context.Context, q database.Queryer, t tenant.Tenant, records []id.ID, put func(record id.ID, tag Tag)) error {
	if len(records) == 0 {
		return nil
	}
	args := []any{t.Workspace}
	for _, r := range records {
		args = append(args, r)
	}
	_, err := database.All(ctx, q, func(row database.Row, tag *Tag) error {
		var record id.ID
		if err := row.Scan(&record, &tag.ID, &tag.Name, &tag.Color); err != nil {
			return err
		}
		put(record, *tag)
		return nil
	}, selectOf+page.Marks(len(records))+") ORDER BY t.name, t.id", args...)
	return err
}

// Set gives a record exactly these tags, and makes those that are new.
func Set(ctx context.Context, q database.Queryer, t tenant.Tenant, kind string, record id.ID, tags []Tag) error {
	chosen, err := resolve(ctx, q, t, kind, tags)
	if err != nil {
		return err
	}
	if _, err := database.Exec(ctx, q, deleteTaggings, t.Workspace, record); err != nil || len(chosen) == 0 {
		return err
	}
	var args []any
	for _, tag := range chosen {
		args = append(args, t.Workspace, tag, record)
	}
	_, err = database.Exec(ctx, q, insertTaggings+strings.TrimSuffix(strings.Repeat("(?, ?, ?), ", len(chosen)), ", "), args...)
	return err
}

// resolve finds or makes the tags that are meant. Faults point below /tags.
func resolve(ctx context.Context, q database.Queryer, t tenant.Tenant, kind string, tags []Tag) ([]id.ID, error) {
	var f check.Faults
	if len(tags) > maxPerRecord {
		f.Add("/tags", "too-many", "at most "+strconv.Itoa(maxPerRecord))
		return nil, f.Problem()
	}
	if len(tags) == 0 {
		return nil, nil
	}
	have, err := database.All(ctx, q, scanTag, selectNamed, t.Workspace, kind)
	if err != nil {
		return nil, err
	}
	var chosen []id.ID
	for i, tag := range tags {
		at := "/tags/" + strconv.Itoa(i)
		f.Line(at, &tag.Name, maxName)
		found := slices.IndexFunc(have, func(h Tag) bool {
			return h.ID == tag.ID || tag.ID.IsZero() && strings.EqualFold(h.Name, tag.Name)
		})
		switch {
		case found >= 0 && slices.Contains(chosen, have[found].ID):
		case found >= 0:
			chosen = append(chosen, have[found].ID)
		case !tag.ID.IsZero():
			f.Add(at, "not-found", "there is no such tag")
		case tag.Name == "":
			f.Add(at, "required", "a tag has a name")
		case len(f) == 0 && len(have) < maxPerKind:
			made := Tag{id.New(), tag.Name, colorOf(tag.Name)}
			if err := insert(ctx, q, t, kind, made); err != nil {
				return nil, err
			}
			have, chosen = append(have, made), append(chosen, made.ID)
		case len(have) >= maxPerKind:
			f.Add(at, "too-many", "there are "+strconv.Itoa(maxPerKind)+" tags of this kind, which is as many as there can be")
		}
	}
	return chosen, f.Problem()
}

func scanTag(row database.Row, t *Tag) error { return row.Scan(&t.ID, &t.Name, &t.Color) }

func insert(ctx context.Context, q database.Queryer, t tenant.Tenant, kind string, tag Tag) error {
	_, err := database.Exec(ctx, q, insertTag, t.Workspace, tag.ID, kind, tag.Name, tag.Color, t.User)
	if database.IsDuplicate(err) { // the collation knows more equals than EqualFold, or somebody was quicker
		return problem.Conflict("there is a tag of this name", problem.Fault{Pointer: "/name", Code: "duplicate", Message: "there is a tag of this name"})
	}
	return err
}

// colorOf gives a new tag a colour that is the same for the same name.
func colorOf(name string) string {
	h := fnv.New32a()
	h.Write([]byte(strings.ToLower(name)))
	return colors[1+h.Sum32()%uint32(len(colors)-1)]
}
