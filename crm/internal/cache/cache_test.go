package cache

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"apexai/crm/internal/engines"
)

type value struct{ Name string }

func TestCache(t *testing.T) {
	process, err := engines.Redis(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(process.Kill)
	options, err := redis.ParseURL(process.URL)
	if err != nil {
		t.Fatal(err)
	}
	options.MaxRetries, options.DialerRetries = -1, 1 // the absence of Redis is found at once
	client := redis.NewClient(options)
	t.Cleanup(func() { client.Close() })
	var loads atomic.Int64
	load := func(context.Context) (value, bool, error) {
		loads.Add(1)
		return value{"Ada"}, true, nil
	}
	get := func(c *Cache[value], key string) {
		t.Helper()
		if v, ok, err := c.Get(t.Context(), key, load); v.Name != "Ada" || !ok || err != nil {
			t.Errorf("%s: %v %v %v", key, v, ok, err)
		}
	}
	loaded := func(want int64, what string) {
		t.Helper()
		if got := loads.Swap(0); got != want {
			t.Errorf("%s: loaded %d times, want %d", what, got, want)
		}
	}
	c := New[value](client, "test", "1", time.Minute)
	get(c, "a")
	get(c, "a")
	loaded(1, "twice one key")
	get(New[value](client, "test", "2", time.Minute), "a")
	loaded(1, "another version of the type")
	if err := c.Forget(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	get(c, "a")
	get(c, "a")
	loaded(2, "forgotten just now")
	client.Del(t.Context(), c.prefix+"a")
	get(c, "a")
	get(c, "a")
	loaded(1, "forgotten a while ago")
	client.Set(t.Context(), c.prefix+"broken", "{", 0)
	get(c, "broken")
	loaded(1, "an entry that cannot be read")
	if ttl := client.TTL(t.Context(), c.prefix+"a").Val(); ttl <= 0 || ttl > time.Minute {
		t.Errorf("kept for %s", ttl)
	}

	late := func(ctx context.Context) (value, bool, error) {
		return value{"Old"}, true, c.Forget(ctx, "late") // it changes while it is read
	}
	if _, _, err := c.Get(t.Context(), "late", late); err != nil {
		t.Error(err)
	}
	get(c, "late")
	loaded(1, "what was read before a change")

	absent := func(context.Context) (value, bool, error) { loads.Add(1); return value{}, false, nil }
	for range 2 {
		if _, ok, err := c.Get(t.Context(), "absent", absent); ok || err != nil {
			t.Error("there is something")
		}
	}
	loaded(2, "what is absent is not kept")
	fault := errors.New("fault")
	if _, _, err := c.Get(t.Context(), "fault", func(context.Context) (value, bool, error) { return value{}, false, fault }); !errors.Is(err, fault) {
		t.Errorf("got %v", err)
	}

	process.Kill()
	get(c, "a")
	loaded(1, "without Redis")
}
