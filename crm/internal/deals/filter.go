package deals

import (
	"apexai/crm/internal/companies"
	"apexai/crm/internal/filter"
	"apexai/crm/internal/pipelines"
	"apexai/crm/internal/tags"
)

const (
	manyPeople = `SELECT 1 FROM deal_people fp WHERE fp.workspace_id = d.workspace_id AND fp.deal_id = d.id`
	manyStages = `SELECT 1 FROM stage_history fh WHERE fh.workspace_id = d.workspace_id AND fh.deal_id = d.id`
	isStale    = `(d.status = 'open' AND s.stale_days > 0 AND d.stage_entered_at < DATE_SUB(UTC_TIMESTAMP(), INTERVAL s.stale_days DAY))`
)

var filterable = []filter.Field{
	{Name: "title", Label: "Title", Type: filter.Text, Column: "d.title", Sortable: true},
	{Name: "stage", Label: "Stage", Type: filter.Ref, Column: "d.stage_id"},
	{Name: "pipeline", Label: "Pipeline", Type: filter.Ref, Column: "d.pipeline_id"},
	{Name: "status", Label: "Status", Type: filter.Choice, Column: "d.status", Options: []string{pipelines.Open, pipelines.Won, pipelines.Lost}},
	{Name: "amount", Label: "Amount", Type: filter.Money, Column: "d.amount_minor", Currency: "d.currency", Sortable: true},
	{Name: "currency", Label: "Currency", Type: filter.Choice, Column: "d.currency"},
	{Name: "closeDate", Label: "Expected close", Type: filter.Date, Column: "d.close_date", Sortable: true},
	{Name: "owner", Label: "Owner", Type: filter.Member, Column: "d.owner_id"},
	{Name: "companyName", Label: "Company", Type: filter.Text, Column: "c.name", Key: "d.company_id", Rows: companies.Names, Sortable: true},
	{Name: "company", Label: "Company (one)", Type: filter.Ref, Column: "d.company_id"},
	{Name: "primaryPerson", Label: "Contact (one)", Type: filter.Ref, Column: "d.primary_person_id"},
	{Name: "person", Label: "People (one)", Type: filter.Ref, Column: "fp.person_id", Many: manyPeople, Several: true},
	tags.Filterable("d"),
	{Name: "lostReason", Label: "Lost because", Type: filter.Text, Column: "d.lost_reason"},
	{Name: "stale", Label: "Stale", Type: filter.Bool, Column: isStale},
	{Name: "stageEnteredAt", Label: "In the stage since", Type: filter.Time, Column: "d.stage_entered_at", Sortable: true},
	{Name: "enteredStage", Label: "Was in the stage", Type: filter.Ref, Column: "fh.to_stage_id", Many: manyStages, Several: true},
	{Name: "closedAt", Label: "Closed", Type: filter.Time, Column: "d.closed_at", Sortable: true},
	{Name: "createdAt", Label: "Added", Type: filter.Time, Column: "d.created_at", Sortable: true},
	{Name: "createdBy", Label: "Added by", Type: filter.Member, Column: "d.created_by"},
	{Name: "updatedAt", Label: "Changed", Type: filter.Time, Column: "d.updated_at", Sortable: true},
}
