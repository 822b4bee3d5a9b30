package region

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"syscall"
	"time"

	"apex/internal/store"
)

// killAfter is how long a daemon may take to end before it is killed.
const killAfter = 10 * time.Second

// Stop ends the daemon of the home, if it runs, and then everything that any
// daemon of this home ever started: tasks, balancers, databases, caches, and the
// networks with their namespaces. Files stay: the next start brings all back.
func Stop(ctx context.Context, home Home) error {
	if err := endDaemon(ctx, home); err != nil {
		return err
	}
	held, err := home.lock()
	if err != nil {
		return err
	}
	defer held.Close()
	p, err := build(home, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	var errs []error
	for _, s := range slices.Backward(p.stoppers) {
		errs = append(errs, s.Stop(ctx))
	}
	return errors.Join(append(errs, p.reset(ctx), p.objects.Close(), p.store.Close())...)
}

// reset makes the store say that nothing runs.
func (p *parts) reset(ctx context.Context) error {
	return p.store.Update(ctx, func(tx *store.Tx) error {
		for _, r := range p.resetters {
			r.Reset(tx)
		}
		return nil
	})
}

// endDaemon asks the daemon to end, and insists after a while.
func endDaemon(ctx context.Context, home Home) error {
	kill := time.Now().Add(killAfter)
	for signal := syscall.SIGTERM; ; {
		r, ok := home.Daemon()
		if !ok {
			return nil
		}
		if signal != 0 {
			if err := syscall.Kill(r.PID, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("end the region, process %d: %w", r.PID, err)
			}
		}
		signal = 0
		if time.Now().After(kill) {
			signal, kill = syscall.SIGKILL, time.Now().Add(killAfter)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("end the region, process %d: %w", r.PID, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}
