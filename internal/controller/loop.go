package controller

import (
	"context"
	"time"

	"apex/internal/store"
)

// Loop returns a controller of no objects: run goes on as long as the region runs,
// and the runner waits for its end. After an error it is run again.
func Loop(name string, run func(context.Context) error) Controller {
	return Controller{name: name, start: func(ctx context.Context, _ store.Snapshot) error { return run(ctx) }}
}

// Every is a Loop that acts once a period.
func Every(name string, period time.Duration, act func(context.Context)) Controller {
	return Loop(name, func(ctx context.Context) error {
		tick := time.NewTicker(period)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
				act(ctx)
			}
		}
	})
}
