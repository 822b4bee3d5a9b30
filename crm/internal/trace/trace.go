// Package trace counts what one request costs: the line in the log shows it,
// and tests hold list endpoints to a number of queries.
package trace

import (
	"context"
	"sync/atomic"
	"time"
)

// A Trace belongs to one request. A nil Trace counts nothing.
type Trace struct {
	queries, queryTime, commands atomic.Int64
	origin                       Origin
	parent                       string // for work that is left to others
	repeat                       *Repeat
	asked                        any                                // the transaction that asked for repeat last
	part                         func(what string, start time.Time) // may be nil
}

// EachPart has tell called at the end of each query and round trip, before
// work begins.
func (t *Trace) EachPart(tell func(what string, start time.Time)) {
	if t != nil {
		t.part = tell
	}
}

// An Origin is where a piece of work came from: the id of the request, and
// the network of whoever sent it.
type Origin struct{ Request, Client string }

// SetOrigin notes where the work came from, before it begins.
func (t *Trace) SetOrigin(o Origin) { t.origin = o }

// Origin is where the work came from, as far as that is known.
func (t *Trace) Origin() Origin {
	if t == nil {
		return Origin{}
	}
	return t.origin
}

type key struct{}

// With returns a context that counts into a new Trace.
func With(ctx context.Context) (context.Context, *Trace) {
	t := new(Trace)
	return context.WithValue(ctx, key{}, t), t
}

// From returns ctx's Trace, or nil.
func From(ctx context.Context) *Trace {
	t, _ := ctx.Value(key{}).(*Trace)
	return t
}

// Query counts one MySQL query that began at start and ends now.
func (t *Trace) Query(start time.Time) {
	if t != nil {
		t.queries.Add(1)
		t.queryTime.Add(int64(time.Since(start)))
		if t.part != nil {
			t.part("mysql", start)
		}
	}
}

// Command counts one round trip to Redis that began at start and ends now.
func (t *Trace) Command(start time.Time) {
	if t != nil {
		t.commands.Add(1)
		if t.part != nil {
			t.part("redis", start)
		}
	}
}

// Queries is how many MySQL queries there were, and how long they took.
func (t *Trace) Queries() (int64, time.Duration) {
	return t.queries.Load(), time.Duration(t.queryTime.Load())
}

// Commands is how many round trips to Redis there were.
func (t *Trace) Commands() int64 { return t.commands.Load() }
