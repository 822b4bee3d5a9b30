package logfile

import (
	"errors"
	"fmt"
	"time"
)

// DeleteBefore deletes the leading segments whose events all happened before
// t. While no writer has the stream open, that includes the newest segment.
// Single events within a segment stay: readers that must not show them ask
// with Query.From.
func DeleteBefore(dir string, t time.Time) error {
	if err := turnOver(dir, t.UnixMilli()); err != nil {
		return fmt.Errorf("delete events of %s: %w", dir, err)
	}
	numbers, err := segments(dir)
	if err != nil {
		return err
	}
	for _, n := range numbers {
		s, known := segmentSpan(dir, n)
		if !known || s.last >= t.UnixMilli() {
			return nil
		}
		for _, path := range []string{segmentPath(dir, n), packedPath(dir, n)} {
			if err := remove(path); err != nil {
				return fmt.Errorf("delete events: %w", err)
			}
		}
	}
	return nil
}

// turnOver begins a new segment if nobody writes to the stream and the newest
// one holds only events before the given time, so that it can be deleted.
func turnOver(dir string, before int64) error {
	last, _, err := Read(dir, Query{Limit: 1, Backward: true})
	if err != nil || len(last) == 0 || last[0].Time.UnixMilli() >= before {
		return err
	}
	w, err := OpenWriter(dir)
	if errors.Is(err, ErrBusy) {
		return nil
	}
	if err != nil {
		return err
	}
	defer w.Close()
	if w.size == headerSize || w.written.last >= before {
		return nil
	}
	return w.create(w.number+1, w.written)
}
