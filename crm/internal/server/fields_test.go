package server

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// field adds a field of the workspace.
func (c client) field(kind, label, typ string, options ...string) answer {
	c.t.Helper()
	draft := object{"kind": kind, "label": label, "type": typ}
	if options != nil {
		draft["options"] = options
	}
	return c.do("POST", "/api/v1/fields", draft).want(201)
}

func custom(a answer) string {
	text, _ := json.Marshal(a.body["custom"])
	return string(text)
}

func TestCustomFields(t *testing.T) {
	c := member(t, "own-fields", "admin")
	company, base := only(t, c, "Custom fields")
	me := c.do("GET", "/api/v1/auth/me", nil).want(200).body["user"].(object)["id"].(string)
	for label, typ := range map[string]string{"T Text": "text", "T Number": "number", "T Money": "money", "T Date": "date", "T Flag": "bool", "T Link": "url", "T User": "user"} {
		if key := c.field("person", label, typ).text("key"); key != "t_"+strings.ToLower(label[2:]) {
			t.Errorf("%s got the key %s", label, key)
		}
	}
	c.field("person", "T Select", "select", "Red", "Blue")
	multi := c.field("person", "T Multi", "multi", "x", "y", "z")
	add := func(name string, values object) answer {
		t.Helper()
		return c.do("POST", "/api/v1/people", object{"firstName": name, "lastName": name, "companyId": company, "custom": values}).want(201)
	}
	a := add("a", object{"t_text": " 50% off ", "t_number": 12.5, "t_money": object{"amountMinor": 125000, "currency": "EUR"}, "t_date": "2026-01-31", "t_select": "red", "t_multi": []string{"x", "Y", "x"}, "t_flag": true, "t_link": "acme.example/x", "t_user": me})
	want := `{"t_date":"2026-01-31","t_flag":true,"t_link":"https://acme.example/x","t_money":{"amountMinor":125000,"currency":"EUR"},"t_multi":["x","y"],"t_number":12.5,"t_select":"Red","t_text":"50% off","t_user":"` + me + `"}`
	if got := custom(c.do("GET", a.header.Get("Location"), nil).want(200)); got != want {
		t.Errorf("read back\n%s, want\n%s", got, want)
	}
	add("b", object{"t_number": -3, "t_money": object{"amountMinor": 5, "currency": "USD"}, "t_date": "2026-02-01", "t_select": "Blue", "t_multi": []string{"y"}, "t_flag": false})
	add("c", nil)
	for _, tt := range []struct {
		field, op string
		value     any
		want      string
	}{
		{"t_text", "contains", "0% o", "a"},
		{"t_text", "empty", nil, "b c"},
		{"t_number", ">", 0, "a"},
		{"t_number", "<", 0, "b"},
		{"t_number", "!=", 12.5, "b c"},
		{"t_number", "notEmpty", nil, "a b"},
		{"t_money", ">=", 125000, "a"},
		{"t_date", "<", "2026-02-01", "a"},
		{"t_date", "<", "today", "a b"},
		{"t_select", "=", "Red", "a"},
		{"t_select", "notIn", []string{"Red"}, "b c"},
		{"t_multi", "=", "y", "a b"},
		{"t_multi", "in", []string{"x", "z"}, "a"},
		{"t_multi", "!=", "x", "b c"},
		{"t_flag", "=", true, "a"},
		{"t_flag", "=", false, "b"},
		{"t_flag", "empty", nil, "c"},
		{"t_link", "startsWith", "https://acme", "a"},
		{"t_user", "=", "me", "a"},
	} {
		if got := c.filtered("people", base, leaf("cf."+tt.field, tt.op, tt.value)); got != tt.want {
			t.Errorf("%s %s %v: %q, want %q", tt.field, tt.op, tt.value, got, tt.want)
		}
	}
	for sort, want := range map[string]string{"cf.t_number": "cba", "-cf.t_number": "abc", "cf.t_date": "cab", "-cf.t_select,name": "abc", "cf.t_money": "cba", "-cf.t_flag": "abc", "cf.t_text,-name": "cba"} {
		for _, limit := range []int{1, 2} {
			if got := strings.Join(c.walk(fmt.Sprintf("%s&limit=%d&sort=%s", base, limit, url.QueryEscape(sort)), func() {}), ""); got != want {
				t.Errorf("sort %s by %d: %s, want %s", sort, limit, got, want)
			}
		}
	}
	changed := c.do("PATCH", a.header.Get("Location"), object{"custom": object{"t_text": nil, "t_number": 7, "t_multi": []string{}}}, "If-Match: "+a.etag()).want(200)
	if got := custom(changed); strings.Contains(got, "t_text") || strings.Contains(got, "t_multi") || !strings.Contains(got, `"t_number":7`) || !strings.Contains(got, `"t_flag":true`) {
		t.Errorf("patched: %s", got)
	}
	if got := c.filtered("people", base, leaf("cf.t_text", "notEmpty", nil)); got != "" {
		t.Errorf("an emptied field is still found: %q", got)
	}
	for value, at := range map[string]string{`{"t_number":"x"}`: "t_number", `{"t_date":"2026-02-30"}`: "t_date", `{"t_select":"Green"}`: "t_select", `{"t_link":"javascript://x"}`: "t_link", `{"none":1}`: "none", `{"t_money":5}`: "t_money", `{"t_user":"` + company + `"}`: "t_user", `{"t_multi":["q"]}`: "t_multi", `{"t_number":0.12345}`: "t_number"} {
		refused := c.do("POST", "/api/v1/people", `{"firstName":"x","custom":`+value+`}`).want(422)
		if faults, _ := refused.body["errors"].([]any); len(faults) != 1 || faults[0].(object)["pointer"] != "/custom/"+at {
			t.Errorf("%s: %s", value, refused.raw)
		}
	}
	options(t, c, base, multi)
}

