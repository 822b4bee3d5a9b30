package server

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"apexai/crm/internal/standins/model"
)

const modelKey = "hush-model-key-0815"

// thinking is a server with a model of its own, and a browser of an owner.
func thinking(t *testing.T, log io.Writer, over map[string]string) (*model.Standin, client) {
	t.Helper()
	s := model.New(0)
	outside := httptest.NewServer(s)
	t.Cleanup(outside.Close)
	settings := map[string]string{
		"GEMINI_BASE_URL": outside.URL, "OPENAI_BASE_URL": outside.URL + "/v1", "GEMINI_API_KEY": modelKey, "OPENAI_API_KEY": modelKey, "AI_PATIENCE": "1s",
	}
	for name, value := range over {
		settings[name] = value
	}
	c := signIn(t, start(t, settings, log).url, "demo@example.com")
	c.do("PATCH", "/api/v1/ai/settings", object{"on": true, "gemini": true, "openai": true, "dailyTokens": 1_000_000_000}).want(200)
	return s, c
}

// noted is a person with a note.
func (c client) noted(name, note string) (person object) {
	c.t.Helper()
	_, person = c.addRecord("people", "person", object{"firstName": name, "lastName": "Noted", "title": "Buyer"})
	c.do("POST", "/api/v1/activities", object{"type": "note", "body": note, "links": []object{person}}).want(201)
	return person
}

func TestSummaryCitesItsSources(t *testing.T) {
	s, c := thinking(t, io.Discard, nil)
	person := c.noted("Suma", "She wants a quote for 40 seats. Budget is approved.")
	at := "/api/v1/ai/summary?kind=person&id=" + person["id"].(string)
	if none := c.do("GET", at, nil).want(200); none.text("text") != "" || none.body["enough"] != true || s.Requests("gemini") != 0 {
		t.Errorf("before: %s", none.raw)
	}
	made := c.do("POST", "/api/v1/ai/summary", person).want(200)
	points, _ := made.body["points"].([]any)
	if len(points) != 1 || !strings.Contains(points[0].(object)["text"].(string), "40 seats") || len(points[0].(object)["sources"].([]any)) != 1 || made.text("model") != model.Name {
		t.Errorf("summary: %s", made.raw)
	}
	if again := c.do("POST", "/api/v1/ai/summary", person).want(200); again.body["cached"] != true || s.Requests("gemini") != 1 {
		t.Errorf("asked again though nothing changed: %s", again.raw)
	}
	c.do("POST", "/api/v1/activities", object{"type": "call", "body": "She is back on Monday.", "links": []object{person}}).want(201)
	if old := c.do("GET", at, nil).want(200); old.body["stale"] != true || old.text("text") == "" {
		t.Errorf("after a call: %s", old.raw)
	}
	if fresh := c.do("POST", "/api/v1/ai/summary", person).want(200); fresh.body["stale"] != false || !strings.Contains(fresh.raw, "back on Monday") {
		t.Errorf("fresh: %s", fresh.raw)
	}
	_, empty := c.addRecord("people", "person", object{"firstName": "Nothing"})
	c.do("POST", "/api/v1/ai/summary", empty).want(409)
	c.do("POST", "/api/v1/ai/summary", object{"kind": "planet", "id": person["id"]}).want(422)
	usage := c.do("GET", "/api/v1/ai/usage", nil).want(200)
	if days := usage.body["days"].([]any); len(days) != 30 || days[29].(object)["calls"].(float64) < 2 || usage.body["today"].(float64) <= 0 {
		t.Errorf("usage: %s", usage.raw)
	}
}

func TestDraftIsStreamed(t *testing.T) {
	s, c := thinking(t, io.Discard, nil)
	person := c.noted("Draftina", "She asked about the delivery date.")
	letter := object{"kind": "person", "id": person["id"], "purpose": "offer a demo"}
	made := c.do("POST", "/api/v1/ai/draft-email", letter).want(200)
	if !strings.HasPrefix(made.header.Get("Content-Type"), "text/event-stream") || strings.Count(made.raw, "event: part\n") < 5 || !strings.Contains(made.raw, "event: done\n") || !strings.Contains(made.raw, "Draftina") {
		t.Errorf("draft: %s", made.raw)
	}
	s.Behave("gemini", model.Cut)
	if cut := c.do("POST", "/api/v1/ai/draft-email", letter).want(200); !strings.Contains(cut.raw, "event: problem\n") || !strings.Contains(cut.raw, "ai-cut") || strings.Contains(cut.raw, "event: done") {
		t.Errorf("cut: %s", cut.raw)
	}
}

