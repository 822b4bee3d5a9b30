package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"apexai/crm/internal/config"
	"apexai/crm/internal/database"
	"apexai/crm/internal/engines"
	"apexai/crm/internal/problem"
)

func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "crm-fault-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Without Redis nobody can be known: people are asked to come back, and are
// still signed in when it is there again.
func TestRedisIsKilled(t *testing.T) {
	redis, err := engines.Redis(context.Background(), folder(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(redis.Kill)
	s := start(t, map[string]string{"REDIS_URL": redis.URL}, io.Discard)
	c := signIn(t, s.url, "redis@example.com")
	c.do("GET", "/api/v1/people", nil).want(200)
	redis.Stop() // in order, as the file is flushed once a second only
	away := c.do("GET", "/api/v1/people", nil).want(503)
	if away.header.Get("Retry-After") == "" || away.header.Get("Set-Cookie") != "" {
		t.Errorf("headers: %v", away.header)
	}
	c.do("GET", "/health", nil).want(200)
	eventually(t, "readiness tells of Redis", func() bool { return strings.Contains(c.do("GET", "/readyz", nil).raw, "redis") })
	c.do("GET", "/health", nil).want(200)
	if err := redis.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the session works again", func() bool { return c.do("GET", "/api/v1/people", nil).status == 200 })
}

// MySQL's absence is a 503 that passes, and a task stays healthy meanwhile.
func TestMySQLIsKilled(t *testing.T) {
	mysql, err := engines.MariaDB(context.Background(), folder(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(mysql.Kill)
	s := start(t, map[string]string{"DATABASE_URL": mysql.URL}, io.Discard)
	c := signIn(t, s.url, "mysql@example.com")
	at := c.do("POST", "/api/v1/people", object{"firstName": "Durable"}).want(201).header.Get("Location")
	mysql.Kill()
	c.do("GET", at, nil).want(503)
	c.do("POST", "/api/v1/people", object{"firstName": "Lost"}).want(503)
	c.do("GET", "/health", nil).want(200)
	if err := mysql.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the record is there again", func() bool { return c.do("GET", at, nil).status == 200 })
}

// A server that is there before its database waits for it.
func TestDatabaseComesLater(t *testing.T) {
	mysql, err := engines.MariaDB(context.Background(), folder(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(mysql.Kill)
	mysql.Kill()
	s := start(t, map[string]string{"DATABASE_URL": mysql.URL}, io.Discard)
	c := browser(t, s.url)
	if a := c.do("GET", "/health", nil).want(503); a.text("status") != "starting" {
		t.Errorf("health: %s", a.raw)
	}
	c.do("GET", "/livez", nil).want(200)
	c.do("GET", "/api/v1/people", nil).want(503)
	if err := mysql.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the server is ready", func() bool { return c.do("GET", "/health", nil).status == 200 })
}

// A server that its database does not let in says so at once, tries on, and
// starts once it is let in.
func TestDatabaseRefusesAtStart(t *testing.T) {
	mysql, err := engines.MariaDB(context.Background(), folder(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(mysql.Kill)
	const later = "hush-later"
	var log logs
	s := start(t, map[string]string{"DATABASE_URL": strings.Replace(mysql.URL, "//crm:", "//crm:"+later, 1)}, &log)
	eventually(t, "it says what is wrong", func() bool {
		return strings.Contains(log.String(), `"level":"ERROR","msg":"the database refuses this server","why":"user or password is wrong: look at DATABASE_URL, or DB_USER and DB_PASSWORD"`)
	})
	c := browser(t, s.url)
	if a := c.do("GET", "/health", nil).want(503); a.text("status") != "starting" {
		t.Errorf("health: %s", a.raw)
	}
	c.do("GET", "/livez", nil).want(200)
	cfg := must(config.Load(func(name string) string {
		return map[string]string{"DATABASE_URL": mysql.URL, "REDIS_URL": "redis://127.0.0.1"}[name]
	}))
	admin := must(database.Open(cfg.Database, 1))
	defer admin.Close()
	err = admin.View(t.Context(), func(ctx context.Context, q database.Queryer) error {
		_, err := database.Exec(ctx, q, "SET PASSWORD = PASSWORD(?)", later+string(cfg.Database.Password))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the server is ready", func() bool { return c.do("GET", "/health", nil).status == 200 })
	if strings.Contains(log.String(), later) {
		t.Errorf("the password is shown: %s", log.String())
	}
}

// Several tasks start on an empty database at once.
func TestTasksStartTogether(t *testing.T) {
	mysql, err := engines.MariaDB(context.Background(), folder(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(mysql.Kill)
	for range 4 {
		s := start(t, map[string]string{"DATABASE_URL": mysql.URL}, io.Discard)
		defer s.stop()
		defer eventually(t, "a task is ready", func() bool { return browser(t, s.url).do("GET", "/health", nil).status == 200 })
	}
}

// Told to stop under load, the server answers everything that it is sent until
// the balancer, which reads its health, has taken it out.
func TestStopUnderLoad(t *testing.T) {
	s := start(t, map[string]string{"DRAIN_DELAY": "2s"}, io.Discard)
	c := signIn(t, s.url, "load@example.com")
	var answered, failed atomic.Int64
	var clients sync.WaitGroup
	stop := make(chan struct{})
	for range 8 {
		clients.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if a := c.do("GET", "/api/v1/people?limit=5", nil); a.err == nil && a.status == 200 {
					answered.Add(1)
				} else {
					failed.Add(1)
				}
			}
		})
	}
	eventually(t, "the load flows", func() bool { return answered.Load() > 100 })
	s.cancel()
	eventually(t, "health says draining", func() bool { return strings.Contains(c.do("GET", "/health", nil).raw, "draining") })
	close(stop)
	clients.Wait()
	if err := <-s.ended; err != nil {
		t.Error(err)
	}
	if failed.Load() > 0 {
		t.Errorf("%d answered, %d failed", answered.Load(), failed.Load())
	}
}

func TestLogHasNothingPersonal(t *testing.T) {
	var log logs
	s := start(t, nil, &log)
	c := signIn(t, s.url, "private@example.com")
	c.do("POST", "/api/v1/people", object{"firstName": "Verysecret", "emails": []object{{"value": "hidden@example.org"}}},
		"X-Forwarded-For: 6.6.6.6, 203.0.113.77", "X-Amzn-Trace-Id: Root=1-abc").want(201)
	c.do("GET", "/api/v1/people?q=Verysecret", nil).want(200)
	eventually(t, "the lines are there", func() bool { return strings.Contains(log.String(), `"route":"GET /api/v1/people"`) })
	for _, bad := range []string{"Verysecret", "hidden@", "private@", "6.6.6.6", "203.0.113.77", "apex_sid"} {
		if strings.Contains(log.String(), bad) {
			t.Errorf("%q is in the log", bad)
		}
	}
	for _, good := range []string{`"client":"203.0.113.0/24"`, `"trace_id":"Root=1-abc"`, `"status":201`, `"db_n":`} {
		if !strings.Contains(log.String(), good) {
			t.Errorf("%s is not in the log:\n%s", good, log.String())
		}
	}
}

func TestCompression(t *testing.T) {
	c := signedIn(t)
	for range 8 {
		c.do("POST", "/api/v1/people", object{"firstName": "Long", "title": strings.Repeat("x", 100)}).want(201)
	}
	c.http.Transport.(*http.Transport).DisableCompression = true
	a := c.do("GET", "/api/v1/people", nil, "Accept-Encoding: gzip").want(200)
	if a.header.Get("Content-Encoding") != "gzip" || a.header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("headers: %v", a.header)
	}
}

// A pool all of whose connections are out for long is this task's own fault.
func TestWedgedPool(t *testing.T) {
	cfg := must(config.Load(func(name string) string { return settings(nil)[name] }))
	db := must(database.Open(cfg.Database, 1))
	defer db.Close()
	nothing := func(context.Context, database.Queryer) error { return nil }
	if err := db.View(t.Context(), nothing); err != nil {
		t.Fatal(err)
	}
	soon, late := time.Now().Add(time.Second), time.Now().Add(time.Minute)
	if db.Wedged(late) {
		t.Error("an idle pool is wedged")
	}
	err := db.View(t.Context(), func(ctx context.Context, _ database.Queryer) error {
		if db.Wedged(soon) || !db.Wedged(late) {
			t.Errorf("with its only connection out: soon %v, late %v", db.Wedged(soon), db.Wedged(late))
		}
		// Whoever waits meanwhile is sent away after a second, not queued.
		if p, ok := errors.AsType[*problem.Problem](db.View(ctx, nothing)); !ok || p.Status != 503 {
			t.Errorf("a second caller: %v", p)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