// options renames one that records have, and takes one away only if told to.
func options(t *testing.T, c client, base string, multi answer) {
	at := multi.header.Get("Location")
	renamed := c.do("PATCH", at, object{"rename": object{"y": "why"}}, "If-Match: "+multi.etag()).want(200)
	if got := c.filtered("people", base, leaf("cf.t_multi", "=", "why")); got != "b" {
		t.Errorf("after the renaming: %q", got)
	}
	c.do("PATCH", at, object{"options": []string{"x"}}, "If-Match: "+renamed.etag()).want(409)
	cleared := c.do("PATCH", at, object{"options": []string{"x"}, "clear": true}, "If-Match: "+renamed.etag()).want(200)
	if got := c.filtered("people", base, leaf("cf.t_multi", "empty", nil)); got != "a b c" || cleared.body["used"] != 0.0 {
		t.Errorf("after the clearing: %q, %v", got, cleared.raw)
	}
	c.do("DELETE", at, nil, "If-Match: "+cleared.etag()).want(204)
	c.do("GET", "/api/v1/people?filter="+url.QueryEscape(`{"f":"cf.t_multi","op":"empty"}`), nil).want(422)
	c.do("POST", "/api/v1/fields", object{"kind": "person", "label": "T Multi", "type": "text"}).want(409)
	c.do("POST", at+"/restore", nil).want(200)
	c.do("GET", "/api/v1/people?filter="+url.QueryEscape(`{"f":"cf.t_multi","op":"empty"}`), nil).want(200)
}

func TestFieldsRefused(t *testing.T) {
	c := member(t, "bad-fields", "admin")
	for body, pointer := range map[string]string{
		`{}`: "/kind", `{"kind":"person","label":"","type":"text"}`: "/label", `{"kind":"person","label":"A","type":"blob"}`: "/type", `{"kind":"task","label":"A","type":"text"}`: "/kind",
		`{"kind":"person","label":"A","type":"select"}`: "/options", `{"kind":"person","label":"A","type":"text","options":["x"]}`: "/options", `{"kind":"person","label":"A","type":"select","options":["x","X"]}`: "/options/1",
		`{"kind":"person","label":"A","type":"text","key":"a'b"}`: "/key",
	} {
		a := c.do("POST", "/api/v1/fields", body).want(422)
		if faults, _ := a.body["errors"].([]any); len(faults) == 0 || faults[0].(object)["pointer"] != pointer {
			t.Errorf("%s: %s", body, a.raw)
		}
	}
	for i := range 30 {
		c.field("company", fmt.Sprintf("Many %d", i), "text")
	}
	c.do("POST", "/api/v1/fields", object{"kind": "company", "label": "One more", "type": "text"}).want(409)
}

