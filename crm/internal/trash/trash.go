// Package trash shows what was deleted, and forgets it after 30 days.
package trash

import (
	"context"
	"fmt"
	"slices"
	"time"

	"apexai/crm/internal/change"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/jobs"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

const (
	keepDays = 30
	shown    = 200 // of one kind
	atOnce   = 50  // purged in one transaction
)

// A Store knows what lies in the trash.
type Store struct {
	DB  *database.DB
	Now func() time.Time
}

// An Item is one deleted record.
type Item struct {
	Kind      string    `json:"kind"`
	ID        id.ID     `json:"id"`
	Name      string    `json:"name"`
	DeletedAt time.Time `json:"deletedAt"`
	DeletedBy id.ID     `json:"deletedBy"`
	PurgedAt  time.Time `json:"purgedAt"` // when it is forgotten
}

// Items are those in the trash, the latest first.
type Items struct {
	Items []Item `json:"items"`
	More  bool   `json:"more"` // there are more than are shown
}

const (
	selectPeople    = `SELECT 'person', id, TRIM(CONCAT(first_name, ' ', last_name)), deleted_at, updated_by FROM people WHERE workspace_id = ? AND deleted_at IS NOT NULL ORDER BY deleted_at DESC, id DESC LIMIT ?`
	selectCompanies = `SELECT 'company', id, name, deleted_at, updated_by FROM companies WHERE workspace_id = ? AND deleted_at IS NOT NULL ORDER BY deleted_at DESC, id DESC LIMIT ?`
	selectDeals     = `SELECT 'deal', id, title, deleted_at, updated_by FROM deals WHERE workspace_id = ? AND deleted_at IS NOT NULL ORDER BY deleted_at DESC, id DESC LIMIT ?`
	selectTasks     = `SELECT 'task', id, title, deleted_at, updated_by FROM tasks WHERE workspace_id = ? AND deleted_at IS NOT NULL ORDER BY deleted_at DESC, id DESC LIMIT ?`
	selectFields    = `SELECT 'field', id, label, deleted_at, updated_by FROM field_defs WHERE workspace_id = ? AND deleted_at IS NOT NULL ORDER BY deleted_at DESC, id DESC LIMIT ?`
)

var lists = map[string]string{"person": selectPeople, "company": selectCompanies, "deal": selectDeals, "task": selectTasks, "field": selectFields}

var order = []string{"person", "company", "deal", "task", "field"}

// List returns what lies in the trash, of one kind or of all.
func (s Store) List(ctx context.Context, t tenant.Tenant, kind string) (all Items, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		all = Items{Items: []Item{}}
		for _, name := range order {
			if kind != "" && kind != name {
				continue
			}
			some, err := database.All(ctx, q, func(row database.Row, i *Item) error {
				err := row.Scan(&i.Kind, &i.ID, &i.Name, &i.DeletedAt, &i.DeletedBy)
				i.PurgedAt = i.DeletedAt.AddDate(0, 0, keepDays)
				return err
			}, lists[name], t.Workspace, shown+1)
			if err != nil {
				return err
			}
			all.More = all.More || len(some) > shown
			all.Items = append(all.Items, some[:min(len(some), shown)]...)
		}
		slices.SortStableFunc(all.Items, func(a, b Item) int { return b.DeletedAt.Compare(a.DeletedAt) })
		return nil
	})
	return all, err
}

// Purge forgets a record that lies in the trash, for good.
func (s Store) Purge(ctx context.Context, t tenant.Tenant, kind string, which id.ID) error {
	p, ok := purges[kind]
	if !ok {
		return problem.NotFound("kind of record")
	}
	return s.DB.Batch(ctx, func(ctx context.Context, q database.Queryer) error {
		_, ok, err := database.One(ctx, q, database.Scalar[int], p.locked, t.Workspace, which)
		if err != nil {
			return err
		}
		if !ok {
			return problem.NotFound("record in the trash")
		}
		return p.one(ctx, q, t, kind, which)
	})
}

// A purge is how one kind of record is forgotten: first what points at it.
type purge struct {
	locked, old string
	first       []string
	last        string
}

