package people

import (
	"slices"

	"apexai/crm/internal/filter"
	"apexai/crm/internal/tenant"
)

const (
	manyEmails = `SELECT 1 FROM person_emails fe WHERE fe.workspace_id = p.workspace_id AND fe.person_id = p.id`
	manyPhones = `SELECT 1 FROM person_phones fp WHERE fp.workspace_id = p.workspace_id AND fp.person_id = p.id`
)

var filterable = []filter.Field{
	{Name: "firstName", Type: filter.Text, Column: "p.first_name"},
	{Name: "lastName", Type: filter.Text, Column: "p.last_name"},
	{Name: "name", Type: filter.Text, Column: "CONCAT_WS(' ', p.first_name, p.last_name)"},
	{Name: "title", Type: filter.Text, Column: "p.title"},
	{Name: "email", Type: filter.Text, Column: "fe.value", Many: manyEmails},
	{Name: "phone", Type: filter.Text, Column: "fp.value", Many: manyPhones},
	{Name: "company", Type: filter.Ref, Column: "p.company_id"},
	{Name: "companyName", Type: filter.Text, Column: "c.name"},
	{Name: "owner", Type: filter.Member, Column: "p.owner_id"},
	{Name: "createdBy", Type: filter.Member, Column: "p.created_by"},
	{Name: "createdAt", Type: filter.Time, Column: "p.created_at"},
	{Name: "updatedAt", Type: filter.Time, Column: "p.updated_at"},
}

// Filterable are the fields that lists of people can be narrowed by.
func (s Store) Filterable(t tenant.Tenant) filter.Fields {
	return filter.Fields{List: slices.Clone(filterable), User: t.User, Now: s.now()}
}
