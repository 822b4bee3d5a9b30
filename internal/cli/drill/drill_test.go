package drill

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestLoadCountsEveryRequestOnce(t *testing.T) {
	var gets, posts atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			posts.Add(1)
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		gets.Add(1)
		w.WriteHeader(http.StatusNotFound) // an answer all the same
	}))
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan []Shot)
	go func() { done <- Load{URLs: []string{server.URL}, Rate: 500, Posts: 25}.Run(ctx) }()
	for gets.Load()+posts.Load() < 100 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	shots := <-done
	if int64(len(shots)) != gets.Load()+posts.Load() {
		t.Errorf("%d shots, the server saw %d", len(shots), gets.Load()+posts.Load())
	}
	r := Judge(shots, "none", time.Now(), 0, 100)
	if int64(r.Failed) != posts.Load() || r.Reasons["status 502"] != r.Failed || r.Methods["POST"] != r.Failed || r.Met {
		t.Errorf("report %+v with %d posts", r, posts.Load())
	}
	if share := float64(posts.Load()) / float64(len(shots)); share < 0.2 || share > 0.3 {
		t.Errorf("%d of %d were posts, want a quarter", posts.Load(), len(shots))
	}
}

func TestLoadSaysWhyThereWasNoAnswer(t *testing.T) {
	hang := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	defer server.Close()
	defer close(hang)
	l := Load{URLs: []string{server.URL}, Rate: 1, Timeout: 20 * time.Millisecond}
	if s := l.one(&http.Client{Timeout: l.Timeout}, 0); !s.Failed() || s.Fault != "no answer in time" {
		t.Errorf("a request that hangs: %+v", s)
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	l.URLs = []string{gone.URL}
	if s := l.one(http.DefaultClient, 0); s.Fault != "connection refused" {
		t.Errorf("a server that is gone: %+v", s)
	}
}

func TestJudge(t *testing.T) {
	at := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	shot := func(after time.Duration, status int) Shot {
		return Shot{At: at.Add(after), Method: "GET", Took: 4 * time.Millisecond, Status: status}
	}
	shots := []Shot{shot(3*time.Second, 502), shot(-time.Second, 200), shot(time.Second, 504), shot(5*time.Second, 200)}
	r := Judge(shots, "az-down", at, 2500*time.Millisecond, 50)
	if r.Failed != 2 || r.Late != 1 || r.First != 1 || r.Last != 3 || r.Available != 50 || !r.Met || r.P99 != 4 || r.Seconds != 6 {
		t.Errorf("%+v", r)
	}
	var out bytes.Buffer
	if err := r.Print(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"az-down: 4 requests in 6 s, 2 failed: 50.000 % available, wanted 50 %", "1  status 502", "1 after the first 2.5 s"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
	if Judge(nil, "none", at, 0, 0).Met {
		t.Error("an objective was met without a request")
	}
}
