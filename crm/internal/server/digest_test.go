package server

import (
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"apexai/crm/internal/account"
	"apexai/crm/internal/advice"
)

// week fills a workspace's week: two deals won, one in another currency, one
// lost, one moved twice, one left where it was; a task is overdue.
func (c client) week() {
	c.t.Helper()
	which, stages := c.pipeline("Weekly")
	deal := func(title string, amount int, currency string) (at string) {
		return c.do("POST", "/api/v1/deals", object{"title": title, "amountMinor": amount, "currency": currency, "pipelineId": which, "stageId": stages["Lead"]}).want(201).header.Get("Location")
	}
	do := func(at, verb, version string, body any) {
		c.t.Helper()
		c.do("POST", at+"/"+verb, body, "If-Match: "+version).want(200)
	}
	do(deal("Won one", 100_000, "EUR"), "won", `"v1"`, nil)
	do(deal("Won two", 250_050, "EUR"), "won", `"v1"`, nil)
	do(deal("Won three", 30_000, "USD"), "won", `"v1"`, nil)
	do(deal("Lost one", 70_000, "EUR"), "lost", `"v1"`, object{"reason": "price"})
	moved := deal("Moved", 1000, "EUR")
	do(moved, "move", `"v1"`, object{"stageId": stages["Offer"]})
	do(moved, "move", `"v2"`, object{"stageId": stages["Lead"]})
	left := c.do("POST", "/api/v1/deals", object{"title": "Left alone", "closeDate": time.Now().AddDate(0, 0, -30).Format(time.DateOnly), "pipelineId": which, "stageId": stages["Lead"], "ownerId": whoami(c)}).want(201)
	task := object{"title": "Late", "dueDate": time.Now().AddDate(0, 0, -2).Format(time.DateOnly), "assigneeId": whoami(c), "target": object{"kind": "deal", "id": left.text("id")}}
	c.do("POST", "/api/v1/tasks", task).want(201)
	task["title"], task["dueDate"] = "Not yet", time.Now().AddDate(0, 0, 60).Format(time.DateOnly)
	c.do("POST", "/api/v1/tasks", task).want(201)
}

// The week before is told on Monday, by notification and by mail, with the
// week's numbers, once over two tasks that look for it at the same time, to
// whoever works here.
func TestDigestOnceAWeek(t *testing.T) {
	c := member(t, "weekly", "owner")
	c.week()
	now := time.Now().UTC()
	monday := time.Date(now.Year(), now.Month(), now.Day()-(int(now.Weekday())+6)%7+7, 0, 0, 0, 0, time.UTC)
	tell := func(at time.Time) {
		t.Helper()
		var both sync.WaitGroup
		for range 2 {
			a := advice.Adviser{DB: pool(t), Mail: true, PublicURL: must(url.Parse("https://crm.example")), Secret: account.Store{DB: pool(t)}.Key, Now: func() time.Time { return at }}
			both.Go(func() {
				for range 3 {
					if err := a.Digest(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		both.Wait()
	}
	digests := func() (all []string) {
		for _, n := range c.do("GET", "/api/v1/notifications", nil).want(200).items() {
			if title := n["title"].(string); strings.HasPrefix(title, "Your week: ") {
				all = append(all, title)
			}
		}
		return all
	}
	mails := func() []object { return c.do("GET", "/api/v1/emails", nil).want(200).items() }
	tell(monday.Add(5 * time.Hour))
	if n := len(digests()); n != 0 {
		t.Errorf("%d digests before the week is told", n)
	}
	tell(monday.Add(7 * time.Hour))
	told := digests()
	if len(told) != 1 || told[0] != "Your week: 2 deals won: EUR 3,500.50. 1 deal won: USD 300. 1 deal lost: EUR 700." {
		t.Errorf("told: %q", told)
	}
	if sent := mails(); len(sent) != 1 || sent[0]["to"] != "weekly@example.com" {
		t.Fatalf("mails: %v", sent)
	}
	eventually(t, "the mail has arrived", func() bool { return len(arrived("weekly@example.com")) == 1 })
	text := strings.ReplaceAll(arrived("weekly@example.com")[0].Text, "\r\n", "\n")
	want := "- 2 deals won: EUR 3,500.50.\n- 1 deal won: USD 300.\n- 1 deal lost: EUR 700.\n- 6 deals new.\n- 5 deals moved to another stage.\n- 1 of your tasks is overdue.\n- Set a new close date for Left alone: its close date passed "
	if !strings.HasPrefix(text, want) {
		t.Errorf("the mail says\n%s\nwant\n%s…", text, want)
	}
	tell(monday.Add(30 * time.Hour))
	tell(monday.AddDate(0, 0, 7).Add(7 * time.Hour)) // nothing happened in that week, and the task is late still
	if n := len(mails()); n != 2 {
		t.Errorf("%d mails after two weeks", n)
	}
	c.noMoreWeekly(text)
	tell(monday.AddDate(0, 0, 14).Add(7 * time.Hour))
	if n, told := len(mails()), len(digests()); n != 2 || told != 3 {
		t.Errorf("switched off: %d mails and %d notifications, want 2 and 3", n, told)
	}
	c.do("PATCH", "/api/v1/auth/me", object{"weeklyMail": true}).want(200)
	tell(monday.AddDate(0, 0, 21).Add(7 * time.Hour))
	if n := len(mails()); n != 3 {
		t.Errorf("switched on again: %d mails", n)
	}
	if later := digests()[2:]; len(later) != 2 || strings.Contains(later[0], "won") || !strings.Contains(later[0], "1 of your tasks is overdue.") {
		t.Errorf("a week later: %q", later)
	}
}

// noMoreWeekly follows the link of a weekly mail without being signed in: to
// open it changes nothing, its button does, and no other link is one.
func (c client) noMoreWeekly(mail string) {
	c.t.Helper()
	_, link, ok := strings.Cut(mail, "No more of these: https://crm.example")
	link = strings.TrimSpace(link)
	if !ok {
		c.t.Fatalf("no link in %s", mail)
	}
	stranger := browser(c.t, shared.crm.url)
	if a := stranger.do("GET", link, nil).want(200); !strings.Contains(a.raw, `<form method="post"><button>`) || !strings.Contains(a.header.Get("Content-Security-Policy"), "default-src 'none'") {
		c.t.Errorf("the page: %s", a.raw)
	}
	at := strings.LastIndexByte(link, '/') + 1
	for _, bad := range []string{link[:at] + "x", link + "A", link[:at+8] + "zzzz" + link[at+12:], link[:len(link)-4] + "AAAA"} {
		stranger.do("POST", bad, nil).want(404)
	}
	if c.me().body["weeklyMail"] != true {
		c.t.Error("a look at the page, or a wrong link, switched the mail off")
	}
	if a := stranger.do("POST", link, nil).want(200); strings.Contains(a.raw, "<button>") {
		c.t.Errorf("done: %s", a.raw)
	}
	if c.me().body["weeklyMail"] != false {
		c.t.Error("the mail is still on")
	}
}
