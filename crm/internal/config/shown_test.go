package config

import "testing"

// What is shown of a setting has no secret in it, also if it is misspelt.
func TestShownSettings(t *testing.T) {
	for _, tt := range []struct{ name, value, want string }{
		{"PORT", "3000", "3000"},
		{"MAIL_FROM", "CRM <crm@firm.example>", "CRM <crm@firm.example>"},
		{"FIREBASE_API_KEY", "AIza", "AIza"},
		{"OPENAI_API_KEY", "sk-hush", "***"},
		{"FIREBASE_CONFIG", `{"private_key":"hush"}`, "***"},
		{"DB_PASSWORD", "hush", "***"},
		{"DATABASE_URL", "mysql://u:hush@h/n?tls=true", "mysql://u:***@h/n?tls=true"},
		{"SMTP_URL", "smtp://u:hu%20sh@h:587", "smtp://u:***@h:587"},
		{"DATABASE_URL", "mysql://u:hu/sh@h/n", "***"},
		{"DATABASE_URL", "u:hush@h/n", "***"},
		{"REDIS_URL", "redis://:hu%sh@h", "***"},
	} {
		if got := shown(tt.name, tt.value); got != tt.want {
			t.Errorf("%s=%s is shown as %s", tt.name, tt.value, got)
		}
	}
}
