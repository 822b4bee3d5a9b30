package server

import (
	"slices"
	"time"

	"apexai/crm/internal/bulk"
	"apexai/crm/internal/companies"
	"apexai/crm/internal/database"
	"apexai/crm/internal/deals"
	"apexai/crm/internal/fields"
	"apexai/crm/internal/merge"
	"apexai/crm/internal/people"
	"apexai/crm/internal/pipelines"
	"apexai/crm/internal/records"
	"apexai/crm/internal/tags"
	"apexai/crm/internal/tasks"
	"apexai/crm/internal/trash"
	"apexai/crm/internal/views"
	"apexai/crm/internal/web"
)

// kinds are those of records, for what works on any of them.
func kinds(opened *database.DB) records.Kinds {
	return records.Kinds{
		people.Store{DB: opened, Now: time.Now}.Kind(),
		companies.Store{DB: opened, Now: time.Now}.Kind(),
		deals.Store{DB: opened, Pipelines: pipelines.Store{DB: opened, Now: time.Now}, Now: time.Now}.Kind(),
	}
}

// runs are changes of many records.
func runs(opened *database.DB) bulk.Store {
	return bulk.Store{DB: opened, Kinds: kinds(opened), Tasks: tasks.Store{DB: opened, Now: time.Now, Quiet: true}, Now: time.Now}
}

// lists are the routes about lists of records of any kind.
func lists(opened *database.DB) []web.Route {
	all := kinds(opened)
	return slices.Concat(
		records.API{DB: opened, Kinds: all}.Routes(),
		fields.API{Store: fields.Store{DB: opened, Now: time.Now}}.Routes(),
		tags.API{Store: tags.Store{DB: opened}}.Routes(),
		bulk.API{Store: runs(opened)}.Routes(),
		merge.API{Store: merge.Store{DB: opened, Kinds: all, Now: time.Now}}.Routes(),
		trash.API{Store: trash.Store{DB: opened, Now: time.Now}}.Routes(),
		views.API{Store: views.Store{DB: opened, Kinds: all, Now: time.Now}}.Routes(),
	)
}