const (
	lockPerson  = `SELECT 1 FROM people WHERE workspace_id = ? AND id = ? AND deleted_at IS NOT NULL FOR UPDATE`
	lockCompany = `SELECT 1 FROM companies WHERE workspace_id = ? AND id = ? AND deleted_at IS NOT NULL FOR UPDATE`
	lockDeal    = `SELECT 1 FROM deals WHERE workspace_id = ? AND id = ? AND deleted_at IS NOT NULL FOR UPDATE`
	lockTask    = `SELECT 1 FROM tasks WHERE workspace_id = ? AND id = ? AND deleted_at IS NOT NULL FOR UPDATE`
	lockEntry   = `SELECT 1 FROM activities WHERE workspace_id = ? AND id = ? AND deleted_at IS NOT NULL FOR UPDATE`
	lockField   = `SELECT 1 FROM field_defs WHERE workspace_id = ? AND id = ? AND deleted_at IS NOT NULL FOR UPDATE`

	oldPeople    = `SELECT id FROM people WHERE workspace_id = ? AND deleted_at < ? LIMIT ?`
	oldCompanies = `SELECT id FROM companies WHERE workspace_id = ? AND deleted_at < ? LIMIT ?`
	oldDeals     = `SELECT id FROM deals WHERE workspace_id = ? AND deleted_at < ? LIMIT ?`
	oldTasks     = `SELECT id FROM tasks WHERE workspace_id = ? AND deleted_at < ? LIMIT ?`
	oldEntries   = `SELECT id FROM activities WHERE workspace_id = ? AND deleted_at < ? LIMIT ?`
	oldFields    = `SELECT id FROM field_defs WHERE workspace_id = ? AND deleted_at < ? LIMIT ?`

	selectWorkspaces = `SELECT id FROM workspaces ORDER BY id`

	// What stands in no other record's timeline.
	onlyOf = ` WHERE l.workspace_id = ? AND l.kind IN ('person', 'company', 'deal') AND l.target_id = ?
		AND NOT EXISTS (SELECT 1 FROM activity_links o WHERE o.workspace_id = l.workspace_id AND o.activity_id = l.activity_id AND o.target_id <> l.target_id)`

	dropTaggings = `DELETE FROM taggings WHERE workspace_id = ? AND record_id = ?`
	dropValues   = `DELETE FROM field_values WHERE workspace_id = ? AND record_id = ?`
	dropFound    = `DELETE d FROM search_docs d JOIN activity_links l ON l.workspace_id = d.workspace_id AND l.activity_id = d.target_id AND d.kind = 'activity'` + onlyOf
	dropEntries  = `DELETE a FROM activities a JOIN activity_links l ON l.workspace_id = a.workspace_id AND l.activity_id = a.id` + onlyOf
	dropLinks    = `DELETE FROM activity_links WHERE workspace_id = ? AND kind IN ('person', 'company', 'deal') AND target_id = ?`
	dropApartA   = `DELETE FROM told_apart WHERE workspace_id = ? AND a_id = ?`
	dropApartB   = `DELETE FROM told_apart WHERE workspace_id = ? AND b_id = ?`
	freeDeals    = `UPDATE deals SET primary_person_id = NULL WHERE workspace_id = ? AND primary_person_id = ?`
	freeSales    = `UPDATE deals SET company_id = NULL WHERE workspace_id = ? AND company_id = ?`
	freeStaff    = `UPDATE people SET company_id = NULL WHERE workspace_id = ? AND company_id = ?`
	dropOptions  = `DELETE FROM field_values WHERE workspace_id = ? AND field_id = ?`

	dropPerson  = `DELETE FROM people WHERE workspace_id = ? AND id = ?`
	dropCompany = `DELETE FROM companies WHERE workspace_id = ? AND id = ?`
	dropDeal    = `DELETE FROM deals WHERE workspace_id = ? AND id = ?`
	dropTask    = `DELETE FROM tasks WHERE workspace_id = ? AND id = ?`
	dropEntry   = `DELETE FROM activities WHERE workspace_id = ? AND id = ?`
	dropField   = `DELETE FROM field_defs WHERE workspace_id = ? AND id = ?`
)

var purges = map[string]purge{
	"person":   {lockPerson, oldPeople, []string{dropTaggings, dropValues, dropFound, dropEntries, dropLinks, dropApartA, dropApartB, freeDeals}, dropPerson},
	"company":  {lockCompany, oldCompanies, []string{dropTaggings, dropValues, dropFound, dropEntries, dropLinks, dropApartA, dropApartB, freeSales, freeStaff}, dropCompany},
	"deal":     {lockDeal, oldDeals, []string{dropTaggings, dropValues, dropFound, dropEntries, dropLinks, dropApartA, dropApartB}, dropDeal},
	"task":     {lockTask, oldTasks, nil, dropTask},
	"activity": {lockEntry, oldEntries, nil, dropEntry}, // it is in no list of the trash, but can be undone from a timeline
	"field":    {lockField, oldFields, []string{stripPeople, stripCompanies, stripDeals, dropOptions}, dropField},
}

