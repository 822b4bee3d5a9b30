package server

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
	"apexai/crm/web"
)

// What is written without a row in the audit log, and why that is right.
var unaudited = map[string]string{
	"the caller's own session, profile, marks and notices": "PATCH /auth/me, POST /auth/session, DELETE /auth/session, DELETE /auth/sessions, DELETE /auth/sessions/{session}, POST /auth/workspace, " +
		"POST /notifications/read, POST /notifications/{id}/read, POST /views/{id}/mark",
	"nothing that stays is changed": "POST /emails/preview, POST /mcp, POST /ai/draft-email, POST /ai/extract, POST /ai/next-actions, POST /ai/query, POST /ai/summary",
	"a table is looked at":          "POST /imports/{id}/dry-run, PUT /imports/{id}/mapping, PUT /imports/{id}/reading",
	"a log of its own tells of it":  "POST /webhooks/{id}/test, POST /deliveries/{id}/replay, POST /jobs/retry, POST /jobs/{id}/retry, DELETE /jobs/{id}",
	"each record has its own row":   "POST /demo",
}

// writer makes each kind of write, and looks at what the audit log has of it.
type writer struct {
	client
	wrote map[string]bool // routes
	seen  map[string]bool // kinds and verbs, as the studio's list has them
	user  string
}

var placeholders = regexp.MustCompile(`\{.*\}`)

// write does one write at a record, and holds the log to these rows: "kind
// verb", sorted.
func (w writer) write(route, at string, version any, body any, want ...string) answer {
	w.t.Helper()
	method, path, _ := strings.Cut(route, " ")
	var headers []string
	if version != nil {
		headers = append(headers, fmt.Sprintf(`If-Match: "v%v"`, version))
	}
	a := w.do(method, "/api/v1"+placeholders.ReplaceAllLiteralString(path, at), body, headers...)
	if a.status >= 300 {
		w.t.Fatalf("%s: %d %s", route, a.status, a.raw)
	}
	w.wrote[route] = true
	w.holds(route, a, want...)
	return a
}

func (w writer) holds(route string, a answer, want ...string) {
	w.t.Helper()
	var got []string
	for _, entry := range w.do("GET", "/api/v1/audit?limit=30", nil).want(200).items() {
		if entry["requestId"] != a.header.Get("X-Request-Id") {
			continue
		}
		kind, verb := entry["kind"].(string), entry["verb"].(string)
		got = append(got, kind+" "+verb)
		w.seen["kind "+kind], w.seen["verb "+verb] = true, true
		before, after := len(entry["before"].(object)), len(entry["after"].(object))
		wants := map[string]bool{"created": after > 0, "updated": before > 0 || after > 0, "deleted": before > 0 || after > 0}
		if full, known := wants[verb]; known && !full && kind != "calendar" {
			w.t.Errorf("%s: %s %s says nothing of values: %v", route, kind, verb, entry)
		}
		if entry["actorId"] != w.user || entry["client"] == "" {
			w.t.Errorf("%s: %s %s does not say who and from where: %v", route, kind, verb, entry)
		}
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		w.t.Errorf("%s left %q in the audit log, want %q", route, got, want)
	}
}

// TestEveryWriteIsAudited makes each write that the API has, and finds each
// exactly once in the audit log, by its request.
func TestEveryWriteIsAudited(t *testing.T) {
	w := writer{client: member(t, "audited", "owner"), wrote: map[string]bool{}, seen: map[string]bool{}}
	w.user = whoami(w.client)
	w.directory()
	w.selling()
	w.doing()
	w.settings()
	w.team()
	w.outside()
	for _, routes := range unaudited {
		for route := range strings.SplitSeq(routes, ", ") {
			w.wrote[route] = true
		}
	}
	for _, a := range readAccess(t) {
		if !strings.HasPrefix(a.pattern, "GET ") && !w.wrote[a.pattern] {
			t.Errorf("%s: is it in the audit log? Nobody has looked", a.pattern)
		}
	}
	names := string(must(fs.ReadFile(web.Files(), "static/kinds.js"))) + string(must(fs.ReadFile(web.Files(), "static/audit/kinds.js")))
	for one := range w.seen {
		what, name, _ := strings.Cut(one, " ")
		if what == "verb" && !strings.Contains(names, "'"+name+"'") || what == "kind" && !regexp.MustCompile(`(?:[ {]|')`+name+`'?: `).MatchString(names) {
			t.Errorf("audit/kinds.js of the studio does not have the %s %q", what, name)
		}
	}
}

