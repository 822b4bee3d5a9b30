package model

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const maxPrompt = 4 << 20

// An asked question, whichever API it came by.
type asked struct {
	provider, system, prompt string
	form                     []byte // the schema, if an object is wanted
	stream                   bool
	key                      string
}

// A wire puts an answer's text into a provider's JSON; last marks the end,
// and carries the count of tokens.
type wire func(text string, last, stream bool, in, out int) any

func (s *Standin) gemini(w http.ResponseWriter, r *http.Request) {
	type content struct {
		Parts []struct {
			Text string `json:"text"`
		} `json:"parts"`
	}
	var body struct {
		System   content   `json:"systemInstruction"`
		Contents []content `json:"contents"`
		Config   struct {
			Schema json.RawMessage `json:"responseSchema"`
		} `json:"generationConfig"`
	}
	_, verb, _ := strings.Cut(r.PathValue("call"), ":")
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxPrompt)).Decode(&body); err != nil || verb != "generateContent" && verb != "streamGenerateContent" {
		fail(w, http.StatusBadRequest, "INVALID_ARGUMENT")
		return
	}
	join := func(all ...content) string {
		var texts []string
		for _, c := range all {
			for _, p := range c.Parts {
				texts = append(texts, p.Text)
			}
		}
		return strings.Join(texts, "\n")
	}
	s.reply(w, r, asked{"gemini", join(body.System), join(body.Contents...), body.Config.Schema, verb == "streamGenerateContent", r.Header.Get("X-Goog-Api-Key")},
		func(text string, last, _ bool, in, out int) any {
			candidate := map[string]any{"index": 0, "content": map[string]any{"role": "model", "parts": []any{map[string]any{"text": text}}}}
			m := map[string]any{"candidates": []any{candidate}, "modelVersion": Name}
			if last {
				candidate["finishReason"] = "STOP"
				m["usageMetadata"] = map[string]any{"promptTokenCount": in, "candidatesTokenCount": out, "totalTokenCount": in + out}
			}
			return m
		})
}

func (s *Standin) openai(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Messages []struct {
			Role    string `json:"role"`
			Content string `json:"content"`
		} `json:"messages"`
		Stream bool `json:"stream"`
		Format struct {
			Schema struct {
				Schema json.RawMessage `json:"schema"`
			} `json:"json_schema"`
		} `json:"response_format"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxPrompt)).Decode(&body); err != nil {
		fail(w, http.StatusBadRequest, "invalid_request_error")
		return
	}
	q := asked{provider: "openai", form: body.Format.Schema.Schema, stream: body.Stream, key: strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")}
	for _, m := range body.Messages {
		if m.Role == "system" {
			q.system += m.Content
		} else {
			q.prompt += m.Content
		}
	}
	s.reply(w, r, q, func(text string, last, stream bool, in, out int) any {
		choice := map[string]any{"index": 0, "finish_reason": nil}
		m := map[string]any{"id": "standin-1", "object": "chat.completion", "model": Name, "choices": []any{choice}}
		part := "message"
		if stream {
			part, m["object"] = "delta", "chat.completion.chunk"
		}
		choice[part] = map[string]any{"role": "assistant", "content": text}
		if last {
			choice["finish_reason"] = "stop"
			m["usage"] = map[string]any{"prompt_tokens": in, "completion_tokens": out, "total_tokens": in + out}
		}
		return m
	})
}

func fail(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error":{"code":%d,"message":%q}}`, status, text)
}

// reply answers, or fails as its mode says.
func (s *Standin) reply(w http.ResponseWriter, r *http.Request, q asked, wrap wire) {
	mode := s.note(q.provider, q.prompt)
	switch mode {
	case Busy:
		w.Header().Set("Retry-After", "1")
		fail(w, http.StatusTooManyRequests, "too many requests")
		return
	case Failing:
		fail(w, http.StatusInternalServerError, "internal")
		return
	case Refusing:
		fail(w, http.StatusUnauthorized, "the key "+q.key+" is not valid")
		return
	case Hang:
		<-r.Context().Done()
		return
	}
	text := compose(mode, q.system, q.prompt, q.form)
	in, out := tokens(q.system+q.prompt), tokens(text)
	if q.stream {
		s.stream(w, r, mode, text, func(part string, last bool) any { return wrap(part, last, true, in, out) }, q.provider == "openai")
		return
	}
	if mode == Slow && !wait(r, 20*s.pause) {
		return
	}
	encoded, _ := json.Marshal(wrap(text, true, false, in, out)) // maps of strings and numbers
	w.Header().Set("Content-Type", "application/json")
	if mode == Cut {
		w.Header().Set("Content-Length", fmt.Sprint(len(encoded)))
		encoded = encoded[:len(encoded)/2]
	}
	w.Write(encoded) // who left needs no answer
}

func (s *Standin) stream(w http.ResponseWriter, r *http.Request, mode Mode, text string, wrap func(string, bool) any, done bool) {
	w.Header().Set("Content-Type", "text/event-stream")
	pause, flush := s.pause, http.NewResponseController(w).Flush
	if mode == Slow {
		pause *= 10
	}
	all := parts(text)
	for i, part := range all {
		if mode == Cut && i >= len(all)/2 {
			return
		}
		encoded, _ := json.Marshal(wrap(part, i == len(all)-1)) // maps of strings and numbers
		if _, err := fmt.Fprintf(w, "data: %s\n\n", encoded); err != nil || flush() != nil || !wait(r, pause) {
			return
		}
	}
	if done {
		fmt.Fprint(w, "data: [DONE]\n\n")
	}
}

func wait(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// parts cuts text behind every third word.
func parts(text string) []string {
	words := strings.SplitAfter(text, " ")
	var all []string
	for i := 0; i < len(words); i += 3 {
		all = append(all, strings.Join(words[i:min(i+3, len(words))], ""))
	}
	return all
}

// tokens is about how many a text has.
func tokens(text string) int { return len(text)/4 + 1 }
