package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestEverythingIsMadeOnce sends each request that makes something four times
// at one moment. With an Idempotency-Key one thing is made; without, as many as
// the answers say, and only one where the name has to be the only one. Nothing
// fails in between.
func TestEverythingIsMadeOnce(t *testing.T) {
	c := newcomer(t, shared.crm.url, "double@submit.example", object{})
	pipeline, _ := c.pipeline("Doubles", "In", "Out")
	_, link := c.addRecord("people", "person", object{"firstName": "Linked"})
	for i, m := range []struct {
		path, list string
		body       func(name string) object
		one        bool // the name is the only one
	}{
		{"people", "people", func(n string) object { return object{"firstName": n} }, false},
		{"people", "people", func(n string) object {
			return object{"firstName": n, "emails": []object{{"value": strings.ToLower(n) + "@x.example"}}}
		}, true},
		{"companies", "companies", func(n string) object { return object{"name": n} }, false},
		{"deals", "deals", func(n string) object { return object{"title": n, "pipelineId": pipeline} }, false},
		{"tasks", "tasks", func(n string) object { return object{"title": n, "dueDate": "2099-01-01"} }, false},
		{"activities", "people/" + link["id"].(string) + "/timeline", func(n string) object { return object{"type": "note", "body": n, "links": []object{link}} }, false},
		{"tags", "tags", func(n string) object { return object{"name": n, "kind": "person"} }, true},
		{"fields", "fields", func(n string) object { return object{"kind": "person", "label": n, "type": "text"} }, true},
		{"views", "views?kind=person", func(n string) object { return object{"kind": "person", "name": n} }, false},
		{"templates", "templates", func(n string) object { return object{"name": n, "subject": "x", "text": "y"} }, true},
		{"emails", "emails", func(n string) object { return object{"to": "to@x.example", "subject": n, "text": "y"} }, false},
		{"pipelines", "pipelines", func(n string) object { return object{"name": n, "preset": "agency", "currency": "EUR"} }, false},
		{"invites", "invites", func(n string) object { return object{"role": "viewer", "email": strings.ToLower(n) + "@x.example"} }, false},
		{"keys", "keys", func(n string) object { return object{"name": n, "scopes": []string{"people:read"}} }, false},
		{"webhooks", "webhooks", func(n string) object { return object{"url": "https://hooks.example/" + n, "events": []string{"*"}} }, false},
	} {
		for _, key := range []string{"the same key", ""} {
			name := fmt.Sprintf("D%dk%dz", i, len(key))
			if key != "" {
				key += name
			}
			statuses := c.atOnce("/api/v1/"+m.path, m.body(name), key)
			made, there := 0, c.listed("/api/v1/"+m.list, name)
			for _, s := range statuses {
				if s == http.StatusCreated || s == http.StatusGatewayTimeout && key != "" { // saving took too long to be told of
					made++
				} else if s != http.StatusConflict && (key != "" || s != http.StatusUnprocessableEntity) {
					t.Errorf("%s with %q: answered %v", m.path, key, statuses)
					break
				}
			}
			if want := map[bool]int{true: 1, false: made}[m.one || key != ""]; there != want || made == 0 || key == "" && !m.one && made != len(statuses) {
				t.Errorf("%s with %q: %d are there, answers were %v", m.path, key, there, statuses)
			}
		}
	}
}

// atOnce posts the same four times at one moment and returns the answers' statuses.
func (c client) atOnce(path string, body object, key string) []int {
	statuses := make([]int, 4)
	var senders sync.WaitGroup
	for i := range statuses {
		senders.Go(func() {
			var headers []string
			if key != "" {
				headers = []string{"Idempotency-Key: " + key}
			}
			statuses[i] = c.do("POST", path, body, headers...).status
		})
	}
	senders.Wait()
	slices.Sort(statuses)
	return statuses
}

// listed counts what a list has with a name in it.
func (c client) listed(path, name string) (count int) {
	c.t.Helper()
	for _, item := range c.do("GET", path, nil).want(200).items() {
		if raw, _ := json.Marshal(item); strings.Contains(strings.ToLower(string(raw)), strings.ToLower(name)) {
			count++
		}
	}
	return count
}

// What happens to one thing happens once, however many press for it at once.
func TestEverythingIsDoneOnce(t *testing.T) {
	c := newcomer(t, shared.crm.url, "pressed@submit.example", object{})
	_, link := c.addRecord("people", "person", object{"firstName": "Pressed"})
	task := c.do("POST", "/api/v1/tasks", object{"title": "Again", "dueDate": "2099-01-01", "repeats": "daily", "target": link}).want(201).header.Get("Location")
	if statuses := c.atOnce(task+"/complete", nil, ""); slices.ContainsFunc(statuses, func(s int) bool { return s != 200 && s != 409 }) {
		t.Errorf("complete: %v", statuses)
	}
	if n := c.listed("/api/v1/tasks?status=open", "Again"); n != 1 {
		t.Errorf("a task that repeats was done four times at once, and there are %d next ones", n)
	}
	if n := c.listed("/api/v1/people/"+link["id"].(string)+"/timeline?types=task", "Again"); n != 1 {
		t.Errorf("it stands %d times in the timeline", n)
	}
	invite := c.do("POST", "/api/v1/invites", object{"role": "member"}).want(201).text("url")
	guest := newcomer(t, shared.crm.url, "guest@submit.example", object{})
	guest.atOnce("/api/v1/invitations/"+invite[strings.LastIndexByte(invite, '/')+1:]+"/accept", nil, "")
	if n := c.listed("/api/v1/members", "guest@submit.example"); n != 1 {
		t.Errorf("an invite that was accepted four times at once made %d members", n)
	}
}
