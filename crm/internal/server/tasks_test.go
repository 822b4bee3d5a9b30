package server

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"apexai/crm/internal/config"
	"apexai/crm/internal/database"
	"apexai/crm/internal/tasks"
)

func TestTaskLifecycle(t *testing.T) {
	c := signIn(t, shared.crm.url, "tasks@example.com")
	at, link := c.addRecord("people", "person", object{"firstName": "Tasker"})
	me := c.do("GET", "/api/v1/auth/me", nil).want(200).body["user"].(object)["id"]
	made := c.do("POST", "/api/v1/tasks", object{
		"title": "Call back", "dueDate": "2026-03-08", "dueTime": "15:00", "zone": "America/New_York", "assigneeId": me, "target": link, "priority": "high",
	}).want(201)
	if made.text("dueAt") != "2026-03-08T19:00:00Z" || made.text("group") != "overdue" || made.body["target"].(object)["title"] != "Tasker" {
		t.Errorf("made: %s", made.raw)
	}
	task := made.header.Get("Location")
	moved := c.do("PATCH", task, object{"dueDate": "2026-11-01"}, "If-Match: "+made.etag()).want(200)
	if moved.text("dueAt") != "2026-11-01T20:00:00Z" || moved.text("dueTime") != "15:00" {
		t.Errorf("the clock shows another time after winter came: %s", moved.raw)
	}
	c.do("PATCH", task, object{"title": "Late"}, "If-Match: "+made.etag()).want(412)
	for range 2 { // done twice is done once
		if done := c.do("POST", task+"/complete", nil).want(200); done.text("status") != "done" || done.body["version"] != 3.0 || done.text("group") != "done" {
			t.Errorf("done: %s", done.raw)
		}
	}
	if line := c.do("GET", at+"/timeline?types=task", nil).want(200); subjects(line.items()) != "Call back" {
		t.Errorf("timeline: %s", line.raw)
	}
	if open := c.do("POST", task+"/reopen", nil).want(200); open.text("status") != "open" || open.body["completedAt"] != nil {
		t.Errorf("open again: %s", open.raw)
	}
	if line := c.do("GET", at+"/timeline?types=task", nil).want(200); len(line.items()) != 0 {
		t.Errorf("timeline: %s", line.raw)
	}
	bare := c.do("PATCH", task, object{"dueDate": nil}, `If-Match: "v4"`).want(200)
	if bare.body["dueTime"] != nil || bare.body["dueAt"] != nil || bare.text("group") != "none" {
		t.Errorf("without a date: %s", bare.raw)
	}
	c.do("DELETE", task, nil, `If-Match: "v5"`).want(204)
	c.do("POST", task+"/complete", nil).want(404)
	c.do("POST", task+"/restore", nil).want(200)
}

func TestTasksAreRefused(t *testing.T) {
	c := signedIn(t)
	const nobody = "01890a5d-ac96-774b-bcce-b302099a8057"
	for pointer, body := range map[string]object{
		"/title":         {"title": " "},
		"/dueDate":       {"title": "x", "dueDate": "2026-02-30"},
		"/dueTime":       {"title": "x", "dueDate": "2026-02-28", "dueTime": "3pm"},
		"/zone":          {"title": "x", "zone": "Mars/Olympus"},
		"/repeats":       {"title": "x", "repeats": "daily"},
		"/remindMinutes": {"title": "x", "remindMinutes": 5},
		"/priority":      {"title": "x", "priority": "urgent"},
		"/assigneeId":    {"title": "x", "assigneeId": nobody},
		"/target":        {"title": "x", "target": object{"kind": "deal", "id": nobody}},
		"/target/kind":   {"title": "x", "target": object{"kind": "planet", "id": nobody}},
	} {
		a := c.do("POST", "/api/v1/tasks", body).want(422)
		if faults := a.body["errors"].([]any); faults[0].(object)["pointer"] != pointer {
			t.Errorf("faults %v, want one at %s", faults, pointer)
		}
	}
	for _, query := range []string{"due=soon", "zone=Nowhere", "assignee=bob", "target=person", "status=late", "sort=title"} {
		c.do("GET", "/api/v1/tasks?"+query, nil).want(400)
	}
}

