package server

import (
	"database/sql"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// emptyDatabase is one of the test's own in the shared engine.
func emptyDatabase(t *testing.T, name string) (setting string) {
	t.Helper()
	u, err := url.Parse(shared.mysql.URL)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	db, err := sql.Open("mysql", u.User.Username()+":"+password+"@tcp("+u.Host+")/")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(shared.mysql.URL, u.Path) + "/" + name
}

// A workspace is filled once, and the same way each time.
func TestDemoRecords(t *testing.T) {
	crm := start(t, map[string]string{"DATABASE_URL": emptyDatabase(t, "crm_demo")}, io.Discard)
	c := signIn(t, crm.url, "demo@example.com")
	for i, want := range []bool{true, false} {
		if a := c.do("POST", "/api/v1/demo", nil).want(200); a.body["filled"] != want {
			t.Errorf("time %d: %s", i+1, a.raw)
		}
	}
	found := c.do("GET", "/api/v1/companies?q=Northwind+Logistics", nil).want(200).items()
	if len(found) != 1 || found[0]["domain"] != "northwind-logistics.example" || found[0]["peopleCount"].(float64) < 1 {
		t.Errorf("the first company: %v", found)
	}
	for list, want := range map[string]string{"companies": "60", "people": "200", "deals": "80"} {
		if total := c.do("GET", "/api/v1/"+list+"?count=exact&limit=1", nil).want(200).text("total"); total != want {
			t.Errorf("%s %s, want %s", total, list, want)
		}
	}
}

// The records are the same ones in every workspace of every installation.
func TestDemoRecordsAreTheSame(t *testing.T) {
	var stories [2]string
	for i := range stories {
		crm := start(t, map[string]string{
			"DATABASE_URL": emptyDatabase(t, fmt.Sprintf("crm_same_%d", i)), "REDIS_URL": fmt.Sprintf("%s/%d", strings.TrimSuffix(shared.redis.URL, "/0"), i+2),
		}, io.Discard)
		c := signIn(t, crm.url, "demo@example.com")
		c.do("POST", "/api/v1/demo", nil).want(200)
		for list, members := range map[string][]string{
			"companies": {"name", "domain", "sizeBand", "address"},
			"people":    {"firstName", "lastName", "title", "companyName"},
			"deals":     {"title", "amountMinor", "status", "companyName"},
			"tasks":     {"title", "dueDate"},
		} {
			var lines []string
			for _, one := range c.do("GET", "/api/v1/"+list+"?limit=200", nil).want(200).items() {
				var line strings.Builder
				for _, m := range members {
					fmt.Fprint(&line, one[m], "|")
				}
				lines = append(lines, list+": "+line.String())
			}
			slices.Sort(lines)
			stories[i] += strings.Join(lines, "\n") + "\n"
		}
		lines := strings.Split(stories[i], "\n")
		slices.Sort(lines)
		stories[i] = strings.Join(lines, "\n")
	}
	if stories[0] != stories[1] || strings.Count(stories[0], "\n") < 300 {
		t.Errorf("two fillings differ:\n%.2000s\n---\n%.2000s", stories[0], stories[1])
	}
}
