package demo

import (
	"strings"

	"apexai/crm/internal/activities"
	"apexai/crm/internal/database"
)

// What was said; NAME and COMPANY stand for whom it was said with.
var said = []struct{ kind, subject, body string }{
	{activities.Call, "First call", "NAME looks after three sites at COMPANY. They keep orders in spreadsheets and lose about a day a week on it. Wants to see how import works. Next step: send the short deck and propose two times for a demo."},
	{activities.Call, "Budget", "NAME has 20,000 set aside this year, more only with the board. COMPANY decides after the quarter ends. Call again in two weeks."},
	{activities.Meeting, "Demo", "Showed the board and the import to NAME and two colleagues of COMPANY. They liked undo. Open question: can it run in their own account? Send the architecture page, and a quote for 25 seats until Friday."},
	{activities.Meeting, "Kick-off", "Agreed with NAME on a pilot of six weeks at COMPANY with ten people. Success is: every quote leaves within a day. Review every second Tuesday."},
	{activities.Note, "Who decides", "At COMPANY the controller signs, NAME recommends. Be careful with the old contract: it runs until June."},
	{activities.Note, "Competition", "COMPANY also looks at a larger suite. NAME finds it too slow and too much to learn. Price is not the point."},
	{activities.Email, "Re: security questions", "Hello,\n\nthank you for the answers. Our IT has one more: where do backups lie, and for how long?\n\nBest\nNAME"},
	{activities.Email, "Re: quote", "Hi,\n\nthe quote looks fine. Please split it in two payments, then I can sign for COMPANY this month.\n\nNAME"},
	{activities.Call, "Check-in", "NAME is content, two of the team at COMPANY still enter calls late. Offered a half hour of training. Wants it before the holidays."},
	{activities.Note, "Trade fair", "Met NAME at the fair. COMPANY opens a second warehouse in spring and will need seats there."},
}

func (w *work) activity(q database.Queryer, _ int) error {
	if len(w.people) == 0 {
		return nil
	}
	who := pick(w, w.people)
	what := pick(w, said)
	text := strings.NewReplacer("NAME", who.FirstName, "COMPANY", who.CompanyName)
	_, err := activities.Log(w.ctx, q, w.acting(), activities.Entry{
		Type: what.kind, Subject: what.subject, Body: text.Replace(what.body), OccurredAt: w.ago(120),
		Links: []activities.Link{{Kind: "person", ID: who.ID}},
	})
	return err
}