// What a purged field leaves in its records goes with it.
const (
	stripPeople    = `UPDATE people p JOIN field_values v ON v.workspace_id = p.workspace_id AND v.record_id = p.id JOIN field_defs f ON f.workspace_id = v.workspace_id AND f.id = v.field_id SET p.custom = JSON_REMOVE(p.custom, CONCAT('$.', f.key_name)) WHERE p.workspace_id = ? AND f.id = ? AND p.custom IS NOT NULL`
	stripCompanies = `UPDATE companies c JOIN field_values v ON v.workspace_id = c.workspace_id AND v.record_id = c.id JOIN field_defs f ON f.workspace_id = v.workspace_id AND f.id = v.field_id SET c.custom = JSON_REMOVE(c.custom, CONCAT('$.', f.key_name)) WHERE c.workspace_id = ? AND f.id = ? AND c.custom IS NOT NULL`
	stripDeals     = `UPDATE deals d JOIN field_values v ON v.workspace_id = d.workspace_id AND v.record_id = d.id JOIN field_defs f ON f.workspace_id = v.workspace_id AND f.id = v.field_id SET d.custom = JSON_REMOVE(d.custom, CONCAT('$.', f.key_name)) WHERE d.workspace_id = ? AND f.id = ? AND d.custom IS NOT NULL`
)

func (p purge) one(ctx context.Context, q database.Queryer, t tenant.Tenant, kind string, which id.ID) error {
	for _, statement := range append(slices.Clone(p.first), p.last) {
		if _, err := database.Exec(ctx, q, statement, t.Workspace, which); err != nil {
			return fmt.Errorf("purge %s %s: %w", kind, which, err)
		}
	}
	return change.Record(ctx, q, t, change.Change{Kind: kind, ID: which, Verb: "purged", Quiet: true})
}

// Periodic forgets what has lain in the trash for 30 days.
func (s Store) Periodic() []jobs.Periodic {
	return []jobs.Periodic{{Name: "trash.purge", Every: time.Hour, Run: s.Clean}}
}

// Clean purges what is old, of all workspaces.
func (s Store) Clean(ctx context.Context) error {
	var workspaces []uint32
	err := s.DB.View(ctx, func(ctx context.Context, q database.Queryer) (err error) {
		workspaces, err = database.All(ctx, q, database.Scalar[uint32], selectWorkspaces)
		return err
	})
	before := s.Now().UTC().AddDate(0, 0, -keepDays)
	for _, workspace := range workspaces {
		for _, kind := range []string{"activity", "task", "deal", "person", "company", "field"} {
			if err := s.sweep(ctx, tenant.Tenant{Workspace: workspace}, kind, before); err != nil {
				return err
			}
		}
	}
	return err
}

func (s Store) sweep(ctx context.Context, t tenant.Tenant, kind string, before time.Time) error {
	for {
		n := 0
		err := s.DB.Batch(ctx, func(ctx context.Context, q database.Queryer) error {
			old, err := database.All(ctx, q, database.Scalar[id.ID], purges[kind].old, t.Workspace, before, atOnce)
			n = len(old)
			for _, which := range old {
				if err := purges[kind].one(ctx, q, t, kind, which); err != nil {
					return err
				}
			}
			return err
		})
		if err != nil || n < atOnce {
			return err
		}
	}
}

// An API shows the trash.
type API struct{ Store Store }

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /trash", Needs: tenant.Viewer, Operation: web.Read(a.list), Summary: "List what was deleted", Query: []web.Param{
			{Name: "kind", Kind: web.Text, Doc: "Only this kind.", Enum: order},
		}},
		{Pattern: "DELETE /trash/{kind}/{id}", Needs: tenant.Admin, Operation: web.Remove(a.purge), Summary: "Forget a deleted record for good"},
	}
}

func (a API) list(ctx context.Context, c *web.Call) (Items, error) {
	return a.Store.List(ctx, c.Tenant, c.URL.Query().Get("kind"))
}

func (a API) purge(ctx context.Context, c *web.Call) error {
	which, err := c.ID("record in the trash")
	if err != nil {
		return err
	}
	return a.Store.Purge(ctx, c.Tenant, c.PathValue("kind"), which)
}
