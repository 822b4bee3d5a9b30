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

// Hand puts a job into Redis.
func (q *Queue) Hand(ctx context.Context, m outbox.Message) error {
	var o order
	if err := json.Unmarshal(m.Body, &o); err != nil {
		q.log.Error("job cannot be read and is dropped", "message", m.ID, "cause", err)
		return nil
	}
	task, options, name := q.task(o, m.Body)
	_, err := q.client.EnqueueContext(ctx, task, append(options, asynq.TaskID(name))...)
	if errors.Is(err, asynq.ErrTaskIDConflict) {
		if o.Unique == "" {
			return nil // it was handed on before
		}
		err = q.stands(ctx, task, options, q.handler(o.Kind).Queue, name)
	}
	if err != nil {
		return fmt.Errorf("queue job %s: %w", o.Kind, err)
	}
	return nil
}

func (q *Queue) task(o order, body []byte) (*asynq.Task, []asynq.Option, string) {
	h := q.handler(o.Kind)
	options := []asynq.Option{asynq.Queue(h.Queue), asynq.MaxRetry(h.Retry), asynq.Timeout(h.Timeout)}
	if o.At != nil {
		options = append(options, asynq.ProcessAt(*o.At))
	}
	name := o.ID.String()
	if o.Unique != "" {
		sum := sha256.Sum256([]byte(o.Kind + "\x00" + strconv.FormatUint(uint64(o.Workspace), 10) + "\x00" + o.Unique))
		name = "u" + hex.EncodeToString(sum[:16])
	} else {
		options = append(options, asynq.Retention(rememberFor))
	}
	return asynq.NewTask(o.Kind, body), options, name
}

// stands sees to it that a unique job runs after now, where one of its name
// is there already.
func (q *Queue) stands(ctx context.Context, task *asynq.Task, options []asynq.Option, queue, name string) error {
	there, err := q.inspect.GetTaskInfo(queue, name)
	if errors.Is(err, asynq.ErrTaskNotFound) {
		_, err = q.client.EnqueueContext(ctx, task, append(options, asynq.TaskID(name))...)
		return unlessThere(err)
	}
	if err != nil {
		return err
	}
	switch there.State {
	case asynq.TaskStateActive:
		_, err = q.client.EnqueueContext(ctx, task, append(options, asynq.TaskID(name+"+"), asynq.ProcessIn(againAfter))...)
		return unlessThere(err)
	case asynq.TaskStateArchived:
		return q.inspect.RunTask(queue, name)
	}
	return nil // it waits
}

func unlessThere(err error) error {
	if errors.Is(err, asynq.ErrTaskIDConflict) {
		return nil
	}
	return err
}
