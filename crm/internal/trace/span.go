package trace

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	oteltrace "go.opentelemetry.io/otel/trace"
)

// A Span is a part of the work that a distributed trace shows by itself.
type Span struct{ span oteltrace.Span }

// Begin begins a span of the distributed trace that ctx is in. Outside one it
// does nothing.
func Begin(ctx context.Context, name string) (context.Context, Span) {
	tracer := oteltrace.SpanFromContext(ctx).TracerProvider().Tracer("apexai/crm")
	ctx, span := tracer.Start(ctx, name, oteltrace.WithSpanKind(oteltrace.SpanKindClient))
	return ctx, Span{span}
}

// Note adds a word to the span: a name, never what somebody wrote.
func (s Span) Note(name, value string) { s.span.SetAttributes(attribute.String(name, value)) }

// Count adds a number to the span.
func (s Span) Count(name string, n int) { s.span.SetAttributes(attribute.Int(name, n)) }

// End ends the span; fault is one word for what went wrong, "" for nothing.
func (s Span) End(fault string) {
	if fault != "" {
		s.span.SetStatus(codes.Error, fault)
	}
	s.span.End()
}

// SetParent notes how work that this work leaves to others finds it: a W3C
// traceparent.
func (t *Trace) SetParent(traceparent string) {
	if t != nil {
		t.parent = traceparent
	}
}

// Parent is what SetParent noted, "" if nothing.
func (t *Trace) Parent() string {
	if t == nil {
		return ""
	}
	return t.parent
}

// Under returns a context for work that belongs to other work, which may have
// ended long ago.
func Under(ctx context.Context, traceparent string) context.Context {
	ctx, t := With(ctx)
	t.SetParent(traceparent)
	return ctx
}
