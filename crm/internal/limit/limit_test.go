package limit

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"apexai/crm/internal/engines"
)

var client *redis.Client

func TestMain(m *testing.M) { os.Exit(withRedis(m)) }

func withRedis(m *testing.M) int {
	dir, err := os.MkdirTemp("", "crm-limit-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	process, err := engines.Redis(context.Background(), filepath.Join(dir, "redis"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer process.Stop()
	options, err := redis.ParseURL(process.URL)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	client = redis.NewClient(options)
	defer client.Close()
	return m.Run()
}

// Tasks share one bucket: together they let through what one would.
func TestTasksShareABucket(t *testing.T) {
	rate := Rate{PerSecond: 8, Burst: 40}
	tasks := []*Limiter{New(client, "shared", rate, time.Now), New(client, "shared", rate, time.Now), New(client, "shared", rate, time.Now)}
	var passed atomic.Int64
	var callers sync.WaitGroup
	begun := time.Now()
	for i := range 300 {
		callers.Go(func() {
			if tasks[i%3].Take(t.Context(), "anna").OK {
				passed.Add(1)
			}
		})
	}
	callers.Wait()
	most := float64(rate.Burst) + time.Since(begun).Seconds()*rate.PerSecond
	if n := float64(passed.Load()); n > most || n < 20 {
		t.Errorf("%.0f passed, at most %.0f should", n, most)
	}
	if !tasks[0].Take(t.Context(), "bert").OK {
		t.Error("one caller's requests count against another")
	}
}

// Most requests cost no round trip, and a refusal says when to come back.
func TestRefusalsAreToldAndCheap(t *testing.T) {
	now := time.Now()
	l := New(client, "cheap", Rate{PerSecond: 0.5, Burst: 3}, func() time.Time { return now })
	for i := range 3 {
		if v := l.Take(t.Context(), "anna"); !v.OK || v.Remaining != 2-i {
			t.Fatalf("request %d: %+v", i, v)
		}
		now = now.Add(leaseLasts)
	}
	for range 100 {
		v := l.Take(t.Context(), "anna")
		if v.OK {
			t.Fatal("more than the burst passed")
		}
		h := http.Header{}
		v.Show(h)
		if h.Get("Retry-After") == "" || h.Get("RateLimit-Policy") != `"cheap";q=3;w=6` || h.Get("RateLimit") == "" {
			t.Fatalf("%v", h)
		}
	}
}

// Without Redis each task goes on by itself, and still limits.
func TestRedisIsAway(t *testing.T) {
	away := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1, DialerRetries: 1, DialTimeout: 100 * time.Millisecond})
	defer away.Close()
	now := time.Now()
	l := New(away, "away", Rate{PerSecond: 1, Burst: 5}, func() time.Time { return now })
	passed := 0
	for range 20 {
		if l.Take(t.Context(), "anna").OK {
			passed++
		}
	}
	if passed != 5 {
		t.Errorf("%d passed, want 5", passed)
	}
	now = now.Add(2 * time.Second)
	if !l.Take(t.Context(), "anna").OK {
		t.Error("the bucket does not fill again")
	}
}

func TestNoLimit(t *testing.T) {
	var none *Limiter
	h := http.Header{}
	v := none.Take(t.Context(), "anna")
	if v.Show(h); !v.OK || len(h) != 0 {
		t.Errorf("%+v %v", v, h)
	}
}
