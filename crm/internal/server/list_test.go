package server

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// only makes a company and returns the filter for its people: tests share a
// workspace and must not see each other's.
func only(t *testing.T, c client, name string) (id, filter string) {
	t.Helper()
	made := c.do("POST", "/api/v1/companies", object{"name": name}).want(201)
	return made.text("id"), "companyId=" + made.text("id")
}

func (c client) addPerson(first, last, company string) string {
	c.t.Helper()
	return c.do("POST", "/api/v1/people", object{"firstName": first, "lastName": last, "companyId": company}).want(201).text("id")
}

// walk reads all pages and calls between after each of them.
func (c client) walk(query string, between func()) []string {
	c.t.Helper()
	var names []string
	cursor := ""
	for range 100 {
		a := c.do("GET", "/api/v1/people?"+query+"&cursor="+url.QueryEscape(cursor), nil).want(200)
		for _, p := range a.items() {
			names = append(names, fmt.Sprint(p["firstName"]))
		}
		if cursor = a.text("nextCursor"); cursor == "" {
			return names
		}
		between()
	}
	c.t.Fatal("the list does not end")
	return nil
}

func TestPagesInEveryOrder(t *testing.T) {
	c := signedIn(t)
	company, filter := only(t, c, "Pages")
	for _, p := range []string{"a Zeta", "b alpha", "c Álpha", "d Alpha", "e ", "f beta", "g Alpha"} {
		first, last, _ := strings.Cut(p, " ")
		c.addPerson(first, last, company)
	}
	for sort, want := range map[string]string{
		"": "gfedcba", "-createdAt": "gfedcba", "createdAt": "abcdefg", "-updatedAt": "gfedcba", "updatedAt": "abcdefg",
		"name": "ebcdgfa", "-name": "afgdcbe", // the collation takes alpha, Álpha and Alpha for one name
	} {
		for _, limit := range []int{1, 2, 3, 7, 200} {
			got := strings.Join(c.walk(fmt.Sprintf("%s&sort=%s&limit=%d", filter, sort, limit), func() {}), "")
			if got != want {
				t.Errorf("sort %q, pages of %d: %s, want %s", sort, limit, got, want)
			}
		}
	}
}

// Rows added and deleted while somebody reads neither hide nor repeat others.
func TestPagesAreStable(t *testing.T) {
	c := signedIn(t)
	company, filter := only(t, c, "Stable")
	var want []string
	for i := range 9 {
		first := fmt.Sprintf("n%d", i)
		c.addPerson(first, first, company)
		want = append(want, first)
	}
	extra := 0
	got := c.walk(filter+"&sort=name&limit=2", func() {
		extra++
		c.addPerson(fmt.Sprintf("extra%d", extra), fmt.Sprintf("a%d", extra), company) // sorts before the cursor
	})
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestSearchAndCount(t *testing.T) {
	c := signedIn(t)
	company, filter := only(t, c, "Zyxwv Industries")
	c.addPerson("Quillon", "Underhill", company)
	c.addPerson("Quilla", "100%", company)
	c.do("POST", "/api/v1/people", object{"firstName": "Other", "companyId": company, "emails": []object{{"value": "Quil@find.example"}}}).want(201)
	for q, want := range map[string]int{
		"quil": 3, "QUILL": 2, "quil under": 1, "100%": 1, "%": 0, "_": 0, "zyx": 3, "quil@FIND": 1, "uillon": 0, `\`: 0, "a b c d e f g h": 0, "": 3,
	} {
		a := c.do("GET", "/api/v1/people?count=exact&"+filter+"&q="+url.QueryEscape(q), nil).want(200)
		if len(a.items()) != want || a.text("total") != fmt.Sprint(want) {
			t.Errorf("q=%q: %d found, total %s; want %d", q, len(a.items()), a.text("total"), want)
		}
	}
	if found := c.do("GET", "/api/v1/companies?q=zyx+ind", nil).want(200).items(); len(found) != 1 || found[0]["peopleCount"] != 3.0 {
		t.Errorf("companies: %v", found)
	}
}

func TestCursorsHoldForTheirListOnly(t *testing.T) {
	c := signedIn(t)
	company, filter := only(t, c, "Cursors")
	for range 3 {
		c.addPerson("x", "y", company)
	}
	cursor := c.do("GET", "/api/v1/people?limit=1&sort=name&"+filter, nil).want(200).text("nextCursor")
	c.do("GET", "/api/v1/people?limit=1&sort=name&"+filter+"&cursor="+cursor, nil).want(200)
	for _, other := range []string{"people?sort=name", "people?sort=-name&" + filter, "people?sort=name&q=x&" + filter, "companies?sort=name", "people?sort=name&" + filter + "&cursor=x" + cursor} {
		c.do("GET", "/api/v1/"+other+"&cursor="+cursor[:len(cursor)-1]+"A", nil).want(400)
		c.do("GET", "/api/v1/"+other+"&cursor="+cursor, nil).want(400)
	}
}

// A list costs a query for the page and one per relation, however long it is.
func TestListsDoNotAskPerRow(t *testing.T) {
	c, log := countable(t)
	company, filter := only(t, c, "Queries")
	for range 12 {
		c.addPerson("many", "rows", company)
	}
	c.do("GET", "/api/v1/people?"+filter, nil).want(200)
	c.do("GET", "/api/v1/companies", nil).want(200)
	eventually(t, "both lines are logged", func() bool {
		return strings.Contains(log.String(), `"route":"GET /api/v1/people"`) && strings.Contains(log.String(), `"route":"GET /api/v1/companies"`)
	})
	for line := range strings.Lines(log.String()) {
		for route, most := range map[string]int{"GET /api/v1/people": 4, "GET /api/v1/companies": 3} {
			if strings.Contains(line, `"route":"`+route+`"`) && !strings.Contains(line, fmt.Sprintf(`"db_n":%d,`, most)) {
				t.Errorf("want %d queries: %s", most, line)
			}
		}
	}
}
