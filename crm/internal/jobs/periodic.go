package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"apexai/crm/internal/id"
)

const (
	leaderKey   = "jobs:leader"
	lastKey     = "jobs:periodic" // name to when it ran last
	leadFor     = 6 * time.Second
	leadRefresh = 2 * time.Second
)

// A Clock runs periodic work in whichever task leads. A leader that hangs may
// be followed by another before it notices, so the work bears being done
// twice.
type Clock struct {
	Redis *redis.Client
	Work  []Periodic
	Log   *slog.Logger

	name    string
	running sync.Map
}

// keep takes the lead if it is free, or goes on having it.
var keep = redis.NewScript(`
local holder = redis.call("GET", KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2])
return 1`)

// leave gives the lead up at once.
var leave = redis.NewScript(`if redis.call("GET", KEYS[1]) == ARGV[1] then redis.call("DEL", KEYS[1]) end`)

// Run runs what is due until ctx ends, and waits for what still runs.
func (c *Clock) Run(ctx context.Context) {
	c.name = id.New().String()
	var work sync.WaitGroup
	defer work.Wait()
	tick := time.NewTicker(leadRefresh)
	defer tick.Stop()
	for {
		if leads, err := keep.Run(ctx, c.Redis, []string{leaderKey}, c.name, leadFor.Milliseconds()).Int(); err == nil && leads == 1 {
			c.due(ctx, &work)
		}
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			leave.Run(last, c.Redis, []string{leaderKey}, c.name) // it would run out by itself
			return
		case <-tick.C:
		}
	}
}

// due starts what was not run for long enough and is not running here.
func (c *Clock) due(ctx context.Context, work *sync.WaitGroup) {
	last, err := c.Redis.HGetAll(ctx, lastKey).Result()
	if err != nil {
		return
	}
	now := time.Now()
	for _, p := range c.Work {
		ran, _ := strconv.ParseInt(last[p.Name], 10, 64) // never, if it is no number
		if now.Sub(time.UnixMilli(ran)) < p.Every-leadRefresh/2 {
			continue
		}
		if _, already := c.running.LoadOrStore(p.Name, true); already {
			continue
		}
		if err := c.Redis.HSet(ctx, lastKey, p.Name, now.UnixMilli()).Err(); err != nil {
			c.running.Delete(p.Name)
			return
		}
		work.Go(func() {
			defer c.running.Delete(p.Name)
			if err := contained(ctx, p); err != nil && !errors.Is(err, context.Canceled) {
				c.Log.Warn("periodic work failed", "name", p.Name, "fault", err)
			}
		})
	}
}

// contained makes a panic an error: the process goes on.
func contained(ctx context.Context, p Periodic) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return p.Run(ctx)
}
