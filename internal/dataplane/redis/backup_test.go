package redis

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

func TestBackup(t *testing.T) {
	cfg := instance(t)
	applied(t, cfg)
	c := client(t, cfg)
	if err := c.Set(t.Context(), "kept", "1", 0).Err(); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "backups", "one.rdb")
	if err := Backup(t.Context(), cfg.Dir, to); err != nil {
		t.Fatal(err)
	}
	if err := c.Set(t.Context(), "kept", "2", 0).Err(); err != nil {
		t.Fatal(err)
	}

	second := instance(t)
	second.From = to
	applied(t, second)
	copied := client(t, second)
	if got := copied.Get(t.Context(), "kept").Val(); got != "1" {
		t.Errorf("the copy has %q", got)
	}
	// What it is told later outlives it, and the backup is not taken again.
	if err := copied.Set(t.Context(), "kept", "3", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if err := Stop(context.Background(), second.Dir); err != nil {
		t.Fatal(err)
	}
	applied(t, second)
	if got := client(t, second).Get(t.Context(), "kept").Val(); got != "3" {
		t.Errorf("after a stop it has %q", got)
	}
}

func TestUsers(t *testing.T) {
	cfg := instance(t)
	cfg.Users = []User{
		{Name: "default", Rules: "off -@all", Open: true},
		{Name: "app", Rules: "on ~app:* +@all", Passwords: []string{digest("a-long-password")}},
	}
	applied(t, cfg)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	as := func(name, password string) *goredis.Client {
		c := goredis.NewClient(&goredis.Options{Addr: fmt.Sprintf("%s:%d", cfg.Address, cfg.Port), Username: name, Password: password, MaxRetries: -1})
		t.Cleanup(func() { c.Close() })
		return c
	}
	app := as("app", "a-long-password")
	if err := app.Set(ctx, "app:one", 1, 0).Err(); err != nil {
		t.Error(err)
	}
	for what, err := range map[string]error{
		"another key":    app.Set(ctx, "other", 1, 0).Err(),
		"CONFIG":         app.ConfigGet(ctx, "dir").Err(),
		"wrong password": as("app", "wrong").Ping(ctx).Err(),
		"default":        as("", "").Ping(ctx).Err(),
	} {
		if err == nil {
			t.Errorf("%s is allowed", what)
		}
	}
	cfg.Users = nil
	applied(t, cfg)
	if err := client(t, cfg).Set(ctx, "other", 1, 0).Err(); err != nil {
		t.Errorf("the default user again: %v", err)
	}
	if as("app", "a-long-password").Ping(ctx).Err() == nil {
		t.Error("the user is still there")
	}
}

func TestCheckRules(t *testing.T) {
	for rules, good := range map[string]bool{
		"on ~* +@all": true, "on ~app:* %R~b:* &c -@dangerous +config|get": true, "off -@all": true, "": true,
		"on >password": false, "on nopass": false, "on (+@all ~*)": false, "reset": false, "on ~a\"b": false, "#abc": false, "on\\n": false,
	} {
		if err := CheckRules(rules); (err == nil) != good {
			t.Errorf("%q: %v", rules, err)
		}
	}
}

func FuzzCheckRules(f *testing.F) {
	f.Add("on ~app:* +@all -config")
	f.Fuzz(func(t *testing.T, rules string) {
		if CheckRules(rules) != nil {
			return
		}
		for _, c := range rules {
			if c == '"' || c == '\'' || c == '\\' || c == '(' || c == ')' {
				t.Errorf("%q lets %q through", rules, c)
			}
		}
	})
}
