package server

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"mime/multipart"
	"net/url"
	"strings"
	"testing"
)

// upload sends a file as a form.
func (c client) upload(path, name, content string) answer {
	c.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write([]byte(content))
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return c.do("POST", path, body.String(), "Content-Type: "+form.FormDataContentType())
}

// settled waits until a record's status is one of those that stay.
func (c client) settled(path string, states ...string) answer {
	c.t.Helper()
	var a answer
	eventually(c.t, path+" is "+strings.Join(states, " or "), func() bool {
		a = c.do("GET", path, nil)
		for _, s := range states {
			if a.text("status") == s {
				return true
			}
		}
		return false
	})
	return a
}

// TestTableInAndOut imports a table over the API, exports it, and takes it back.
func TestTableInAndOut(t *testing.T) {
	signedIn(t) // the first member owns the workspace
	c := signIn(t, shared.crm.url, "table@example.com")
	up := c.upload("/api/v1/imports", "people.csv", "First name,Last name,Email,Company,Owner\n"+
		"Tabea,\"=HYPERLINK(\"\"http://evil.example\"\")\",tabea@table.example,Table & Co,table@example.com\nTim,Taler,tim@table.example,Table & Co,\nBad,Row,nowhere,,\n").want(201)
	at := up.header.Get("Location")
	c.do("POST", at+"/dry-run", nil).want(200)
	checked := c.settled(at, "ready")
	if report, _ := checked.body["report"].(map[string]any); report == nil || report["counts"].(object)["created"] != 2.0 || report["counts"].(object)["failed"] != 1.0 {
		t.Fatalf("%s", checked.raw)
	}
	c.do("POST", at+"/run", nil).want(200)
	c.do("POST", at+"/run", nil).want(409)
	done := c.settled(at, "done")
	if done.body["counts"].(object)["created"] != 2.0 {
		t.Fatalf("%s", done.raw)
	}
	query := url.QueryEscape(`{"q":"table.example","sort":"name"}`)
	out := c.do("GET", "/api/v1/exports/people/now?columns=firstName,lastName,email,companyName,ownerId&query="+query, nil).want(200)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(out.raw, "\uFEFF"))).ReadAll()
	if err != nil || len(rows) != 3 || strings.Join(rows[1], "|") != `Tabea|'=HYPERLINK("http://evil.example")|tabea@table.example|Table & Co|table@example.com` {
		t.Fatalf("%q %v", rows, err)
	}
	if cards := c.do("GET", "/api/v1/exports/people/now?format=vcf&query="+query, nil).want(200); strings.Count(cards.raw, "BEGIN:VCARD") != 2 || !strings.Contains(cards.raw, "EMAIL;TYPE=WORK:tim@table.example") {
		t.Errorf("%s", cards.raw)
	}
	c.do("GET", "/api/v1/exports/people/now?query="+url.QueryEscape(`{"filter":"{"}`), nil).want(400)
	c.do("POST", "/api/v1/exports", object{"kind": "workspace"}).want(403)
	job := c.do("POST", "/api/v1/exports", object{"kind": "people", "format": "json", "query": object{"q": "table.example"}}).want(202)
	made := c.settled("/api/v1/exports/"+job.text("id"), "done", "failed")
	if file := c.do("GET", "/api/v1/exports/"+made.text("id")+"/file", nil).want(200); strings.Count(file.raw, "@table.example") != 2 {
		t.Errorf("%s", file.raw)
	}
	if other := signIn(t, shared.crm.url, "other-table@example.com"); other.do("GET", "/api/v1/exports/"+made.text("id"), nil).status != 404 {
		t.Error("another member reads the export")
	}
	c.do("POST", at+"/undo", nil).want(200)
	if undone := c.settled(at, "undone"); undone.body["kept"] != 0.0 {
		t.Errorf("%s %s", undone.raw, c.do("GET", at+"/rows", nil).raw)
	}
	if left := c.do("GET", "/api/v1/people?q=table.example", nil).want(200).items(); len(left) != 0 {
		t.Errorf("%d people are left", len(left))
	}
}

// The first member of the demo workspace owns it, and may take it all away.
func TestWholeWorkspace(t *testing.T) {
	c := signIn(t, shared.crm.url, "demo@example.com")
	if role := c.do("GET", "/api/v1/auth/me", nil).text("role"); role != "owner" {
		t.Skipf("demo@example.com is %s", role)
	}
	job := c.do("POST", "/api/v1/exports", object{"kind": "workspace"}).want(202)
	at := "/api/v1/exports/" + job.text("id")
	if made := c.settled(at, "done", "failed"); made.text("status") != "done" {
		t.Fatalf("%s", made.raw)
	}
	file := c.do("GET", at+"/file", nil).want(200)
	archive, err := zip.NewReader(strings.NewReader(file.raw), int64(len(file.raw)))
	if err != nil || len(archive.File) != 10 {
		t.Fatalf("%v %v", archive, err)
	}
}
