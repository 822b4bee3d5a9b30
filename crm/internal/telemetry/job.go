package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	oteltrace "go.opentelemetry.io/otel/trace"
)

// ObserveJob watches one run of a job. Its span is below that of the work that
// wanted it, which traceparent names and which may have been another task's.
func (t *Telemetry) ObserveJob(ctx context.Context, kind, traceparent string) (_ context.Context, over func(err error)) {
	if t.tracer == nil {
		return ctx, func(error) {}
	}
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": traceparent})
	ctx, span := t.tracer.Start(ctx, "job "+kind, oteltrace.WithSpanKind(oteltrace.SpanKindConsumer))
	span.SetAttributes(attribute.String("messaging.operation.type", "process"), attribute.String("messaging.destination.name", kind))
	t.parts(ctx, span)
	return ctx, func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, "failed") // the fault itself is in the log
		}
		span.End()
	}
}
