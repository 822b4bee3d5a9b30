package server

import (
	"database/sql"
	"io"
	"net/url"
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
