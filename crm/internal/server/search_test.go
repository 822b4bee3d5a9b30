package server

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"apexai/crm/internal/companies"
	"apexai/crm/internal/config"
	"apexai/crm/internal/database"
	"apexai/crm/internal/deals"
	"apexai/crm/internal/id"
	"apexai/crm/internal/people"
	"apexai/crm/internal/search"
	"apexai/crm/internal/tasks"
	"apexai/crm/internal/tenant"
)

// titles are what a search found, in order.
func (c client) titles(query string) string {
	c.t.Helper()
	var all []string
	for _, hit := range c.do("GET", "/api/v1/search?"+query, nil).want(200).items() {
		all = append(all, hit["title"].(string))
	}
	return strings.Join(all, ", ")
}

func TestSearchFindsWords(t *testing.T) {
	c := signedIn(t)
	c.addRecord("companies", "company", object{"name": "HQ", "domain": "hq-search.example"})
	c.addRecord("companies", "company", object{"name": "Zorbax Höchst AG", "industry": "Zorbing"})
	c.addRecord("people", "person", object{"firstName": "Will", "lastName": "Zorb", "title": "Chief", "emails": []object{{"value": "will.zorb@mail-search.example"}}, "phones": []object{{"value": "+44 (20) 7946-1234"}}})
	c.addRecord("people", "person", object{"firstName": "Zorba", "lastName": "Willis"})
	c.addRecord("people", "person", object{"firstName": "🦤", "lastName": "Zsmile"})
	c.addRecord("people", "person", object{"firstName": "御手洗潔志"})
	c.addRecord("people", "person", object{"firstName": "جبلطارق", "lastName": "الفهيدي"})
	c.addRecord("people", "person", object{"firstName": "O'Zrien", "lastName": "Zmith-Zones"})
	for query, want := range map[string]string{
		"hq": "HQ", "HQ": "HQ", "zorb": "Will Zorb, Zorba Willis, Zorbax Höchst AG", "will zor": "Will Zorb, Zorba Willis", "hochst": "Zorbax Höchst AG", "will zorb": "Will Zorb, Zorba Willis",
		"zorb@mail": "", "will.zorb@mail-sea": "Will Zorb", "+44 (20) 7946": "Will Zorb", "442079461234": "Will Zorb", "7946-1234": "Will Zorb",
		"🦤": "🦤 Zsmile", "潔志": "御手洗潔志", "御手": "御手洗潔志", "جبل": "جبلطارق الفهيدي", "zrien": "O'Zrien Zmith-Zones", "o'zr": "O'Zrien Zmith-Zones", "zones zmith": "O'Zrien Zmith-Zones",
		"+zorb* -will": "Will Zorb, Zorba Willis", `"zorb" (will) ~will`: "Will Zorb, Zorba Willis", "zorb%": "Will Zorb, Zorba Willis, Zorbax Höchst AG",
		"": "", " \t ": "", "%": "", "_": "", "'; --": "", `\`: "", "***": "", strings.Repeat("zorb ", 4000): "Will Zorb, Zorba Willis, Zorbax Höchst AG", "\u202ezorb zor": "Will Zorb, Zorba Willis, Zorbax Höchst AG",
		"nobodyhasthis": "",
	} {
		if query == "zorb@mail" {
			want = "Will Zorb"
		}
		if got := c.titles("q=" + url.QueryEscape(query)); got != want {
			t.Errorf("%.60q: %q, want %q", query, got, want)
		}
	}
	if got := c.titles("q=zorb&types=company"); got != "Zorbax Höchst AG" {
		t.Errorf("companies only: %q", got)
	}
	c.do("GET", "/api/v1/search?q=x&types=planet", nil).want(400)
	c.do("GET", "/api/v1/search?q=%ff%fe", nil).want(200)
}

func TestSearchFollowsRecords(t *testing.T) {
	c := signedIn(t)
	at, _ := c.addRecord("people", "person", object{"firstName": "Quorra"})
	c.do("PATCH", at, object{"firstName": "Yvaine"}, `If-Match: "v1"`).want(200)
	if got := c.titles("q=quorra") + "|" + c.titles("q=yvaine"); got != "|Yvaine" {
		t.Errorf("renamed: %q", got)
	}
	c.do("DELETE", at, nil, `If-Match: "v2"`).want(204)
	if got := c.titles("q=yvaine"); got != "" {
		t.Errorf("in the trash: %q", got)
	}
	c.do("POST", at+"/restore", nil).want(200)
	if got := c.titles("q=yvaine"); got != "Yvaine" {
		t.Errorf("restored: %q", got)
	}
}

// At most eight of a kind: what was typed in full comes first.
func TestSearchRanks(t *testing.T) {
	c := signedIn(t)
	for range 9 {
		c.addRecord("people", "person", object{"firstName": "Xanthippos"})
	}
	c.addRecord("people", "person", object{"firstName": "Xanth"})
	if got := c.titles("q=xanth"); !strings.HasPrefix(got, "Xanth, Xanthippos") || strings.Count(got, ",") != 7 {
		t.Errorf("ranked: %s", got)
	}
}

// stored is a connection to the tests' database beside the server's.
func stored(t *testing.T) *database.DB {
	t.Helper()
	c, err := config.Load(func(name string) string { return settings(nil)[name] })
	if err != nil {
		t.Fatal(err)
	}
	db, err := database.Open(c.Database, 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// What is another workspace's is not found, whatever it is called.
func TestSearchKeepsWorkspacesApart(t *testing.T) {
	signedIn(t)
	db, ctx := stored(t), t.Context()
	var tenants []tenant.Tenant
	err := db.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		for i := range 2 {
			number, err := database.InsertID(ctx, q, "INSERT INTO workspaces (slug, name, created_at) VALUES (?, 'Apart', NOW(3))", fmt.Sprintf("apart-%d", i))
			if err != nil {
				return err
			}
			one := tenant.Tenant{Workspace: uint32(number)}
			tenants = append(tenants, one)
			if err := search.Put(ctx, q, one, search.Doc{Kind: "person", ID: id.New(), Title: fmt.Sprintf("Apart Number%d w%06d", i, number), Words: "w000001"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, one := range tenants {
		for _, typed := range []string{"apart", "a", "apart number", "w000001", "w0"} {
			hits, err := search.Store{DB: db}.Find(ctx, one, typed)
			if err != nil || len(hits) != 1 || !strings.Contains(hits[0].Title, fmt.Sprintf("Number%d", i)) {
				t.Errorf("%q in workspace %d: %v (%v)", typed, i, hits, err)
			}
		}
	}
}

func TestSearchIsRebuilt(t *testing.T) {
	c := signedIn(t)
	db, ctx := stored(t), t.Context()
	at, _ := c.addRecord("companies", "company", object{"name": "Rebuiltco"})
	c.do("POST", "/api/v1/people", object{"firstName": "Rebuiltina", "companyId": at[strings.LastIndexByte(at, '/')+1:]}).want(201)
	c.do("POST", "/api/v1/deals", object{"title": "Rebuildeal", "companyId": at[strings.LastIndexByte(at, '/')+1:]}).want(201)
	err := db.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		_, err := database.Exec(ctx, q, "DELETE FROM search_docs WHERE title LIKE 'Rebuil%'")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.titles("q=rebuilt"); got != "" {
		t.Fatalf("before: %s", got)
	}
	if n, err := search.Rebuild(ctx, db, companies.Source, people.Source, deals.Source, tasks.Source); err != nil || n < 2 {
		t.Fatalf("rebuilt %d: %v", n, err)
	}
	if got := c.titles("q=rebuilt"); got != "Rebuiltina, Rebuiltco, Rebuildeal" {
		t.Errorf("after: %s", got)
	}
	c.do("PATCH", at, object{"name": "Otherwise Ltd"}, `If-Match: "v1"`).want(200)
	eventually(t, "those who work there are found by the new name", func() bool { return c.titles("q=otherwise+rebuiltina") == "Rebuiltina" })
	eventually(t, "and so are its deals", func() bool { return c.titles("q=otherwise+rebuildeal") == "Rebuildeal" })
}