// directory is people and companies.
func (w writer) directory() {
	for kind, many := range map[string]string{"person": "people", "company": "companies"} {
		name := map[string]string{"person": "firstName", "company": "name"}[kind]
		more := map[string]string{"person": "title", "company": "industry"}[kind]
		add := func(called, has string) string {
			return w.write("POST /"+many, "", nil, object{name: called, more: has}, kind+" created").text("id")
		}
		one, other := add("One", ""), add("Other", "Engines")
		w.write("PATCH /"+many+"/{id}", one, 1, object{name: "First"}, kind+" updated")
		w.write("DELETE /"+many+"/{id}", one, 2, nil, kind+" deleted")
		w.write("POST /"+many+"/{id}/restore", one, nil, nil, kind+" restored")
		run := w.write("POST /"+many+"/bulk", "", nil, object{"ids": []string{one, other}, "set": object{name: "Both"}}, kind+" updated", kind+" updated").text("id")
		w.write("POST /bulk/{id}/undo", run, nil, nil, kind+" updated", kind+" updated")
		w.write("POST /duplicates/apart", "", nil, object{"kind": kind, "a": one, "b": other, "apart": true}, kind+" told-apart")
		merge := w.write("POST /"+many+"/{id}/merge", one, w.version(many, one), object{"with": other}, kind+" deleted", kind+" merged", kind+" updated").text("id")
		w.write("POST /merges/{id}/undo", merge, nil, nil, kind+" restored", kind+" unmerged", kind+" updated")
		w.write("DELETE /"+many+"/{id}", other, w.version(many, other), nil, kind+" deleted")
		w.write("DELETE /trash/{kind}/{id}", kind+"/"+other, nil, nil, kind+" purged")
	}
}

func (w writer) version(many, which string) any {
	return w.do("GET", "/api/v1/"+many+"/"+which, nil).want(200).body["version"]
}

// selling is deals and pipelines.
func (w writer) selling() {
	stages := []object{stage("In:10"), stage("Next:50"), stage("Won=won"), stage("Lost=lost")}
	made := w.write("POST /pipelines", "", nil, object{"name": "Audited", "currency": "EUR", "stages": stages}, "pipeline created")
	which, ids := made.text("id"), stageIDs(made)
	second := w.write("POST /pipelines", "", nil, object{"preset": "agency"}, "pipeline created").text("id")
	w.write("PATCH /pipelines/{id}", which, 1, object{"name": "Renamed"}, "pipeline updated")
	var order []string
	for _, p := range w.do("GET", "/api/v1/pipelines", nil).want(200).items() {
		order = append(order, p["id"].(string))
	}
	slices.Reverse(order[len(order)-2:])
	w.write("POST /pipelines/order", "", nil, object{"ids": order}, "pipeline moved", "pipeline moved")
	w.write("DELETE /pipelines/{id}", second, 1, nil, "pipeline deleted")
	deal := w.write("POST /deals", "", nil, object{"title": "Audited", "stageId": ids["In"]}, "deal created").text("id")
	at := func(route string, version any, body any, want string) {
		w.t.Helper()
		w.write(route, deal, version, body, want)
	}
	at("PATCH /deals/{id}", 1, object{"amountMinor": 5000}, "deal updated")
	at("POST /deals/{id}/move", 2, object{"stageId": ids["Next"]}, "deal moved")
	at("POST /deals/{id}/won", 3, nil, "deal moved")
	at("POST /deals/{id}/reopen", 4, nil, "deal moved")
	at("POST /deals/{id}/lost", 5, object{"reason": "price"}, "deal moved")
	w.write("POST /deals/bulk", "", nil, object{"ids": []string{deal}, "set": object{"title": "Bulky"}}, "deal updated")
	other := w.write("POST /deals", "", nil, object{"title": "Bulky", "stageId": ids["In"], "closeDate": "2030-01-31"}, "deal created").text("id")
	w.write("POST /deals/{id}/merge", deal, w.version("deals", deal), object{"with": other}, "deal deleted", "deal merged", "deal updated")
	at("DELETE /deals/{id}", w.version("deals", deal), nil, "deal deleted")
	at("POST /deals/{id}/restore", nil, nil, "deal restored")
}

