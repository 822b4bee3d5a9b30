// Package health answers for whether this task should be sent requests.
//
// A dependency that all tasks share does not make one unhealthy once it has
// started: were it so, MySQL's absence would take every task out of service
// and have each replaced, again and again, by one no better. The answer's
// body and /readyz tell of it instead.
package health

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	checkEvery  = 2 * time.Second
	checkWithin = time.Second
)

// A Check asks one dependency for a sign of life.
type Check struct {
	Name string
	Ping func(context.Context) error
}

// Health is the state of this task.
type Health struct {
	ready, draining atomic.Bool
	wedged          atomic.Pointer[func() bool]
	mu              sync.Mutex
	down            map[string]string // dependency to what is wrong with it
}

// Ready says that starting is over; wedged tells whether this process can no
// longer serve for a reason of its own.
func (h *Health) Ready(wedged func() bool) {
	h.wedged.Store(&wedged)
	h.ready.Store(true)
}

// Drain says that this task is about to stop.
func (h *Health) Drain() { h.draining.Store(true) }

// Draining tells whether this task is about to stop.
func (h *Health) Draining() bool { return h.draining.Load() }

// Watch asks the dependencies again and again, until ctx ends.
func (h *Health) Watch(ctx context.Context, checks ...Check) {
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	for {
		h.ask(ctx, checks)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (h *Health) ask(ctx context.Context, checks []Check) {
	down := map[string]string{}
	for _, c := range checks {
		limited, cancel := context.WithTimeout(ctx, checkWithin)
		if err := c.Ping(limited); err != nil {
			down[c.Name] = "does not answer"
		}
		cancel()
	}
	h.mu.Lock()
	h.down = down
	h.mu.Unlock()
}

// Degraded names the dependencies that did not answer last.
func (h *Health) Degraded() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	names := []string{}
	for name := range h.down {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

type answer struct {
	Status   string   `json:"status"`
	Degraded []string `json:"degraded,omitempty"`
}

func (h *Health) own() string {
	switch wedged := h.wedged.Load(); {
	case h.draining.Load():
		return "draining"
	case !h.ready.Load():
		return "starting"
	case (*wedged)():
		return "wedged"
	}
	return "ok"
}

// ServeHealth is for the load balancer: this task alone.
func (h *Health) ServeHealth(w http.ResponseWriter, _ *http.Request) {
	a := answer{h.own(), h.Degraded()}
	write(w, a.Status == "ok", a)
}

// ServeReady is for people and tools: this task and all it depends on.
func (h *Health) ServeReady(w http.ResponseWriter, _ *http.Request) {
	a := answer{h.own(), h.Degraded()}
	write(w, a.Status == "ok" && len(a.Degraded) == 0, a)
}

// ServeLive says that the process answers.
func (h *Health) ServeLive(w http.ResponseWriter, _ *http.Request) {
	write(w, true, answer{Status: "ok"})
}

func write(w http.ResponseWriter, good bool, a answer) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !good {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	json.NewEncoder(w).Encode(a) // the asker may be gone
}
