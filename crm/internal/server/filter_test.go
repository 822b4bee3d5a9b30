package server

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

// filtered lists people of one company and joins their first names.
func (c client) filtered(list, base string, filter any) string {
	c.t.Helper()
	text, ok := filter.(string)
	if !ok {
		encoded, err := json.Marshal(filter)
		if err != nil {
			c.t.Fatal(err)
		}
		text = string(encoded)
	}
	var names []string
	for _, item := range c.do("GET", "/api/v1/"+list+"?sort=name&"+base+"&filter="+url.QueryEscape(text), nil).want(200).items() {
		names = append(names, strings.TrimSpace(fmt.Sprint(item["firstName"], item["name"])))
	}
	return strings.ReplaceAll(strings.Join(names, " "), "<nil>", "")
}

func leaf(field, op string, value any) object {
	if value == nil {
		return object{"f": field, "op": op}
	}
	return object{"f": field, "op": op, "v": value}
}

func TestFilterPeople(t *testing.T) {
	c := signedIn(t)
	company, base := only(t, c, "Filter 100% \\ people")
	me := c.do("GET", "/api/v1/auth/me", nil).want(200).body["user"].(object)["id"]
	for _, p := range []object{
		{"firstName": "a", "lastName": "a", "title": "Head of sales", "ownerId": me, "emails": []object{{"value": "a@one.example"}, {"value": "a@two.example"}}},
		{"firstName": "b", "lastName": "b", "title": "100%", "emails": []object{{"value": "b@one.example"}}, "phones": []object{{"value": "+49 30 1234"}}},
		{"firstName": "c", "lastName": "c", "title": `o'brien "x" \`},
	} {
		p["companyId"] = company
		c.do("POST", "/api/v1/people", p).want(201)
	}
	for _, tt := range []struct {
		filter any
		want   string
	}{
		{"", "a b c"},
		{"{}", "a b c"},
		{object{"and": []object{}}, "a b c"},
		{leaf("firstName", "=", "A"), "a"},
		{leaf("firstName", "!=", "a"), "b c"},
		{leaf("firstName", "in", []string{"a", "c"}), "a c"},
		{leaf("firstName", "notIn", []string{"a"}), "b c"},
		{leaf("title", "contains", "OF"), "a"},
		{leaf("title", "startsWith", "head"), "a"},
		{leaf("title", "contains", "%"), "b"},
		{leaf("title", "contains", "_"), ""},
		{leaf("title", "contains", `'brien "x" \`), "c"},
		{leaf("title", "=", `' OR 1=1 -- `), ""},
		{leaf("name", "=", "a a"), "a"},
		{leaf("email", "contains", "@one."), "a b"},
		{leaf("email", "!=", "a@two.example"), "b c"},
		{leaf("email", "empty", nil), "c"},
		{leaf("email", "notEmpty", nil), "a b"},
		{leaf("phone", "contains", "30 12"), "b"},
		{leaf("owner", "=", "me"), "a"},
		{leaf("owner", "!=", "me"), "b c"},
		{leaf("owner", "empty", nil), "b c"},
		{leaf("owner", "in", []any{me, "me"}), "a"},
		{leaf("company", "=", company), "a b c"},
		{leaf("companyName", "startsWith", "filter 100%"), "a b c"},
		{leaf("companyName", "empty", nil), ""},
		{leaf("createdAt", "=", "today"), "a b c"},
		{leaf("createdAt", "<", "today"), ""},
		{leaf("createdAt", ">=", "-1d"), "a b c"},
		{leaf("updatedAt", ">", "today"), ""},
		{leaf("createdAt", "!=", "thisYear"), ""},
		{object{"or": []object{leaf("firstName", "=", "a"), leaf("phone", "notEmpty", nil)}}, "a b"},
		{object{"not": leaf("owner", "=", "me")}, "b c"},
		{object{"and": []object{leaf("email", "notEmpty", nil), {"not": object{"or": []object{leaf("firstName", "=", "b"), leaf("firstName", "=", "c")}}}}}, "a"},
	} {
		if got := c.filtered("people", base, tt.filter); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.filter, got, tt.want)
		}
	}
	made := url.QueryEscape(`{"f":"email","op":"notEmpty"}`)
	cursor := c.do("GET", "/api/v1/people?limit=1&count=exact&"+base+"&filter="+made, nil).want(200)
	if cursor.text("total") != "2" {
		t.Errorf("total %s, want 2", cursor.text("total"))
	}
	at := "&cursor=" + cursor.text("nextCursor")
	c.do("GET", "/api/v1/people?limit=1&"+base+"&filter="+made+at, nil).want(200)
	c.do("GET", "/api/v1/people?limit=1&"+base+at, nil).want(400)
	c.do("GET", "/api/v1/people?filter=%7B", nil).want(400)
	bad := c.do("GET", "/api/v1/people?filter="+url.QueryEscape(`{"and":[{"f":"name","op":"=","v":"x"},{"f":"password","op":"=","v":"x"}]}`), nil).want(422)
	if faults, _ := bad.body["errors"].([]any); len(faults) != 1 || faults[0].(object)["pointer"] != "/and/1/f" {
		t.Errorf("faults: %v", bad.raw)
	}
}

func TestFilterCompanies(t *testing.T) {
	c := signedIn(t)
	for _, x := range []object{
		{"name": "Fil Ter One", "domain": "one.filter.example", "industry": "Anvils", "sizeBand": "1-10"},
		{"name": "Fil Ter Two", "industry": "Zips", "address": "1 High Street\nLondon"},
	} {
		c.do("POST", "/api/v1/companies", x).want(201)
	}
	for _, tt := range []struct {
		filter any
		want   string
	}{
		{leaf("domain", "notEmpty", nil), "Fil Ter One"},
		{leaf("domain", "empty", nil), "Fil Ter Two"},
		{leaf("sizeBand", "=", "1-10"), "Fil Ter One"},
		{leaf("sizeBand", "notIn", []string{"1-10"}), "Fil Ter Two"},
		{leaf("address", "contains", "london"), "Fil Ter Two"},
		{leaf("industry", "in", []string{"anvils", "zips"}), "Fil Ter One Fil Ter Two"},
	} {
		if got := c.filtered("companies", "q=ter+fil", tt.filter); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.filter, got, tt.want)
		}
	}
}

// Days are those of where the user is: these two zones are never on one day.
func TestFilterKnowsWhereTheUserIs(t *testing.T) {
	c := signedIn(t)
	_, base := only(t, c, "Zones")
	company := strings.TrimPrefix(base, "companyId=")
	c.addPerson("z", "z", company)
	here := time.Now().UTC()
	for zone, hours := range map[string]int{"Etc/GMT+12": -12, "Etc/GMT-14": 14} {
		day := here.Add(time.Duration(hours) * time.Hour).Format("2006-01-02")
		if a := c.do("GET", "/api/v1/people?"+base+"&filter="+url.QueryEscape(mustJSON(leaf("createdAt", "=", day))), nil, "X-Time-Zone: "+zone).want(200); len(a.items()) != 1 {
			t.Errorf("in %s nobody was made on %s", zone, day)
		}
	}
}
