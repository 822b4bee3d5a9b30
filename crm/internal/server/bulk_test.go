package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"apexai/crm/internal/config"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
)

// everybody is the workspace's people as they are, without what changing them
// back leaves a trace in.
func (c client) everybody(query string) string {
	c.t.Helper()
	var all []string
	cursor := ""
	for range 100 {
		a := c.do("GET", "/api/v1/people?limit=200&sort=createdAt&"+query+"&cursor="+url.QueryEscape(cursor), nil).want(200)
		for _, p := range a.items() {
			delete(p, "version")
			delete(p, "updatedAt")
			text, _ := json.Marshal(p)
			all = append(all, string(text))
		}
		if cursor = a.text("nextCursor"); cursor == "" {
			break
		}
	}
	return strings.Join(all, "\n")
}

func TestBulk(t *testing.T) {
	c := member(t, "bulk", "admin")
	me := c.do("GET", "/api/v1/auth/me", nil).want(200).body["user"].(object)["id"]
	c.field("person", "Level", "select", "Low", "High")
	var ids []string
	for i := range 6 {
		ids = append(ids, c.do("POST", "/api/v1/people", object{"firstName": fmt.Sprint("b", i), "source": fmt.Sprint("s", i%2), "tags": []string{"Old"}, "custom": object{"level": "Low"}}).want(201).text("id"))
	}
	c.do("DELETE", "/api/v1/people/"+ids[5], nil, `If-Match: "v1"`).want(204)
	before := c.everybody("")
	run := func(order object, done, faults float64) string {
		t.Helper()
		a := c.do("POST", "/api/v1/people/bulk", order).want(201)
		if a.text("status") != "done" || a.body["done"] != done || a.body["failed"] != faults || len(a.body["faults"].([]any)) != int(faults) {
			t.Fatalf("%v: %s", order, a.raw)
		}
		return a.header.Get("Location")
	}
	undo := func(at string, undone, kept float64) {
		t.Helper()
		a := c.do("POST", at+"/undo", nil).want(200)
		if a.text("status") != "undone" || a.body["undone"] != undone || a.body["kept"] != kept {
			t.Errorf("undone: %s", a.raw)
		}
		c.do("POST", at+"/undo", nil).want(409)
	}
	half := leaf("source", "=", "s0")
	for name, tt := range map[string]struct {
		order object
		shows any
	}{
		"owner":  {object{"ids": ids, "set": object{"ownerId": me}}, leaf("owner", "=", "me")},
		"field":  {object{"ids": ids, "set": object{"custom": object{"level": "High"}, "title": "Boss"}}, leaf("cf.level", "=", "High")},
		"tag":    {object{"ids": ids, "addTags": []string{"Bulk", "old"}}, object{"and": []object{leaf("tags", "notEmpty", nil), leaf("createdAt", "=", "today")}}},
		"untag":  {object{"ids": ids, "removeTags": []string{"OLD"}}, leaf("tags", "empty", nil)},
		"task":   {object{"ids": ids, "task": object{"title": "Call them"}}, leaf("firstName", "startsWith", "b")},
		"delete": {object{"ids": ids, "delete": true}, nil},
	} {
		at := run(tt.order, 5, 1)
		if got := c.do("GET", "/api/v1/people?filter="+url.QueryEscape(mustJSON(tt.shows)), nil).want(200).items(); tt.shows != nil && len(got) != 5 || tt.shows == nil && len(got) != 0 {
			t.Errorf("%s: %d records show it", name, len(got))
		}
		undo(at, 5, 0)
		if after := c.everybody(""); after != before {
			t.Errorf("%s: undone\n%s, before\n%s", name, after, before)
		}
	}
	at := run(object{"filter": half, "set": object{"title": "By filter"}}, 3, 0)
	first := c.do("GET", "/api/v1/people/"+ids[0], nil).want(200)
	c.do("PATCH", "/api/v1/people/"+ids[0], object{"title": "Since"}, "If-Match: "+first.etag()).want(200)
	undo(at, 2, 1)
	if now := c.do("GET", "/api/v1/people/"+ids[0], nil).want(200); now.text("title") != "Since" {
		t.Errorf("undoing overwrote a later change: %s", now.raw)
	}
	for _, order := range []any{
		object{},
		object{"ids": ids},
		object{"ids": ids, "delete": true, "addTags": []string{"x"}},
		object{"ids": ids, "filter": half, "delete": true},
		object{"delete": true},
		object{"ids": ids, "set": object{}},
		object{"filter": leaf("no", "=", "x"), "delete": true},
	} {
		c.do("POST", "/api/v1/people/bulk", order).want(422)
	}
	bad := c.do("POST", "/api/v1/people/bulk", object{"ids": ids[:2], "set": object{"ownerId": ids[0]}}).want(201)
	if bad.body["failed"] != 2.0 {
		t.Errorf("an owner who is none: %s", bad.raw)
	}
	c.do("POST", "/api/v1/companies/bulk", object{"filter": object{}, "set": object{"industry": "x"}}).want(201)
	c.do("POST", "/api/v1/deals/bulk", object{"filter": object{}, "delete": true}).want(201)
}

