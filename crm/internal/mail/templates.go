package mail

import (
	"context"
	"strings"
	"time"

	"apexai/crm/internal/change"
	"apexai/crm/internal/check"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// A Template is a mail with variables, to write many from.
type Template struct {
	ID        id.ID     `json:"id"`
	Version   int       `json:"version"`
	Name      string    `json:"name"`
	Subject   string    `json:"subject"`
	Text      string    `json:"text"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
}

// RecordVersion goes into the ETag.
func (t Template) RecordVersion() int { return t.Version }

// Location is where the template is read.
func (t Template) Location() string { return "/api/v1/templates/" + t.ID.String() }

// A TemplateDraft is what a member writes of a template.
type TemplateDraft struct {
	Name    string `json:"name"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

// A TemplatePatch is a JSON merge patch of a TemplateDraft.
type TemplatePatch struct {
	Name    web.Field[string] `json:"name"`
	Subject web.Field[string] `json:"subject"`
	Text    web.Field[string] `json:"text"`
}

const maxTemplate = 20_000

func (d *TemplateDraft) check() error {
	var f check.Faults
	f.Line("/name", &d.Name, 120)
	if d.Name == "" {
		f.Add("/name", "required", "a template needs a name")
	}
	f.Line("/subject", &d.Subject, maxSubject)
	f.Lines("/text", &d.Text, maxTemplate)
	for pointer, text := range map[string]string{"/subject": d.Subject, "/text": d.Text} {
		if _, _, unknown := fill(text, nil); len(unknown) > 0 {
			f.Add(pointer, "variable", "there is no variable {{"+unknown[0]+"}}; there are "+strings.Join(variables, ", "))
		}
	}
	return f.Problem()
}

const (
	selectTemplates   = `SELECT t.id, t.version, t.name, t.subject, t.body, t.created_at, t.updated_at FROM email_templates t WHERE t.workspace_id = ?`
	selectTemplate    = selectTemplates + ` AND t.id = ?`
	listTemplates     = selectTemplates + ` ORDER BY t.name, t.id LIMIT 500`
	countTemplates    = `SELECT COUNT(*) FROM email_templates WHERE workspace_id = ?`
	insertTemplate    = `INSERT INTO email_templates (workspace_id, id, name, subject, body, created_at, created_by, updated_at, updated_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
	updateTemplateRow = `UPDATE email_templates SET version = version + 1, name = ?, subject = ?, body = ?, updated_at = ?, updated_by = ? WHERE workspace_id = ? AND id = ?`
	deleteTemplateRow = `DELETE FROM email_templates WHERE workspace_id = ? AND id = ?`
)

func scanTemplate(row database.Row, t *Template) error {
	return row.Scan(&t.ID, &t.Version, &t.Name, &t.Subject, &t.Text, &t.CreatedAt, &t.UpdatedAt)
}

// Templates lists a workspace's templates.
func (s Store) Templates(ctx context.Context, t tenant.Tenant) (all []Template, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		all, err = database.All(ctx, q, scanTemplate, listTemplates, t.Workspace)
		return err
	})
	return all, err
}

// Template returns one template.
func (s Store) Template(ctx context.Context, t tenant.Tenant, which id.ID) (found Template, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		found, err = readTemplate(ctx, q, t, which, "")
		return err
	})
	return found, err
}

func readTemplate(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, lock string) (Template, error) {
	found, ok, err := database.One(ctx, q, scanTemplate, selectTemplate+lock, t.Workspace, which)
	if err == nil && !ok {
		err = problem.NotFound("template")
	}
	return found, err
}

// CreateTemplate adds a template.
func (s Store) CreateTemplate(ctx context.Context, t tenant.Tenant, d TemplateDraft) (made Template, err error) {
	if err := d.check(); err != nil {
		return made, err
	}
	which, now := id.New(), s.now()
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		n, _, err := database.One(ctx, q, database.Scalar[int], countTemplates, t.Workspace)
		if err != nil {
			return err
		}
		if n >= 500 {
			return problem.Conflict("a workspace has at most 500 templates")
		}
		if _, err := database.Exec(ctx, q, insertTemplate, t.Workspace, which, d.Name, d.Subject, d.Text, now, t.User, now, t.User); err != nil {
			return taken(err)
		}
		made, err = s.changedTemplate(ctx, q, t, which, "created", nil)
		return err
	})
	return made, err
}

// UpdateTemplate changes the version that the caller read.
func (s Store) UpdateTemplate(ctx context.Context, t tenant.Tenant, which id.ID, version int, p TemplatePatch) (made Template, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		was, err := readTemplate(ctx, q, t, which, " FOR UPDATE")
		if err != nil {
			return err
		}
		if was.Version != version {
			return problem.Stale(was)
		}
		d := TemplateDraft{p.Name.Over(was.Name), p.Subject.Over(was.Subject), p.Text.Over(was.Text)}
		if err := d.check(); err != nil {
			return err
		}
		if _, err := database.Exec(ctx, q, updateTemplateRow, d.Name, d.Subject, d.Text, s.now(), t.User, t.Workspace, which); err != nil {
			return taken(err)
		}
		made, err = s.changedTemplate(ctx, q, t, which, "updated", was)
		return err
	})
	return made, err
}

// DeleteTemplate takes the version that the caller read away.
func (s Store) DeleteTemplate(ctx context.Context, t tenant.Tenant, which id.ID, version int) error {
	return s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		was, err := readTemplate(ctx, q, t, which, " FOR UPDATE")
		if err != nil {
			return err
		}
		if was.Version != version {
			return problem.Stale(was)
		}
		if _, err := database.Exec(ctx, q, deleteTemplateRow, t.Workspace, which); err != nil {
			return err
		}
		return recordTemplate(ctx, q, t, which, version+1, "deleted", was, nil)
	})
}

func (s Store) changedTemplate(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, verb string, was any) (Template, error) {
	made, err := readTemplate(ctx, q, t, which, "")
	if err != nil {
		return made, err
	}
	return made, recordTemplate(ctx, q, t, which, made.Version, verb, was, made)
}

func recordTemplate(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, version int, verb string, was, made any) error {
	return change.Record(ctx, q, t, change.Change{Kind: "template", ID: which, Version: version, Verb: verb, Before: was, After: made})
}

func taken(err error) error {
	if database.IsDuplicate(err) {
		return problem.Conflict("another template has this name", problem.Fault{Pointer: "/name", Code: "duplicate", Message: "another template has this name"})
	}
	return err
}
