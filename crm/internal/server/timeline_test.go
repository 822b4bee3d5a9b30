package server

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

// addRecord makes a person or company and returns where it is, and its link.
func (c client) addRecord(path, kind string, body object) (at string, link object) {
	c.t.Helper()
	made := c.do("POST", "/api/v1/"+path, body).want(201)
	return made.header.Get("Location"), object{"kind": kind, "id": made.text("id")}
}

func subjects(items []object) string {
	var all []string
	for _, item := range items {
		all = append(all, fmt.Sprint(item["subject"]))
	}
	return strings.Join(all, " ")
}

func TestActivityLifecycle(t *testing.T) {
	c := signedIn(t)
	acme, _ := c.addRecord("companies", "company", object{"name": "Timeline Works"})
	company := acme[strings.LastIndexByte(acme, '/')+1:]
	ada, link := c.addRecord("people", "person", object{"firstName": "Tima", "companyId": company})
	at := time.Now().Add(-time.Hour).UTC().Truncate(time.Millisecond)
	made := c.do("POST", "/api/v1/activities", object{
		"type": "call", "subject": "First call", "body": "She\nlikes it", "outcome": "connected", "minutes": 5, "occurredAt": at, "links": []object{link},
	}).want(201)
	if links := made.body["links"].([]any); len(links) != 2 || links[0].(object)["title"] != "Tima" || links[1].(object)["title"] != "Timeline Works" {
		t.Errorf("links: %v", made.body["links"])
	}
	if meta, _ := made.body["meta"].(object); meta["outcome"] != "connected" || meta["minutes"] != 5.0 {
		t.Errorf("meta: %v", made.body["meta"])
	}
	for path, member := range map[string]string{ada: "lastContactAt", acme: "lastActivityAt"} {
		line := c.do("GET", path+"/timeline?types=call", nil).want(200)
		if len(line.items()) != 1 || line.items()[0]["body"] != "She\nlikes it" || line.items()[0]["authorName"] != "Demo User" {
			t.Errorf("timeline: %s", line.raw)
		}
		if got := c.do("GET", path, nil).want(200); got.text(member) != at.Format("2006-01-02T15:04:05.999Z07:00") || got.body["version"] != 1.0 {
			t.Errorf("%s: %s, want %s", member, got.raw, at)
		}
	}
	activity := made.header.Get("Location")
	changed := c.do("PATCH", activity, object{"subject": "Renamed", "pinned": true}, "If-Match: "+made.etag()).want(200)
	c.do("PATCH", activity, object{"subject": "Late"}, "If-Match: "+made.etag()).want(412)
	if line := c.do("GET", ada+"/timeline?types=call", nil).want(200); len(line.body["pinned"].([]any)) != 1 || line.items()[0]["subject"] != "Renamed" {
		t.Errorf("pinned: %s", line.raw)
	}
	c.do("DELETE", activity, nil, "If-Match: "+changed.etag()).want(204)
	if line := c.do("GET", ada+"/timeline?types=call", nil).want(200); len(line.items()) != 0 {
		t.Errorf("after deletion: %s", line.raw)
	}
	if got := c.do("GET", ada, nil).want(200); got.body["lastContactAt"] != nil {
		t.Errorf("after deletion: %s", got.raw)
	}
	c.do("POST", activity+"/restore", nil).want(200)
	if got := c.do("GET", ada, nil).want(200); got.body["lastContactAt"] == nil {
		t.Errorf("after restoring: %s", got.raw)
	}
}

func TestTimelinePages(t *testing.T) {
	c := signedIn(t)
	at, link := c.addRecord("people", "person", object{"firstName": "Paged"})
	begin := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	for i, kind := range []string{"note", "call", "note", "meeting", "email", "note", "call"} {
		c.do("POST", "/api/v1/activities", object{"type": kind, "subject": fmt.Sprintf("%s%d", kind, i), "occurredAt": begin.AddDate(0, 0, i), "links": []object{link}}).want(201)
	}
	for query, want := range map[string]string{
		"&types=note,call,meeting,email": "call6 note5 email4 meeting3 note2 call1 note0", "&types=call,email": "call6 email4 call1", "&types=note": "note5 note2 note0",
	} {
		var got []string
		cursor := ""
		for range 10 {
			a := c.do("GET", at+"/timeline?limit=2"+query+"&cursor="+url.QueryEscape(cursor), nil).want(200)
			got = append(got, subjects(a.items()))
			if cursor = a.text("nextCursor"); cursor == "" {
				break
			}
		}
		if all := strings.Join(got, " "); all != want {
			t.Errorf("%q: %s, want %s", query, all, want)
		}
	}
	c.do("GET", at+"/timeline?types=gossip", nil).want(400)
	c.do("GET", "/api/v1/people/01890a5d-ac96-774b-bcce-b302099a8057/timeline", nil).want(404)
}

