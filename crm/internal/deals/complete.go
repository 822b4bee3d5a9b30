package deals

import (
	"context"
	"errors"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/tags"
	"apexai/crm/internal/tenant"
)

const (
	selectLinks = `SELECT dp.deal_id, dp.person_id, TRIM(CONCAT(p.first_name, ' ', p.last_name)), dp.role
		FROM deal_people dp JOIN people p ON p.workspace_id = dp.workspace_id AND p.id = dp.person_id AND p.deleted_at IS NULL
		WHERE dp.workspace_id = ? AND dp.deal_id IN (`
	selectTasks = `SELECT due.deal, due.id, due.title, due.day, due.late FROM (
		SELECT k.target_id AS deal, k.id, k.title, DATE_FORMAT(k.due_date, '%Y-%m-%d') AS day, k.due_sort < UTC_TIMESTAMP() AS late,
			ROW_NUMBER() OVER (PARTITION BY k.target_id ORDER BY k.due_sort, k.id) AS place
		FROM tasks k WHERE k.workspace_id = ? AND k.target_kind = 'deal' AND k.status = 'open' AND k.deleted_at IS NULL AND k.target_id IN (`
	firstTasks = `)) due WHERE due.place = 1`
)

// complete fills in what is not in a deal's row: its people, its tags, its
// next task, and whether it is stale.
func (s Store) complete(ctx context.Context, q database.Queryer, t tenant.Tenant, items []Deal) error {
	if len(items) == 0 {
		return nil
	}
	index := make(map[id.ID]*Deal, len(items))
	ids, args := make([]id.ID, 0, len(items)), []any{t.Workspace}
	for i := range items {
		d := &items[i]
		d.mark(s.Now())
		d.People, d.Tags = []Link{}, []tags.Tag{}
		index[d.ID] = d
		ids, args = append(ids, d.ID), append(args, d.ID)
	}
	return errors.Join(
		readLinks(ctx, q, index, args),
		readTasks(ctx, q, index, args),
		tags.Of(ctx, q, t, ids, func(which id.ID, tag tags.Tag) { index[which].Tags = append(index[which].Tags, tag) }))
}

// mark says whether a deal has been in its stage for longer than that allows.
func (d *Deal) mark(now time.Time) {
	days := now.Sub(d.StageEnteredAt).Hours() / 24
	d.Stale = d.Status == open && d.staleDays > 0 && days > float64(d.staleDays)
}

func readLinks(ctx context.Context, q database.Queryer, index map[id.ID]*Deal, args []any) error {
	_, err := database.All(ctx, q, func(row database.Row, l *Link) error {
		var deal id.ID
		if err := row.Scan(&deal, &l.PersonID, &l.Name, &l.Role); err != nil {
			return err
		}
		index[deal].People = append(index[deal].People, *l)
		return nil
	}, selectLinks+page.Marks(len(index))+") ORDER BY dp.deal_id, dp.position", args...)
	return err
}

func readTasks(ctx context.Context, q database.Queryer, index map[id.ID]*Deal, args []any) error {
	_, err := database.All(ctx, q, func(row database.Row, next *NextTask) error {
		var deal id.ID
		if err := row.Scan(&deal, &next.ID, &next.Title, &next.DueDate, &next.Late); err != nil {
			return err
		}
		kept := *next
		index[deal].NextTask = &kept
		return nil
	}, selectTasks+page.Marks(len(index))+firstTasks, args...)
	return err
}
