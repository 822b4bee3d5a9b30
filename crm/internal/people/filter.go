package people

import (
	"apexai/crm/internal/companies"
	"apexai/crm/internal/filter"
	"apexai/crm/internal/tags"
)

const (
	manyEmails = `SELECT 1 FROM person_emails fe WHERE fe.workspace_id = p.workspace_id AND fe.person_id = p.id`
	manyPhones = `SELECT 1 FROM person_phones fp WHERE fp.workspace_id = p.workspace_id AND fp.person_id = p.id`
)

var filterable = []filter.Field{
	{Name: "name", Label: "Name", Type: filter.Text, Column: "CONCAT_WS(' ', p.first_name, p.last_name)", Sortable: true},
	{Name: "firstName", Label: "First name", Type: filter.Text, Column: "p.first_name"},
	{Name: "lastName", Label: "Last name", Type: filter.Text, Column: "p.last_name"},
	{Name: "companyName", Label: "Company", Type: filter.Text, Column: "c.name", Key: "p.company_id", Rows: companies.Names, Sortable: true},
	{Name: "company", Label: "Company (one)", Type: filter.Ref, Column: "p.company_id"},
	{Name: "title", Label: "Title", Type: filter.Text, Column: "p.title", Sortable: true},
	{Name: "email", Label: "E-mail", Type: filter.Text, Column: "fe.value", Many: manyEmails, Several: true},
	{Name: "phone", Label: "Phone", Type: filter.Text, Column: "fp.value", Many: manyPhones, Several: true},
	{Name: "owner", Label: "Owner", Type: filter.Member, Column: "p.owner_id"},
	{Name: "source", Label: "Source", Type: filter.Text, Column: "p.source", Sortable: true},
	{Name: "score", Label: "Score", Type: filter.Number, Column: "p.score", Sortable: true},
	{Name: "lastContactAt", Label: "Last contact", Type: filter.Time, Column: "p.last_contact_at", Sortable: true},
	tags.Filterable("p"),
	{Name: "address", Label: "Address", Type: filter.Text, Column: "p.address"},
	{Name: "createdAt", Label: "Added", Type: filter.Time, Column: "p.created_at", Sortable: true},
	{Name: "createdBy", Label: "Added by", Type: filter.Member, Column: "p.created_by"},
	{Name: "updatedAt", Label: "Changed", Type: filter.Time, Column: "p.updated_at", Sortable: true},
}