func TestActivitiesAreRefused(t *testing.T) {
	c := signedIn(t)
	_, link := c.addRecord("people", "person", object{"firstName": "Refused"})
	for name, tt := range map[string]struct {
		body    object
		status  int
		pointer string
	}{
		"no type":        {object{"subject": "x", "links": []object{link}}, 422, "/type"},
		"our type":       {object{"type": "field-change", "subject": "x", "links": []object{link}}, 422, "/type"},
		"nothing":        {object{"type": "note", "links": []object{link}}, 422, "/body"},
		"no link":        {object{"type": "note", "body": "x"}, 422, "/links"},
		"unknown kind":   {object{"type": "note", "body": "x", "links": []object{{"kind": "planet", "id": link["id"]}}}, 422, "/links/0/kind"},
		"unknown record": {object{"type": "note", "body": "x", "links": []object{{"kind": "company", "id": link["id"]}}}, 422, "/links/0"},
		"too long":       {object{"type": "note", "body": strings.Repeat("x", 500_001), "links": []object{link}}, 422, "/body"},
		"one megabyte":   {object{"type": "note", "body": strings.Repeat("x", 1<<20), "links": []object{link}}, 413, ""},
		"far away":       {object{"type": "meeting", "occurredAt": "2099-01-01T00:00:00Z", "links": []object{link}}, 422, "/occurredAt"},
		"no time":        {object{"type": "meeting", "occurredAt": "yesterday", "links": []object{link}}, 422, "/occurredAt"},
		"note outcome":   {object{"type": "note", "body": "x", "outcome": "busy", "links": []object{link}}, 422, "/outcome"},
	} {
		t.Run(name, func(t *testing.T) {
			a := c.do("POST", "/api/v1/activities", tt.body).want(tt.status)
			faults, _ := a.body["errors"].([]any)
			if tt.pointer != "" && (len(faults) == 0 || faults[0].(object)["pointer"] != tt.pointer) {
				t.Errorf("faults %v, want one at %s", faults, tt.pointer)
			}
		})
	}
}

// What is done to a record stands in its timeline, unless it says nothing.
func TestTimelineTellsOfChanges(t *testing.T) {
	c := signedIn(t)
	company, _ := c.addRecord("companies", "company", object{"name": "Told Inc"})
	at, _ := c.addRecord("people", "person", object{"firstName": "Told", "title": "Clerk"})
	c.do("PATCH", at, object{"title": "Head", "companyId": company[strings.LastIndexByte(company, '/')+1:]}, `If-Match: "v1"`).want(200)
	c.do("PATCH", at, object{"title": "Head"}, `If-Match: "v2"`).want(200)
	c.do("DELETE", at, nil, `If-Match: "v3"`).want(204)
	c.do("POST", at+"/restore", nil).want(200)
	var verbs []string
	line := c.do("GET", at+"/timeline?types=field-change", nil).want(200)
	for _, entry := range line.items() {
		meta := entry["meta"].(object)
		verbs = append(verbs, meta["verb"].(string))
		if meta["verb"] == "updated" && (meta["was"].(object)["title"] != "Clerk" || meta["became"].(object)["title"] != "Head" || meta["became"].(object)["companyName"] != "Told Inc") {
			t.Errorf("entry: %v", entry)
		}
		if entry["authorName"] != "Demo User" {
			t.Errorf("author: %v", entry)
		}
	}
	if got := strings.Join(verbs, " "); got != "restored deleted updated created" {
		t.Errorf("told: %s\n%s", got, line.raw)
	}
	c.do("PATCH", "/api/v1/activities/"+line.items()[0]["id"].(string), object{"subject": "forged"}, `If-Match: "v1"`).want(403)
}

// A huge note is kept whole; the timeline carries its beginning.
func TestHugeNotes(t *testing.T) {
	c := signedIn(t)
	at, link := c.addRecord("people", "person", object{"firstName": "Huge"})
	for name, body := range map[string]string{
		"long": strings.Repeat("abcdefghi ", 49_999) + "the end!", "emoji": strings.Repeat("😀👩‍👩‍👧", 5000), "right to left": "שלום עולם — مرحبا بالعالم",
	} {
		made := c.do("POST", "/api/v1/activities", object{"type": "note", "subject": name, "body": body, "links": []object{link}}).want(201)
		if got := c.do("GET", made.header.Get("Location"), nil).want(200).text("body"); got != body {
			t.Errorf("%s: %d bytes came back as %d", name, len(body), len(got))
		}
		changed := c.do("PATCH", made.header.Get("Location"), object{"pinned": true}, `If-Match: "v1"`).want(200)
		if changed.text("body") != body {
			t.Errorf("%s: pinning cut it to %d bytes", name, len(changed.text("body")))
		}
	}
	line := c.do("GET", at+"/timeline?types=note", nil).want(200)
	for _, a := range line.items() {
		if n := len([]rune(a["body"].(string))); n > 4000 || n < 4000 && a["bodyLength"] != float64(n) {
			t.Errorf("%v: %d of %v characters", a["subject"], n, a["bodyLength"])
		}
	}
}

func TestTimelineDoesNotAskPerEntry(t *testing.T) {
	c, log := countable(t)
	at, link := c.addRecord("people", "person", object{"firstName": "Counted"})
	for i := range 8 {
		c.do("POST", "/api/v1/activities", object{"type": "note", "body": fmt.Sprint(i), "links": []object{link}}).want(201)
	}
	next := c.do("GET", at+"/timeline?limit=3", nil).want(200).text("nextCursor")
	c.do("GET", at+"/timeline?limit=3&cursor="+next, nil).want(200)
	c.do("GET", "/api/v1/search?q=coun", nil).want(200)
	eventually(t, "the lines are logged", func() bool { return strings.Contains(log.String(), `"route":"GET /api/v1/search"`) })
	var counts []string
	for line := range strings.Lines(log.String()) {
		if strings.Contains(line, "/timeline\"") || strings.Contains(line, "/search\"") {
			_, n, _ := strings.Cut(line, `"db_n":`)
			counts = append(counts, n[:1])
		}
	}
	if got := strings.Join(counts, ","); got != "3,2,2" { // page, links, and once what is pinned; search has two
		t.Errorf("queries: %s", got)
	}
}
