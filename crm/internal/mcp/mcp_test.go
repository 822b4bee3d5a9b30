package mcp

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"apexai/crm/internal/web"
)

// Whatever is sent, the answer is a message or nothing, and the API is asked
// for nothing but what can be read.
func FuzzMessages(f *testing.F) {
	for _, s := range []string{
		`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18"}}`, `{"jsonrpc":"2.0","method":"notifications/initialized"}`,
		`{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"list_records","arguments":{"kind":"people","filter":{"f":"x"},"limit":-5}}}`,
		`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"get_record","arguments":{"kind":"../../auth","id":"019a0000-0000-7000-8000-000000000000"}}}`,
		`[]`, `null`, `{`, `{"jsonrpc":"2.0","id":{},"method":"ping"}`, `{"jsonrpc":"2.0","id":null,"method":"ping"}`, `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":[1]}`,
	} {
		f.Add([]byte(s))
	}
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path == "/api/v1/auth/me" {
			panic("asked for " + r.Method + " " + r.URL.Path)
		}
		w.Write([]byte(`{}`))
	})
	s := Server{API: api, Base: "/api/v1"}
	f.Fuzz(func(t *testing.T, body []byte) {
		answer, err := s.answer(t.Context(), &web.Call{Request: httptest.NewRequest("POST", "/api/v1/mcp", nil)}, body)
		if err != nil {
			t.Fatal(err)
		}
		if answer == nil {
			return
		}
		r, ok := answer.(response)
		if _, err := json.Marshal(r); !ok || err != nil || (r.Result == nil) == (r.Error == nil) {
			t.Errorf("%s: %+v (%v)", body, answer, err)
		}
	})
}
