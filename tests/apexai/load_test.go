package apexai

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"
)

// A load sends requests at a steady rate, whatever becomes of them, and counts.
type load struct {
	stop   chan struct{}
	wg     sync.WaitGroup
	mu     sync.Mutex
	sent   int
	failed map[string]int // by what went wrong
}

// maxLoad ends a load that a test forgot.
const maxLoad = 20_000

// startLoad sends GETs to the URLs in turn, a hundred a second.
func startLoad(t *testing.T, urls ...string) *load {
	l := &load{stop: make(chan struct{}), failed: map[string]int{}}
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	c := &http.Client{Transport: transport, Timeout: 20 * time.Second}
	l.wg.Go(func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for n := 0; n < maxLoad; n++ {
			select {
			case <-l.stop:
				return
			case <-tick.C:
			}
			l.wg.Go(func() { l.one(c, urls[n%len(urls)]) })
		}
	})
	t.Cleanup(func() { l.end(); transport.CloseIdleConnections() })
	return l
}

func (l *load) one(c *http.Client, url string) {
	resp, err := c.Get(url)
	fault := ""
	if err != nil {
		fault = err.Error()
	} else {
		_, err = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if err != nil {
			fault = err.Error()
		} else if resp.StatusCode >= 500 {
			fault = fmt.Sprintf("%s: %s", url, resp.Status)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent++
	if fault != "" {
		l.failed[fault]++
	}
}

// count returns how many requests were answered so far.
func (l *load) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sent
}

// end stops the load and waits for what is under way.
func (l *load) end() {
	select {
	case <-l.stop:
	default:
		close(l.stop)
	}
	l.wg.Wait()
}

// mustNotFail ends the load and fails the test for any failed request.
func (l *load) mustNotFail(t *testing.T) {
	t.Helper()
	l.end()
	if len(l.failed) > 0 {
		t.Errorf("of %d requests some failed: %v", l.sent, l.failed)
	}
	t.Logf("%d requests, %d kinds of failure", l.sent, len(l.failed))
}