func mustJSON(v any) string {
	if v == nil {
		return ""
	}
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // the tests' own values
	}
	return string(text)
}

// A thousand records are a job's work; it goes on where it was interrupted.
func TestBulkOfAThousand(t *testing.T) {
	c := member(t, "bulk-1000", "admin")
	me := c.do("GET", "/api/v1/auth/me", nil).want(200)
	fill(t, me, 1000)
	before := c.everybody("")
	begun := time.Now()
	a := c.do("POST", "/api/v1/people/bulk", object{"filter": object{}, "set": object{"source": "bulk"}}).want(201)
	at := a.header.Get("Location")
	state := func(want string) answer {
		var a answer
		eventually(t, "the run is "+want, func() bool { a = c.do("GET", at, nil).want(200); return a.text("status") == want })
		return a
	}
	if a = state("done"); a.body["done"] != 1000.0 || a.body["failed"] != 0.0 {
		t.Errorf("done: %s", a.raw)
	}
	t.Logf("1,000 people changed in %v", time.Since(begun).Round(10*time.Millisecond))
	if n := c.do("GET", "/api/v1/people/totals?filter="+url.QueryEscape(`{"f":"source","op":"=","v":"bulk"}`), nil).want(200).body["count"]; n != 1000.0 {
		t.Errorf("%v show it", n)
	}
	c.do("POST", at+"/undo", nil).want(200)
	if a = state("undone"); a.body["undone"] != 1000.0 {
		t.Errorf("undone: %s", a.raw)
	}
	if c.everybody("") != before {
		t.Error("undoing did not restore what was")
	}
}

// fill adds people quickly, past the API.
func fill(t *testing.T, me answer, n int) {
	t.Helper()
	cfg := must(config.Load(func(name string) string { return settings(nil)[name] }))
	db := must(database.Open(cfg.Database, 1))
	defer db.Close()
	user := must(id.Parse(me.body["user"].(object)["id"].(string)))
	err := db.Batch(context.Background(), func(ctx context.Context, q database.Queryer) error {
		workspace, _, err := database.One(ctx, q, database.Scalar[uint32], "SELECT workspace_id FROM members WHERE user_id = ?", user)
		if err != nil {
			return err
		}
		who := tenant.Tenant{Workspace: workspace, User: user}
		rows, args := strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, NOW(3), ?, NOW(3), ?), ", n), ", "), []any(nil)
		for i := range n {
			args = append(args, who.Workspace, id.New(), fmt.Sprintf("Fill %04d", i), "Person", who.User, who.User)
		}
		_, err = database.Exec(ctx, q, "INSERT INTO people (workspace_id, id, first_name, last_name, created_at, created_by, updated_at, updated_by) VALUES "+rows, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
