// Package demo fills a workspace with records that look like a sales team's:
// the same ones each time, so that a tour, a test and a benchmark know what
// they find.
package demo

import (
	"context"
	"math/rand/v2"
	"time"

	"apexai/crm/internal/companies"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/people"
	"apexai/crm/internal/tenant"
)

// A Size is how many records there will be.
type Size struct {
	Companies  int `json:"companies"`
	People     int `json:"people"`
	Deals      int `json:"deals"`
	Activities int `json:"activities"`
	Tasks      int `json:"tasks"`
}

// Tour is enough for a team to find its way: every page has something on it.
var Tour = Size{Companies: 60, People: 200, Deals: 80, Activities: 600, Tasks: 40}

// Times is n times as much of everything.
func (s Size) Times(n int) Size {
	return Size{s.Companies * n, s.People * n, s.Deals * n, s.Activities * n, s.Tasks * n}
}

// batch is how many records one transaction makes.
const batch = 100

// A Filler makes records in one workspace.
type Filler struct {
	DB       *database.DB
	Tenant   tenant.Tenant
	Progress func(made, total int) // called after each transaction; may be nil
}

// work is one filling: what was made so far, for what refers to it.
type work struct {
	Filler
	ctx       context.Context
	chance    *rand.Rand
	now       time.Time
	members   []id.ID // whose records these are
	companies []companies.Company
	people    []people.Person
	deals     []id.ID
	made      int
	size      Size
}

// Fill makes size's records, unless the workspace has the first of them
// already: then it says false. What was made before a fault stays.
func (f Filler) Fill(ctx context.Context, size Size) (bool, error) {
	there, err := f.there(ctx)
	if err != nil || there {
		return false, err
	}
	w := &work{Filler: f, ctx: ctx, chance: rand.New(rand.NewPCG(1815, 1852)), now: time.Now().UTC(), size: size}
	if w.members, err = f.owners(ctx); err != nil {
		return false, err
	}
	for _, step := range []struct {
		count int
		make  func(q database.Queryer, i int) error
	}{{size.Companies, w.company}, {size.People, w.person}, {size.Deals, w.deal}, {size.Activities, w.activity}, {size.Tasks, w.task}} {
		if err := w.each(step.count, step.make); err != nil {
			return false, err
		}
	}
	return true, nil
}

// each makes count records, a batch in a transaction.
func (w *work) each(count int, one func(q database.Queryer, i int) error) error {
	for from := 0; from < count; from += batch {
		to := min(from+batch, count)
		state := *w // a transaction that is run again begins from here
		chance := *w.chance
		err := w.DB.Batch(w.ctx, func(_ context.Context, q database.Queryer) error {
			w.companies, w.people, w.deals = state.companies, state.people, state.deals
			*w.chance = chance
			for i := from; i < to; i++ {
				if err := one(q, i); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		w.made += to - from
		if w.Progress != nil {
			w.Progress(w.made, w.size.total())
		}
	}
	return nil
}

func (s Size) total() int { return s.Companies + s.People + s.Deals + s.Activities + s.Tasks }

const (
	selectFirst  = `SELECT 1 FROM companies WHERE workspace_id = ? AND domain = ? AND deleted_at IS NULL`
	selectOwners = `SELECT user_id FROM members WHERE workspace_id = ? AND role IN ('member', 'admin', 'owner') ORDER BY created_at, user_id LIMIT 5`
)

func (f Filler) there(ctx context.Context) (there bool, err error) {
	err = f.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		_, there, err = database.One(ctx, q, database.Scalar[int], selectFirst, f.Tenant.Workspace, companyAt(0).Domain)
		return err
	})
	return there, err
}

func (f Filler) owners(ctx context.Context) (all []id.ID, err error) {
	err = f.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		all, err = database.All(ctx, q, database.Scalar[id.ID], selectOwners, f.Tenant.Workspace)
		return err
	})
	return all, err
}

// owner of a record: nine in ten have one.
func (w *work) owner() *id.ID {
	if len(w.members) == 0 || w.chance.IntN(10) == 0 {
		return nil
	}
	return &w.members[w.chance.IntN(len(w.members))]
}

func pick[T any](w *work, list []T) T { return list[w.chance.IntN(len(list))] }

// ago is a moment of a working day in the last days.
func (w *work) ago(days int) time.Time {
	at := w.now.AddDate(0, 0, -w.chance.IntN(days)-1)
	return time.Date(at.Year(), at.Month(), at.Day(), 8+w.chance.IntN(10), w.chance.IntN(60), 0, 0, time.UTC)
}
