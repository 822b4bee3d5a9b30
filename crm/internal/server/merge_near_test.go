package server

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// pairsOf are the workspace's pairs by names and reasons, sure ones marked.
func (c client) pairsOf(kind string, name func(object) string) []string {
	c.t.Helper()
	var all []string
	for _, p := range c.do("GET", "/api/v1/duplicates?kind="+kind, nil).want(200).items() {
		names := []string{name(p["a"].(object)), name(p["b"].(object))}
		slices.Sort(names)
		all = append(all, fmt.Sprint(strings.Join(names, " = "), " ", p["why"], " ", p["sure"]))
	}
	return all
}

// People of one company or one domain of mail whose names differ by a slip are
// told from those of whom something is the same; others are left alone.
func TestNearPeople(t *testing.T) {
	c := member(t, "near-people", "admin")
	firm := c.do("POST", "/api/v1/companies", object{"name": "Near Ltd"}).want(201).text("id")
	other := c.do("POST", "/api/v1/companies", object{"name": "Far Away Inc"}).want(201).text("id")
	ids := map[string]string{}
	add := func(first, last, company, mail string) {
		p := object{"firstName": first, "lastName": last}
		if company != "" {
			p["companyId"] = company
		}
		if mail != "" {
			p["emails"] = []object{{"value": mail}}
		}
		ids[first+" "+last+mail] = c.do("POST", "/api/v1/people", p).want(201).text("id")
	}
	add("Jonathan", "Smith", firm, "")
	add("Jonathon", "Smith", firm, "")
	add("Jonathan", "Smyth", other, "") // works elsewhere
	add("Katherine", "Jones", "", "katherine@near.example")
	add("Catherine", "Jones", "", "cj@near.example")
	add("Dijkstra", "Edsger", firm, "")
	add("Edsger", "Dijkstra", firm, "")
	add("Maria", "Pereira", "", "maria@gmail.com")
	add("Mario", "Pereira", "", "mario@gmail.com") // everybody's domain
	add("Hans", "Meier", firm, "")
	add("Karl", "Meier", firm, "")
	add("Person 1", "Tester", firm, "")
	add("Person 2", "Tester", firm, "")
	add("Ana", "Lima", firm, "")
	add("Ana", "Lima", firm, "")
	name := func(p object) string { return fmt.Sprint(p["firstName"], " ", p["lastName"]) }
	got := c.pairsOf("person", name)
	if len(got) != 4 || got[0] != "Ana Lima = Ana Lima [name] true" {
		t.Fatalf("pairs: %q", got)
	}
	slices.Sort(got)
	want := []string{
		"Ana Lima = Ana Lima [name] true", "Catherine Jones = Katherine Jones [similar name] false",
		"Dijkstra Edsger = Edsger Dijkstra [similar name] false", "Jonathan Smith = Jonathon Smith [similar name] false",
	}
	if !slices.Equal(got, want) {
		t.Errorf("pairs: %q", got)
	}
	one := c.do("GET", "/api/v1/people/"+ids["Jonathan Smith"]+"/duplicates", nil).want(200).items()
	if len(one) != 1 || name(one[0]["record"].(object)) != "Jonathon Smith" || one[0]["sure"] != false {
		t.Errorf("of one: %v", one)
	}
	c.do("POST", "/api/v1/duplicates/apart", object{"kind": "person", "a": ids["Jonathan Smith"], "b": ids["Jonathon Smith"], "apart": true}).want(200)
	if left := c.pairsOf("person", name); len(left) != 3 {
		t.Errorf("told apart: %q", left)
	}
	if one := c.do("GET", "/api/v1/people/"+ids["Jonathan Smith"]+"/duplicates", nil).want(200).items(); len(one) != 0 {
		t.Errorf("told apart: %v", one)
	}
	at := "/api/v1/people/" + ids["Catherine Jonescj@near.example"]
	c.do("PATCH", at, object{"emails": []object{{"value": "cj@elsewhere.example"}}}, `If-Match: "v1"`).want(200)
	if left := c.pairsOf("person", name); len(left) != 2 {
		t.Errorf("at another domain: %q", left)
	}
}

func TestNearCompanies(t *testing.T) {
	c := member(t, "near-companies", "admin")
	for _, firm := range [][2]string{
		{"Nordwind Engines GmbH"},
		{"Nordwindt Engines"},
		{"Meyer Design Ltd"},
		{"Design Meyer"},
		{"Kappa Logistics"},
		{"Cappa Logistics"},
		{"Northwind Trading", "northwind.example"},
		{"Northwing Trading", "wings-of-the-north.example"}, // each has its own
		{"Acme"},
		{"Acne"},
		{"Plant 7 Services"},
		{"Plant 8 Services"},
		{"Zeta Corp"},
		{"Zeta Corp"},
	} {
		c.do("POST", "/api/v1/companies", object{"name": firm[0], "domain": firm[1]}).want(201)
	}
	got := c.pairsOf("company", func(v object) string { return fmt.Sprint(v["name"]) })
	slices.Sort(got)
	want := []string{
		"Cappa Logistics = Kappa Logistics [similar name] false", "Design Meyer = Meyer Design Ltd [similar name] false",
		"Nordwind Engines GmbH = Nordwindt Engines [similar name] false", "Zeta Corp = Zeta Corp [name] true",
	}
	if !slices.Equal(got, want) {
		t.Errorf("pairs: %q", got)
	}
}
