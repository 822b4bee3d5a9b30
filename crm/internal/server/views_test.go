package server

import (
	"encoding/json"
	"fmt"
	"net/url"
	"testing"
)

// colleague is somebody else in the workspace of a member, who owns it.
func colleague(t *testing.T, slug string) (owner, other client) {
	t.Helper()
	owner = signedIn(t)
	return owner, signIn(t, shared.crm.url, slug+"@example.com")
}

func TestViewsArePrivateOrShared(t *testing.T) {
	mine, theirs := colleague(t, "views")
	draft := object{
		"kind": "person", "name": "Mine", "filter": object{"and": []object{leaf("owner", "=", "me"), leaf("tags", "empty", nil)}}, "sort": "name,-updatedAt",
		"columns": []object{{"name": "name", "width": 240}, {"name": "email"}}, "groupBy": "owner",
	}
	v := mine.do("POST", "/api/v1/views", draft).want(201)
	at := v.header.Get("Location")
	if read := mine.do("GET", at, nil).want(200); read.raw != v.raw {
		t.Errorf("read %s, made %s", read.raw, v.raw)
	}
	sent, _ := json.Marshal(draft["filter"])
	if kept, _ := json.Marshal(v.body["filter"]); string(kept) != string(sent) {
		t.Errorf("the filter became %s", kept)
	}
	theirs.do("GET", at, nil).want(404)
	theirs.do("POST", at+"/mark", object{"favourite": true}).want(404)
	shared := mine.do("PATCH", at, object{"shared": true, "name": "Ours"}, "If-Match: "+v.etag()).want(200)
	seen := theirs.do("POST", at+"/mark", object{"favourite": true, "default": true}).want(200)
	if seen.body["favourite"] != true || mine.do("GET", at, nil).want(200).body["favourite"] != false {
		t.Errorf("a favourite is one's own: %s", seen.raw)
	}
	second := theirs.do("POST", "/api/v1/views", object{"kind": "person", "name": "Second"}).want(201)
	theirs.do("POST", second.header.Get("Location")+"/mark", object{"default": true}).want(200)
	if first := theirs.do("GET", at, nil).want(200); first.body["default"] != false {
		t.Errorf("two defaults: %s", first.raw)
	}
	theirs.do("PATCH", at, object{"name": "Theirs"}, "If-Match: "+shared.etag()).want(403)
	theirs.do("DELETE", at, nil, "If-Match: "+shared.etag()).want(403)
	mine.do("PATCH", at, object{"name": "Late"}, "If-Match: "+v.etag()).want(412)
	mine.do("DELETE", at, nil, "If-Match: "+shared.etag()).want(204)
	theirs.do("GET", at, nil).want(404)
	for body, pointer := range map[string]string{
		`{"kind":"person"}`: "/name", `{"kind":"task","name":"x"}`: "/kind", `{"kind":"person","name":"x","layout":"board"}`: "/layout", `{"kind":"person","name":"x","sort":"password"}`: "/sort",
		`{"kind":"person","name":"x","groupBy":"no"}`: "/groupBy", `{"kind":"person","name":"x","filter":{"f":"no","op":"=","v":1}}`: "/filter/f", `{"kind":"person","name":"x","columns":[{"name":"a"},{"name":"a"}]}`: "/columns/1",
	} {
		a := mine.do("POST", "/api/v1/views", body).want(422)
		if faults, _ := a.body["errors"].([]any); len(faults) == 0 || faults[0].(object)["pointer"] != pointer {
			t.Errorf("%s: %s", body, a.raw)
		}
	}
	mine.do("POST", "/api/v1/views", object{"kind": "deal", "name": "Board", "layout": "board"}).want(201)
}

