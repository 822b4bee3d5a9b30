package server

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"apexai/crm/internal/config"
	"apexai/crm/internal/database"
	"apexai/crm/internal/trash"
)

// snapshot is all that a workspace shows of people, companies, deals, tasks
// and timelines, without versions and times of change.
func (c client) snapshot(timelines ...string) string {
	c.t.Helper()
	var all []string
	paths := []string{"/people?sort=createdAt", "/companies?sort=createdAt", "/deals?sort=createdAt", "/tasks?status=open"}
	for _, at := range timelines {
		paths = append(paths, at+"/timeline?type=note")
	}
	for _, path := range paths {
		a := c.do("GET", "/api/v1"+path, nil)
		if a.status != 200 {
			c.t.Fatalf("%s: %s", path, a.raw)
		}
		for _, item := range a.items() {
			for _, member := range []string{"version", "updatedAt", "updatedBy"} {
				delete(item, member)
			}
			text, _ := json.Marshal(item)
			all = append(all, string(text))
		}
	}
	return strings.Join(all, "\n")
}

func TestMergePeople(t *testing.T) {
	c := member(t, "merge", "admin")
	c.field("person", "Level", "select", "Low", "High")
	c.field("person", "Seats", "number")
	company := c.do("POST", "/api/v1/companies", object{"name": "Merged Ltd"}).want(201).text("id")
	make := func(p object) answer { t.Helper(); return c.do("POST", "/api/v1/people", p).want(201) }
	mine := make(object{"firstName": "Ana", "lastName": "Lima", "title": "Buyer", "emails": []object{{"value": "ana@one.example"}}, "phones": []object{{"value": "+49 30 111"}}, "tags": []string{"A"}, "custom": object{"level": "Low"}})
	theirs := make(object{"firstName": "Ana", "lastName": "Lima", "title": "Head", "source": "fair", "companyId": company, "emails": []object{{"value": "ana+x@one.example"}}, "phones": []object{{"value": "+49 (30) 111"}, {"value": "+49 30 222"}}, "tags": []string{"B"}, "custom": object{"level": "High", "seats": 7}})
	other := make(object{"firstName": "Ana", "lastName": "Luz"})
	a, b := mine.text("id"), theirs.text("id")
	deal := c.do("POST", "/api/v1/deals", object{"title": "Sale", "primaryPersonId": b, "people": []object{{"personId": b, "role": "Buyer"}}}).want(201)
	c.do("POST", "/api/v1/tasks", object{"title": "Call", "target": object{"kind": "person", "id": b}}).want(201)
	c.do("POST", "/api/v1/activities", object{"type": "note", "body": "Met at the fair", "links": []object{{"kind": "person", "id": b}}}).want(201)

	found := c.do("GET", "/api/v1/people/"+a+"/duplicates", nil).want(200).items()
	if len(found) != 1 || found[0]["record"].(object)["id"] != b || len(found[0]["why"].([]any)) != 3 {
		t.Errorf("duplicates: %v", found)
	}
	if none := c.do("GET", "/api/v1/people/"+other.text("id")+"/duplicates", nil).want(200).items(); len(none) != 0 {
		t.Errorf("duplicates of nobody's: %v", none)
	}
	if pairs := c.do("GET", "/api/v1/duplicates?kind=person", nil).want(200).items(); len(pairs) != 1 {
		t.Errorf("pairs: %v", pairs)
	}
	before := c.snapshot("/people/"+a, "/people/"+b)
	at := "/api/v1/people/" + a
	c.do("POST", at+"/merge", object{"with": b}).want(428)
	c.do("POST", at+"/merge", object{"with": b}, `If-Match: "v9"`).want(412)
	c.do("POST", at+"/merge", object{"with": a}, "If-Match: "+mine.etag()).want(422)
	c.do("POST", at+"/merge", object{"with": company}, "If-Match: "+mine.etag()).want(422)
	c.do("POST", at+"/merge", object{"with": b, "choose": object{"password": "mine"}}, "If-Match: "+mine.etag()).want(422)
	merged := c.do("POST", at+"/merge", object{"with": b, "choose": object{"title": "theirs", "custom.level": "theirs"}}, "If-Match: "+mine.etag()).want(200)
	p := c.do("GET", at, nil).want(200)
	tags, _ := json.Marshal(p.body["tags"])
	if p.text("title") != "Head" || p.text("source") != "fair" || p.text("companyId") != company || len(p.body["emails"].([]any)) != 2 || len(p.body["phones"].([]any)) != 2 ||
		custom(p) != `{"level":"High","seats":7}` || !strings.Contains(string(tags), `"A"`) || !strings.Contains(string(tags), `"B"`) {
		t.Errorf("merged: %s", p.raw)
	}
	if d := c.do("GET", deal.header.Get("Location"), nil).want(200); d.text("primaryPersonId") != a || !strings.Contains(d.raw, `"personId":"`+a+`"`) {
		t.Errorf("the deal: %s", d.raw)
	}
	if line := c.do("GET", at+"/timeline?type=note", nil).want(200); !strings.Contains(line.raw, "Met at the fair") {
		t.Errorf("the timeline: %s", line.raw)
	}
	if merged.body["moved"].(float64) < 4 || c.do("GET", "/api/v1/people/"+b, nil).want(200).text("deletedAt") == "" {
		t.Errorf("moved: %s", merged.raw)
	}
	c.do("POST", "/api/v1/merges/"+merged.text("id")+"/undo", nil).want(200)
	if after := c.snapshot("/people/"+a, "/people/"+b); after != before {
		t.Errorf("undone\n%s\nbefore\n%s", after, before)
	}
	c.do("POST", "/api/v1/merges/"+merged.text("id")+"/undo", nil).want(409)

	now := c.do("GET", at, nil).want(200)
	again := c.do("POST", at+"/merge", object{"with": b}, "If-Match: "+now.etag()).want(200)
	later := c.do("GET", at, nil).want(200)
	c.do("PATCH", at, object{"title": "Since"}, "If-Match: "+later.etag()).want(200)
	c.do("POST", "/api/v1/merges/"+again.text("id")+"/undo", nil).want(409)
}

