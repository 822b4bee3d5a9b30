package drill

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A Load is a steady stream of requests.
type Load struct {
	URLs  []string // asked in turn
	Rate  int      // requests a second
	Posts int      // percent of the requests that are POSTs, with a small body
	// Timeout is how long one request may take; default 10 s.
	Timeout time.Duration
	// Header is sent with each request.
	Header http.Header
}

// A Shot is one request and how it ended.
type Shot struct {
	At     time.Time
	Method string
	Took   time.Duration
	Status int    // 0: there was no whole answer
	Fault  string // why there was none
}

// Failed reports whether a user would call it broken: no answer, or one of 500 and
// more.
func (s Shot) Failed() bool { return s.Status == 0 || s.Status >= 500 }

const (
	defaultTimeout = 10 * time.Second
	maxShots       = 1_000_000 // ends a load that was given too much time
)

// Run sends the load until the context ends, waits for the answers that are due,
// and returns every request.
func (l Load) Run(ctx context.Context) []Shot {
	if l.Timeout == 0 {
		l.Timeout = defaultTimeout
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 256, MaxIdleConns: 256}
	defer transport.CloseIdleConnections()
	client := &http.Client{
		Transport: transport, Timeout: l.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		shots []Shot
	)
	gap := time.Second / time.Duration(max(l.Rate, 1))
	for n, due := 0, time.Now(); n < maxShots; n, due = n+1, due.Add(gap) {
		if !sleepUntil(ctx, due) {
			break
		}
		wg.Go(func() {
			s := l.one(client, n)
			mu.Lock()
			defer mu.Unlock()
			shots = append(shots, s)
		})
	}
	wg.Wait()
	return shots
}

// sleepUntil reports whether the time came before the context's end.
func sleepUntil(ctx context.Context, t time.Time) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(time.Until(t)):
		return true
	}
}

// one sends the nth request.
func (l Load) one(client *http.Client, n int) Shot {
	s := Shot{At: time.Now(), Method: http.MethodGet}
	var body io.Reader
	if isPost(n, l.Posts) {
		s.Method, body = http.MethodPost, strings.NewReader(`{"drill":true}`)
	}
	req, err := http.NewRequest(s.Method, l.URLs[n%len(l.URLs)], body)
	if err != nil {
		s.Fault = err.Error()
		return s
	}
	for name, values := range l.Header {
		req.Header[name] = values
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := client.Do(req)
	if err == nil {
		_, err = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	s.Took = time.Since(s.At)
	if err != nil {
		s.Fault = plain(err)
		return s
	}
	s.Status = resp.StatusCode
	return s
}

// isPost spreads the share of POSTs evenly.
func isPost(n, percent int) bool { return (n+1)*percent/100 > n*percent/100 }

// plain is an error without what differs between two that are the same: the URL
// and the ports.
func plain(err error) string {
	text := err.Error()
	if i := strings.LastIndex(text, ": "); i >= 0 {
		text = text[i+2:]
	}
	if strings.Contains(text, "Client.Timeout") || strings.Contains(text, "deadline exceeded") {
		return "no answer in time"
	}
	return text
}
