package supervisor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
)

// Stop ends the process: its StopSignal, after its StopTimeout SIGKILL. It
// returns when supervisor and process are gone. What does not run, or has no
// directory, is no error; the directory stays.
func Stop(ctx context.Context, dir string) error {
	return ended(ctx, dir, end)
}

// Kill is Stop with SIGKILL: the process gets no time to do anything more.
func Kill(ctx context.Context, dir string) error {
	return ended(ctx, dir, func(ctx context.Context, now record) error {
		if err := now.Supervisor.end(ctx, syscall.SIGKILL); err != nil { // first, or it would start another process
			return err
		}
		return now.Process.end(ctx, syscall.SIGKILL)
	})
}

// ended ends what runs in a directory, which nobody else may change meanwhile.
func ended(ctx context.Context, dir string, how func(context.Context, record) error) error {
	lock, err := lockDir(ctx, dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	defer lock.Close()
	now, err := readJSON[record](statePath(dir))
	if err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	if err := how(ctx, now); err != nil {
		return fmt.Errorf("stop %s: %w", dir, err)
	}
	return nil
}

// end asks the supervisor to stop its process and go. A process whose
// supervisor was killed is killed too: usually the kernel has done it.
func end(ctx context.Context, now record) error {
	if err := now.Supervisor.end(ctx, syscall.SIGTERM); err != nil {
		return err
	}
	return now.Process.end(ctx, syscall.SIGKILL)
}
