package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"apexai/crm/internal/outbox"
)

// A Queue passes jobs from the outbox to Redis.
type Queue struct {
	client   *asynq.Client
	inspect  *asynq.Inspector
	handlers map[string]Handler
	log      *slog.Logger
}

const (
	// A finished job's id is kept for so long, so that one that a crash hands
	// on twice is known.
	rememberFor = 5 * time.Minute
	// A unique job that is wanted while it runs must run again: it may have
	// read already what has changed since.
	againAfter = time.Second
)

// NewQueue makes a queue of jobs that handlers do.
func NewQueue(client *redis.Client, log *slog.Logger, handlers []Handler) (*Queue, error) {
	q := &Queue{
		client: asynq.NewClientFromRedisClient(client), inspect: asynq.NewInspectorFromRedisClient(client),
		handlers: map[string]Handler{}, log: log,
	}
	for _, h := range handlers {
		if _, twice := q.handlers[h.Kind]; twice {
			return nil, fmt.Errorf("jobs: %q has two handlers", h.Kind)
		}
		if h.Queue == "" {
			h.Queue = Default
		}
		if h.Timeout == 0 {
			h.Timeout = time.Minute
		}
		q.handlers[h.Kind] = h
	}
	return q, nil
}

// unknown stands in for jobs of a newer version's kinds during a roll-out.
var unknown = Handler{Queue: Default, Retry: 10, Timeout: time.Minute}

func (q *Queue) handler(kind string) Handler {
	if h, ok := q.handlers[kind]; ok {
		return h
	}
	return unknown
}

// Show has nothing to do: sockets do not hear of jobs.
func (q *Queue) Show(outbox.Message) {}

// Hand puts a job into Redis; the outbox keeps it until it is done.
func (q *Queue) Hand(ctx context.Context, m outbox.Message) (keep bool, err error) {
	o, ok := q.read(m)
	if !ok {
		return false, nil
	}
	keep, err = q.put(ctx, o)
	if errors.Is(err, asynq.ErrTaskIDConflict) {
		if o.Unique == "" {
			return true, nil // it was handed on before
		}
		keep, err = q.stands(ctx, o)
	}
	if err != nil {
		return false, fmt.Errorf("queue job %s: %w", o.Kind, err)
	}
	return keep, nil
}

func (q *Queue) read(m outbox.Message) (o order, ok bool) {
	if err := json.Unmarshal(m.Body, &o); err != nil {
		q.log.Error("job cannot be read and is dropped", "message", m.ID, "cause", err)
		return o, false
	}
	o.Message = m.ID
	return o, true
}

// put puts a job into Redis, unless one of its name is there.
func (q *Queue) put(ctx context.Context, o order, more ...asynq.Option) (keep bool, err error) {
	body, err := json.Marshal(o)
	if err != nil {
		return false, err
	}
	_, err = q.client.EnqueueContext(ctx, asynq.NewTask(o.Kind, body), append(q.options(o), more...)...)
	return err == nil, err
}

func (q *Queue) options(o order) []asynq.Option {
	h := q.handler(o.Kind)
	options := []asynq.Option{asynq.Queue(h.Queue), asynq.MaxRetry(h.Retry), asynq.Timeout(h.Timeout), asynq.TaskID(o.name())}
	if o.At != nil {
		options = append(options, asynq.ProcessAt(*o.At))
	}
	if o.Unique == "" {
		options = append(options, asynq.Retention(rememberFor))
	}
	return options
}

// name is the job's in Redis: its own, or for all that are the same.
func (o order) name() string {
	if o.Unique == "" {
		return o.ID.String()
	}
	sum := sha256.Sum256([]byte(o.Kind + "\x00" + strconv.FormatUint(uint64(o.Workspace), 10) + "\x00" + o.Unique))
	return "u" + hex.EncodeToString(sum[:16])
}

// stands sees to it that a unique job runs after now, where one of its name
// is there already.
func (q *Queue) stands(ctx context.Context, o order) (keep bool, err error) {
	queue := q.handler(o.Kind).Queue
	there, err := q.inspect.GetTaskInfo(queue, o.name())
	if errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound) {
		return unlessThere(q.put(ctx, o))
	}
	if err != nil {
		return false, err
	}
	switch there.State {
	case asynq.TaskStateActive:
		return unlessThere(q.put(ctx, o, asynq.TaskID(o.name()+"+"), asynq.ProcessIn(againAfter)))
	case asynq.TaskStateArchived:
		return false, q.inspect.RunTask(queue, o.name())
	}
	return false, nil // it waits
}

func unlessThere(keep bool, err error) (bool, error) {
	if errors.Is(err, asynq.ErrTaskIDConflict) {
		return false, nil
	}
	return keep, err
}