func TestGroupsAndTotals(t *testing.T) {
	c := member(t, "list-groups", "admin")
	me := c.do("GET", "/api/v1/auth/me", nil).want(200).body["user"].(object)["id"]
	c.field("person", "Budget", "number")
	c.field("person", "Colour", "multi", "Red", "Blue")
	for i, p := range []object{
		{"ownerId": me, "source": "fair", "tags": []string{"A", "B"}, "custom": object{"budget": 10.5, "colour": []string{"Red", "Blue"}}},
		{"source": "fair", "tags": []string{"A"}, "custom": object{"budget": -3, "colour": []string{"Red"}}},
		{"source": "web"},
		{},
	} {
		p["firstName"] = fmt.Sprint("g", i)
		c.do("POST", "/api/v1/people", p).want(201)
	}
	tag := c.do("GET", "/api/v1/tags?kind=person", nil).want(200).items()[0]["id"]
	for by, want := range map[string]string{
		"owner": fmt.Sprintf("<nil>=3 %v=1 ", me), "source": "fair=2 <nil>=1 web=1 ", "cf.colour": "<nil>=2 Red=2 Blue=1 ", "companyName": "<nil>=4 ",
	} {
		got := ""
		for _, g := range c.do("GET", "/api/v1/people/groups?by="+by, nil).want(200).items() {
			got += fmt.Sprintf("%v=%v ", g["value"], g["count"])
		}
		if got != want {
			t.Errorf("by %s: %s, want %s", by, got, want)
		}
	}
	if first := c.do("GET", "/api/v1/people/groups?by=tags&filter="+url.QueryEscape(`{"f":"tags","op":"notEmpty"}`), nil).want(200).items()[0]; first["value"] != tag || first["count"] != 2.0 {
		t.Errorf("by tags: %v", first)
	}
	totals := c.do("GET", "/api/v1/people/totals?sum=cf.budget,score&filter="+url.QueryEscape(`{"f":"source","op":"=","v":"fair"}`), nil).want(200)
	if sums := totals.body["sums"].(object); totals.body["count"] != 2.0 || sums["cf.budget"] != 7.5 || sums["score"] != 0.0 {
		t.Errorf("totals: %s", totals.raw)
	}
	deposits := c.field("person", "Deposit", "money")
	for _, d := range []object{{"amountMinor": 500, "currency": "EUR"}, {"amountMinor": 250, "currency": "EUR"}, {"amountMinor": 900, "currency": "JPY"}} {
		c.do("POST", "/api/v1/people", object{"firstName": "Payer", "custom": object{"deposit": d}}).want(201)
	}
	if sums := c.do("GET", "/api/v1/people/totals?q=payer&sum=cf.deposit,cf.budget", nil).want(200); fmt.Sprint(sums.body["amounts"]) != "map[cf.deposit:[map[amountMinor:900 currency:JPY] map[amountMinor:750 currency:EUR]]]" || sums.body["count"] != 3.0 {
		t.Errorf("amounts of %s: %s", deposits.text("label"), sums.raw)
	}
	for _, d := range []object{{"amountMinor": 100, "currency": "USD"}, {"amountMinor": 200, "currency": "USD"}, {"currency": "EUR"}} {
		d["title"] = "Summed"
		c.do("POST", "/api/v1/deals", d).want(201)
	}
	if sums := c.do("GET", "/api/v1/deals/totals?q=summed&sum=amount", nil).want(200); fmt.Sprint(sums.body["amounts"]) != "map[amount:[map[amountMinor:300 currency:USD] map[amountMinor:0 currency:EUR]]]" {
		t.Errorf("amounts of deals: %s", sums.raw)
	}
	for _, query := range []string{"groups?by=email", "groups?by=nothing", "groups", "totals?sum=source", "totals?sum=x%27"} {
		c.do("GET", "/api/v1/people/"+query, nil).want(400)
	}
	for _, path := range []string{"companies", "deals"} {
		c.do("GET", "/api/v1/"+path+"/groups?by=owner", nil).want(200)
		c.do("GET", "/api/v1/"+path+"/totals?q=x", nil).want(200)
	}
	schema := c.do("GET", "/api/v1/schema", nil).want(200).items()
	found := false
	for _, f := range schema[0]["fields"].([]any) {
		if f := f.(object); f["name"] == "cf.colour" {
			found = f["type"] == "choice" && f["several"] == true && len(f["options"].([]any)) == 2 && f["label"] == "Colour"
		}
	}
	if !found || len(schema) != 3 {
		t.Errorf("schema: %v", schema[0])
	}
}
