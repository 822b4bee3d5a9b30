// Package jobs runs work in the background: queued through the outbox in the
// transaction that wants it, carried by Redis, run by any task, tried again
// when it fails, and kept for a person to look at when it fails for good.
//
// A job may run more than once (a task can die between doing it and saying
// so), so handlers do nothing twice that must not be. Payloads hold ids only:
// Redis is no place for a workspace's data.
package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hibiken/asynq"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/outbox"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/trace"
)

// Topic is jobs' topic in the outbox.
const Topic = "job"

// The queues; of ten jobs taken six are critical, three default, one low.
const (
	Critical = "critical" // somebody waits for it
	Default  = "default"
	Low      = "low"
)

// A Job is a piece of work to be done.
type Job struct {
	Kind    string
	Payload any       // ids only
	At      time.Time // not before; zero: at once
	Unique  string    // a job of the same kind, workspace and Unique that waits already stands for this one
}

// A Handler does the jobs of one kind.
type Handler struct {
	Kind    string
	Queue   string // Default if empty
	Retry   int    // how often to try again after the first failure
	Timeout time.Duration
	Delay   func(failures int, err error) time.Duration // before trying again; nil: exponential
	Run     func(ctx context.Context, t tenant.Tenant, payload json.RawMessage) error
}

// Periodic work is done by one task at a time, whichever leads.
type Periodic struct {
	Name  string
	Every time.Duration
	Run   func(ctx context.Context) error
}

// Skip marks an error that trying again cannot cure: the job is put aside.
func Skip(err error) error { return fmt.Errorf("%w: %w", err, asynq.SkipRetry) }

// An order is a job on its way: in the outbox, then in Redis.
type order struct {
	ID        id.ID           `json:"id"` // the same however often it is handed on
	Kind      string          `json:"kind"`
	Workspace uint32          `json:"workspace"`
	User      id.ID           `json:"user"`
	Role      tenant.Role     `json:"role"`
	Payload   json.RawMessage `json:"payload"`
	At        *time.Time      `json:"at,omitempty"`
	Unique    string          `json:"unique,omitempty"`
	Message   int64           `json:"message,omitempty"` // of the outbox, to be forgotten when the job is done
	Trace     string          `json:"trace,omitempty"`   // traceparent of the work that wants it
}

// Enqueue queues a job, in the transaction that q is: it runs if and only if
// that is committed.
func Enqueue(ctx context.Context, q database.Queryer, t tenant.Tenant, j Job) error {
	payload, err := json.Marshal(j.Payload)
	if err != nil {
		return fmt.Errorf("queue job %s: %w", j.Kind, err)
	}
	o := order{ID: id.New(), Kind: j.Kind, Workspace: t.Workspace, User: t.User, Role: t.Role, Payload: payload, Unique: j.Unique, Trace: trace.From(ctx).Parent()}
	if !j.At.IsZero() {
		at := j.At.UTC()
		o.At = &at
	}
	return outbox.Put(ctx, q, Topic, o)
}
