// Package model is a stand-in for a language model, for development, tests
// and demonstrations on a machine with no network. It is no language model:
// it reads the data in the prompt by fixed rules, so the same question has
// the same answer each time. Its answers name their model as "local stand-in".
//
// It speaks the two wire APIs that internal/llm speaks, and can be told to
// fail as real services do.
package model

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Name is what the stand-in's answers say of their model.
const Name = "local stand-in (no language model)"

// A Mode is how a provider behaves.
type Mode string

// The modes. Well is to answer.
const (
	Well     Mode = "well"
	Busy     Mode = "busy"     // 429 with Retry-After
	Failing  Mode = "failing"  // 500
	Refusing Mode = "refusing" // 401, repeating the key, as some services do
	Slow     Mode = "slow"     // a stream with pauses; an answer after one
	Hang     Mode = "hang"     // no byte, until the caller leaves
	Nonsense Mode = "nonsense" // what nobody asked for
	Cut      Mode = "cut"      // the connection ends amid the answer
	Obeys    Mode = "obeys"    // does whatever a text in the data between ⟦ and ⟧ says, as a model that fell for an injection would
)

var modes = []Mode{Well, Busy, Failing, Refusing, Slow, Hang, Nonsense, Cut, Obeys}

// A Standin is the service: an http.Handler.
type Standin struct {
	mux *http.ServeMux

	mu       sync.Mutex
	modes    map[string]Mode
	pause    time.Duration
	requests map[string]int
	prompts  []string
}

// New makes a service that is well. pause is between the parts of a stream.
func New(pause time.Duration) *Standin {
	s := &Standin{mux: http.NewServeMux(), pause: pause, modes: map[string]Mode{}, requests: map[string]int{}}
	s.mux.HandleFunc("POST /v1beta/models/{call}", s.gemini)
	s.mux.HandleFunc("POST /v1/chat/completions", s.openai)
	s.mux.HandleFunc("PUT /mode", s.set)
	s.mux.HandleFunc("GET /{$}", s.about)
	return s
}

// ServeHTTP serves the wire APIs, PUT /mode {"provider": "gemini", "mode":
// "busy"} and a page that says what this is.
func (s *Standin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Stand-In", "model")
	s.mux.ServeHTTP(w, r)
}

func (s *Standin) about(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintln(w, "A local stand-in for a language model. It is for development: it answers by fixed rules from the prompt's own data.")
}

// Behave sets the mode of a provider: gemini or openai.
func (s *Standin) Behave(provider string, m Mode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.modes[provider] = m
}

// Requests counts a provider's requests so far.
func (s *Standin) Requests(provider string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests[provider]
}

// Prompts are what was asked last, oldest first.
func (s *Standin) Prompts() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.prompts)
}

func (s *Standin) set(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Provider string `json:"provider"`
		Mode     Mode   `json:"mode"`
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096)).Decode(&in)
	if err != nil || !slices.Contains(modes, in.Mode) || in.Provider != "gemini" && in.Provider != "openai" {
		http.Error(w, fmt.Sprintf("want {provider: gemini or openai, mode: one of %v}", modes), http.StatusBadRequest)
		return
	}
	s.Behave(in.Provider, in.Mode)
	w.WriteHeader(http.StatusNoContent)
}

const promptsKept = 50

// note counts a request and says how to behave.
func (s *Standin) note(provider, prompt string) Mode {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests[provider]++
	if s.prompts = append(s.prompts, prompt); len(s.prompts) > promptsKept {
		s.prompts = s.prompts[1:]
	}
	if m, ok := s.modes[provider]; ok {
		return m
	}
	return Well
}

// compose is the answer to a prompt in a mode.
func compose(m Mode, system, prompt string, form []byte) string {
	switch m {
	case Nonsense:
		return "The moon is a fine place for a picnic, and {\"that\": is not JSON."
	case Obeys:
		if _, rest, ok := strings.Cut(prompt, "⟦"); ok {
			order, _, _ := strings.Cut(rest, "⟧")
			var plain string
			if json.Unmarshal([]byte(`"`+order+`"`), &plain) == nil { // it stood in a JSON string
				return plain
			}
		}
	}
	return answer(system, prompt, form)
}
