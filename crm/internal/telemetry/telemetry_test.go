package telemetry

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"apexai/crm/internal/config"
	"apexai/crm/internal/trace"
	"apexai/crm/internal/web"
)

// collector keeps the names of the spans that it is sent, with their parents'.
type collector struct {
	mu    sync.Mutex
	spans []span
}

func (c *collector) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	var body struct {
		ResourceSpans []struct{ ScopeSpans []struct{ Spans []span } }
	}
	if json.NewDecoder(r.Body).Decode(&body) != nil || r.URL.Path != "/v1/traces" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, rs := range body.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			c.spans = append(c.spans, ss.Spans...)
		}
	}
}

// story is "GET /fail: mysql redis", a line per trace.
func (c *collector) story() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var lines []string
	for _, root := range c.spans {
		if root.Kind != 2 {
			continue
		}
		line := root.Name + ":"
		for _, s := range c.spans {
			if s.ParentSpanID == root.SpanID && s.TraceID == root.TraceID {
				line += " " + s.Name
			}
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// site serves /good and /fail, each with a query and a command.
func site(t *testing.T, told *Telemetry) string {
	mux := http.NewServeMux()
	for path, status := range map[string]int{"GET /good": 200, "GET /fail": 500} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			trace.From(r.Context()).Query(time.Now())
			trace.From(r.Context()).Command(time.Now())
			w.WriteHeader(status)
		})
	}
	s := httptest.NewServer(web.Observed(quiet, nil, told.Observe, mux))
	t.Cleanup(s.Close)
	return s.URL
}

func get(t *testing.T, url string, headers ...string) string {
	t.Helper()
	request, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return string(body)
}

func TestTraces(t *testing.T) {
	const sampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	for name, tt := range map[string]struct {
		share  float64
		parent string
		want   []string
	}{
		"none but errors":   {0, "", []string{"GET /fail: mysql redis"}},
		"all":               {1, "", []string{"GET /fail: mysql redis", "GET /good: mysql redis"}},
		"the caller's wish": {0, sampled, []string{"GET /fail: mysql redis", "GET /good: mysql redis"}},
	} {
		t.Run(name, func(t *testing.T) {
			kept := new(collector)
			server := httptest.NewServer(kept)
			defer server.Close()
			told := New(config.Telemetry{Collector: server.URL, Share: tt.share}, quiet)
			url := site(t, told)
			for _, path := range []string{"/good", "/fail"} {
				get(t, url+path, "traceparent", tt.parent)
			}
			told.Close(context.Background())
			if got := kept.story(); !slices.Equal(got, tt.want) {
				t.Errorf("traces %q, want %q", got, tt.want)
			}
		})
	}
}

// A collector that is away costs a line in the log, and no request.
func TestCollectorAway(t *testing.T) {
	told := New(config.Telemetry{Collector: "http://127.0.0.1:1", Share: 1}, quiet)
	get(t, site(t, told)+"/good")
	told.Close(context.Background())
}

func TestMetrics(t *testing.T) {
	told := New(config.Telemetry{}, quiet)
	told.Gauge("crm_sockets", "Sockets that are open.", func() float64 { return 7 })
	url := site(t, told)
	get(t, url+"/good")
	get(t, url+"/fail")
	get(t, url+"/fail")
	get(t, url+"/nowhere/else")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- told.Serve(ctx, address) }()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("no metrics within 20 s")
		}
	}
	text := get(t, "http://"+address+"/metrics")
	for _, want := range []string{
		`crm_requests_total{route="GET /good",status="200"} 1`, `crm_requests_total{route="GET /fail",status="500"} 2`,
		`crm_requests_total{route="none",status="404"} 1`, `crm_request_seconds_count{route="GET /fail"} 2`, "crm_sockets 7", "go_goroutines", "process_resident_memory_bytes",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%.2000s", want, text)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
