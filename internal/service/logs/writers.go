package logs

import (
	"errors"
	"sync"
	"time"

	"apex/internal/dataplane/logfile"
)

// The bounds of the streams that PutLogEvents keeps open: opening one costs a
// look through its newest segment.
const (
	maxWriters = 64
	idleWriter = 30 * time.Second
)

// writers keeps streams open for appending between calls of PutLogEvents.
type writers struct {
	mu   sync.Mutex
	open map[string]*openWriter
}

type openWriter struct {
	*logfile.Writer
	used time.Time
}

func newWriters() *writers { return &writers{open: map[string]*openWriter{}} }

// appendTo appends events to the stream in dir.
func (w *writers) appendTo(dir string, events []logfile.Event) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	w.closeIdle(now)
	own, ok := w.open[dir]
	if !ok {
		writer, err := logfile.OpenWriter(dir)
		if err != nil {
			return err
		}
		own = &openWriter{Writer: writer}
		w.open[dir] = own
	}
	own.used = now
	return own.AppendAll(events)
}

// closeIdle closes what was not used for a while, and if all are in use the one
// that was not used for the longest.
func (w *writers) closeIdle(now time.Time) {
	oldest, since := "", now
	for dir, own := range w.open {
		if now.Sub(own.used) > idleWriter {
			own.Close()
			delete(w.open, dir)
		} else if !own.used.After(since) {
			oldest, since = dir, own.used
		}
	}
	if len(w.open) >= maxWriters {
		w.open[oldest].Close()
		delete(w.open, oldest)
	}
}

// tidy closes what was not used for a while, so that retention can delete it.
func (w *writers) tidy() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closeIdle(time.Now())
}

// forget closes a stream that is to be deleted.
func (w *writers) forget(dir string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if own, ok := w.open[dir]; ok {
		own.Close()
		delete(w.open, dir)
	}
}

func (w *writers) closeAll() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all error
	for _, own := range w.open {
		all = errors.Join(all, own.Close())
	}
	clear(w.open)
	return all
}
