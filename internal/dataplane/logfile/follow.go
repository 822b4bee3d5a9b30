package logfile

import (
	"context"
	"iter"
	"time"
)

// followPoll is how often Follow looks for new events: a look costs one pread
// and one readdir.
const followPoll = 50 * time.Millisecond

// Follow yields the events in dir after the position, and goes on with those
// that are appended later until ctx is done. It misses and repeats none, across
// segments and writers; the stream need not exist yet.
func Follow(ctx context.Context, dir string, after Position) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		c := newCursor(dir, Query{After: after})
		defer c.close()
		tick := time.NewTicker(followPoll)
		defer tick.Stop()
		for {
			e, ok, err := c.next()
			switch {
			case err != nil:
				yield(Event{}, err)
				return
			case ok && !yield(e, nil):
				return
			case ok:
				continue
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}
}
