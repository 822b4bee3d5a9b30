package server

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"apexai/crm/internal/activities"
	"apexai/crm/internal/database"
	"apexai/crm/internal/search"
)

// said are the entries that a search found, in order.
func (c client) said(query string) []object {
	c.t.Helper()
	return c.do("GET", "/api/v1/search?types=activity&q="+url.QueryEscape(query), nil).want(200).items()
}

func (c client) sentences(query string) string {
	c.t.Helper()
	var all []string
	for _, hit := range c.said(query) {
		all = append(all, hit["title"].(string))
	}
	return strings.Join(all, " | ")
}

func (c client) log(kind, subject, body string, links ...object) answer {
	c.t.Helper()
	return c.do("POST", "/api/v1/activities", object{"type": kind, "subject": subject, "body": body, "links": links}).want(201)
}

// What was written is found with the sentence in which a word stands.
func TestSearchFindsSentences(t *testing.T) {
	c := signedIn(t)
	_, ada := c.addRecord("people", "person", object{"firstName": "Qadira", "lastName": "Lovewell"})
	_, bob := c.addRecord("companies", "company", object{"name": "Quibble Works"})
	c.log("call", "First call", "She looks after three sites. They keep quotas in spreadsheets, and lose a day. Wants an import.", ada)
	c.log("meeting", "Quotient review", "Nothing was agreed.", bob)
	c.log("note", "", "Line one\nQuäker oats are liked\nLine three", ada, bob)
	c.log("email", "Re: quota", "", ada)
	for query, want := range map[string]string{
		"spreadsheets":      "They keep quotas in spreadsheets, and lose a day.",
		"SPREADSHEET quota": "They keep quotas in spreadsheets, and lose a day.",
		"quota":             "Re: quota | They keep quotas in spreadsheets, and lose a day.",
		"quotient":          "Quotient review: Nothing was agreed.",
		"quaker":            "Quäker oats are liked",
		"lovewell quaker":   "Quäker oats are liked",
		"oats qadira love":  "Quäker oats are liked",
		"quibble agreed":    "Nothing was agreed.",
		"quibble":           "", "oats sites": "", "spreadsheets %": "They keep quotas in spreadsheets, and lose a day.",
	} {
		if got := c.sentences(query); got != want {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
	hit := c.said("quaker")[0]
	record := hit["record"].(object)
	if hit["type"] != "note" || hit["sub"] != "Qadira Lovewell" || record["kind"] != "person" || record["id"] != ada["id"] || hit["at"] == nil {
		t.Errorf("hit: %v", hit)
	}
	if got := c.titles("q=qadira"); got != "Qadira Lovewell" {
		t.Errorf("a name alone finds %q", got)
	}
}

func TestSearchFollowsEntries(t *testing.T) {
	c := signedIn(t)
	at, link := c.addRecord("people", "person", object{"firstName": "Followed"})
	made := c.log("note", "", "A zebrawood desk.", link)
	entry := made.header.Get("Location")
	step := func(what, query, want string) {
		t.Helper()
		if got := c.sentences(query); got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	step("written", "zebrawood", "A zebrawood desk.")
	changed := c.do("PATCH", entry, object{"body": "A rosewoodish desk."}, "If-Match: "+made.etag()).want(200)
	step("changed: the old word", "zebrawood", "")
	step("changed", "rosewoodish", "A rosewoodish desk.")
	pinned := c.do("PATCH", entry, object{"pinned": true}, "If-Match: "+changed.etag()).want(200)
	step("pinned", "rosewoodish", "A rosewoodish desk.")
	c.do("DELETE", entry, nil, "If-Match: "+pinned.etag()).want(204)
	step("deleted", "rosewoodish", "")
	c.do("POST", entry+"/restore", nil).want(200)
	step("restored", "rosewoodish", "A rosewoodish desk.")
	c.do("DELETE", at, nil, "If-Match: "+c.do("GET", at, nil).want(200).etag()).want(204)
	step("about what is in the trash", "rosewoodish", "")
	c.do("POST", at+"/restore", nil).want(200)
	step("out of the trash", "rosewoodish", "A rosewoodish desk.")
	c.do("DELETE", at, nil, "If-Match: "+c.do("GET", at, nil).want(200).etag()).want(204)
	c.do("DELETE", "/api/v1/trash/person/"+link["id"].(string), nil).want(204)
	c.do("GET", entry, nil).want(404) // it was about nobody else
}

// The latest that has the word comes first, also when hundreds have it begun.
func TestSearchRanksEntries(t *testing.T) {
	c := signedIn(t)
	_, link := c.addRecord("people", "person", object{"firstName": "Ranked"})
	for _, body := range []string{"umbrella one", "umbrellas two", "umbrella three", "umbrellas four"} {
		c.log("note", "", body, link)
	}
	if got := c.sentences("umbrella"); got != "umbrella three | umbrella one | umbrellas four | umbrellas two" {
		t.Errorf("ranked: %s", got)
	}
}

// Of a huge note all that is likely to be looked for is found, with its place.
func TestSearchInHugeNotes(t *testing.T) {
	c := signedIn(t)
	_, link := c.addRecord("people", "person", object{"firstName": "Hugely"})
	began := time.Now()
	c.log("note", "", strings.Repeat("lorem ipsum dolor sit amet ", 18_000)+"\nThen the wolverinexyz came. It left.", link)
	t.Logf("a note of half a megabyte was kept in %s", time.Since(began).Round(time.Millisecond))
	if got := c.sentences("wolverinexyz"); got != "Then the wolverinexyz came." {
		t.Errorf("at the end: %q", got)
	}
	c.log("note", "", strings.Repeat("unendingly ", 40_000), link)
	if got := c.sentences("unendingly"); !strings.HasSuffix(got, "…") || len(got) > 250 {
		t.Errorf("a sentence without an end: %d bytes: %.80s", len(got), got)
	}
	c.log("note", "", strings.Repeat("שָׁלוֹם עולם ", 2000)+"🦚 "+strings.Repeat("界", 3000), link)
	for _, query := range []string{"שלום", "🦚", "界界"} {
		if got := c.said(query); len(got) != 1 {
			t.Errorf("%q: %d found", query, len(got))
		}
	}
}

// A timeline can begin with the entry that was found.
func TestTimelineBeginsWithAnEntry(t *testing.T) {
	c := signedIn(t)
	at, link := c.addRecord("people", "person", object{"firstName": "Begun"})
	_, other := c.addRecord("people", "person", object{"firstName": "Elsewhere"})
	begin := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	var ids []string
	for i, name := range []string{"a", "b", "c", "d", "e"} {
		ids = append(ids, c.do("POST", "/api/v1/activities", object{"type": "note", "subject": name, "pinned": i == 0, "occurredAt": begin.AddDate(0, 0, i/2), "links": []object{link}}).want(201).text("id"))
	}
	first := c.do("GET", at+"/timeline?limit=2&types=note&from="+ids[3], nil).want(200)
	next := c.do("GET", at+"/timeline?limit=2&types=note&cursor="+url.QueryEscape(first.text("nextCursor")), nil).want(200)
	if got := subjects(first.items()) + " " + subjects(next.items()); got != "d c b a" || first.body["pinned"] != nil {
		t.Errorf("from d: %s, pinned %v", got, first.body["pinned"])
	}
	c.do("GET", at+"/timeline?from=x", nil).want(400)
	c.do("GET", at+"/timeline?from="+link["id"].(string), nil).want(404)
	elsewhere := c.log("note", "z", "", other)
	c.do("GET", at+"/timeline?from="+elsewhere.text("id"), nil).want(404)
}

func TestEntriesAreIndexedAnew(t *testing.T) {
	c := signedIn(t)
	db, ctx := stored(t), t.Context()
	_, link := c.addRecord("people", "person", object{"firstName": "Anew"})
	c.log("note", "", "Xylophonic.", link)
	err := db.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		_, err := database.Exec(ctx, q, "DELETE FROM search_docs WHERE kind = 'activity'")
		return err
	})
	if err != nil || c.sentences("xylophonic") != "" {
		t.Fatalf("the index is not empty (%v)", err)
	}
	if n, err := search.Rebuild(ctx, db, activities.Source); err != nil || n < 1 {
		t.Fatalf("rebuilt %d: %v", n, err)
	}
	if got := c.sentences("xylophonic"); got != "Xylophonic." {
		t.Errorf("after: %s", got)
	}
}
