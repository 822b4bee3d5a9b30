package scaling

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

// maxRequests ends a load that a test forgot.
const maxRequests = 50_000

// startLoad sends a GET at every tick.
func startLoad(t *testing.T, url string, every time.Duration) *load {
	l := &load{stop: make(chan struct{}), failed: map[string]int{}}
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	c := &http.Client{Transport: transport, Timeout: 30 * time.Second}
	l.wg.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for range maxRequests {
			select {
			case <-l.stop:
				return
			case <-tick.C:
			}
			l.wg.Go(func() { l.one(c, url) })
		}
	})
	t.Cleanup(func() { l.end(); transport.CloseIdleConnections() })
	return l
}

func (l *load) one(c *http.Client, url string) {
	fault := ""
	resp, err := c.Get(url)
	if err == nil {
		_, err = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			fault = resp.Status
		}
	}
	if err != nil {
		fault = fmt.Sprint(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent++
	if fault != "" {
		l.failed[fault]++
	}
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
func (l *load) mustNotFail(t *testing.T, what string) {
	t.Helper()
	l.end()
	if len(l.failed) > 0 {
		t.Errorf("of %d requests %s some failed: %v", l.sent, what, l.failed)
	}
	t.Logf("%d requests %s, %d kinds of failure", l.sent, what, len(l.failed))
}
