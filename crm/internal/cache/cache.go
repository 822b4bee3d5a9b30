// Package cache keeps in Redis, for a short time, what is read often and
// changes seldom. It is an aid only: without Redis, or with an entry that
// cannot be read, the value is loaded as if there were no cache.
package cache

import (
	"context"
	"encoding/json"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/singleflight"
)

const (
	changed = "changed"       // in place of a value; it is no JSON
	settles = 5 * time.Second // longer than any query may take
)

// A Cache keeps values of one kind.
type Cache[T any] struct {
	redis   *redis.Client
	prefix  string
	ttl     time.Duration
	loading singleflight.Group
}

// New makes a cache. The version is part of every key: raise it when T
// changes, since old and new tasks run together during a roll-out.
func New[T any](client *redis.Client, name, version string, ttl time.Duration) *Cache[T] {
	return &Cache[T]{redis: client, prefix: "cache:" + name + ":" + version + ":", ttl: ttl}
}

// Get returns the value of key, from Redis or else by load, which concurrent
// callers share. Load's ok=false is passed on and not kept.
func (c *Cache[T]) Get(ctx context.Context, key string, load func(context.Context) (T, bool, error)) (T, bool, error) {
	if v, ok := c.Ask(ctx, c.redis, key)(); ok {
		return v, true, nil
	}
	type outcome struct {
		v  T
		ok bool
	}
	shared, err, _ := c.loading.Do(key, func() (any, error) {
		v, ok, err := load(context.WithoutCancel(ctx)) // others may wait for it
		if err == nil && ok {
			c.keep(ctx, key, v)
		}
		return outcome{v, ok}, err
	})
	o, _ := shared.(outcome)
	return o.v, o.ok, err
}

// Ask asks for what is kept of a key, also in a pipeline: what it returns
// gives it once that was run.
func (c *Cache[T]) Ask(ctx context.Context, by redis.Cmdable, key string) func() (T, bool) {
	answer := by.Get(ctx, c.prefix+key)
	return func() (v T, ok bool) {
		kept, err := answer.Bytes()
		return v, err == nil && json.Unmarshal(kept, &v) == nil
	}
}

func (c *Cache[T]) keep(ctx context.Context, key string, v T) {
	if encoded, err := json.Marshal(v); err == nil {
		c.redis.SetNX(ctx, c.prefix+key, encoded, c.ttl) // not kept is no fault
	}
}

// Forget drops a key, after what it stands for has changed. For a while nothing
// is kept under it: what is being loaded just now may be of before the change.
func (c *Cache[T]) Forget(ctx context.Context, key string) error {
	c.loading.Forget(key)
	return c.redis.Set(ctx, c.prefix+key, changed, settles).Err()
}