// doing is what happens with records, and what is to be done.
func (w writer) doing() {
	who := object{"kind": "person", "id": w.write("POST /people", "", nil, object{"firstName": "Busy", "emails": []object{{"value": "busy@audited.example"}}}, "person created").text("id")}
	note := w.write("POST /activities", "", nil, object{"type": "note", "body": "First", "links": []object{who}}, "activity created").text("id")
	w.write("PATCH /activities/{id}", note, 1, object{"body": "Second"}, "activity updated")
	w.write("DELETE /activities/{id}", note, 2, nil, "activity deleted")
	w.write("POST /activities/{id}/restore", note, nil, nil, "activity restored")
	task := w.write("POST /tasks", "", nil, object{"title": "Audited", "target": who}, "task created").text("id")
	w.write("PATCH /tasks/{id}", task, 1, object{"title": "Renamed"}, "task updated")
	w.write("POST /tasks/{id}/complete", task, nil, nil, "task completed")
	w.write("POST /tasks/{id}/reopen", task, nil, nil, "task reopened")
	w.write("DELETE /tasks/{id}", task, 4, nil, "task deleted")
	w.write("POST /tasks/{id}/restore", task, nil, nil, "task restored")
	letter := object{"subject": "Hello", "text": "You", "target": who}
	w.write("POST /emails", "", nil, letter, "activity created")
	bounced := w.write("POST /emails", "", nil, object{"to": "bounce@audited.example", "subject": "x", "text": "y"}, "email created")
	w.settled(bounced.header.Get("Location"), "bounced")
	w.write("POST /emails/{id}/send", bounced.text("id"), nil, nil, "email sent")
	past := time.Now().AddDate(0, 0, -3).Format(time.DateOnly)
	for _, title := range []string{"Late", "Later"} {
		w.write("POST /deals", "", nil, object{"title": title, "closeDate": past, "ownerId": w.user}, "deal created")
	}
	advised := w.do("POST", "/api/v1/ai/next-actions", object{"worded": false}).want(200).items()
	w.write("POST /proposals/{id}/accept", advised[0]["id"].(string), nil, object{}, "proposal accepted", "task created")
	w.write("POST /proposals/{id}/dismiss", advised[1]["id"].(string), nil, nil, "proposal dismissed")
}

// settings are what a workspace says of its records.
func (w writer) settings() {
	field := w.write("POST /fields", "", nil, object{"kind": "person", "label": "Shoe", "type": "text"}, "field created").text("id")
	w.write("PATCH /fields/{id}", field, 1, object{"label": "Shoes"}, "field updated")
	w.write("DELETE /fields/{id}", field, 2, nil, "field deleted")
	w.write("POST /fields/{id}/restore", field, nil, nil, "field restored")
	tag := w.write("POST /tags", "", nil, object{"kind": "person", "name": "Audited"}, "tag created").text("id")
	w.write("PATCH /tags/{id}", tag, 1, object{"name": "Renamed"}, "tag updated")
	w.write("DELETE /tags/{id}", tag, 2, nil, "tag deleted")
	view := w.write("POST /views", "", nil, object{"kind": "person", "name": "Audited"}, "view created").text("id")
	w.write("PATCH /views/{id}", view, 1, object{"name": "Renamed"}, "view updated")
	w.write("DELETE /views/{id}", view, 2, nil, "view deleted")
	template := w.write("POST /templates", "", nil, object{"name": "Audited", "subject": "x", "text": "y"}, "template created").text("id")
	w.write("PATCH /templates/{id}", template, 1, object{"name": "Renamed"}, "template updated")
	w.write("DELETE /templates/{id}", template, 2, nil, "template deleted")
	w.write("PATCH /ai/settings", "", nil, object{"on": false}, "ai-settings updated")
	w.write("PATCH /workspace", "", w.do("GET", "/api/v1/workspace", nil).body["version"], object{"name": "Renamed"}, "workspace updated")
}

