package controller

import (
	"sync"
	"time"
)

// Back-off of an object whose reconciliation fails: doubled from the first to
// the last, forgotten on success.
const (
	firstBackOff = 50 * time.Millisecond
	lastBackOff  = 10 * time.Second
)

// A queue hands out keys to workers: each key at most once at a time, and again
// when it was added while a worker had it.
type queue struct {
	mu     sync.Mutex
	wake   *sync.Cond
	ready  []string
	state  map[string]*item
	closed bool
}

type item struct {
	queued, running bool
	added           bool // while running
	failures        int
	timer           *time.Timer
}

func newQueue() *queue {
	q := &queue{state: map[string]*item{}}
	q.wake = sync.NewCond(&q.mu)
	return q
}

// add makes the key ready now.
func (q *queue) add(key string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.addLocked(key)
}

func (q *queue) addLocked(key string) {
	it := q.item(key)
	switch {
	case q.closed || it.queued:
	case it.running:
		it.added = true
	default:
		it.queued = true
		it.stopTimer()
		q.ready = append(q.ready, key)
		q.wake.Signal()
	}
}

// next waits for a key; ok is false once the queue is closed.
func (q *queue) next() (key string, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.ready) == 0 && !q.closed {
		q.wake.Wait()
	}
	if q.closed {
		return "", false
	}
	key, q.ready = q.ready[0], q.ready[1:]
	it := q.item(key)
	it.queued, it.running, it.added = false, true, false
	return key, true
}

// done returns the key. It becomes ready at once if it was added meanwhile, after
// its back-off if it failed, and otherwise after the given time (0: not by itself).
func (q *queue) done(key string, failed bool, after time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	it := q.item(key)
	it.running = false
	if failed {
		after = min(firstBackOff<<min(it.failures, 16), lastBackOff)
		it.failures++
	} else {
		it.failures = 0
	}
	switch {
	case it.added:
		q.addLocked(key)
	case after > 0 && !q.closed:
		it.timer = time.AfterFunc(after, func() { q.add(key) })
	default:
		delete(q.state, key)
	}
}

// close wakes all workers and forgets the rest.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for _, it := range q.state {
		it.stopTimer()
	}
	q.wake.Broadcast()
}

func (q *queue) item(key string) *item {
	it, ok := q.state[key]
	if !ok {
		it = &item{}
		q.state[key] = it
	}
	return it
}

func (it *item) stopTimer() {
	if it.timer != nil {
		it.timer.Stop()
		it.timer = nil
	}
}