func TestTasksInGroups(t *testing.T) {
	c := signIn(t, shared.crm.url, "groups@example.com")
	me := c.do("GET", "/api/v1/auth/me", nil).want(200).body["user"].(object)["id"]
	auckland, err := time.LoadLocation("Pacific/Auckland")
	if err != nil {
		t.Fatal(err)
	}
	day := func(n int) string { return time.Now().In(auckland).AddDate(0, 0, n).Format("2006-01-02") }
	add := func(title string, more object) {
		more["title"], more["assigneeId"], more["zone"] = title, me, "Pacific/Auckland"
		c.do("POST", "/api/v1/tasks", more).want(201)
	}
	add("late", object{"dueDate": day(-1)})
	add("late time", object{"dueDate": day(-1), "dueTime": "09:00"})
	add("now", object{"dueDate": day(0)})
	add("next", object{"dueDate": day(1)})
	add("next time", object{"dueDate": day(1), "dueTime": "09:00"})
	add("far", object{"dueDate": day(30)})
	add("some day", object{})
	for group, want := range map[string]string{
		"overdue": "late time, late", "today": "now", "tomorrow": "next time, next", "later": "far", "none": "some day", "done": "",
	} {
		a := c.do("GET", "/api/v1/tasks?assignee=me&zone=Pacific/Auckland&due="+group, nil).want(200)
		var got []string
		for _, task := range a.items() {
			got = append(got, task["title"].(string))
			if task["group"] != group {
				t.Errorf("%s is shown in %s, found in %s", task["title"], task["group"], group)
			}
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: %v, want %s", group, got, want)
		}
	}
	if counts := c.do("GET", "/api/v1/tasks/counts?zone=Pacific/Auckland", nil).want(200); counts.body["overdue"] != 2.0 || counts.body["today"] != 1.0 || counts.body["open"] != 7.0 {
		t.Errorf("counts: %s", counts.raw)
	}
	var got []string
	cursor := ""
	for range 10 {
		a := c.do("GET", "/api/v1/tasks?assignee=me&status=open&limit=2&zone=Pacific/Auckland&cursor="+cursor, nil).want(200)
		for _, task := range a.items() {
			got = append(got, task["title"].(string))
		}
		if cursor = a.text("nextCursor"); cursor == "" {
			break
		}
	}
	if all := strings.Join(got, ", "); all != "late time, late, now, next time, next, far, some day" {
		t.Errorf("in order: %s", all)
	}
}

func TestTasksComeAgain(t *testing.T) {
	c := signIn(t, shared.crm.url, "repeats@example.com")
	me := c.do("GET", "/api/v1/auth/me", nil).want(200).body["user"].(object)["id"]
	tomorrow := time.Now().UTC().AddDate(0, 0, 1)
	made := c.do("POST", "/api/v1/tasks", object{"title": "Weekly report", "dueDate": tomorrow.Format("2006-01-02"), "repeats": "weekly", "assigneeId": me}).want(201)
	open := func() (dates []string) {
		for _, task := range c.do("GET", "/api/v1/tasks?assignee=me&status=open", nil).want(200).items() {
			dates = append(dates, task["dueDate"].(string))
		}
		return dates
	}
	at := made.header.Get("Location")
	c.do("POST", at+"/complete", nil).want(200)
	if got := open(); len(got) != 1 || got[0] != tomorrow.AddDate(0, 0, 7).Format("2006-01-02") {
		t.Errorf("after it was done: %v", got)
	}
	c.do("POST", at+"/reopen", nil).want(200)
	if got := open(); len(got) != 1 || got[0] != tomorrow.Format("2006-01-02") {
		t.Errorf("after undoing: %v", got)
	}
}

