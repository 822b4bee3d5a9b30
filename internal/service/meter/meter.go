// Package meter helps services to turn what their servers count into figures:
// it remembers the last look at each server, so that counts become differences.
package meter

import (
	"sync"
	"time"
)

// A Figure is one value of a metric.
type Figure struct {
	Name, Unit string
	Value      float64
}

// Of returns a Figure.
func Of(name, unit string, value float64) Figure { return Figure{name, unit, value} }

// A Reading is one look at a server: what it counted, and when.
type Reading[C any] struct {
	At     time.Time
	Counts C
}

// A Memory keeps the last reading of each server. The zero Memory is empty.
type Memory[C any] struct {
	mu   sync.Mutex // guards last
	last map[string]Reading[C]
}

// Swap keeps a reading and returns the one before; false if there was none.
func (m *Memory[C]) Swap(key string, now Reading[C]) (Reading[C], bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	before, ok := m.last[key]
	if m.last == nil {
		m.last = map[string]Reading[C]{}
	}
	m.last[key] = now
	return before, ok
}

// Due tells whether a server is to be looked at again: a period, or nearly one,
// after the last look.
func (m *Memory[C]) Due(key string, now time.Time, period time.Duration) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	before, ok := m.last[key]
	return !ok || now.Sub(before.At) >= period-period/4
}
