package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/trace"
)

// entry gathers the line that a request leaves in the log.
type entry struct {
	requestID string
	tenant    tenant.Tenant
	fault     error
}

type entryKey struct{}

func entryOf(r *http.Request) *entry {
	e, _ := r.Context().Value(entryKey{}).(*entry)
	return e
}

// Note tells the log who calls.
func Note(r *http.Request, caller tenant.Tenant) {
	if e := entryOf(r); e != nil {
		e.tenant = caller
	}
}

// Logged writes one line per request: what was asked in the route's terms,
// what it cost, whose it was by id. No bodies, no queries, no addresses but a
// client's network.
func Logged(log *slog.Logger, trusted []netip.Prefix, next http.Handler) http.Handler {
	return Observed(log, trusted, unobserved, next)
}

// An Observer watches a request: it gives the context to serve it with, and
// what to call at its end.
type Observer func(*http.Request) (ctx context.Context, over func(route string, status int, took time.Duration))

func unobserved(r *http.Request) (context.Context, func(string, int, time.Duration)) {
	return r.Context(), func(string, int, time.Duration) {}
}

// Observed is Logged, with an observer that is told as well.
func Observed(log *slog.Logger, trusted []netip.Prefix, observe Observer, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		e := &entry{requestID: requestID(r)}
		w.Header().Set("X-Request-Id", e.requestID)
		ctx, costs := trace.With(context.WithValue(r.Context(), entryKey{}, e))
		costs.SetOrigin(trace.Origin{Request: e.requestID, Client: clientNetwork(r, trusted)})
		m := &meter{ResponseWriter: w}
		ctx, over := observe(r.WithContext(ctx))
		r = r.WithContext(ctx)
		aborted := contained(m, r, next)
		over(r.Pattern, m.status(), time.Since(start))
		queries, queryTime := costs.Queries()
		attrs := []slog.Attr{
			slog.String("request_id", e.requestID), slog.String("trace_id", traceID(r)),
			slog.String("method", r.Method), slog.String("route", r.Pattern), slog.Int("status", m.status()),
			slog.Float64("ms", milliseconds(time.Since(start))), slog.Int64("bytes", m.bytes),
			slog.String("client", costs.Origin().Client),
			slog.Int64("db_n", queries), slog.Float64("db_ms", milliseconds(queryTime)), slog.Int64("redis_n", costs.Commands()),
		}
		if e.tenant.Workspace != 0 {
			attrs = append(attrs, slog.String("user", e.tenant.User.String()), slog.Uint64("workspace", uint64(e.tenant.Workspace)))
		}
		level := slog.LevelInfo
		if strings.HasPrefix(r.UserAgent(), "ELB-HealthChecker/") {
			level = slog.LevelDebug // one a second from every balancer node
		}
		if e.fault != nil {
			level = slog.LevelError
			attrs = append(attrs, slog.Any("fault", e.fault))
		}
		log.LogAttrs(r.Context(), level, "request", attrs...)
		if aborted {
			panic(http.ErrAbortHandler)
		}
	})
}

// contained answers a panic as a fault of ours, and lets the server go on. An
// answer that was begun cannot be taken back: its connection is to be cut.
func contained(w *meter, r *http.Request, next http.Handler) (aborted bool) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if v == http.ErrAbortHandler {
			aborted = true
			return
		}
		err := &panicked{v, debug.Stack()}
		if w.code == 0 {
			Fail(w, r, err)
			return
		}
		entryOf(r).fault, aborted = err, true
	}()
	next.ServeHTTP(w, r)
	return false
}

type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string {
	return "panic: " + slog.AnyValue(p.value).String() + "\n" + string(p.stack)
}

// requestID keeps a caller's id if it is plain, so that logs can be joined.
func requestID(r *http.Request) string {
	if v, err := id.Parse(r.Header.Get("X-Request-Id")); err == nil {
		return v.String()
	}
	var b [12]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// traceID is the balancer's, which is at most about a hundred bytes; a caller
// may send what it likes.
func traceID(r *http.Request) string {
	const most = 256
	v := r.Header.Get("X-Amzn-Trace-Id")
	return v[:min(len(v), most)]
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// meter remembers what was answered.
type meter struct {
	http.ResponseWriter
	code  int
	bytes int64
}

func (m *meter) WriteHeader(code int) {
	if m.code == 0 {
		m.code = code
	}
	m.ResponseWriter.WriteHeader(code)
}

func (m *meter) Write(b []byte) (int, error) {
	if m.code == 0 {
		m.code = http.StatusOK
	}
	n, err := m.ResponseWriter.Write(b)
	m.bytes += int64(n)
	return n, err
}

func (m *meter) status() int {
	if m.code == 0 {
		return http.StatusOK
	}
	return m.code
}

// Unwrap lets http.ResponseController reach the connection.
func (m *meter) Unwrap() http.ResponseWriter { return m.ResponseWriter }
