package demo

import (
	"fmt"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/deals"
	"apexai/crm/internal/id"
	"apexai/crm/internal/pipelines"
	"apexai/crm/internal/tenant"
)

var sold = []string{"Seats for %s", "Pilot at %s", "%s: rollout", "Renewal %s", "Support for %s", "%s, second site"}

var reasons = []string{"Too expensive", "Chose a competitor", "No budget this year", "No answer any more"}

// stages are where the i-th deal lies: most are open, a third is decided.
func (w *work) stageOf(p pipelines.Pipeline) pipelines.Stage {
	switch w.chance.IntN(6) {
	case 0:
		return p.First(pipelines.Won)
	case 1:
		return p.First(pipelines.Lost)
	}
	var open []pipelines.Stage
	for _, s := range p.Stages {
		if s.Kind == pipelines.Open {
			open = append(open, s)
		}
	}
	return pick(w, open)
}

func (w *work) deal(q database.Queryer, i int) error {
	lanes, err := pipelines.Ensure(w.ctx, q, w.Tenant, w.now)
	if err != nil || len(w.companies) == 0 {
		return err
	}
	buyer := w.companies[(i*11+3)%len(w.companies)]
	stage, entered := w.stageOf(lanes[0]), w.ago(30)
	closing := entered.AddDate(0, 0, 10+w.chance.IntN(80)).Format(time.DateOnly)
	d := deals.Draft{
		Title: fmt.Sprintf(pick(w, sold), buyer.Name), StageID: &stage.ID, OwnerID: w.owner(), CompanyID: &buyer.ID,
		AmountMinor: int64(w.chance.IntN(195)+5) * 250_00, CloseDate: &closing,
	}
	if stage.Kind != pipelines.Open {
		entered = w.ago(170)
		closing = entered.Format(time.DateOnly)
		if stage.Kind == pipelines.Lost {
			d.LostReason = pick(w, reasons)
		}
	}
	if known := w.at(buyer.ID); len(known) > 0 {
		d.PrimaryPersonID = &known[0]
	}
	store := deals.Store{DB: w.DB, Now: func() time.Time { return entered }, Quiet: true}
	made, err := store.Add(w.ctx, q, w.acting(), d)
	w.deals = append(w.deals, made.ID)
	return err
}

// at are the people of a company.
func (w *work) at(company id.ID) (all []id.ID) {
	for _, p := range w.people[:min(len(w.people), 2000)] {
		if p.CompanyID != nil && *p.CompanyID == company {
			all = append(all, p.ID)
		}
	}
	return all
}

// acting is one of the workspace's members.
func (w *work) acting() tenant.Tenant {
	t := w.Tenant
	if len(w.members) > 0 {
		t.User = pick(w, w.members)
	}
	return t
}
