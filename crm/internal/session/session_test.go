package session

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"apexai/crm/internal/engines"
	"apexai/crm/internal/id"
)

var client *redis.Client

func TestMain(m *testing.M) { os.Exit(withRedis(m)) }

func withRedis(m *testing.M) int {
	dir, err := os.MkdirTemp("", "crm-session-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	process, err := engines.Redis(context.Background(), dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer process.Kill()
	options, err := redis.ParseURL(process.URL)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	client = redis.NewClient(options)
	defer client.Close()
	return m.Run()
}

// clock is a time that a test moves.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func open(t *testing.T) (Store, *clock, id.ID, string) {
	t.Helper()
	c := &clock{time.Now().Truncate(time.Second)}
	s, user := Store{Redis: client, Now: c.Now}, id.New()
	token, err := s.Create(t.Context(), user, 7, Origin{Network: "192.0.2.0/24", Agent: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return s, c, user, token
}

func has(t *testing.T, s Store, token string) bool {
	t.Helper()
	_, ok, err := s.Get(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func TestGet(t *testing.T) {
	s, c, user, token := open(t)
	got, ok, err := s.Get(t.Context(), token)
	if err != nil || !ok || got.User != user || got.Workspace != 7 || !got.Created.Equal(c.now) {
		t.Errorf("%+v %v %v", got, ok, err)
	}
	for _, other := range []string{"", "x", token + "x", token[1:], key(token)} {
		if has(t, s, other) {
			t.Errorf("%q is a session", other)
		}
	}
}

// Whoever reads Redis cannot sign in with what is there.
func TestRedisHasNoTokens(t *testing.T) {
	_, _, _, token := open(t)
	keys, err := client.Keys(t.Context(), "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		if strings.Contains(k, token) {
			t.Errorf("the key %s has the token", k)
		}
	}
}

func TestUseIsNotedSeldom(t *testing.T) {
	s, c, _, token := open(t)
	seen := func() string { return client.HGet(t.Context(), key(token), "seen").Val() }
	first := seen()
	c.now = c.now.Add(touchEvery - time.Second)
	if has(t, s, token); seen() != first {
		t.Error("noted within the five minutes")
	}
	c.now = c.now.Add(time.Second)
	if has(t, s, token); seen() == first {
		t.Error("not noted after five minutes")
	}
}

func TestLongest(t *testing.T) {
	s, c, _, token := open(t)
	c.now = c.now.Add(Longest - time.Second)
	if !has(t, s, token) {
		t.Error("ended too early")
	}
	c.now = c.now.Add(time.Second)
	if has(t, s, token) {
		t.Error("lasts longer than the longest")
	}
}

func TestEnd(t *testing.T) {
	s, _, user, token := open(t)
	for range 2 { // ending what has ended is no error
		if err := s.End(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	if has(t, s, token) || client.ZCard(t.Context(), userKey(user)).Val() != 0 {
		t.Error("something is left")
	}
}

func TestEndAll(t *testing.T) {
	s, _, user, first := open(t)
	second, err := s.Create(t.Context(), user, 7, Origin{Network: "192.0.2.0/24", Agent: "test"})
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.All(t.Context(), user)
	if err != nil || len(all) != 2 || all[0].Network != "192.0.2.0/24" || all[0].Agent != "test" {
		t.Fatalf("%+v %v", all, err)
	}
	kept, _, _ := s.Get(t.Context(), second)
	if _, err := s.EndWhere(t.Context(), user, func(o Session) bool { return o.ID != kept.ID }); err != nil {
		t.Fatal(err)
	}
	if has(t, s, first) || !has(t, s, second) {
		t.Error("not the one, or also the other, has ended")
	}
	if _, err := s.EndWhere(t.Context(), user, func(Session) bool { return true }); err != nil {
		t.Fatal(err)
	}
	if all, err = s.All(t.Context(), user); has(t, s, second) || len(all) != 0 || err != nil {
		t.Error("a session is left")
	}
}

// A use that is noted while the session ends must not bring it back.
func TestTouchDoesNotRevive(t *testing.T) {
	if err := touch.Run(t.Context(), client, []string{"sess:none"}, 1, 60).Err(); err != nil && err != redis.Nil {
		t.Fatal(err)
	}
	if n := client.Exists(t.Context(), "sess:none").Val(); n != 0 {
		t.Error("there is a session now")
	}
}
