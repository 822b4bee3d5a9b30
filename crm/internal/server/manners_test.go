package server

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// Who misspells something is told what and where, and nothing is done.
func TestMistakesAreNamed(t *testing.T) {
	c := member(t, "mistakes", "admin")
	who := c.do("POST", "/api/v1/people", object{"firstName": "Ada"}).want(201).text("id")
	for _, tt := range []struct {
		method, path string
		body         any
		status       int
		says         []string
	}{
		{"GET", "/api/v1/people?filtr=%7B%7D", nil, 400, []string{`\"filtr\"`, "limit, cursor, sort, q, filter, count, companyId"}},
		{"GET", "/api/v1/audit?actor=me", nil, 400, []string{`\"actor\"`, "actorId"}},
		{"GET", "/api/v1/trash?kind=people", nil, 400, []string{"kind is not one of"}},
		{"GET", "/api/v1/people/" + who + "?limit=1", nil, 400, []string{"it takes none"}},
		{"POST", "/api/v1/people", object{"companyId": "none"}, 422, []string{`"/companyId"`, "not an id"}},
		{"POST", "/api/v1/activities", object{"type": "note", "body": "b", "occurredAt": "yesterday"}, 422, []string{`"/occurredAt"`, "not a time"}},
		{"POST", "/api/v1/people/bulk", object{"ids": []string{who}, "set": object{"titel": "CTO"}}, 422, []string{`"/set/titel"`, "no such member"}},
		{"POST", "/api/v1/people/bulk", object{"ids": []string{who}, "set": object{"title": 5}}, 422, []string{`"/set/title"`, "a text is wanted"}},
		{"POST", "/api/v1/people/bulk", object{"filter": object{"f": "nam", "op": "=", "v": "x"}, "set": object{"title": "x"}}, 422, []string{`"/filter/f"`}},
	} {
		a := c.do(tt.method, tt.path, tt.body).want(tt.status)
		for _, part := range tt.says {
			if !strings.Contains(a.raw, part) {
				t.Errorf("%s %s %v: %s; want %s", tt.method, tt.path, tt.body, a.raw, part)
			}
		}
	}
	c.do("POST", "/api/v1/companies", object{"name": "Engines", "domain": "engines.example"}).want(201)
	c.do("PATCH", "/api/v1/people/"+c.do("POST", "/api/v1/people", object{"firstName": "Charles", "lastName": "Babbage"}).want(201).text("id"),
		object{"emails": []object{{"value": "charles@engines.example"}}}, `If-Match: "v1"`).want(200)
	for _, tt := range []struct{ path, body, says string }{
		{"people", `{"emails":[{"value":"new@x.example"},{"value":"Charles@Engines.example"}]}`, `"/emails/1/value","code":"duplicate","message":"Charles Babbage has the e-mail address charles@engines.example"`},
		{"companies", `{"name":"Other","domain":"engines.example"}`, `"/domain","code":"duplicate","message":"Engines has the domain engines.example"`},
	} {
		if a := c.do("POST", "/api/v1/"+tt.path, tt.body).want(409); !strings.Contains(a.raw, tt.says) {
			t.Errorf("%s; want %s", a.raw, tt.says)
		}
	}
	if p := c.do("GET", "/api/v1/people/"+who, nil).want(200); p.body["version"] != 1.0 {
		t.Errorf("something was done: %s", p.raw)
	}
}

// A program whose key is refused hears of keys, not of sessions.
func TestRefusedKeys(t *testing.T) {
	signedIn(t) // the server is ready
	c := browser(t, shared.crm.url)
	for credentials, says := range map[string]string{
		"Bearer apx_live_aaaaaaaa_" + strings.Repeat("a", 32): "removed, has expired, or is misspelt", "Basic YTpi": "apx_live_",
	} {
		a := c.do("GET", "/api/v1/people", nil, "Authorization: "+credentials).want(401)
		if !strings.Contains(a.text("detail"), says) || a.header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%s: %s %v", credentials, a.raw, a.header)
		}
	}
}

// What asks for If-Match says so in the API's description, and nothing else does.
func TestDescriptionNamesVersions(t *testing.T) {
	c := member(t, "versions", "owner")
	asked := 0
	for path, operations := range plain(Description())["paths"].(object) {
		for method, operation := range operations.(object) {
			described := strings.Contains(fmt.Sprint(operation.(object)["parameters"]), "IfMatch")
			if method = strings.ToUpper(method); method == http.MethodGet || strings.Contains(path, "/auth/") || !strings.Contains(path, "{id}") && !described {
				continue
			}
			asked++
			a := c.do(method, strings.Replace(path, "{id}", nothing, 1), object{})
			if (a.status == http.StatusPreconditionRequired) != described {
				t.Errorf("%s %s: %d, and the description asks for If-Match: %v", method, path, a.status, described)
			}
		}
	}
	if asked < 50 {
		t.Errorf("only %d operations were asked", asked)
	}
}