// team is who may do what. One who leaves and one who joins cannot look
// themselves.
func (w writer) team() {
	c := newCast(w.t.(*testing.T))
	me := c.workspaceOf(w.user)
	other, leaver := c.join(me, tenant.Member), c.join(me, tenant.Member)
	w.write("PATCH /members/{id}", other.user.String(), nil, object{"role": "admin"}, "member updated")
	w.write("DELETE /members/{id}", other.user.String(), nil, nil, "member deleted")
	by := func(user actor, route, at string, want string) {
		w.t.Helper()
		method, path, _ := strings.Cut(route, " ")
		a := browser(w.t, shared.crm.url).do(method, "/api/v1"+placeholders.ReplaceAllLiteralString(path, at), nil, c.cookie(user))
		if a.status >= 300 {
			w.t.Fatalf("%s: %d %s", route, a.status, a.raw)
		}
		w.wrote[route] = true
		writer{w.client, w.wrote, w.seen, user.user.String()}.holds(route, a, want)
	}
	by(leaver, "DELETE /members/me", "", "member deleted")
	invite := w.write("POST /invites", "", nil, object{"role": "member"}, "invite created")
	_, token, _ := strings.Cut(invite.text("url"), "/invite/")
	by(c.join(0, tenant.Owner), "POST /invitations/{token}/accept", token, "member created")
	w.write("DELETE /invites/{id}", w.write("POST /invites", "", nil, object{"role": "viewer"}, "invite created").text("id"), nil, nil, "invite deleted")
}

// workspaceOf is where a user is a member.
func (c *cast) workspaceOf(user string) (workspace uint32) {
	c.t.Helper()
	err := c.db.Pool().QueryRow("SELECT workspace_id FROM members WHERE user_id = ?", must(id.Parse(user))).Scan(&workspace)
	if err != nil {
		c.t.Fatal(err)
	}
	return workspace
}

// outside is what goes in and out, and who is let in or told.
func (w writer) outside() {
	up := w.upload("/api/v1/imports", "audited.csv", "First name,Email\nIma,ima@audited.example\n").want(201)
	w.wrote["POST /imports"] = true
	w.holds("POST /imports", up, "import created")
	which, at := up.text("id"), up.header.Get("Location")
	w.write("POST /imports/{id}/run", which, nil, nil, "import begun")
	w.settled(at, "done")
	if _, err := pool(w.t.(*testing.T)).Pool().Exec("UPDATE imports SET status = 'running' WHERE file_name = 'audited.csv'"); err != nil {
		w.t.Fatal(err)
	}
	w.write("POST /imports/{id}/cancel", which, nil, nil, "import stopped")
	w.write("POST /imports/{id}/resume", which, nil, nil, "import begun")
	w.settled(at, "done")
	w.write("POST /imports/{id}/undo", which, nil, nil, "import undone")
	w.settled(at, "undone")
	w.write("POST /exports", "", nil, object{"kind": "people"}, "export created")
	w.holds("GET /exports/{kind}/now", w.do("GET", "/api/v1/exports/people/now", nil).want(200), "export created")
	w.write("POST /calendar", "", nil, nil, "calendar created")
	w.write("DELETE /calendar", "", nil, nil, "calendar deleted")
	key := w.write("POST /keys", "", nil, object{"name": "Audited", "scopes": []string{"*:read"}}, "key created").text("id")
	w.write("DELETE /keys/{id}", key, nil, nil, "key deleted")
	hook := w.write("POST /webhooks", "", nil, object{"url": "https://hooks.example/x", "events": []string{"nothing.happens"}}, "webhook created").text("id")
	w.write("PATCH /webhooks/{id}", hook, 1, object{"active": false}, "webhook updated")
	w.write("POST /webhooks/{id}/secret", hook, nil, nil, "webhook renewed")
	w.write("DELETE /webhooks/{id}", hook, 3, nil, "webhook deleted")
	w.write("POST /workspaces", "", nil, object{"name": "Another"}, "workspace created") // the caller is there now
}
