package server

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"apexai/crm/internal/receiver"
	"apexai/crm/internal/standins/model"
)

// spans is a collector of traces: it keeps what it is sent.
type spans struct {
	mu  sync.Mutex
	all []span
	raw strings.Builder
}

type span struct {
	TraceID, SpanID, ParentSpanID, Name string
	Attributes                          []struct {
		Key   string
		Value struct{ StringValue, IntValue string }
	}
	Status struct{ Message string }
}

func (s *spans) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	var body struct {
		ResourceSpans []struct{ ScopeSpans []struct{ Spans []span } }
	}
	text, _ := io.ReadAll(r.Body)
	if json.Unmarshal(text, &body) != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raw.Write(text)
	for _, resource := range body.ResourceSpans {
		for _, scope := range resource.ScopeSpans {
			s.all = append(s.all, scope.Spans...)
		}
	}
}

// chain finds spans of these names, each the parent of the next, and returns the
// last.
func (s *spans) chain(names ...string) (span, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var below func(parent span, names []string) (span, bool)
	below = func(parent span, names []string) (span, bool) {
		if len(names) == 0 {
			return parent, true
		}
		for _, one := range s.all {
			if one.Name == names[0] && (parent.SpanID == "" || one.ParentSpanID == parent.SpanID && one.TraceID == parent.TraceID) {
				if found, ok := below(one, names[1:]); ok {
					return found, true
				}
			}
		}
		return span{}, false
	}
	return below(span{}, names)
}

func (s span) value(key string) string {
	for _, a := range s.Attributes {
		if a.Key == key {
			return a.Value.StringValue + a.Value.IntValue
		}
	}
	return ""
}

// What a request wants done is in its trace, though another task does it, and so
// is each question to a language model; nothing that anybody wrote is.
func TestTracesReachThroughTheOutbox(t *testing.T) {
	kept := new(spans)
	collector := httptest.NewServer(kept)
	t.Cleanup(collector.Close)
	s := model.New(0)
	outside := httptest.NewServer(s)
	t.Cleanup(outside.Close)
	over := map[string]string{
		"DATABASE_URL": emptyDatabase(t, "crm_traces"), "REDIS_URL": strings.TrimSuffix(shared.redis.URL, "/0") + "/1", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL, "OTEL_TRACES_SAMPLER_ARG": "1",
		"GEMINI_BASE_URL": outside.URL, "OPENAI_BASE_URL": outside.URL + "/v1", "GEMINI_API_KEY": modelKey, "OPENAI_API_KEY": modelKey, "ROLE": "worker",
	}
	start(t, over, io.Discard)
	over["ROLE"] = "web"
	c := signIn(t, start(t, over, io.Discard).url, "demo@example.com")
	there := receiver.Start(t, "127.0.0.7")
	c.do("POST", "/api/v1/webhooks", object{"url": there.URL, "events": []string{"company.*"}}).want(201)
	c.do("POST", "/api/v1/companies", object{"name": "Traced"}).want(201)
	eventually(t, "the webhook's delivery is below the request", func() bool {
		_, ok := kept.chain("POST /api/v1/companies", "job webhook.spread", "job webhook.deliver")
		return ok
	})
	c.do("PATCH", "/api/v1/ai/settings", object{"on": true, "gemini": true, "openai": true}).want(200)
	s.Behave("gemini", model.Refusing)
	letter := object{"kind": "person", "id": c.noted("Spania", "a word that is nobody's business")["id"]}
	c.do("POST", "/api/v1/ai/draft-email", letter).want(200)
	var refused, asked span
	eventually(t, "both questions are below the request", func() (ok bool) {
		refused, _ = kept.chain("POST /api/v1/ai/draft-email", "ask gemini")
		asked, ok = kept.chain("POST /api/v1/ai/draft-email", "ask openai")
		return ok && refused.Name != ""
	})
	if refused.Status.Message != "refused" || asked.Status.Message != "" || asked.value("gen_ai.request.model") == "" || asked.value("gen_ai.usage.output_tokens") < "1" {
		t.Errorf("asked %+v and then %+v", refused, asked)
	}
	kept.mu.Lock()
	defer kept.mu.Unlock()
	for _, hidden := range []string{"nobody's business", modelKey, "Spania", "Traced", "demo@example.com"} {
		if strings.Contains(kept.raw.String(), hidden) {
			t.Errorf("%q is in the traces", hidden)
		}
	}
}
