package llm_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"apexai/crm/internal/llm"
	"apexai/crm/internal/standins/model"
)

const (
	key    = "hush-hush-key-4711"
	system = "You help. Task: draft."
	prompt = `<data>{"record":{"kind":"person","name":"Ada Lovelace"},"purpose":"offer a demo","sender":{"name":"Ben"}}</data>`
)

var quick = llm.Limits{Total: 20 * time.Second, FirstByte: 10 * time.Second, Wait: 5 * time.Second, Attempts: 2}

// service is a stand-in and a client of it by both APIs, Gemini's first.
func service(t *testing.T, limits llm.Limits) (*model.Standin, *llm.Client) {
	t.Helper()
	s := model.New(0)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, llm.New(limits, llm.Gemini(server.URL, "gemini-test", key), llm.OpenAI(server.URL+"/v1", "gpt-test", key))
}

func kindOf(err error) llm.Kind {
	if e, ok := errors.AsType[*llm.Error](err); ok {
		return e.Kind
	}
	return ""
}

func TestBothAPIsAnswer(t *testing.T) {
	_, client := service(t, quick)
	for _, provider := range []string{"gemini", "openai"} {
		only := []string{provider}
		r := llm.Request{System: system, Prompt: prompt, MaxTokens: 500}
		whole, err := client.Text(t.Context(), r, only)
		if err != nil || !strings.Contains(whole.Text, "Hi Ada,") || whole.Model != model.Name || whole.Usage.In == 0 || whole.Usage.Out == 0 || whole.Provider != provider {
			t.Errorf("%s: whole: %+v %v", provider, whole, err)
		}
		var parts []string
		streamed, err := client.Stream(t.Context(), r, only, func(part string) error { parts = append(parts, part); return nil })
		if err != nil || streamed.Text != whole.Text || strings.Join(parts, "") != whole.Text || len(parts) < 5 || streamed.Usage != whole.Usage {
			t.Errorf("%s: streamed %d parts: %+v %v", provider, len(parts), streamed, err)
		}
	}
}

var form = &llm.Schema{Type: "object", Members: []llm.Member{{Name: "actions", Schema: &llm.Schema{Type: "array", Max: 5, Items: &llm.Schema{
	Type: "object", Members: []llm.Member{{Name: "ref", Schema: &llm.Schema{Type: "string"}}, {Name: "text", Schema: &llm.Schema{Type: "string"}}},
}}}}}

type actions struct {
	Actions []struct{ Ref, Text string }
}

func TestObject(t *testing.T) {
	s, client := service(t, quick)
	r := llm.Request{System: "Task: actions.", Prompt: `<data>{"actions":[{"ref":"n1","record":"Acme","title":"Call","reason":"Quiet for 20 days"}]}</data>`, Schema: form}
	for _, provider := range []string{"gemini", "openai"} {
		got, _, err := llm.Object[actions](t.Context(), client, r, []string{provider})
		if err != nil || len(got.Actions) != 1 || got.Actions[0].Ref != "n1" {
			t.Errorf("%s: %+v %v", provider, got, err)
		}
	}
	s.Behave("gemini", model.Nonsense)
	before := s.Requests("gemini")
	_, reply, err := llm.Object[actions](t.Context(), client, r, nil)
	if kindOf(err) != llm.Nonsense || s.Requests("gemini") != before+2 || reply.Usage.Out == 0 {
		t.Errorf("nonsense: %v after %d requests, %+v: want one repair, counted", err, s.Requests("gemini")-before, reply)
	}
	if last := s.Prompts()[len(s.Prompts())-1]; !strings.Contains(last, "could not be used") {
		t.Errorf("the repair does not say what was wrong: %s", last)
	}
}

