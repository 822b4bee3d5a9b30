package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"apexai/crm/db"
	"apexai/crm/internal/config"
	"apexai/crm/internal/database"
	"apexai/crm/internal/engines"
	"apexai/crm/internal/id"
	"apexai/crm/internal/outbox"
	"apexai/crm/internal/tenant"
)

// bench is a database, a Redis, a relay and a worker, whose handler notes what
// it is given.
type bench struct {
	db    *database.DB
	redis *redis.Client
	queue *Queue
	relay *outbox.Relay

	mu   sync.Mutex
	ran  []string
	wait chan struct{} // a job "slow" waits for it
}

var shared *bench

func TestMain(m *testing.M) { os.Exit(with(m)) }

func with(m *testing.M) int {
	dir, err := os.MkdirTemp("", "crm-jobs-test-")
	if err == nil {
		defer os.RemoveAll(dir)
		err = os.Chmod(dir, 0o755) // MariaDB runs as another user
	}
	var stop func()
	if err == nil {
		shared, stop, err = begin(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer stop()
	return m.Run()
}

func begin(dir string) (*bench, func(), error) {
	ctx, cancel := context.WithCancel(context.Background())
	mysql, err := engines.MariaDB(ctx, filepath.Join(dir, "mysql"))
	if err != nil {
		return nil, cancel, err
	}
	store, err := engines.Redis(ctx, filepath.Join(dir, "redis"))
	if err != nil {
		mysql.Stop()
		return nil, cancel, err
	}
	c, err := config.Load(func(name string) string {
		return map[string]string{"DATABASE_URL": mysql.URL, "REDIS_URL": store.URL, "APP_ENV": "dev"}[name]
	})
	if err != nil {
		return nil, cancel, err
	}
	log := slog.New(slog.NewJSONHandler(io.Discard, nil))
	if _, err := database.Prepare(ctx, c.Database, db.Migrations(), log); err != nil {
		return nil, cancel, err
	}
	b := &bench{wait: make(chan struct{})}
	if b.db, err = database.Open(c.Database, 4); err != nil {
		return nil, cancel, err
	}
	options, err := redis.ParseURL(store.URL)
	if err != nil {
		return nil, cancel, err
	}
	b.redis = redis.NewClient(options)
	quick := func(int, error) time.Duration { return 0 }
	if b.queue, err = NewQueue(b.redis, log, []Handler{
		{Kind: "note", Run: b.note},
		{Kind: "fails", Retry: 1, Delay: quick, Run: b.fails},
		{Kind: "hopeless", Retry: 5, Run: b.hopeless},
		{Kind: "slow", Run: b.slow},
	}); err != nil {
		return nil, cancel, err
	}
	b.relay = outbox.NewRelay(b.db, log, map[string]outbox.Taker{Topic: b.queue})
	b.db.OnCommit(b.relay.Poke)
	var work sync.WaitGroup
	work.Go(func() { b.relay.Run(ctx) })
	work.Go(func() { NewWorker(b.db, b.redis, b.queue, 3).Run(ctx.Done()) })
	return b, func() { cancel(); work.Wait(); b.redis.Close(); store.Stop(); mysql.Stop() }, nil
}

func (b *bench) note(_ context.Context, _ tenant.Tenant, payload json.RawMessage) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ran = append(b.ran, string(payload))
	return nil
}

func (b *bench) fails(ctx context.Context, t tenant.Tenant, payload json.RawMessage) error {
	b.note(ctx, t, payload)
	return errors.New("it fails")
}

func (b *bench) hopeless(ctx context.Context, t tenant.Tenant, payload json.RawMessage) error {
	b.note(ctx, t, payload)
	return Skip(errors.New("it cannot be done"))
}

func (b *bench) slow(ctx context.Context, t tenant.Tenant, payload json.RawMessage) error {
	b.note(ctx, t, payload)
	select {
	case <-b.wait:
	case <-ctx.Done():
	}
	return nil
}

func (b *bench) count(payload string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(slices.DeleteFunc(slices.Clone(b.ran), func(s string) bool { return s != payload }))
}

func (b *bench) enqueue(t *testing.T, jobs ...Job) {
	t.Helper()
	who := tenant.Tenant{Workspace: 1, User: id.New(), Role: tenant.Member}
	err := b.db.Update(context.Background(), func(ctx context.Context, q database.Queryer) error {
		for _, j := range jobs {
			if err := Enqueue(ctx, q, who, j); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// kept is how many rows the outbox has of a payload.
func (b *bench) kept(t *testing.T, payload string) (n int) {
	t.Helper()
	err := b.db.View(context.Background(), func(ctx context.Context, q database.Queryer) (err error) {
		n, _, err = database.One(ctx, q, database.Scalar[int], `SELECT COUNT(*) FROM outbox WHERE JSON_UNQUOTE(JSON_EXTRACT(body, '$.payload')) = ?`, payload)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 30 s: %s", what)
		}
	}
}

func TestJobRunsOnceAndIsForgotten(t *testing.T) {
	shared.enqueue(t, Job{Kind: "note", Payload: "once"})
	eventually(t, "it ran, and the outbox has forgotten it", func() bool { return shared.count(`"once"`) == 1 && shared.kept(t, "once") == 0 })
}

// What is not committed is not done.
func TestRolledBackJobDoesNotRun(t *testing.T) {
	gone := errors.New("rolled back")
	err := shared.db.Update(t.Context(), func(ctx context.Context, q database.Queryer) error {
		return errors.Join(Enqueue(ctx, q, tenant.Tenant{Workspace: 1}, Job{Kind: "note", Payload: "never"}), gone)
	})
	if !errors.Is(err, gone) {
		t.Fatal(err)
	}
	shared.enqueue(t, Job{Kind: "note", Payload: "after"})
	eventually(t, "the one behind it ran", func() bool { return shared.count(`"after"`) == 1 })
	if shared.count(`"never"`) > 0 {
		t.Error("it ran")
	}
}

func TestFailedJobIsTriedAgainThenDead(t *testing.T) {
	shared.enqueue(t, Job{Kind: "fails", Payload: "twice"}, Job{Kind: "hopeless", Payload: "one try"})
	eventually(t, "both are dead and forgotten by the outbox", func() bool {
		return shared.count(`"twice"`) == 2 && shared.count(`"one try"`) == 1 && shared.kept(t, "twice")+shared.kept(t, "one try") == 0
	})
	api := NewAPI(shared.db, shared.redis)
	var dead atomic.Int64
	if err := api.each(tenant.Tenant{Workspace: 2}, nil); err != nil {
		t.Fatal(err) // another workspace has none: nil would be called
	}
	eventually(t, "they can be seen", func() bool {
		dead.Store(0)
		api.each(tenant.Tenant{Workspace: 1}, func(*asynq.TaskInfo, order) error { dead.Add(1); return nil })
		return dead.Load() == 2
	})
}

// A unique job that waits stands for others; one that runs does not, as it may
// have read already what has changed since.
func TestUniqueJob(t *testing.T) {
	later := time.Now().Add(time.Hour)
	for range 3 {
		shared.enqueue(t, Job{Kind: "note", Payload: "unique", Unique: "x", At: later})
	}
	eventually(t, "one is kept for later", func() bool { return shared.kept(t, "unique") == 1 })
	shared.enqueue(t, Job{Kind: "slow", Payload: "busy", Unique: "y"})
	eventually(t, "it runs", func() bool { return shared.count(`"busy"`) == 1 })
	shared.enqueue(t, Job{Kind: "slow", Payload: "busy", Unique: "y"}, Job{Kind: "slow", Payload: "busy", Unique: "y"})
	eventually(t, "it runs once more", func() bool { return shared.count(`"busy"`) == 2 })
	close(shared.wait)
	eventually(t, "nothing of it is left", func() bool { return shared.kept(t, "busy") == 0 })
	if n := shared.count(`"busy"`); n != 2 {
		t.Errorf("it ran %d times", n)
	}
}

// Redis loses what it took: it is handed on once more, and what is there is not.
func TestLostJobIsQueuedAgain(t *testing.T) {
	keys := func() []string {
		all, err := shared.redis.Keys(t.Context(), "asynq:{default}:*").Result()
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	scheduled := func() int64 { return shared.redis.ZCard(t.Context(), "asynq:{default}:scheduled").Val() }
	before := scheduled() + 1
	shared.enqueue(t, Job{Kind: "note", Payload: "lost", At: time.Now().Add(time.Hour)})
	eventually(t, "it is in Redis", func() bool { return scheduled() == before })
	if err := shared.redis.Del(t.Context(), keys()...).Err(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the row says that it was handed on", func() bool { return shared.kept(t, "lost") == 1 })
	for range 2 {
		if err := shared.queue.recover(t.Context(), shared.db, time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if scheduled() != before {
		t.Errorf("%d are scheduled, %d were", scheduled(), before)
	}
}

// A job whose task died counts as running and has no lease that is extended.
func TestOrphanRunsAgain(t *testing.T) {
	shared.enqueue(t, Job{Kind: "note", Payload: "orphan", At: time.Now().Add(time.Hour)})
	base := "asynq:{default}:"
	var job string
	eventually(t, "it is in Redis", func() bool {
		for _, one := range shared.redis.ZRange(t.Context(), base+"scheduled", 0, -1).Val() {
			body := shared.redis.HGet(t.Context(), base+"t:"+one, "msg").Val()
			if strings.Contains(body, `"orphan"`) {
				job = one
			}
		}
		return job != ""
	})
	pipe := shared.redis.TxPipeline()
	pipe.ZRem(t.Context(), base+"scheduled", job)
	pipe.LPush(t.Context(), base+"active", job)
	pipe.HSet(t.Context(), base+"t:"+job, "state", "active")
	if _, err := pipe.Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	orphans := &Orphans{Redis: shared.redis}
	if err := orphans.collect(t.Context()); err != nil || shared.count(`"orphan"`) > 0 {
		t.Fatalf("at first sight: %v", err)
	}
	if err := orphans.collect(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it runs", func() bool { return shared.count(`"orphan"`) == 1 })
}

// Of several clocks one leads, and another follows when it stops.
func TestOneClockLeads(t *testing.T) {
	var ran [2]atomic.Int64
	var stops [2]context.CancelFunc
	var work sync.WaitGroup
	for i := range stops {
		var ctx context.Context
		ctx, stops[i] = context.WithCancel(context.Background())
		clock := &Clock{Redis: shared.redis, Log: slog.New(slog.NewJSONHandler(io.Discard, nil)), Work: []Periodic{
			{Name: "test", Every: time.Second, Run: func(context.Context) error { ran[i].Add(1); return nil }},
		}}
		work.Go(func() { clock.Run(ctx) })
	}
	eventually(t, "one has run", func() bool { return ran[0].Load()+ran[1].Load() > 1 })
	leader := 0
	if ran[1].Load() > 0 {
		leader = 1
	}
	if ran[0].Load() > 0 && ran[1].Load() > 0 {
		t.Error("both have run")
	}
	stops[leader]()
	eventually(t, "the other follows", func() bool { return ran[1-leader].Load() > 0 })
	stops[1-leader]()
	work.Wait()
}