// Two servers look for reminders at the same time, again and again; each
// reminder is told once.
func TestRemindersAreToldOnce(t *testing.T) {
	c := signIn(t, shared.crm.url, "reminded@example.com")
	me := c.do("GET", "/api/v1/auth/me", nil).want(200).body["user"].(object)["id"]
	const many = 120
	soon := time.Now().UTC().Add(2 * time.Hour)
	for i := range many {
		c.do("POST", "/api/v1/tasks", object{"title": fmt.Sprintf("remind %d", i), "dueDate": soon.Format("2006-01-02"), "dueTime": soon.Format("15:04"), "remindMinutes": 5, "assigneeId": me}).want(201)
	}
	done := c.do("GET", "/api/v1/tasks?assignee=me&status=open&limit=1", nil).want(200).items()[0]
	c.do("POST", "/api/v1/tasks/"+done["id"].(string)+"/complete", nil).want(200) // nobody needs that reminder
	settings, err := config.Load(func(name string) string { return settings(nil)[name] })
	if err != nil {
		t.Fatal(err)
	}
	var both sync.WaitGroup
	for range 2 {
		db, err := database.Open(settings.Database, 2)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		store := tasks.Store{DB: db, Now: func() time.Time { return time.Now().Add(3 * time.Hour) }}
		both.Go(func() {
			for range 5 {
				if err := store.Remind(context.Background()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	both.Wait()
	list := c.do("GET", "/api/v1/notifications?limit=200", nil).want(200)
	seen := map[string]int{}
	for _, n := range list.items() {
		if n["kind"] == "reminder" {
			seen[n["title"].(string)]++
		}
	}
	for title, n := range seen {
		if n != 1 {
			t.Errorf("%s was told %d times", title, n)
		}
	}
	if len(seen) != many-1 || list.body["unread"] != 100.0 {
		t.Errorf("%d reminders, %v unread; want %d and 100 (as far as is counted)", len(seen), list.body["unread"], many-1)
	}
	c.do("POST", "/api/v1/notifications/"+list.items()[0]["id"].(string)+"/read", nil).want(204)
	c.do("POST", "/api/v1/notifications/read", nil).want(204)
	if left := c.do("GET", "/api/v1/notifications?unread=true", nil).want(200); len(left.items()) != 0 || left.body["unread"] != 0.0 {
		t.Errorf("left: %s", left.raw)
	}
}

func TestMentionsAndAssignments(t *testing.T) {
	ana := signInAs(t, shared.crm.url, "ana.m@example.com", "Ana Mentioner")
	bob := signInAs(t, shared.crm.url, "bob.m@example.com", "Bob Mentioned")
	_, link := ana.addRecord("people", "person", object{"firstName": "Talked about"})
	note := ana.do("POST", "/api/v1/activities", object{"type": "note", "body": "@Bob Mentioned please call (mail x@bob.example), and @ana mentioner", "links": []object{link}}).want(201)
	bobs := bob.do("GET", "/api/v1/auth/me", nil).want(200).body["user"].(object)["id"]
	ana.do("PATCH", note.header.Get("Location"), object{"body": "@bob mentioned, please call today"}, `If-Match: "v1"`).want(200)
	ana.do("POST", "/api/v1/tasks", object{"title": "Do this, Bob", "assigneeId": bobs}).want(201)
	bob.do("POST", "/api/v1/tasks", object{"title": "My own", "assigneeId": bobs}).want(201)
	list := bob.do("GET", "/api/v1/notifications", nil).want(200)
	var got []string
	for _, n := range list.items() {
		got = append(got, fmt.Sprintf("%s by %s: %s", n["kind"], n["actorName"], n["title"]))
	}
	want := "assigned by Ana Mentioner: Do this, Bob|mention by Ana Mentioner: @Bob Mentioned please call (mail x@bob.example), and @ana mentioner"
	if strings.Join(got, "|") != want {
		t.Errorf("told %s\nwant %s", strings.Join(got, "|"), want)
	}
	if hers := ana.do("GET", "/api/v1/notifications", nil).want(200); len(hers.items()) != 0 {
		t.Errorf("Ana was told of what she did: %s", hers.raw)
	}
	ana.do("POST", "/api/v1/notifications/"+list.items()[0]["id"].(string)+"/read", nil).want(404) // not hers
}

func signInAs(t *testing.T, base, email, name string) client {
	t.Helper()
	c := browser(t, base)
	eventually(t, base+" is ready", func() bool { return c.do("GET", "/health", nil).status == 200 })
	c.do("POST", "/api/v1/auth/session", object{"idToken": idToken(t, email, name)}).want(201)
	return c
}
