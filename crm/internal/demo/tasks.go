package demo

import (
	"strings"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/tasks"
)

var todo = []string{
	"Send the quote to NAME", "Call NAME back", "Prepare the demo for COMPANY", "Send security answers to NAME", "Ask NAME who signs", "Plan the training at COMPANY",
	"Check the old contract of COMPANY", "Invite NAME to the trade fair",
}

// task is due between last week and the week after next.
func (w *work) task(q database.Queryer, _ int) error {
	if len(w.people) == 0 {
		return nil
	}
	who := pick(w, w.people)
	due := w.now.AddDate(0, 0, w.chance.IntN(21)-6).Format(time.DateOnly)
	_, err := tasks.Store{DB: w.DB, Now: time.Now, Quiet: true}.Add(w.ctx, q, w.acting(), tasks.Draft{
		Title: strings.NewReplacer("NAME", who.FirstName, "COMPANY", who.CompanyName).Replace(pick(w, todo)), DueDate: &due,
		AssigneeID: w.owner(), Target: &tasks.Target{Kind: "person", ID: who.ID},
	})
	return err
}
