package server

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"apexai/crm/internal/config"
	"apexai/crm/internal/database"
	"apexai/crm/internal/score"
)

// pool is a database of the test's own, beside the server's.
func pool(t *testing.T) *database.DB {
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

func TestScoreHasReasons(t *testing.T) {
	_, c := thinking(t, io.Discard, nil)
	at, person := c.addRecord("people", "person", object{"firstName": "Scora", "title": "Head of Buying", "emails": []object{{"value": "scora@score.example"}}})
	before := c.do("GET", at+"/score", nil).want(200)
	c.do("POST", "/api/v1/activities", object{"type": "call", "links": []object{person}}).want(201)
	after := c.do("GET", at+"/score", nil).want(200)
	sum := 0.0
	for _, r := range after.body["reasons"].([]any) {
		sum += r.(object)["points"].(float64)
	}
	if before.body["score"] != 25.0 || after.body["score"] != 53.0 || sum != 53 || !strings.Contains(after.raw, "Probably decides: Head of Buying") {
		t.Errorf("before %s\nafter %s", before.raw, after.raw)
	}
	if now := c.do("GET", at, nil).want(200); now.body["score"] != 53.0 || now.body["version"] != 1.0 {
		t.Errorf("the person: %s", now.raw)
	}
	c.do("POST", "/api/v1/activities", object{"type": "meeting", "links": []object{person}}).want(201)
	w := &score.Work{Store: score.Store{DB: pool(t), Now: time.Now}}
	if err := w.Changed(t.Context()); err != nil {
		t.Fatal(err)
	}
	if now := c.do("GET", at, nil).want(200); now.body["score"] != 56.0 {
		t.Errorf("after the job: %s", now.raw)
	}
	if err := w.All(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.do("GET", "/api/v1/people/019a0000-0000-7000-8000-000000000000/score", nil).want(404)
}

func TestNextActionsAreRules(t *testing.T) {
	s, c := thinking(t, io.Discard, nil)
	me := c.do("GET", "/api/v1/auth/me", nil).want(200).body["user"].(object)["id"]
	past := time.Now().AddDate(0, 0, -3).Format(time.DateOnly)
	deal := c.do("POST", "/api/v1/deals", object{"title": "Advice renewal", "amountMinor": 999_999_999_999, "closeDate": past, "ownerId": me}).want(201)
	find := func(a answer) object {
		for _, item := range a.items() {
			if item["target"].(object)["id"] == deal.text("id") {
				return item
			}
		}
		return nil
	}
	plain := c.do("POST", "/api/v1/ai/next-actions", object{"worded": false}).want(200)
	item := find(plain)
	if item == nil || item["text"] != "Its close date passed 3 days ago" || s.Requests("gemini") != 0 {
		t.Fatalf("actions: %s", plain.raw)
	}
	worded := c.do("POST", "/api/v1/ai/next-actions", object{"worded": true}).want(200)
	if again := find(worded); again["id"] != item["id"] || !strings.Contains(again["text"].(string), "Advice renewal: its close date") || worded.text("model") == "" {
		t.Errorf("worded: %s", worded.raw)
	}
	c.do("PATCH", "/api/v1/ai/settings", object{"on": false}).want(200)
	if off := c.do("POST", "/api/v1/ai/next-actions", object{"worded": true}).want(200); find(off) == nil {
		t.Errorf("with AI off the rules are silent: %s", off.raw)
	}
	c.do("PATCH", "/api/v1/ai/settings", object{"on": true}).want(200)
	c.do("POST", "/api/v1/proposals/"+item["id"].(string)+"/dismiss", nil).want(200)
	if left := c.do("POST", "/api/v1/ai/next-actions", object{"worded": false}).want(200); find(left) != nil && find(left)["payload"].(object)["rule"] == "close-passed" {
		t.Errorf("dismissed, and here again: %s", left.raw)
	}
}

func (c client) rpc(method, params string) answer {
	c.t.Helper()
	return c.do("POST", "/api/v1/mcp", `{"jsonrpc":"2.0","id":1,"method":"`+method+`","params":`+params+`}`, "Accept: application/json, text/event-stream").want(200)
}

func TestMCPCycle(t *testing.T) {
	c := signedIn(t)
	at, _ := c.addRecord("people", "person", object{"firstName": "Protocolina", "title": "Reader"})
	who := at[strings.LastIndexByte(at, '/')+1:]
	hello := c.rpc("initialize", `{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}`)
	if hello.body["result"].(object)["protocolVersion"] != "2025-06-18" {
		t.Errorf("initialize: %s", hello.raw)
	}
	c.do("POST", "/api/v1/mcp", `{"jsonrpc":"2.0","method":"notifications/initialized"}`).want(202)
	list := c.rpc("tools/list", `{}`).body["result"].(object)["tools"].([]any)
	if len(list) < 5 {
		t.Errorf("tools: %v", list)
	}
	call := func(name, arguments string) (object, bool) {
		r := c.rpc("tools/call", fmt.Sprintf(`{"name":%q,"arguments":%s}`, name, arguments)).body["result"].(object)
		structured, _ := r["structuredContent"].(object)
		return structured, r["isError"].(bool)
	}
	if got, failed := call("get_record", `{"kind":"people","id":"`+who+`"}`); failed || got["firstName"] != "Protocolina" {
		t.Errorf("get_record: %v", got)
	}
	if got, failed := call("list_records", `{"kind":"people","filter":{"f":"firstName","op":"=","v":"Protocolina"}}`); failed || len(got["items"].([]any)) != 1 {
		t.Errorf("list_records: %v", got)
	}
	if got, failed := call("search", `{"query":"protocolina"}`); failed || !strings.Contains(fmt.Sprint(got), who) {
		t.Errorf("search: %v", got)
	}
	if got, failed := call("timeline", `{"kind":"people","id":"`+who+`"}`); failed || got["items"] == nil {
		t.Errorf("timeline: %v", got)
	}
	pipelines, failed := call("list_pipelines", `{}`)
	if failed {
		t.Fatal("list_pipelines")
	}
	first := pipelines["items"].([]any)[0].(object)["id"].(string)
	if _, failed := call("pipeline_report", `{"id":"`+first+`"}`); failed {
		t.Error("pipeline_report")
	}
	for name, arguments := range map[string]string{
		"get_record": `{"kind":"../auth","id":"` + who + `"}`, "list_records": `{"kind":"people","filter":{"f":"nothing","op":"=","v":1}}`, "timeline": `{"kind":"people","id":"x"}`,
	} {
		if _, failed := call(name, arguments); !failed {
			t.Errorf("%s took %s", name, arguments)
		}
	}
	for body, code := range map[string]float64{`{`: -32700, `[]`: -32600, `{"jsonrpc":"2.0","id":1,"method":"records/delete"}`: -32601, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"delete"}}`: -32602} {
		got := c.do("POST", "/api/v1/mcp", body).want(200)
		if got.body["error"].(object)["code"] != code {
			t.Errorf("%s: %s", body, got.raw)
		}
	}
	browser(t, shared.crm.url).do("POST", "/api/v1/mcp", `{"jsonrpc":"2.0","id":1,"method":"ping"}`).want(http.StatusUnauthorized)
	c.do("GET", "/api/v1/mcp", nil).want(http.StatusMethodNotAllowed)
}
