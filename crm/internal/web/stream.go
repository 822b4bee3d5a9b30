package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"sync"
	"time"

	"apexai/crm/internal/problem"
)

// quietFor is how long a stream may say nothing before a comment keeps proxies
// from closing it; a load balancer's own limit is 60 s.
const quietFor = 15 * time.Second

// Events is the answer of a stream: server-sent events.
type Events struct {
	w      http.ResponseWriter
	flush  *http.ResponseController
	mu     sync.Mutex
	begun  bool
	spoken time.Time
}

// Send gives the caller one event, its data as JSON, at once.
func (e *Events) Send(name string, data any) error {
	encoded, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("event %s: %w", name, err)
	}
	return e.write("event: " + name + "\ndata: " + string(encoded) + "\n\n")
}

func (e *Events) write(text string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.begun {
		h := e.w.Header()
		h.Set("Content-Type", TypeEvents)
		h.Set("Cache-Control", "no-store")
		h.Set("X-Accel-Buffering", "no")
		e.begun = true
	}
	e.spoken = time.Now()
	if _, err := e.w.Write([]byte(text)); err != nil {
		return err
	}
	return e.flush.Flush()
}

// keepAlive writes a comment whenever the stream has begun and is quiet.
func (e *Events) keepAlive(ctx context.Context) {
	ticks := time.NewTicker(quietFor / 3)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		e.mu.Lock()
		due := e.begun && time.Since(e.spoken) > quietFor
		e.mu.Unlock()
		if due && e.write(": still here\n\n") != nil {
			return
		}
	}
}

// Stream is an operation that answers with events as they come. A fault before
// the first is a problem as anywhere; later it is an event of the name
// "problem", the last one.
func Stream[In any](fn func(context.Context, *Call, In, *Events) error) Operation {
	return Operation{In: reflect.TypeFor[In](), Takes: TypeJSON, Gives: TypeEvents, Status: http.StatusOK, raw: func(w http.ResponseWriter, c *Call) error {
		var in In
		if err := decode(c.Request, &in); err != nil {
			return err
		}
		events := &Events{w: w, flush: http.NewResponseController(w)}
		ctx, done := context.WithCancel(c.Context())
		var alive sync.WaitGroup
		alive.Go(func() { events.keepAlive(ctx) })
		err := fn(ctx, c, in, events)
		done()
		alive.Wait()
		if err == nil || !events.begun {
			return err
		}
		if why, ok := errors.AsType[*problem.Problem](context.Cause(c.Context())); ok {
			err = why // the server ends the stream, and says why
		} else if c.Context().Err() != nil {
			return nil // nobody listens any more
		}
		events.Send("problem", asProblem(c.Request, err))
		return nil
	}}
}

// asProblem is what the caller may know of a fault; the cause goes to the log.
func asProblem(r *http.Request, err error) problem.Problem {
	p, ok := errors.AsType[*problem.Problem](err)
	if !ok {
		p = problem.Internal(err)
	}
	shown := *p // constructors may be shared; a request's own marks may not
	shown.Instance = r.URL.Path
	if e := entryOf(r); e != nil {
		shown.RequestID = e.requestID
		e.fault = p.Cause
	}
	return shown
}