func TestMergeCompanies(t *testing.T) {
	c := member(t, "merge-companies", "member")
	mine := c.do("POST", "/api/v1/companies", object{"name": "Acme", "industry": "Anvils"}).want(201)
	theirs := c.do("POST", "/api/v1/companies", object{"name": "Acme, Inc.", "domain": "acme.example", "industry": "Rockets"}).want(201)
	a, b := mine.text("id"), theirs.text("id")
	c.do("POST", "/api/v1/people", object{"firstName": "Wile", "companyId": b}).want(201)
	c.do("POST", "/api/v1/deals", object{"title": "Roller skates", "companyId": b}).want(201)
	if found := c.do("GET", "/api/v1/companies/"+a+"/duplicates", nil).want(200).items(); len(found) != 1 {
		t.Errorf("duplicates: %v", found)
	}
	before := c.snapshot()
	merged := c.do("POST", "/api/v1/companies/"+a+"/merge", object{"with": b}, "If-Match: "+mine.etag()).want(200)
	if now := c.do("GET", "/api/v1/companies/"+a, nil).want(200); now.text("domain") != "acme.example" || now.body["peopleCount"] != 1.0 || now.text("industry") != "Anvils" || merged.body["moved"].(float64) < 2 {
		t.Errorf("merged: %s %s", now.raw, merged.raw)
	}
	c.do("POST", "/api/v1/merges/"+merged.text("id")+"/undo", nil).want(200)
	if after := c.snapshot(); after != before {
		t.Errorf("undone\n%s\nbefore\n%s", after, before)
	}
}

func TestTrash(t *testing.T) {
	c := member(t, "trash", "admin")
	c.field("person", "Level", "select", "Low")
	company := c.do("POST", "/api/v1/companies", object{"name": "Gone"}).want(201)
	person := c.do("POST", "/api/v1/people", object{"firstName": "Gone", "lastName": "Too", "companyId": company.text("id"), "tags": []string{"x"}, "custom": object{"level": "Low"}}).want(201)
	deal := c.do("POST", "/api/v1/deals", object{"title": "Lost", "companyId": company.text("id"), "primaryPersonId": person.text("id")}).want(201)
	for _, a := range []answer{person, company} {
		c.do("DELETE", a.header.Get("Location"), nil, "If-Match: "+a.etag()).want(204)
	}
	list := c.do("GET", "/api/v1/trash", nil).want(200).items()
	if len(list) != 2 || list[0]["kind"] != "company" || list[1]["name"] != "Gone Too" {
		t.Fatalf("trash: %v", list)
	}
	c.do("POST", company.header.Get("Location")+"/restore", nil).want(200)
	c.do("DELETE", "/api/v1/trash/company/"+company.text("id"), nil).want(404) // it is no longer there
	c.do("DELETE", "/api/v1/trash/person/"+person.text("id"), nil).want(204)
	c.do("GET", person.header.Get("Location"), nil).want(404)
	if d := c.do("GET", deal.header.Get("Location"), nil).want(200); d.body["primaryPersonId"] != nil {
		t.Errorf("the deal keeps a person that is gone: %s", d.raw)
	}
	cfg := must(config.Load(func(name string) string { return settings(nil)[name] }))
	db := must(database.Open(cfg.Database, 1))
	defer db.Close()
	now := c.do("GET", company.header.Get("Location"), nil).want(200)
	c.do("DELETE", company.header.Get("Location"), nil, "If-Match: "+now.etag()).want(204)
	for _, days := range []int{29, 31} {
		c.do("GET", company.header.Get("Location"), nil).want(200)
		s := trash.Store{DB: db, Now: func() time.Time { return time.Now().AddDate(0, 0, days) }}
		if err := s.Clean(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	c.do("GET", company.header.Get("Location"), nil).want(404)
	if n := len(c.do("GET", "/api/v1/trash", nil).want(200).items()); n != 0 {
		t.Errorf("%d things lie in the trash", n)
	}
}