func TestFallback(t *testing.T) {
	for _, mode := range []model.Mode{model.Busy, model.Failing, model.Refusing, model.Hang, model.Cut} {
		limits := quick
		limits.FirstByte = 300 * time.Millisecond
		s, client := service(t, limits)
		s.Behave("gemini", mode)
		reply, err := client.Text(t.Context(), llm.Request{System: system, Prompt: prompt}, nil)
		if err != nil || reply.Provider != "openai" {
			t.Errorf("%s: %+v %v", mode, reply, err)
		}
		if want := map[model.Mode]int{model.Busy: 2, model.Failing: 2}[mode]; want != 0 && s.Requests("gemini") != want {
			t.Errorf("%s: %d tries, want %d", mode, s.Requests("gemini"), want)
		}
		if _, err := client.Text(t.Context(), llm.Request{System: system, Prompt: prompt}, []string{"gemini"}); err == nil || strings.Contains(err.Error(), key) {
			t.Errorf("%s: alone: %v", mode, err)
		}
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) == 1 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(`{"choices":[{"message":{"content":"here"},"finish_reason":"stop"}]}`))
	}))
	defer server.Close()
	client := llm.New(quick, llm.OpenAI(server.URL+"/v1", "m", key))
	begun := time.Now()
	reply, err := client.Text(t.Context(), llm.Request{Prompt: "x"}, nil)
	if took := time.Since(begun); err != nil || reply.Text != "here" || took < time.Second {
		t.Errorf("%+v %v after %s", reply, err, took)
	}
}

func TestBreaker(t *testing.T) {
	s, client := service(t, quick)
	s.Behave("gemini", model.Failing)
	for range 8 {
		if reply, err := client.Text(t.Context(), llm.Request{System: system, Prompt: prompt}, nil); err != nil || reply.Provider != "openai" {
			t.Fatalf("%+v %v", reply, err)
		}
	}
	if n := s.Requests("gemini"); n > 6 {
		t.Errorf("%d requests went to a provider that fails: the breaker should open after 5", n)
	}
	if all := client.Providers(); !all[0].Resting || all[1].Resting {
		t.Errorf("%+v", all)
	}
}

func TestStreamFaults(t *testing.T) {
	limits := quick
	limits.FirstByte = 300 * time.Millisecond
	s, client := service(t, limits)
	r := llm.Request{System: system, Prompt: prompt}
	nothing := func(string) error { return nil }
	s.Behave("gemini", model.Hang)
	if reply, err := client.Stream(t.Context(), r, nil, nothing); err != nil || reply.Provider != "openai" {
		t.Errorf("a stream that never began is asked elsewhere: %+v %v", reply, err)
	}
	s.Behave("gemini", model.Cut)
	if reply, err := client.Stream(t.Context(), r, nil, nothing); kindOf(err) != llm.Cut || reply.Text == "" || reply.Provider != "gemini" {
		t.Errorf("a stream cut amid the answer is not begun anew: %+v %v", reply, err)
	}
	s.Behave("gemini", model.Well)
	enough := errors.New("enough")
	if _, err := client.Stream(t.Context(), r, nil, func(string) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("who takes no more: %v", err)
	}
	ctx, leave := context.WithCancel(t.Context())
	if _, err := client.Stream(ctx, r, nil, func(string) error { leave(); return nil }); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("who leaves: %v", err)
	}
	if all := client.Providers(); all[0].Resting {
		t.Error("callers that leave have opened the breaker")
	}
}

func TestTotalTime(t *testing.T) {
	s, client := service(t, llm.Limits{Total: 300 * time.Millisecond, FirstByte: time.Minute, Attempts: 3})
	s.Behave("gemini", model.Hang)
	begun := time.Now()
	if _, err := client.Text(t.Context(), llm.Request{Prompt: "x"}, nil); kindOf(err) != llm.Slow || time.Since(begun) > 10*time.Second {
		t.Errorf("%v after %s", err, time.Since(begun))
	}
}

func TestOff(t *testing.T) {
	client := llm.New(quick, llm.Gemini("", "m", key))
	if _, err := client.Text(t.Context(), llm.Request{}, nil); kindOf(err) != llm.Off {
		t.Error(err)
	}
}
