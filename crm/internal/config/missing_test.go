package config

import (
	"strings"
	"testing"
)

// Who forgot a setting hears what it costs; who gave all hears nothing.
func TestMissingSettingsAreTold(t *testing.T) {
	settings := map[string]string{"DATABASE_URL": "mysql://u:p@h/n", "REDIS_URL": "redis://h"}
	load := func() string {
		c, err := Load(func(name string) string { return settings[name] })
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(c.Missing(), "\n")
	}
	for _, given := range []struct{ name, value string }{
		{"FIREBASE_PROJECT_ID", "firm"},
		{"FIREBASE_API_KEY", "AIza"},
		{"PUBLIC_URL", "https://crm.firm.example"},
		{"SMTP_URL", "smtp://mail.firm.example"},
		{"OPENAI_API_KEY", "sk"},
	} {
		if told := load(); !strings.Contains(told, given.name) {
			t.Errorf("without %s: %s", given.name, told)
		}
		settings[given.name] = given.value
		settings["MAIL_FROM"] = "crm@firm.example"
	}
	if told := load(); told != "" {
		t.Errorf("with everything: %s", told)
	}
}