func TestTags(t *testing.T) {
	c := member(t, "tags", "admin")
	company, base := only(t, c, "Tagged")
	a := c.do("POST", "/api/v1/people", object{"firstName": "a", "lastName": "a", "companyId": company, "tags": []any{"Tag VIP", "tag vip", "Tag New"}}).want(201)
	tags := a.body["tags"].([]any)
	if len(tags) != 2 || tags[1].(object)["name"] != "Tag VIP" || tags[1].(object)["color"] == "" {
		t.Fatalf("tags: %v", tags)
	}
	vip := tags[1].(object)["id"].(string)
	c.do("POST", "/api/v1/people", object{"firstName": "b", "lastName": "b", "companyId": company, "tags": []any{object{"id": vip}}}).want(201)
	c.do("POST", "/api/v1/people", object{"firstName": "c", "lastName": "c", "companyId": company}).want(201)
	for _, tt := range []struct {
		op    string
		value any
		want  string
	}{{"=", vip, "a b"}, {"!=", vip, "c"}, {"in", []string{vip}, "a b"}, {"notIn", []string{vip, tags[0].(object)["id"].(string)}, "c"}, {"empty", nil, "c"}, {"notEmpty", nil, "a b"}} {
		if got := c.filtered("people", base, leaf("tags", tt.op, tt.value)); got != tt.want {
			t.Errorf("tags %s: %q, want %q", tt.op, got, tt.want)
		}
	}
	entry := c.do("GET", "/api/v1/tags/"+vip, nil).want(200)
	if entry.body["used"] != 2.0 {
		t.Errorf("used: %s", entry.raw)
	}
	c.do("PATCH", "/api/v1/tags/"+vip, object{"name": "tag new"}, "If-Match: "+entry.etag()).want(409)
	renamed := c.do("PATCH", "/api/v1/tags/"+vip, object{"name": "Tag Gold", "color": "yellow"}, "If-Match: "+entry.etag()).want(200)
	if p := c.do("GET", a.header.Get("Location"), nil).want(200); !strings.Contains(p.raw, `"name":"Tag Gold","color":"yellow"`) {
		t.Errorf("renamed: %s", p.raw)
	}
	c.do("PATCH", a.header.Get("Location"), object{"tags": []string{"Tag New"}}, "If-Match: "+a.etag()).want(200)
	c.do("DELETE", "/api/v1/tags/"+vip, nil, "If-Match: "+renamed.etag()).want(204)
	if got := c.filtered("people", base, leaf("tags", "notEmpty", nil)); got != "a" {
		t.Errorf("after the deletion: %q", got)
	}
	c.do("POST", "/api/v1/people", object{"firstName": "x", "tags": []any{object{"id": vip}}}).want(422)
	c.do("POST", "/api/v1/tags", object{"kind": "company", "name": "Tag New"}).want(201) // of another kind
}

// Somebody whose address is at a company's domain works there.
func TestCompanyByDomain(t *testing.T) {
	c := signedIn(t)
	company := c.do("POST", "/api/v1/companies", object{"name": "By Domain", "domain": "bydomain.example"}).want(201).text("id")
	made := c.do("POST", "/api/v1/people", object{"emails": []object{{"value": "Eva@ByDomain.example"}}, "source": "fair", "address": "1 Road\nTown"}).want(201)
	if made.text("companyId") != company || made.text("source") != "fair" || made.text("address") != "1 Road\nTown" {
		t.Errorf("made: %s", made.raw)
	}
}

func TestSortByEveryColumn(t *testing.T) {
	c := signedIn(t)
	company, base := only(t, c, "Sorted")
	for i, p := range []object{{"title": "Boss", "source": "web"}, {"title": "boss"}, {"title": "Analyst", "source": "fair"}} {
		p["firstName"], p["companyId"] = string(rune('a'+i)), company
		c.do("POST", "/api/v1/people", p).want(201)
	}
	for sort, want := range map[string]string{
		"title": "cab", "-title": "bac", "source": "bca", "title,-name": "cba", "-source,name": "acb", "companyName,-createdAt": "cba", "score,-title,name": "abc", "-lastContactAt": "cba", "lastContactAt": "abc", "createdAt,title": "abc",
	} {
		for _, limit := range []int{1, 2, 50} {
			if got := strings.Join(c.walk(fmt.Sprintf("%s&limit=%d&sort=%s", base, limit, url.QueryEscape(sort)), func() {}), ""); got != want {
				t.Errorf("sort %s by %d: %s, want %s", sort, limit, got, want)
			}
		}
	}
	for _, sort := range []string{"title,title", "title,-title", "title,source,score,name", "nothing", "title,", "cf.nothing"} {
		c.do("GET", "/api/v1/people?sort="+url.QueryEscape(sort), nil).want(400)
	}
}
