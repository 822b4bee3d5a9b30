package telemetry

import (
	"context"
	"encoding/binary"
	"sync"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	oteltrace "go.opentelemetry.io/otel/trace"
)

// A keeper holds the spans of a trace until its root in this process ends. It
// passes on a share of all traces, those that a caller samples, and every one
// with an error in it.
type keeper struct {
	next  sdktrace.SpanProcessor
	below uint64 // of 63 random bits of the trace id
	mu    sync.Mutex
	held  map[oteltrace.TraceID][]sdktrace.ReadOnlySpan
}

const (
	maxTraces = 10_000 // held at once; further ones are not kept
	maxSpans  = 500    // of one trace
)

func newKeeper(next sdktrace.SpanProcessor, share float64) *keeper {
	return &keeper{next: next, below: uint64(share * (1 << 63)), held: map[oteltrace.TraceID][]sdktrace.ReadOnlySpan{}}
}

// OnStart has nothing to do.
func (k *keeper) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

// OnEnd holds a span, or lets go of its trace.
func (k *keeper) OnEnd(s sdktrace.ReadOnlySpan) {
	id := s.SpanContext().TraceID()
	root := !s.Parent().IsValid() || s.Parent().IsRemote()
	k.mu.Lock()
	spans := k.held[id]
	if root || len(spans) < maxSpans && (len(spans) > 0 || len(k.held) < maxTraces) {
		spans = append(spans, s)
	}
	if !root {
		k.held[id] = spans
		k.mu.Unlock()
		return
	}
	delete(k.held, id)
	k.mu.Unlock()
	if !k.wanted(s, spans) {
		return
	}
	for _, span := range spans {
		k.next.OnEnd(span)
	}
}

func (k *keeper) wanted(root sdktrace.ReadOnlySpan, spans []sdktrace.ReadOnlySpan) bool {
	if k.chosen(root) {
		return true
	}
	for _, s := range spans {
		if s.Status().Code == codes.Error {
			return true
		}
	}
	return false
}

// chosen says that a trace is passed on however it ends: the caller wants it, or
// it is of the share. Every task chooses the same.
func (k *keeper) chosen(root sdktrace.ReadOnlySpan) bool {
	id := root.SpanContext().TraceID()
	return root.Parent().IsSampled() || binary.BigEndian.Uint64(id[8:])>>1 < k.below
}

// traceparent is how others name a root span as theirs (W3C Trace Context).
func (k *keeper) traceparent(root oteltrace.Span) string {
	flags := "00"
	if s, ok := root.(sdktrace.ReadOnlySpan); ok && k.chosen(s) {
		flags = "01"
	}
	return "00-" + root.SpanContext().TraceID().String() + "-" + root.SpanContext().SpanID().String() + "-" + flags
}

// Shutdown ends what is behind.
func (k *keeper) Shutdown(ctx context.Context) error { return k.next.Shutdown(ctx) }

// ForceFlush sends what is behind.
func (k *keeper) ForceFlush(ctx context.Context) error { return k.next.ForceFlush(ctx) }
