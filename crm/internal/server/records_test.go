package server

import (
	"testing"
)

func TestPersonLifecycle(t *testing.T) {
	c := signedIn(t)
	made := c.do("POST", "/api/v1/people", object{
		"firstName": "Ada", "lastName": "Lovelace", "title": "Analyst",
		"emails": []object{{"value": "Ada@Example.org"}}, "phones": []object{{"value": "+44 20 7946 0000", "kind": "mobile"}},
	}).want(201)
	at := made.header.Get("Location")
	read := c.do("GET", at, nil).want(200)
	if read.raw != made.raw || read.etag() != made.etag() {
		t.Errorf("read  %s\nmade  %s", read.raw, made.raw)
	}
	c.do("GET", at, nil, "If-None-Match: "+read.etag()).want(304)
	changed := c.do("PATCH", at, object{"title": "Countess", "phones": nil}, "If-Match: "+read.etag()).want(200)
	if changed.text("title") != "Countess" || changed.text("firstName") != "Ada" || len(changed.body["phones"].([]any)) != 0 || len(changed.body["emails"].([]any)) != 1 {
		t.Errorf("changed: %s", changed.raw)
	}
	stale := c.do("PATCH", at, object{"title": "Late"}, "If-Match: "+read.etag()).want(412)
	if current, _ := stale.body["current"].(object); current["title"] != "Countess" {
		t.Errorf("stale: %s", stale.raw)
	}
	c.do("PATCH", at, object{"title": "Blind"}).want(428)
	c.do("DELETE", at, nil).want(428)
	c.do("DELETE", at, nil, "If-Match: "+read.etag()).want(412)
	c.do("DELETE", at, nil, "If-Match: "+changed.etag()).want(204)
	if gone := c.do("GET", at, nil).want(200); gone.text("deletedAt") == "" {
		t.Errorf("in the trash: %s", gone.raw)
	}
	c.do("PATCH", at, object{"title": "Ghost"}, `If-Match: "v3"`).want(404)
	c.do("POST", "/api/v1/people", object{"emails": []object{{"value": "ada@example.org"}}}).want(201)
	c.do("POST", at+"/restore", nil).want(409) // somebody has the address now
}
