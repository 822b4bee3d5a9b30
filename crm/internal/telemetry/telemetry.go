// Package telemetry tells how the server fares: metrics in Prometheus' text
// form on a port for this machine alone, and traces in OpenTelemetry's
// protocol to a collector, if one is named.
package telemetry

import (
	"context"
	"database/sql"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	oteltrace "go.opentelemetry.io/otel/trace"

	"apexai/crm/internal/config"
	"apexai/crm/internal/trace"
)

// A Telemetry gathers metrics and traces of one process.
type Telemetry struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	provider *sdktrace.TracerProvider // nil: no traces
	tracer   oteltrace.Tracer
	keeper   *keeper
}

// New begins to gather. Without a collector's address there are no traces.
func New(c config.Telemetry, log *slog.Logger) *Telemetry {
	t := &Telemetry{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "crm_requests_total", Help: "Requests answered."}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "crm_request_seconds", Help: "How long answers took.", Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route"}),
	}
	t.registry.MustRegister(t.requests, t.seconds, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if c.Collector != "" {
		sink := &exporter{url: c.Collector + "/v1/traces", client: &http.Client{Timeout: 5 * time.Second}, log: log}
		t.keeper = newKeeper(sdktrace.NewBatchSpanProcessor(sink), c.Share)
		t.provider = sdktrace.NewTracerProvider(
			sdktrace.WithSampler(sdktrace.AlwaysSample()), // the keeper chooses, when it knows how it went
			sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", "apexai-crm-server"))),
			sdktrace.WithSpanProcessor(t.keeper),
		)
		t.tracer = t.provider.Tracer("apexai/crm")
	}
	return t
}

// Pool adds the figures of a pool of database connections; those who wait for
// one are the alarm.
func (t *Telemetry) Pool(db *sql.DB) {
	t.registry.MustRegister(collectors.NewDBStatsCollector(db, "mysql"))
}

// Gauge adds a figure that is asked for when somebody reads.
func (t *Telemetry) Gauge(name, help string, now func() float64) {
	t.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, now))
}

// Serve answers GET /metrics at an address until ctx ends.
func (t *Telemetry) Serve(ctx context.Context, address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(t.registry, promhttp.HandlerOpts{}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { server.Close() })
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// Close sends what traces are still here.
func (t *Telemetry) Close(ctx context.Context) {
	if t.provider != nil {
		t.provider.Shutdown(ctx) // a collector that does not answer loses them
	}
}

// Observe watches one request: the context that it is served with, and what to
// call when it is over.
func (t *Telemetry) Observe(r *http.Request) (ctx context.Context, over func(route string, status int, took time.Duration)) {
	ctx = r.Context()
	if t.tracer == nil {
		return ctx, t.count
	}
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(r.Header))
	ctx, span := t.tracer.Start(ctx, r.Method, oteltrace.WithSpanKind(oteltrace.SpanKindServer))
	t.parts(ctx, span)
	return ctx, func(route string, status int, took time.Duration) {
		t.count(route, status, took)
		if route != "" {
			span.SetName(route)
		}
		span.SetAttributes(attribute.String("http.request.method", r.Method), attribute.String("http.route", route), attribute.Int("http.response.status_code", status))
		if status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, http.StatusText(status))
		}
		span.End()
	}
}

// parts makes a span of each query and round trip below span, and tells work
// that is left to others where it came from.
func (t *Telemetry) parts(ctx context.Context, span oteltrace.Span) {
	costs := trace.From(ctx)
	costs.EachPart(func(what string, start time.Time) {
		_, part := t.tracer.Start(ctx, what, oteltrace.WithTimestamp(start), oteltrace.WithSpanKind(oteltrace.SpanKindClient))
		part.End()
	})
	costs.SetParent(t.keeper.traceparent(span))
}

func (t *Telemetry) count(route string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	t.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	t.seconds.WithLabelValues(route).Observe(took.Seconds())
}
