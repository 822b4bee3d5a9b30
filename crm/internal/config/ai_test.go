package config

import (
	"strings"
	"testing"
)

func TestModels(t *testing.T) {
	c, err := Load(env())
	if err != nil || c.AI.Gemini.BaseURL != "" || c.AI.OpenAI.BaseURL != "" {
		t.Errorf("without a key no model is set up: %+v %v", c.AI, err)
	}
	c, err = Load(env("GEMINI_API_KEY", "hush", "OPENAI_BASE_URL", "https://models.example/v1/"))
	if err != nil || c.AI.Gemini.BaseURL != "https://generativelanguage.googleapis.com" || c.AI.OpenAI.BaseURL != "https://models.example/v1" {
		t.Errorf("%+v %v", c.AI, err)
	}
	for _, base := range []string{"http://models.example", "https://127.0.0.1/v1", "https://localhost", "https://[::1]/", "https://crm.example/standins/model", "ftp://x", "https://a:hush@b", "nonsense"} {
		_, err := Load(env("GEMINI_BASE_URL", base))
		if err == nil || !strings.Contains(err.Error(), "GEMINI_BASE_URL") || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s in production: %v", base, err)
		}
	}
	if _, err := Load(env("APP_ENV", "dev", "GEMINI_BASE_URL", "http://127.0.0.1:3000/standins/model")); err != nil {
		t.Error(err)
	}
}
