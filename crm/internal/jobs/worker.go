package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"apexai/crm/internal/database"
	"apexai/crm/internal/outbox"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/trace"
)

// A Worker runs jobs that are in Redis.
type Worker struct {
	// Observe, if it is set, gives the context to run a job with, and what to
	// call at its end. parent is the traceparent of the work that wanted it.
	Observe func(ctx context.Context, kind, parent string) (_ context.Context, over func(error))

	db     *database.DB
	queue  *Queue
	server *asynq.Server
}

const (
	checkEvery = 200 * time.Millisecond
	// FinishWithin is how long jobs may go on once the task is to stop; what
	// is not done by then goes back into its queue.
	FinishWithin = 12 * time.Second
)

// NewWorker makes a worker that runs so many jobs at once; no more than the
// pool has connections, as most need one.
func NewWorker(db *database.DB, client *redis.Client, queue *Queue, concurrency int) *Worker {
	w := &Worker{db: db, queue: queue}
	w.server = asynq.NewServerFromRedisClient(client, asynq.Config{
		Concurrency:              concurrency,
		Queues:                   map[string]int{Critical: 6, Default: 3, Low: 1},
		TaskCheckInterval:        checkEvery,
		DelayedTaskCheckInterval: time.Second,
		ShutdownTimeout:          FinishWithin,
		RetryDelayFunc:           w.delay,
		Logger:                   hushed{queue.log},
		LogLevel:                 asynq.WarnLevel,
	})
	return w
}

// Run takes jobs until stop is closed; then it takes no more, and returns
// when those that run have finished or had FinishWithin.
func (w *Worker) Run(stop <-chan struct{}) error {
	if err := w.server.Start(asynq.HandlerFunc(w.do)); err != nil {
		return fmt.Errorf("jobs: start: %w", err)
	}
	<-stop
	w.server.Stop()
	w.server.Shutdown()
	return nil
}

// do runs one job and leaves one line in the log.
func (w *Worker) do(ctx context.Context, task *asynq.Task) error {
	var o order
	if err := json.Unmarshal(task.Payload(), &o); err != nil {
		return Skip(fmt.Errorf("job %s: %w", task.Type(), err))
	}
	h, ok := w.queue.handlers[o.Kind]
	if !ok {
		return fmt.Errorf("job %s: this version of the server does not know it", o.Kind)
	}
	ctx, costs := trace.With(ctx)
	costs.SetOrigin(trace.Origin{Request: "job:" + o.ID.String()})
	start := time.Now()
	err := w.run(ctx, h, o)
	failures, _ := asynq.GetRetryCount(ctx)
	most, _ := asynq.GetMaxRetry(ctx)
	last := failures >= most || errors.Is(err, asynq.SkipRetry) // nobody will try again by himself
	w.note(ctx, o, time.Since(start), failures, last, err)
	if err == nil || last {
		w.done(o)
	}
	return err
}

// run runs one job under who observes it, who is told of a panic too.
func (w *Worker) run(ctx context.Context, h Handler, o order) (err error) {
	if w.Observe != nil {
		observed, over := w.Observe(ctx, o.Kind, o.Trace)
		ctx, err = observed, errPanic
		defer func() { over(err) }()
	}
	return h.Run(ctx, tenant.Tenant{Workspace: o.Workspace, User: o.User, Role: o.Role}, o.Payload)
}

var errPanic = errors.New("panic")

// done has the outbox forget a job; one that it does not forget may run again.
func (w *Worker) done(o order) {
	err := w.db.View(context.Background(), func(ctx context.Context, q database.Queryer) error {
		return outbox.Done(ctx, q, o.Message)
	})
	if err != nil {
		w.queue.log.Warn("a job that is done stays in the outbox and may run again", "job", o.ID, "cause", err)
	}
}

func (w *Worker) note(ctx context.Context, o order, took time.Duration, failures int, last bool, err error) {
	queries, _ := trace.From(ctx).Queries()
	attrs := []slog.Attr{
		slog.String("kind", o.Kind), slog.String("job", o.ID.String()), slog.Uint64("workspace", uint64(o.Workspace)),
		slog.Int("failures", failures), slog.Float64("ms", float64(took.Microseconds())/1000), slog.Int64("db_n", queries),
	}
	level := slog.LevelInfo
	if err != nil {
		level = slog.LevelWarn
		attrs = append(attrs, slog.Any("fault", err))
		if last {
			level = slog.LevelError
		}
	}
	w.queue.log.LogAttrs(ctx, level, "job", attrs...)
}

// delay is how long to wait before the next try: the handler's, or twice as
// long each time, up to half an hour, never for all at one moment.
func (w *Worker) delay(failures int, err error, task *asynq.Task) time.Duration {
	if h := w.queue.handler(task.Type()); h.Delay != nil {
		return h.Delay(failures, err)
	}
	return Jitter(min(2*time.Second<<min(failures, 20), 30*time.Minute))
}

// Jitter is about d: between three and five quarters of it.
func Jitter(d time.Duration) time.Duration { return d*3/4 + rand.N(d/2+1) }

// hushed keeps the library's lines, which repeat while Redis is away, out of
// the log but for debugging: the server's own health tells of Redis.
type hushed struct{ log *slog.Logger }

func (h hushed) Debug(args ...any) {}
func (h hushed) Info(args ...any)  {}
func (h hushed) Warn(args ...any)  { h.log.Debug("jobs library", "says", fmt.Sprint(args...)) }
func (h hushed) Error(args ...any) { h.log.Debug("jobs library", "says", fmt.Sprint(args...)) }
func (h hushed) Fatal(args ...any) { h.log.Error("jobs library", "says", fmt.Sprint(args...)) }
