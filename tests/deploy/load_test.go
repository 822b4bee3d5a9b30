package deploy

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// A load sends GETs and POSTs in turn at a steady rate, whatever becomes of them,
// and counts the answers by their text and the failures by their reason.
type load struct {
	stop            chan struct{}
	wg              sync.WaitGroup
	mu              sync.Mutex
	sent            int
	answers, failed map[string]int
	last            string // the last answer
}

// maxLoad ends a load that a test forgot.
const maxLoad = 60_000

// startLoad sends a hundred requests a second.
func startLoad(t *testing.T, url string) *load {
	l := &load{stop: make(chan struct{}), answers: map[string]int{}, failed: map[string]int{}}
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
			method := []string{http.MethodGet, http.MethodPost}[n%2]
			l.wg.Go(func() { l.count(l.one(c, method, url)) })
		}
	})
	t.Cleanup(func() { l.end(); transport.CloseIdleConnections() })
	return l
}

func (l *load) one(c *http.Client, method, url string) (answer, fault string) {
	req, err := http.NewRequest(method, url, strings.NewReader(strings.Repeat("x", 100)))
	if err != nil {
		return "", err.Error()
	}
	resp, err := c.Do(req)
	if err != nil {
		return "", method + ": " + err.Error()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", method + ": " + err.Error()
	}
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Sprintf("%s: %s", method, resp.Status)
	}
	return string(text), ""
}

func (l *load) count(answer, fault string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent++
	if fault != "" {
		l.failed[fault]++
		return
	}
	l.answers[answer]++
	l.last = answer
}

// share is how many of the answers since the last call said so, and of how many.
func (l *load) share(answer string) (n, of int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for text, count := range l.answers {
		of += count
		if text == answer {
			n = count
		}
	}
	clear(l.answers)
	return n, of
}

func (l *load) lastAnswer() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

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
	if l.sent == 0 {
		t.Error("nothing was sent")
	}
	t.Logf("%d requests, %d kinds of failure", l.sent, len(l.failed))
}
