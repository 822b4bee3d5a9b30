package llm

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Gemini is Google's API at baseURL, without its path's /v1beta.
func Gemini(baseURL, model, key string) Provider {
	return Provider{Name: "gemini", BaseURL: strings.TrimRight(baseURL, "/"), Model: model, Key: key, wire: gemini{}}
}

type gemini struct{}

type geminiContent struct {
	Role  string       `json:"role,omitempty"`
	Parts []geminiPart `json:"parts"`
}

type geminiPart struct {
	Text    string `json:"text"`
	Thought bool   `json:"thought,omitempty"`
}

type geminiConfig struct {
	Temperature      float64 `json:"temperature"`
	MaxOutputTokens  int     `json:"maxOutputTokens,omitempty"`
	ResponseMimeType string  `json:"responseMimeType,omitempty"`
	ResponseSchema   any     `json:"responseSchema,omitempty"`
}

type geminiRequest struct {
	System   *geminiContent  `json:"systemInstruction,omitempty"`
	Contents []geminiContent `json:"contents"`
	Config   geminiConfig    `json:"generationConfig"`
}

func (gemini) request(p Provider, r Request, stream bool) (string, any) {
	body := geminiRequest{
		Contents: []geminiContent{{Role: "user", Parts: []geminiPart{{Text: r.Prompt}}}},
		Config:   geminiConfig{Temperature: 0.2, MaxOutputTokens: r.MaxTokens},
	}
	if r.System != "" {
		body.System = &geminiContent{Parts: []geminiPart{{Text: r.System}}}
	}
	if r.Schema != nil {
		body.Config.ResponseMimeType, body.Config.ResponseSchema = "application/json", r.Schema.openAPI()
	}
	path := "/v1beta/models/" + url.PathEscape(p.Model)
	if stream {
		return path + ":streamGenerateContent?alt=sse", body
	}
	return path + ":generateContent", body
}

func (gemini) authorise(h http.Header, key string) { h.Set("X-Goog-Api-Key", key) }

type geminiAnswer struct {
	Candidates []struct {
		Content      geminiContent `json:"content"`
		FinishReason string        `json:"finishReason"`
	} `json:"candidates"`
	Feedback struct {
		BlockReason string `json:"blockReason"`
	} `json:"promptFeedback"`
	Usage struct {
		Prompt     int `json:"promptTokenCount"`
		Candidates int `json:"candidatesTokenCount"`
		Thoughts   int `json:"thoughtsTokenCount"`
	} `json:"usageMetadata"`
	Model string `json:"modelVersion"`
}

func (gemini) read(data []byte, _ bool) (piece, error) {
	var a geminiAnswer
	if err := json.Unmarshal(data, &a); err != nil {
		return piece{}, fmt.Errorf("read gemini's answer: %w", err)
	}
	p := piece{model: a.Model, usage: Usage{max(a.Usage.Prompt, 0), max(a.Usage.Candidates, 0) + max(a.Usage.Thoughts, 0)}}
	p.blocked = a.Feedback.BlockReason != ""
	if len(a.Candidates) == 0 {
		return p, nil
	}
	first := a.Candidates[0]
	for _, part := range first.Content.Parts {
		if !part.Thought {
			p.text += part.Text
		}
	}
	switch first.FinishReason {
	case "", "FINISH_REASON_UNSPECIFIED":
	case "STOP", "MAX_TOKENS":
		p.ended = true
	default: // SAFETY, RECITATION, PROHIBITED_CONTENT, …
		p.ended, p.blocked = true, p.text == ""
	}
	return p, nil
}
