// Package coalesce lets many who ask the same at the same time be answered by
// one piece of work. Whoever asks while it is at work waits for the next one,
// which begins after they asked: nobody is answered with what was so before.
package coalesce

import (
	"context"
	"sync"
	"time"
)

// A Group is answers by what is asked. The zero Group is ready.
type Group[V any] struct {
	mu   sync.Mutex
	keys map[string]*line[V]
}

// A line is the work of one key: one at work, and one that waits for it.
type line[V any] struct{ next *flight[V] }

type flight[V any] struct {
	ctx   context.Context // of who asked first, without its end
	fn    func(context.Context) (V, error)
	done  chan struct{}
	value V
	err   error
}

// Do answers with what fn gives, or another's fn of the same key that began
// after Do was called. fn has within to finish; it outlives a caller who leaves.
func (g *Group[V]) Do(ctx context.Context, key string, within time.Duration, fn func(context.Context) (V, error)) (V, error) {
	g.mu.Lock()
	if g.keys == nil {
		g.keys = map[string]*line[V]{}
	}
	var f *flight[V]
	switch l, busy := g.keys[key]; {
	case !busy:
		f = &flight[V]{ctx: context.WithoutCancel(ctx), fn: fn, done: make(chan struct{})}
		g.keys[key] = &line[V]{}
		go g.fly(key, within, f)
	case l.next == nil:
		l.next = &flight[V]{ctx: context.WithoutCancel(ctx), fn: fn, done: make(chan struct{})}
		f = l.next
	default:
		f = l.next
	}
	g.mu.Unlock()
	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	}
}

// fly does the work of a key, one flight after another, until nobody waits.
func (g *Group[V]) fly(key string, within time.Duration, f *flight[V]) {
	for f != nil {
		f.fly(within)
		g.mu.Lock()
		l := g.keys[key]
		if f, l.next = l.next, nil; f == nil {
			delete(g.keys, key)
		}
		g.mu.Unlock()
	}
}

func (f *flight[V]) fly(within time.Duration) {
	ctx, cancel := context.WithTimeout(f.ctx, within)
	defer cancel()
	defer close(f.done)
	f.value, f.err = f.fn(ctx)
}
