package deals

import (
	"slices"

	"apexai/crm/internal/filter"
	"apexai/crm/internal/pipelines"
	"apexai/crm/internal/tenant"
)

const (
	manyPeople = `SELECT 1 FROM deal_people fp WHERE fp.workspace_id = d.workspace_id AND fp.deal_id = d.id`
	manyStages = `SELECT 1 FROM stage_history fh WHERE fh.workspace_id = d.workspace_id AND fh.deal_id = d.id`
	isStale    = `(d.status = 'open' AND s.stale_days > 0 AND d.stage_entered_at < DATE_SUB(UTC_TIMESTAMP(), INTERVAL s.stale_days DAY))`
)

var filterable = []filter.Field{
	{Name: "title", Type: filter.Text, Column: "d.title"},
	{Name: "pipeline", Type: filter.Ref, Column: "d.pipeline_id"},
	{Name: "stage", Type: filter.Ref, Column: "d.stage_id"},
	{Name: "status", Type: filter.Choice, Column: "d.status", Options: []string{pipelines.Open, pipelines.Won, pipelines.Lost}},
	{Name: "amount", Type: filter.Money, Column: "d.amount_minor"},
	{Name: "currency", Type: filter.Choice, Column: "d.currency"},
	{Name: "closeDate", Type: filter.Date, Column: "d.close_date"},
	{Name: "owner", Type: filter.Member, Column: "d.owner_id"},
	{Name: "company", Type: filter.Ref, Column: "d.company_id"},
	{Name: "companyName", Type: filter.Text, Column: "c.name"},
	{Name: "primaryPerson", Type: filter.Ref, Column: "d.primary_person_id"},
	{Name: "person", Type: filter.Ref, Column: "fp.person_id", Many: manyPeople},
	{Name: "lostReason", Type: filter.Text, Column: "d.lost_reason"},
	{Name: "stale", Type: filter.Bool, Column: isStale},
	{Name: "enteredStage", Type: filter.Ref, Column: "fh.to_stage_id", Many: manyStages}, // now or before
	{Name: "stageEnteredAt", Type: filter.Time, Column: "d.stage_entered_at"},
	{Name: "closedAt", Type: filter.Time, Column: "d.closed_at"},
	{Name: "createdBy", Type: filter.Member, Column: "d.created_by"},
	{Name: "createdAt", Type: filter.Time, Column: "d.created_at"},
	{Name: "updatedAt", Type: filter.Time, Column: "d.updated_at"},
}

// Filterable are the fields that lists of deals can be narrowed by.
func (s Store) Filterable(t tenant.Tenant) filter.Fields {
	return filter.Fields{List: slices.Clone(filterable), User: t.User, Now: s.now()}
}
