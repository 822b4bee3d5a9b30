package companies

import (
	"apexai/crm/internal/filter"
	"apexai/crm/internal/tags"
)

// Names are what the companies of a workspace are called, by their IDs, for
// filters and groups of what belongs to them.
const Names = `SELECT id AS record_id, name AS value FROM companies WHERE workspace_id = ? AND deleted_at IS NULL`

var filterable = []filter.Field{
	{Name: "name", Label: "Name", Type: filter.Text, Column: "c.name", Sortable: true},
	{Name: "domain", Label: "Domain", Type: filter.Text, Column: "c.domain", Sortable: true},
	{Name: "industry", Label: "Industry", Type: filter.Text, Column: "c.industry", Sortable: true},
	{Name: "sizeBand", Label: "Size", Type: filter.Choice, Column: "c.size_band", Options: sizes, Sortable: true},
	{Name: "owner", Label: "Owner", Type: filter.Member, Column: "c.owner_id"},
	{Name: "source", Label: "Source", Type: filter.Text, Column: "c.source", Sortable: true},
	{Name: "score", Label: "Score", Type: filter.Number, Column: "c.score", Sortable: true},
	{Name: "lastActivityAt", Label: "Last activity", Type: filter.Time, Column: "c.last_activity_at", Sortable: true},
	tags.Filterable("c"),
	{Name: "address", Label: "Address", Type: filter.Text, Column: "c.address"},
	{Name: "createdAt", Label: "Added", Type: filter.Time, Column: "c.created_at", Sortable: true},
	{Name: "createdBy", Label: "Added by", Type: filter.Member, Column: "c.created_by"},
	{Name: "updatedAt", Label: "Changed", Type: filter.Time, Column: "c.updated_at", Sortable: true},
}
