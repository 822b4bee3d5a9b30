package config

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func env(pairs ...string) func(string) string {
	m := map[string]string{
		"DATABASE_URL": "mysql://crm:s%40crt@db.internal:3307/crm",
		"REDIS_URL":    "redis://:hush@cache.internal:6379/0",
	}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return m[name] }
}

func TestLoadDefaults(t *testing.T) {
	c, err := Load(env())
	if err != nil {
		t.Fatal(err)
	}
	d := c.Database
	got := fmt.Sprintln(c.Environment, c.Port, c.LogLevel, c.DrainDelay, d.Address, d.User, string(d.Password), d.Name, d.MaxTasks)
	if want := "production 3000 INFO 3s db.internal:3307 crm s@crt crm 10"; strings.Join(strings.Fields(got), " ") != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestLoadParts(t *testing.T) {
	c, err := Load(env("DATABASE_URL", "", "DB_HOST", "fd00::7", "DB_USER", "u", "DB_NAME", "n", "DB_PASSWORD", " p ", "DRAIN_DELAY", "250ms"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Database.Address != "[fd00::7]:3306" || c.Database.Password != " p " || c.DrainDelay != 250*time.Millisecond {
		t.Errorf("got %+v", c)
	}
}

func TestLoadNamesEveryFault(t *testing.T) {
	_, err := Load(env("PORT", "0", "APP_ENV", "prod", "LOG_LEVEL", "loud", "DATABASE_URL", "postgres://a:hush@b/c",
		"REDIS_URL", "http://:hush@x", "TRUSTED_PROXIES", "10.0.0.0/8,nonsense", "DRAIN_DELAY", "1h"))
	if err == nil {
		t.Fatal("Load took it")
	}
	for _, name := range []string{"PORT", "APP_ENV", "LOG_LEVEL", "DATABASE_URL", "REDIS_URL", "TRUSTED_PROXIES", "DRAIN_DELAY"} {
		if !strings.Contains(err.Error(), name+": ") {
			t.Errorf("%s is not named in:\n%v", name, err)
		}
	}
	if strings.Contains(err.Error(), "hush") {
		t.Errorf("a password is shown:\n%v", err)
	}
}

func TestSecretsAreHidden(t *testing.T) {
	c, err := Load(env())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{fmt.Sprint(c), fmt.Sprintf("%+v", c), c.Redis.String(), c.Database.Password.LogValue().String()} {
		if strings.Contains(s, "hush") || strings.Contains(s, "s@crt") {
			t.Errorf("shown: %s", s)
		}
	}
}

func FuzzDatabaseURL(f *testing.F) {
	for _, s := range []string{"mysql://a:b@c:1/d?tls=true", "mysql://", "mysql://a@[::1]/x", "%%%", "mysql://a:b@c/d/e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := Load(env("DATABASE_URL", s))
		if err == nil && (c.Database.User == "" || c.Database.Name == "") {
			t.Errorf("%q was taken: %+v", s, c.Database)
		}
	})
}

// production is an environment in which everything is as it should be.
func production(pairs ...string) func(string) string {
	return env(append([]string{
		"APP_ENV", "production", "FIREBASE_PROJECT_ID", "apexai-crm", "FIREBASE_API_KEY", "AIza", "PUBLIC_URL", "https://crm.example.com",
	}, pairs...)...)
}

func TestF7ProductionRefusesDevelopment(t *testing.T) {
	if c, err := Load(production()); err != nil || c.Firebase.DemoURL != "" || !strings.HasPrefix(c.Firebase.CertsURL, "https://www.googleapis.com/") {
		t.Fatalf("%+v %v", c.Firebase, err)
	}
	wrong := []string{
		"FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:9099", "FIRESTORE_EMULATOR_HOST", "127.0.0.1:8080", "FIREBASE_PROJECT_ID", "demo-apexai",
		"FIREBASE_AUTH_URL", "/standins/identity/v1", "FIREBASE_CERTS_URL", "http://crm.example.com/standins/identity/certs",
		"PUBLIC_URL", "http://crm.example.com", "GEMINI_BASE_URL", "http://127.0.0.1:9/", "OPENAI_BASE_URL", "https://crm.example.com/standins/model/v1",
	}
	_, err := Load(production(wrong...))
	if err == nil {
		t.Fatal("production takes development's settings")
	}
	for i := 0; i < len(wrong); i += 2 { // all at once
		if !strings.Contains(err.Error(), wrong[i]+": ") {
			t.Errorf("%s is not named in:\n%v", wrong[i], err)
		}
		if _, alone := Load(production(wrong[i], wrong[i+1])); alone == nil {
			t.Errorf("%s=%s alone is taken", wrong[i], wrong[i+1])
		}
	}
	for _, v := range []string{"https://localhost/v1", "https://[::1]/v1", "https://127.9.9.9/v1", "https://crm.localhost/v1", "ftp://x/v1", "nonsense"} {
		for _, name := range []string{"FIREBASE_AUTH_URL", "FIREBASE_CERTS_URL"} {
			if _, err := Load(production(name, v)); err == nil {
				t.Errorf("%s=%s is taken", name, v)
			}
		}
	}
	if _, err := LoadStandins(production()); err == nil {
		t.Error("stand-ins start in production")
	}
	if _, err := LoadStudio(production("FIREBASE_AUTH_URL", "http://127.0.0.1:1/v1")); err == nil {
		t.Error("the studio takes a sign-in on this host")
	}
}

func TestProviders(t *testing.T) {
	for given, want := range map[string]string{"": "[password google.com]", "google.com": "[google.com]", " password , password": "[password]"} {
		if c, err := Load(env("FIREBASE_PROVIDERS", given)); err != nil || fmt.Sprint(c.Firebase.Providers) != want {
			t.Errorf("%q: %v %v", given, c.Firebase.Providers, err)
		}
	}
	if _, err := Load(env("FIREBASE_PROVIDERS", "password,apple.com")); err == nil || !strings.Contains(err.Error(), "FIREBASE_PROVIDERS: ") {
		t.Errorf("%v", err)
	}
}

func TestFirebaseInDevelopment(t *testing.T) {
	c, err := Load(env("APP_ENV", "dev", "FIREBASE_CONFIG", `{"project_id":"from-the-secret"}`, "FIREBASE_AUTH_URL", "/standins/identity/v1/",
		"FIREBASE_CERTS_URL", "http://127.0.0.1:3000/standins/identity/x509"))
	if err != nil || c.Firebase.Project != "from-the-secret" || c.Firebase.AuthURL != "/standins/identity/v1" || c.Firebase.DemoURL != "/standins/identity/demo" {
		t.Errorf("%+v %v", c.Firebase, err)
	}
	if _, err := Load(env("FIREBASE_CONFIG", "a private key")); err == nil || strings.Contains(err.Error(), "private") {
		t.Errorf("%v", err)
	}
}
