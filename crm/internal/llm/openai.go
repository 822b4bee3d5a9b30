package llm

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// OpenAI is OpenAI's API, or any server that speaks it, at baseURL, which
// ends in /v1 with most of them.
func OpenAI(baseURL, model, key string) Provider {
	return Provider{Name: "openai", BaseURL: strings.TrimRight(baseURL, "/"), Model: model, Key: key, wire: openai{}}
}

type openai struct{}

type openaiMessage struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type openaiRequest struct {
	Model         string          `json:"model"`
	Messages      []openaiMessage `json:"messages"`
	Format        any             `json:"response_format,omitempty"`
	Stream        bool            `json:"stream,omitempty"`
	StreamOptions any             `json:"stream_options,omitempty"`
	MaxTokens     int             `json:"max_tokens,omitempty"`
	MaxCompletion int             `json:"max_completion_tokens,omitempty"`
}

func (openai) request(p Provider, r Request, stream bool) (string, any) {
	body := openaiRequest{Model: p.Model, Stream: stream}
	if r.System != "" {
		body.Messages = append(body.Messages, openaiMessage{"system", r.System})
	}
	body.Messages = append(body.Messages, openaiMessage{"user", r.Prompt})
	if r.Schema != nil {
		body.Format = map[string]any{"type": "json_schema", "json_schema": map[string]any{"name": "answer", "strict": true, "schema": r.Schema.jsonSchema()}}
	}
	if stream {
		body.StreamOptions = map[string]any{"include_usage": true}
	}
	if strings.Contains(p.BaseURL, "://api.openai.com/") { // whose newer models refuse the older member, which others still want
		body.MaxCompletion = r.MaxTokens
	} else {
		body.MaxTokens = r.MaxTokens
	}
	return "/chat/completions", body
}

func (openai) authorise(h http.Header, key string) { h.Set("Authorization", "Bearer "+key) }

type openaiAnswer struct {
	Model   string `json:"model"`
	Choices []struct {
		Message struct {
			Content string `json:"content"`
			Refusal string `json:"refusal"`
		} `json:"message"`
		Delta struct {
			Content string `json:"content"`
			Refusal string `json:"refusal"`
		} `json:"delta"`
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
	Usage *struct {
		Prompt     int `json:"prompt_tokens"`
		Completion int `json:"completion_tokens"`
	} `json:"usage"`
}

func (openai) read(data []byte, stream bool) (piece, error) {
	if stream && string(data) == "[DONE]" {
		return piece{ended: true}, nil
	}
	var a openaiAnswer
	if err := json.Unmarshal(data, &a); err != nil {
		return piece{}, fmt.Errorf("read openai's answer: %w", err)
	}
	p := piece{model: a.Model}
	if a.Usage != nil {
		p.usage = Usage{max(a.Usage.Prompt, 0), max(a.Usage.Completion, 0)}
	}
	if len(a.Choices) == 0 {
		return p, nil
	}
	first := a.Choices[0]
	p.text = first.Message.Content + first.Delta.Content
	p.ended = first.FinishReason != "" && !stream // a stream is done at [DONE]: usage comes before it
	p.blocked = first.FinishReason == "content_filter" || p.text == "" && first.Message.Refusal+first.Delta.Refusal != ""
	return p, nil
}
