package server

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"apexai/crm/internal/engines"
)

const (
	stormWriters = 12
	stormRecords = 8 // of each writer
)

// A storm is two tasks whose every second commit is lost in one way or another,
// whose work falls victim to deadlocks, whose MySQL and Redis are killed, and
// whose Redis forgets which keys it had. Everybody asks until there is an
// answer; each record is there once, and is the one that the answer says.
func TestStorm(t *testing.T) {
	mysql, cache := must(engines.MariaDB(t.Context(), folder(t))), must(engines.Redis(t.Context(), folder(t)))
	t.Cleanup(mysql.Kill)
	t.Cleanup(cache.Kill)
	w := newWire(t, mysql.URL)
	close(w.release)
	var tasks []client
	for range 2 {
		s := start(t, map[string]string{"DATABASE_URL": w.url, "REDIS_URL": cache.URL, "DB_MAX_OPEN": "6"}, io.Discard)
		c := signIn(t, s.url, "storm@example.com")
		c.http.CheckRedirect = notFollowed
		tasks = append(tasks, c)
	}
	var lost atomic.Int64
	w.faults(func(work, statement string) fault {
		switch {
		case !strings.Contains(work, "storm-"):
		case statement == "COMMIT" && rand.N(2) == 0:
			lost.Add(1)
			return []fault{requestLost, answerLost, late}[rand.N(3)]
		case strings.HasPrefix(statement, "INSERT INTO outbox") && rand.N(8) == 0:
			return deadlock
		}
		return noFault
	})
	var made sync.Map // name → where
	var count atomic.Int64
	var writers sync.WaitGroup
	for writer := range stormWriters {
		writers.Go(func() {
			for i := range stormRecords {
				name := fmt.Sprintf("storm-%d-%d", writer, i)
				made.Store(name, insist(t, tasks, name))
				count.Add(1)
			}
		})
	}
	ended := make(chan struct{})
	go func() { writers.Wait(); close(ended) }()
	harm(t, ended, &count, mysql, cache)
	writers.Wait()
	w.faults(func(string, string) fault { return noFault })
	places := map[any]bool{}
	made.Range(func(name, at any) bool {
		places[at] = true
		if a := tasks[0].do("GET", at.(string), nil).want(200); a.text("name") != name {
			t.Errorf("%s: at %s is %s", name, at, a.raw)
		}
		return true
	})
	if n := madeBy(t, mysql.URL, "storm-"); n != stormWriters*stormRecords || len(places) != n {
		t.Errorf("%d were made and %d are known, want %d", n, len(places), stormWriters*stormRecords)
	}
	t.Logf("%d records, %d commits lost", stormWriters*stormRecords, lost.Load())
}

// insist asks tasks in turn until a company is made, and says where it is.
func insist(t *testing.T, tasks []client, name string) (at string) {
	for deadline, i := time.Now().Add(2*time.Minute), 0; time.Now().Before(deadline); i++ {
		c := tasks[i%len(tasks)]
		a := c.once("POST", "/api/v1/companies", object{"name": name, "domain": name + ".example"}, "Idempotency-Key: "+name)
		switch {
		case a.err == nil && (a.status == 201 || a.status == 303):
			return a.header.Get("Location")
		case a.err == nil && a.status < 500 && (a.status != 409 || a.header.Get("Retry-After") == ""):
			t.Errorf("%s: %d %s", name, a.status, a.raw)
			return ""
		}
		time.Sleep(rand.N(50 * time.Millisecond))
	}
	t.Errorf("%s: never made", name)
	return ""
}

func notFollowed(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// harm has Redis forget keys, and kills both engines when a third of the work is
// done and two thirds are, until the work has ended.
func harm(t *testing.T, ended <-chan struct{}, done *atomic.Int64, mysql, cache *engines.Process) {
	t.Helper()
	client := redis.NewClient(must(redis.ParseURL(cache.URL)))
	defer client.Close()
	next := []struct {
		at int64
		of *engines.Process
	}{{stormWriters * stormRecords / 3, mysql}, {stormWriters * stormRecords * 2 / 3, cache}}
	for {
		select {
		case <-ended:
			return
		case <-time.After(50 * time.Millisecond):
		}
		if keys, err := client.Keys(t.Context(), "idem:*").Result(); err == nil && len(keys) > 0 {
			client.Del(t.Context(), keys...) // Redis may be away
		}
		if len(next) > 0 && done.Load() >= next[0].at {
			next[0].of.Kill()
			if err := next[0].of.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			next = next[1:]
		}
	}
}
