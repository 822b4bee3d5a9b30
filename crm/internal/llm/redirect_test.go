package llm_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"apexai/crm/internal/llm"
)

// A provider, or who answers in its place, sends nobody elsewhere: neither the
// key nor what is asked follows a redirect.
func TestRedirectsAreNotFollowed(t *testing.T) {
	var reached atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, status) }))
		client := llm.New(quick, llm.Gemini(provider.URL, "gemini-test", key), llm.OpenAI(provider.URL+"/v1", "gpt-test", key))
		for _, only := range []string{"gemini", "openai"} {
			if _, err := client.Text(t.Context(), llm.Request{System: system, Prompt: prompt, MaxTokens: 10}, []string{only}); kindOf(err) != llm.Refused {
				t.Errorf("%s, %d: %v", only, status, err)
			}
		}
		provider.Close()
	}
	if reached.Load() != 0 {
		t.Errorf("elsewhere was asked %d times", reached.Load())
	}
}
