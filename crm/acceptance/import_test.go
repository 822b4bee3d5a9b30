package acceptance

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"
)

// owner is the demo workspace's owner, signed in with a token of the stand-in.
func owner(t testing.TB) client {
	t.Helper()
	jar, _ := cookiejar.New(nil) // it has no options to be wrong
	c := client{t, &http.Client{Jar: jar, Timeout: 30 * time.Second}}
	token := c.call("POST", "/standins/identity/v1/accounts:signInWithPassword?key=x", object{"email": "olivia@demo.example", "password": "demo-owner", "returnSecureToken": true}).want(200)
	c.call("POST", "/api/v1/auth/session", object{"idToken": token.text("idToken")}).want(201)
	return c
}

// upload sends a table.
func (c client) upload(name, content string) answer {
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
	var request *http.Request
	if err == nil {
		request, err = http.NewRequest("POST", crm.url+"/api/v1/imports", &body)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Content-Type", form.FormDataContentType())
	return c.send(request)
}

// figure is a number of an import, of its counts if it is one of those.
func figure(a answer, name string) int {
	from := a.body
	if counts, ok := a.body["counts"].(object); ok && counts[name] != nil {
		from = counts
	}
	n, _ := from[name].(float64)
	return int(n)
}

// TestImportOutlivesItsTasks kills every server with kill -9 in the middle of
// an import; the next ones go on with it, and no row is lost or done twice.
func TestImportOutlivesItsTasks(t *testing.T) {
	c := owner(t)
	const rows = 2500
	var table strings.Builder
	table.WriteString("Name,Email\n")
	for i := range rows {
		fmt.Fprintf(&table, "Kill %d,k%d@killed.example\n", i, i)
	}
	at := c.upload("killed.csv", table.String()).want(201).header.Get("Location")
	begun := time.Now()
	c.call("POST", at+"/run", nil).want(200)
	eventually(t, "the import is in the middle", func() bool { return figure(c.call("GET", at, nil), "done") >= 500 })
	for _, task := range crm.servers {
		task.kill()
	}
	before := crm.number(t, `SELECT done FROM imports WHERE workspace_id > 0 ORDER BY id DESC LIMIT 1`)
	for _, task := range crm.servers {
		if err := task.run(); err != nil {
			t.Fatal(err)
		}
	}
	var end answer
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
		if end = c.call("GET", at, nil); end.text("status") == "done" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("it does not end: %s", end.raw)
		}
	}
	people := crm.number(t, `SELECT COUNT(*) FROM person_emails WHERE workspace_id > 0 AND value_norm LIKE '%@killed.example'`)
	changes := crm.number(t, `SELECT COUNT(*) FROM audit_log WHERE workspace_id > 0 AND verb = 'created' AND target_kind = 'person' AND became LIKE '%@killed.example%'`)
	if figure(end, "created") != rows || people != rows || changes != rows {
		t.Errorf("%d counted, %d people, %d changes, want %d", figure(end, "created"), people, changes, rows)
	}
	t.Logf("killed after %d rows, done with %d after %s", before, rows, time.Since(begun).Round(time.Second))
}
