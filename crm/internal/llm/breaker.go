package llm

import (
	"sync"
	"time"
)

const (
	breaksAfter = 5 // failures in a row
	restsFor    = 30 * time.Second
)

// A breaker leaves a provider alone for a while after it failed several times
// in a row; then one request finds out how it is.
type breaker struct {
	mu       sync.Mutex
	failures int
	until    time.Time // open till then
	trying   bool      // one request is finding out
}

// allow says whether to ask now. Who is let through reports with done.
func (b *breaker) allow(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failures < breaksAfter {
		return true
	}
	if now.Before(b.until) || b.trying {
		return false
	}
	b.trying = true
	return true
}

// done reports how a request went.
func (b *breaker) done(ok bool, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trying = false
	if ok {
		b.failures = 0
		return
	}
	if b.failures++; b.failures >= breaksAfter {
		b.until = now.Add(restsFor)
	}
}

// gaveUp reports that the caller left: nothing was found out.
func (b *breaker) gaveUp() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trying = false
}

// open says whether the provider is being left alone.
func (b *breaker) open(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failures >= breaksAfter && now.Before(b.until)
}
