package server

import (
	"strings"
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
	if taken := c.do("POST", at+"/restore", nil).want(409); !strings.Contains(taken.raw, "ada@example.org has the e-mail address ada@example.org") {
		t.Errorf("who has the address now is not told: %s", taken.raw)
	}
}

func TestCompanyLifecycle(t *testing.T) {
	c := signedIn(t)
	made := c.do("POST", "/api/v1/companies", object{"name": "Acme", "domain": "https://www.Acme.example/about", "industry": "Anvils", "sizeBand": "11-50"}).want(201)
	at := made.header.Get("Location")
	if made.text("domain") != "acme.example" {
		t.Errorf("domain: %q", made.text("domain"))
	}
	c.do("POST", "/api/v1/companies", object{"name": "Other", "domain": "acme.example"}).want(409)
	person := c.do("POST", "/api/v1/people", object{"firstName": "Wile", "companyId": made.text("id")}).want(201)
	if person.text("companyName") != "Acme" {
		t.Errorf("person: %s", person.raw)
	}
	read := c.do("GET", at, nil).want(200)
	if read.body["peopleCount"] != 1.0 || read.etag() == made.etag() {
		t.Errorf("read: %s %s", read.etag(), read.raw)
	}
	c.do("PATCH", at, object{"domain": nil}, "If-Match: "+made.etag()).want(200) // the version is what counts, not who works there
	c.do("DELETE", at, nil, `If-Match: "v2"`).want(204)
	if p := c.do("GET", person.header.Get("Location"), nil).want(200); p.text("companyName") != "" || p.text("companyId") != made.text("id") {
		t.Errorf("person of a company in the trash: %s", p.raw)
	}
	c.do("PATCH", person.header.Get("Location"), object{"title": "Customer"}, `If-Match: "v1"`).want(200)
	c.do("POST", "/api/v1/people", object{"firstName": "Late", "companyId": made.text("id")}).want(422)
	c.do("POST", at+"/restore", nil).want(200)
	if p := c.do("GET", person.header.Get("Location"), nil).want(200); p.text("companyName") != "Acme" {
		t.Errorf("person of a restored company: %s", p.raw)
	}
}

func TestRefusals(t *testing.T) {
	c := signedIn(t)
	long := strings.Repeat("x", 101)
	for name, tt := range map[string]struct {
		path, body string
		status     int
		pointer    string
	}{
		"no JSON":            {"people", `{"firstName":`, 400, ""},
		"empty":              {"people", ``, 400, ""},
		"two values":         {"people", `{"firstName":"A"}{}`, 400, ""},
		"an array":           {"people", `[]`, 422, ""},
		"no name at all":     {"people", `{}`, 422, "/firstName"},
		"white space":        {"people", `{"firstName":" \t "}`, 422, "/firstName"},
		"unknown member":     {"people", `{"firstName":"A","admin":true}`, 422, "/admin"},
		"wrong type":         {"people", `{"firstName":7}`, 422, "/firstName"},
		"too long":           {"people", `{"firstName":"` + long + `"}`, 422, "/firstName"},
		"control character":  {"people", `{"firstName":"A\u0000B"}`, 422, "/firstName"},
		"direction override": {"people", `{"firstName":"A\u202eB"}`, 422, "/firstName"},
		"bad e-mail":         {"people", `{"emails":[{"value":"a@b.example"},{"value":"nobody"}]}`, 422, "/emails/1/value"},
		"named e-mail":       {"people", `{"emails":[{"value":"A <a@b.example>"}]}`, 422, "/emails/0/value"},
		"twice one e-mail":   {"people", `{"emails":[{"value":"q@b.example"},{"value":"Q@b.example"}]}`, 422, "/emails/1/value"},
		"bad phone":          {"people", `{"firstName":"A","phones":[{"value":"call me"}]}`, 422, "/phones/0/value"},
		"bad kind":           {"people", `{"firstName":"A","phones":[{"value":"12345","kind":"fax"}]}`, 422, "/phones/0/kind"},
		"bad id":             {"people", `{"firstName":"A","companyId":"7"}`, 422, "/companyId"},
		"unknown company":    {"people", `{"firstName":"A","companyId":"01890a5d-ac96-774b-bcce-b302099a8057"}`, 422, "/companyId"},
		"unknown owner":      {"people", `{"firstName":"A","ownerId":"01890a5d-ac96-774b-bcce-b302099a8057"}`, 422, "/ownerId"},
		"nameless company":   {"companies", `{"domain":"a.example"}`, 422, "/name"},
		"bad domain":         {"companies", `{"name":"A","domain":"not a domain"}`, 422, "/domain"},
		"bad size":           {"companies", `{"name":"A","sizeBand":"some"}`, 422, "/sizeBand"},
		"unknown owner of c": {"companies", `{"name":"A","ownerId":"01890a5d-ac96-774b-bcce-b302099a8057"}`, 422, "/ownerId"},
		"huge":               {"companies", `{"name":"` + strings.Repeat("y", 2<<20) + `"}`, 413, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := c.do("POST", "/api/v1/"+tt.path, tt.body).want(tt.status)
			if kind := a.header.Get("Content-Type"); kind != "application/problem+json" {
				t.Errorf("answered as %s", kind)
			}
			faults, _ := a.body["errors"].([]any)
			if tt.pointer == "" {
				return
			}
			if len(faults) == 0 || faults[0].(object)["pointer"] != tt.pointer {
				t.Errorf("faults %v, want one at %s", faults, tt.pointer)
			}
		})
	}
	for path, want := range map[string]int{
		"/api/v1/people/7": 404, "/api/v1/people/01890a5d-ac96-774b-bcce-b302099a8057": 404, "/api/v1/none": 404, "/api/": 404,
		"/api/v1/people?limit=0": 400, "/api/v1/people?limit=x": 400, "/api/v1/people?sort=id%3Bdrop": 400, "/api/v1/people?cursor=AAAA": 400, "/api/v1/people?companyId=7": 400,
	} {
		c.do("GET", path, nil).want(want)
	}
	if a := c.do("PUT", "/api/v1/people", object{}).want(405); a.header.Get("Allow") != "GET, POST" {
		t.Errorf("Allow: %q", a.header.Get("Allow"))
	}
	c.do("POST", "/api/v1/people", "firstName=A", "Content-Type: application/x-www-form-urlencoded").want(415)
}

// What people write comes back as they wrote it.
func TestTextIsKept(t *testing.T) {
	c := signedIn(t)
	for _, name := range []string{
		"😀 Smile", "'; DROP TABLE people; --", `<script>alert(1)</script>`, "مريم", "עברית", "名前", "e\u0301", `back\slash "quote"`, "%_%", strings.Repeat("字", 100),
	} {
		made := c.do("POST", "/api/v1/people", object{"firstName": name}).want(201)
		if got := c.do("GET", made.header.Get("Location"), nil).want(200).text("firstName"); got != name {
			t.Errorf("%q came back as %q", name, got)
		}
	}
}
