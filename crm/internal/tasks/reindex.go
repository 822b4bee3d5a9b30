package tasks

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/search"
	"apexai/crm/internal/tenant"
)

const nextTasks = selectTasks + ` AND t.status = 'open' AND t.deleted_at IS NULL AND t.id > ? ORDER BY t.id LIMIT ?`

// Source gives all open tasks to search.
var Source = search.Source{Kind: "task", Read: func(ctx context.Context, q database.Queryer, t tenant.Tenant, after id.ID, limit int) ([]search.Doc, error) {
	rows, err := database.All(ctx, q, scan, nextTasks, t.Workspace, after, limit)
	all := make([]search.Doc, len(rows))
	for i, task := range rows {
		all[i] = doc(task)
	}
	return all, err
}}

// doc is a task as search knows it.
func doc(task Task) search.Doc {
	d := search.Doc{Kind: "task", ID: task.ID, Title: task.Title, Words: task.Note}
	if task.Target != nil {
		d.Sub = task.Target.Title
	}
	return d
}