func TestQuestionsBecomeFilters(t *testing.T) {
	s, c := thinking(t, io.Discard, nil)
	for question, want := range map[string]string{
		"companies without a domain":        `"kind":"companies","filter":{"f":"domain","op":"empty"}`,
		"my open deals over 10k":            `"kind":"deals","filter":{"and":[{"f":"amount","op":"\u003e","v":1000000},{"f":"status","op":"=","v":"open"},{"f":"owner","op":"=","v":"me"}]}`,
		"people at Acme added this month":   `"kind":"people","filter":{"and":[{"f":"createdAt","op":"=","v":"thisMonth"},{"f":"companyName","op":"contains","v":"Acme"}]}`,
		"is there anything worth doing now": `"understood":false`,
	} {
		got := c.do("POST", "/api/v1/ai/query", object{"question": question}).want(200)
		if !strings.Contains(got.raw, want) {
			t.Errorf("%s\n got %s\nwant %s", question, got.raw, want)
		}
	}
	before := s.Requests("gemini")
	c.do("POST", "/api/v1/ai/query", object{"question": "companies without a domain"}).want(200)
	if s.Requests("gemini") != before {
		t.Error("the same question was asked twice")
	}
	if last := s.Prompts()[len(s.Prompts())-1]; strings.Contains(last, "Demo User") {
		t.Error("a question sends members' names out")
	}
	c.do("POST", "/api/v1/ai/query", object{"question": ""}).want(422)
}

// F8: whatever the models do, the answer is a calm problem, nothing is
// written, and the budget holds.
func TestF8AssistantInTrouble(t *testing.T) {
	log := new(logs)
	s, c := thinking(t, log, nil)
	person := c.noted("Trouble", "She will call back.")
	ask := object{"kind": "person", "id": person["id"], "fresh": true}
	both := func(m model.Mode) { s.Behave("gemini", m); s.Behave("openai", m) }
	for _, f := range []struct {
		mode   model.Mode
		status int
		kind   string
	}{
		{model.Nonsense, 424, "ai-nonsense"}, {model.Busy, 429, "ai-busy"}, {model.Hang, 424, "ai-slow"}, {model.Refusing, 424, "ai-failing"},
	} {
		both(f.mode)
		got := c.do("POST", "/api/v1/ai/summary", ask).want(f.status)
		t.Logf("%s: %d %s: %s", f.mode, got.status, got.text("title"), got.text("detail"))
		if got.text("type") != "/api/problems/"+f.kind || strings.Contains(got.raw, modelKey) {
			t.Errorf("%s: %s", f.mode, got.raw)
		}
	}
	if strings.Contains(log.String(), modelKey) || strings.Contains(log.String(), "call back") {
		t.Error("the log has the key or a note's text")
	}
	both(model.Well)
	spent := c.do("GET", "/api/v1/ai/usage", nil).want(200).body["today"].(float64)
	c.do("PATCH", "/api/v1/ai/settings", object{"dailyTokens": int(spent) + 100}).want(200)
	before := s.Requests("gemini") + s.Requests("openai")
	if got := c.do("POST", "/api/v1/ai/summary", ask).want(429); got.text("type") != "/api/problems/ai-budget" || s.Requests("gemini")+s.Requests("openai") != before {
		t.Errorf("budget: %s", got.raw)
	}
	c.do("PATCH", "/api/v1/ai/settings", object{"on": false, "dailyTokens": 1_000_000_000}).want(200)
	if got := c.do("POST", "/api/v1/ai/draft-email", object{"kind": "person", "id": person["id"]}).want(409); got.text("type") != "/api/problems/ai-off" {
		t.Errorf("off: %s", got.raw)
	}
	c.do("PATCH", "/api/v1/ai/settings", object{"dailyTokens": -1}).want(422)
}

func TestWithoutAModel(t *testing.T) {
	_, c := thinking(t, io.Discard, map[string]string{"GEMINI_BASE_URL": "", "OPENAI_BASE_URL": "", "GEMINI_API_KEY": "", "OPENAI_API_KEY": ""})
	if s := c.do("GET", "/api/v1/ai/settings", nil).want(200); s.body["available"] != false {
		t.Error(s.raw)
	}
	c.do("POST", "/api/v1/ai/query", object{"question": "open deals"}).want(409)
}
