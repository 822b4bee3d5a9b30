// Package limit holds callers to a rate that all tasks share.
//
// A token bucket per caller is in Redis. Each task takes a few tokens at a
// time and spends them by itself, so that most requests cost no round trip;
// what it does not spend within a second is lost to the caller, which the
// rate allows for. Without Redis each task goes on by a bucket of its own: a
// limit is no reason to be unavailable.
package limit

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// A Rate is how much a caller may do.
type Rate struct {
	PerSecond float64 // 0: as much as it likes
	Burst     int     // at once
}

// PerSecond allows n a second and five times that at once.
func PerSecond(n int) Rate { return Rate{float64(n), 5 * n} }

// PerMinute allows n a minute, and all of them at once.
func PerMinute(n int) Rate { return Rate{float64(n) / 60, n} }

// A Limiter holds callers of one kind to one rate.
type Limiter struct {
	redis *redis.Client
	name  string
	rate  Rate
	now   func() time.Time

	mu     sync.Mutex
	leases map[string]*lease
	swept  time.Time
}

// lease is what this task knows of a caller.
type lease struct {
	tokens   int       // taken from the bucket and not spent
	left     float64   // in the bucket when it was asked
	until    time.Time // when the tokens are void, or the bucket is asked again
	refilled time.Time // of the bucket of this task's own
	own      float64
}

const (
	leaseLasts = time.Second
	many       = 4096             // leases, above which old ones are dropped
	sweepEvery = 10 * time.Second // not for each of a crowd of strangers
)

// New makes a limiter; the name is that of its policy.
func New(client *redis.Client, name string, rate Rate, now func() time.Time) *Limiter {
	return &Limiter{redis: client, name: name, rate: rate, now: now, leases: map[string]*lease{}}
}

// A Verdict says whether a caller may go on, and what it has left.
type Verdict struct {
	OK        bool
	Remaining int
	Retry     time.Duration // when it may go on
	name      string
	policy    string
	reset     time.Duration // when all of its burst is there again
}

// Show tells the caller in the headers of draft-ietf-httpapi-ratelimit-headers.
func (v Verdict) Show(h http.Header) {
	if v.policy == "" {
		return
	}
	h.Set("RateLimit-Policy", v.policy)
	h.Set("RateLimit", fmt.Sprintf("%q;r=%d;t=%d", v.name, v.Remaining, seconds(v.reset)))
	if !v.OK {
		h.Set("Retry-After", v.RetryAfter())
	}
}

// RetryAfter is when the caller may go on, as the header has it.
func (v Verdict) RetryAfter() string { return strconv.Itoa(max(seconds(v.Retry), 1)) }

func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

// Take spends one of a caller's tokens.
func (l *Limiter) Take(ctx context.Context, key string) Verdict {
	if l == nil || l.rate.PerSecond == 0 {
		return Verdict{OK: true}
	}
	now := l.now()
	if v, known := l.spend(key, now); known {
		return v
	}
	taken, left, err := l.ask(ctx, key)
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.of(key, now)
	if err != nil {
		return l.alone(e, now)
	}
	e.left = left
	if taken == 0 {
		e.until = now.Add(l.wait(1 - left))
		return l.verdict(e, now, false)
	}
	e.tokens, e.until = e.tokens+taken-1, now.Add(leaseLasts)
	return l.verdict(e, now, true)
}

// spend answers from the lease alone, if it can.
func (l *Limiter) spend(key string, now time.Time) (Verdict, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.of(key, now)
	switch {
	case !now.Before(e.until):
		e.tokens = 0
		return Verdict{}, false
	case e.tokens > 0:
		e.tokens--
		return l.verdict(e, now, true), true
	case e.left < 1: // the bucket is empty until then
		return l.verdict(e, now, false), true
	}
	return Verdict{}, false
}

func (l *Limiter) of(key string, now time.Time) *lease {
	if e := l.leases[key]; e != nil {
		return e
	}
	if len(l.leases) >= many && now.Sub(l.swept) >= sweepEvery {
		l.swept = now
		for k, e := range l.leases {
			if now.Sub(e.until) > time.Minute {
				delete(l.leases, k)
			}
		}
	}
	e := &lease{own: float64(l.rate.Burst), refilled: now}
	l.leases[key] = e
	return e
}

// alone counts in a bucket of this task's own.
func (l *Limiter) alone(e *lease, now time.Time) Verdict {
	e.own = min(float64(l.rate.Burst), e.own+now.Sub(e.refilled).Seconds()*l.rate.PerSecond)
	e.refilled = now
	ok := e.own >= 1
	if ok {
		e.own--
	}
	e.left, e.tokens, e.until = e.own, 0, now
	return l.verdict(e, now, ok)
}

func (l *Limiter) verdict(e *lease, now time.Time, ok bool) Verdict {
	left := e.left + float64(e.tokens)
	v := Verdict{OK: ok, name: l.name, Remaining: int(left), reset: l.wait(float64(l.rate.Burst) - left)}
	v.policy = fmt.Sprintf("%q;q=%d;w=%d", l.name, l.rate.Burst, seconds(l.wait(float64(l.rate.Burst))))
	if !ok {
		v.Retry = max(e.until.Sub(now), l.wait(1-left))
	}
	return v
}

// wait is how long the bucket takes to gain tokens.
func (l *Limiter) wait(tokens float64) time.Duration {
	return time.Duration(max(tokens, 0) / l.rate.PerSecond * float64(time.Second))
}

// ask takes tokens from the bucket in Redis: at most what a quarter of a
// second brings, so that those lost with a lease do not matter.
func (l *Limiter) ask(ctx context.Context, key string) (taken int, left float64, err error) {
	want := max(1, int(l.rate.PerSecond/4))
	got, err := bucket.Run(ctx, l.redis, []string{"limit:" + l.name + ":" + key}, l.rate.PerSecond, l.rate.Burst, want).StringSlice()
	if err != nil {
		return 0, 0, err
	}
	if taken, err = strconv.Atoi(got[0]); err == nil {
		left, err = strconv.ParseFloat(got[1], 64)
	}
	return taken, left, err
}

// bucket refills by Redis's own clock, which is one for all tasks.
var bucket = redis.NewScript(`
local rate, burst, want = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call("TIME")
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local kept = redis.call("HMGET", KEYS[1], "n", "at")
local n, at = tonumber(kept[1]) or burst, tonumber(kept[2]) or now
n = math.min(burst, n + math.max(0, now - at) * rate)
local taken = math.min(want, math.floor(n))
n = n - taken
redis.call("HSET", KEYS[1], "n", string.format("%.6f", n), "at", string.format("%.6f", now))
redis.call("EXPIRE", KEYS[1], math.ceil(burst / rate) + 1)
return {tostring(taken), string.format("%.6f", n)}`)
