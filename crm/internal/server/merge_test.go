package server

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
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
		paths = append(paths, at+"/timeline?types=note")
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
	if line := c.do("GET", at+"/timeline?types=note", nil).want(200); !strings.Contains(line.raw, "Met at the fair") {
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

func TestMergeDeals(t *testing.T) {
	c := member(t, "merge-deals", "admin")
	_, ids := c.pipeline("Merged")
	company := c.do("POST", "/api/v1/companies", object{"name": "Buyer"}).want(201).text("id")
	one := c.do("POST", "/api/v1/people", object{"firstName": "Sam", "lastName": "Lee"}).want(201).text("id")
	two := c.do("POST", "/api/v1/people", object{"firstName": "Sam", "lastName": "Lee"}).want(201).text("id") // another of that name
	add := func(d object) answer {
		t.Helper()
		d["stageId"] = ids["Lead"]
		return c.do("POST", "/api/v1/deals", d).want(201)
	}
	add(object{"title": "Below"})
	theirs := add(object{"title": "Machines", "companyId": company, "amountMinor": 90000, "currency": "USD", "closeDate": "2027-01-31", "primaryPersonId": two, "people": []object{{"personId": one, "role": "Buyer"}, {"personId": two, "role": "Lawyer"}}, "tags": []string{"B"}})
	mine := add(object{"title": "machines", "companyId": company, "currency": "EUR", "people": []object{{"personId": one, "role": "Judge"}}, "tags": []string{"A"}})
	add(object{"title": "Machines"}) // nobody's, so another
	a, b := mine.text("id"), theirs.text("id")
	c.do("POST", "/api/v1/tasks", object{"title": "Offer", "target": object{"kind": "deal", "id": b}}).want(201)
	c.do("POST", "/api/v1/activities", object{"type": "note", "body": "They want it", "links": []object{{"kind": "deal", "id": b}}}).want(201)
	moved := c.do("POST", "/api/v1/deals/"+a+"/move", object{"stageId": ids["Offer"]}, "If-Match: "+mine.etag()).want(200)

	if found := c.do("GET", "/api/v1/deals/"+a+"/duplicates", nil).want(200).items(); len(found) != 1 || found[0]["record"].(object)["id"] != b {
		t.Errorf("duplicates: %v", found)
	}
	before := c.snapshot("/deals/"+a, "/deals/"+b)
	at := "/api/v1/deals/" + a
	c.do("POST", at+"/merge", object{"with": b, "choose": object{"stageId": "theirs"}}, "If-Match: "+moved.etag()).want(422)
	merged := c.do("POST", at+"/merge", object{"with": b, "choose": object{"title": "theirs"}}, "If-Match: "+moved.etag()).want(200)
	d := c.do("GET", at, nil).want(200)
	if d.text("title") != "Machines" || d.body["amountMinor"] != 90000.0 || d.text("currency") != "USD" || d.text("closeDate") != "2027-01-31" || d.text("stageName") != "Offer" ||
		d.text("primaryPersonId") != two || len(d.body["people"].([]any)) != 2 || !strings.Contains(d.raw, `"role":"Judge"`) || strings.Contains(d.raw, `"role":"Buyer"`) || len(d.body["tags"].([]any)) != 2 {
		t.Errorf("merged: %s", d.raw)
	}
	if line := c.do("GET", at+"/timeline", nil).want(200); !strings.Contains(line.raw, "They want it") || strings.Count(line.raw, "stage-change") != 1 || merged.body["moved"].(float64) < 2 {
		t.Errorf("its timeline: %s", line.raw)
	}
	c.do("POST", "/api/v1/merges/"+merged.text("id")+"/undo", nil).want(200)
	if after := c.snapshot("/deals/"+a, "/deals/"+b); after != before {
		t.Errorf("undone\n%s\nbefore\n%s", after, before)
	}

	// An amount goes with its currency.
	now := c.do("PATCH", at, object{"amountMinor": 90000}, "If-Match: "+c.do("GET", at, nil).etag()).want(200)
	c.do("POST", at+"/merge", object{"with": b, "choose": object{"amountMinor": "theirs"}}, "If-Match: "+now.etag()).want(200)
	if d := c.do("GET", at, nil).want(200); d.text("currency") != "USD" {
		t.Errorf("the currency: %s", d.raw)
	}
}

// Pairs are found by each way in which two can be alike, and are gone once
// somebody has told them apart.
func TestDuplicatePairs(t *testing.T) {
	c := member(t, "pairs", "member")
	add := func(path string, o object) string {
		t.Helper()
		return c.do("POST", "/api/v1/"+path, o).want(201).text("id")
	}
	work := add("companies", object{"name": "Pairs Ltd.", "domain": "eu.pairs.example"})
	add("companies", object{"name": "Pairs", "domain": "pairs.example"})
	add("companies", object{"name": "PAIRS", "domain": "other.example"})
	add("people", object{"firstName": "Ana", "lastName": "Lima", "phones": []object{{"value": "+49 30 111"}}})
	ana := add("people", object{"firstName": "ana", "lastName": "lima", "phones": []object{{"value": "+49 30 111"}}})
	add("people", object{"firstName": "Bo", "emails": []object{{"value": "bo@one.example"}}})
	add("people", object{"firstName": "Robert", "emails": []object{{"value": "bo+list@one.example"}}})
	add("people", object{"firstName": "Ana"})
	for _, title := range []string{"Sale", "Sale", "Other"} {
		add("deals", object{"title": title, "companyId": work, "amountMinor": 100, "closeDate": "2027-02-01"})
	}
	add("deals", object{"title": "Sale"})

	pairs := func(kind string) []object {
		t.Helper()
		return c.do("GET", "/api/v1/duplicates?kind="+kind, nil).want(200).items()
	}
	for kind, want := range map[string]string{
		"person":  `[e-mail] [phone name]`,
		"company": `[domain name] [name] [name]`,
		"deal":    `[amount] [amount] [title amount]`,
	} {
		var whys []string
		for _, p := range pairs(kind) {
			whys = append(whys, fmt.Sprint(p["why"]))
		}
		if slices.Sort(whys); strings.Join(whys, " ") != want {
			t.Errorf("pairs of %s: %v, want %s", kind, whys, want)
		}
	}
	c.do("GET", "/api/v1/duplicates?kind=task", nil).want(400)
	first := pairs("person")[0]
	a, b := first["a"].(object)["id"], first["b"].(object)["id"]
	if b != ana {
		t.Errorf("the pair that is most alike comes first, the older of it before the other: %v", first)
	}
	said := object{"kind": "person", "a": b, "b": a, "apart": true}
	c.do("POST", "/api/v1/duplicates/apart", said).want(200)
	c.do("POST", "/api/v1/duplicates/apart", said).want(200)
	if left := pairs("person"); len(left) != 1 || len(c.do("GET", "/api/v1/people/"+ana+"/duplicates", nil).want(200).items()) != 0 {
		t.Errorf("told apart, and still a pair: %v", left)
	}
	said["apart"] = false
	c.do("POST", "/api/v1/duplicates/apart", said).want(200)
	if left := pairs("person"); len(left) != 2 {
		t.Errorf("taken back: %v", left)
	}
	c.do("POST", "/api/v1/duplicates/apart", object{"kind": "person", "a": a, "b": a, "apart": true}).want(422)
	c.do("POST", "/api/v1/duplicates/apart", object{"kind": "person", "a": a, "b": work, "apart": true}).want(404)
	c.do("POST", "/api/v1/duplicates/apart", object{"kind": "task", "a": a, "b": b, "apart": true}).want(422)
}

func TestTrash(t *testing.T) {
	c := member(t, "trash", "admin")
	c.field("person", "Level", "select", "Low")
	company := c.do("POST", "/api/v1/companies", object{"name": "Gone"}).want(201)
	person := c.do("POST", "/api/v1/people", object{"firstName": "Gone", "lastName": "Too", "companyId": company.text("id"), "tags": []string{"x"}, "custom": object{"level": "Low"}}).want(201)
	deal := c.do("POST", "/api/v1/deals", object{"title": "Lost", "companyId": company.text("id"), "primaryPersonId": person.text("id")}).want(201)
	note := c.log("note", "", "To be forgotten.", object{"kind": "deal", "id": deal.text("id")})
	for _, a := range []answer{note, person, company} {
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
		c.do("GET", note.header.Get("Location"), nil).want(200) // it can still be undone
		s := trash.Store{DB: db, Now: func() time.Time { return time.Now().AddDate(0, 0, days) }}
		if err := s.Clean(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	c.do("GET", company.header.Get("Location"), nil).want(404)
	c.do("GET", note.header.Get("Location"), nil).want(404)
	if n := len(c.do("GET", "/api/v1/trash", nil).want(200).items()); n != 0 {
		t.Errorf("%d things lie in the trash", n)
	}
}
