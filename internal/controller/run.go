package controller

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"apex/internal/store"
)

// startRetry is the pause between tries of a controller's Start.
const startRetry = time.Second

// Run runs the controllers until the context ends, and returns when all their
// workers have ended.
func Run(ctx context.Context, s *store.Store, log *slog.Logger, controllers ...Controller) {
	var wg sync.WaitGroup
	for _, c := range controllers {
		r := &runner{Controller: c, store: s, queue: newQueue(), log: log.With("controller", c.name)}
		wg.Go(func() { r.run(ctx) })
	}
	wg.Wait()
}

type runner struct {
	Controller
	store *store.Store
	queue *queue
	log   *slog.Logger
}

func (r *runner) run(ctx context.Context) {
	if r.table == nil {
		r.starts(ctx) // a Loop
		return
	}
	w := r.store.Watch(r.tables()...)
	defer w.Close()
	if !r.starts(ctx) {
		return
	}
	var wg sync.WaitGroup
	for range r.workers {
		wg.Go(func() { r.work(ctx) })
	}
	r.addAll(r.store.Snapshot())
	if r.every > 0 {
		wg.Go(func() { r.resync(ctx) })
	}
	for {
		changed, snap, err := w.Next(ctx)
		if err != nil {
			break
		}
		r.trigger(changed, snap)
	}
	r.queue.close()
	wg.Wait()
}

func (r *runner) tables() []store.AnyTable {
	tables := []store.AnyTable{r.table}
	for _, t := range r.watch {
		tables = append(tables, t.table)
	}
	return tables
}

// starts runs Start until it succeeds, and reports whether the context lives.
func (r *runner) starts(ctx context.Context) bool {
	for r.start != nil {
		err := r.start(ctx, r.store.Snapshot())
		if err == nil {
			break
		}
		if ctx.Err() == nil {
			r.log.ErrorContext(ctx, "start", "error", err)
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(startRetry):
		}
	}
	return ctx.Err() == nil
}

func (r *runner) addAll(snap store.Snapshot) {
	for _, key := range r.keys(snap) {
		r.queue.add(key)
	}
}

func (r *runner) resync(ctx context.Context) {
	tick := time.NewTicker(r.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			r.addAll(r.store.Snapshot())
		}
	}
}

func (r *runner) trigger(changed []store.Changed, snap store.Snapshot) {
	for _, c := range changed {
		if c.Table == r.table.Name() {
			r.queue.add(c.Key)
		}
		for _, t := range r.watch {
			if t.table.Name() != c.Table {
				continue
			}
			for _, key := range t.keys(snap, c.Key) {
				r.queue.add(key)
			}
		}
	}
}

func (r *runner) work(ctx context.Context) {
	for {
		key, ok := r.queue.next()
		if !ok {
			return
		}
		err := r.contained(ctx, key)
		var soon again
		switch {
		case err == nil:
			r.queue.done(key, false, 0)
		case errors.As(err, &soon):
			r.queue.done(key, false, time.Duration(soon))
		default:
			if ctx.Err() == nil {
				r.log.WarnContext(ctx, "reconcile", "key", key, "error", err)
			}
			r.queue.done(key, true, 0)
		}
	}
}

// contained turns a panic of one object's reconciliation into its error.
func (r *runner) contained(ctx context.Context, key string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return r.reconcile(ctx, r.store, key)
}
