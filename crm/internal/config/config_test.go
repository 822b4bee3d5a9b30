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
	for _, s := range []string{fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%s", c.Redis), c.Database.Password.LogValue().String()} {
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
