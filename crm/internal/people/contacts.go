package people

import (
	"context"
	"errors"
	"strings"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/tags"
	"apexai/crm/internal/tenant"
)

const (
	selectEmails = `SELECT person_id, value, kind FROM person_emails WHERE workspace_id = ? AND person_id IN (`
	selectPhones = `SELECT person_id, value, kind FROM person_phones WHERE workspace_id = ? AND person_id IN (`
	deleteEmails = `DELETE FROM person_emails WHERE workspace_id = ? AND person_id = ?`
	deletePhones = `DELETE FROM person_phones WHERE workspace_id = ? AND person_id = ?`
	insertEmails = `INSERT INTO person_emails (workspace_id, person_id, position, value, value_norm, kind) VALUES `
	insertPhones = `INSERT INTO person_phones (workspace_id, person_id, position, value, value_norm, kind) VALUES `
	// An address of a person in the trash is free for others.
	updateEmails = `UPDATE person_emails SET active = ? WHERE workspace_id = ? AND person_id IN (`
)

// complete fills in what other tables have of all items.
func complete(ctx context.Context, q database.Queryer, t tenant.Tenant, items []Person) error {
	if err := readContacts(ctx, q, t, items); err != nil {
		return err
	}
	index, all := make(map[id.ID]*Person, len(items)), make([]id.ID, len(items))
	for i := range items {
		items[i].Tags = []tags.Tag{}
		index[items[i].ID], all[i] = &items[i], items[i].ID
	}
	return tags.Of(ctx, q, t, all, func(who id.ID, tag tags.Tag) { index[who].Tags = append(index[who].Tags, tag) })
}

// readContacts fills in the addresses and numbers of all items.
func readContacts(ctx context.Context, q database.Queryer, t tenant.Tenant, items []Person) error {
	index := make(map[id.ID]*Person, len(items))
	args := []any{t.Workspace}
	for i := range items {
		p := &items[i]
		p.Emails, p.Phones = []Contact{}, []Contact{}
		index[p.ID] = p
		args = append(args, p.ID)
	}
	if len(items) == 0 {
		return nil
	}
	in := page.Marks(len(items)) + ") ORDER BY person_id, position"
	err := each(ctx, q, selectEmails+in, args, func(who id.ID, c Contact) { index[who].Emails = append(index[who].Emails, c) })
	return errors.Join(err, each(ctx, q, selectPhones+in, args, func(who id.ID, c Contact) { index[who].Phones = append(index[who].Phones, c) }))
}

func each(ctx context.Context, q database.Queryer, query string, args []any, put func(id.ID, Contact)) error {
	_, err := database.All(ctx, q, func(row database.Row, c *Contact) error {
		var who id.ID
		if err := row.Scan(&who, &c.Value, &c.Kind); err != nil {
			return err
		}
		put(who, *c)
		return nil
	}, query, args...)
	return err
}

// writeContacts replaces a person's addresses and numbers by the draft's.
func writeContacts(ctx context.Context, q database.Queryer, t tenant.Tenant, who id.ID, d Draft, replace bool) error {
	for _, w := range []struct {
		remove, insert string
		list           []Contact
	}{{deleteEmails, insertEmails, d.Emails}, {deletePhones, insertPhones, d.Phones}} {
		if replace {
			if _, err := database.Exec(ctx, q, w.remove, t.Workspace, who); err != nil {
				return err
			}
		}
		if len(w.list) == 0 {
			continue
		}
		var args []any
		for i, c := range w.list {
			args = append(args, t.Workspace, who, i, c.Value, c.norm, c.Kind)
		}
		rows := strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, ?, ?), ", len(w.list)), ", ")
		if _, err := database.Exec(ctx, q, w.insert+rows, args...); err != nil {
			return taken(ctx, q, t, who, norms(w.list), err)
		}
	}
	return nil
}
