package main

import (
	"context"

	"apexai/crm/internal/activities"
	"apexai/crm/internal/companies"
	"apexai/crm/internal/config"
	"apexai/crm/internal/database"
	"apexai/crm/internal/deals"
	"apexai/crm/internal/people"
	"apexai/crm/internal/search"
	"apexai/crm/internal/tasks"
)

// reindex makes the search index anew, of all records.
func reindex(ctx context.Context, c config.Config) error {
	opened, err := database.Open(c.Database, 2)
	if err != nil {
		return err
	}
	defer opened.Close()
	n, err := search.Rebuild(ctx, opened, companies.Source, people.Source, deals.Source, tasks.Source, activities.Source)
	logger(c).Info("search index rebuilt", "records", n)
	return err
}
