package supervisor

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// tailSize is how much of a process's log an error shows.
const tailSize = 2 << 10

// Await asks ready again and again until it returns nil: the process serves.
// It returns an error that shows the end of the process's log when the process
// ends meanwhile, or when ctx is done.
func Await(ctx context.Context, dir string, ready func(context.Context) error) error {
	begun, err := Observe(dir)
	if err != nil {
		return err
	}
	pause := time.Millisecond
	for {
		fault := ready(ctx)
		if fault == nil {
			return nil
		}
		now, err := Observe(dir)
		if err != nil {
			return err
		}
		if now.Supervisor == 0 || now.Restarts != begun.Restarts {
			return fmt.Errorf("process ended (code %d %s) before it served; its log ends:\n%s",
				now.ExitCode, now.Signal, LogTail(dir))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("process does not serve: %w: %w; its log ends:\n%s", ctx.Err(), fault, LogTail(dir))
		case <-time.After(pause):
			pause = min(2*pause, 20*time.Millisecond)
		}
	}
}

// LogTail returns the last whole lines of the process's log.
func LogTail(dir string) string {
	f, err := os.Open(filepath.Join(dir, "log"))
	if err != nil {
		return ""
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return ""
	}
	from := max(0, info.Size()-tailSize)
	data, _ := io.ReadAll(io.NewSectionReader(f, from, tailSize))
	if from > 0 {
		_, data, _ = bytes.Cut(data, []byte("\n"))
	}
	return string(bytes.TrimSpace(data))
}
