package logfile

import (
	"iter"
	"math"
	"slices"
	"time"
)

// A Query chooses events of a stream.
type Query struct {
	From, To time.Time // event times, From ≤ t < To; zero is unbounded
	After    Position  // where to begin; Backward reads what lies before it
	Limit    int       // at most so many events; zero is unbounded
	MaxBytes int       // Read: at most so many bytes of frames, but one event; zero is unbounded
	Backward bool
}

// span returns the query's times as an inclusive span of milliseconds.
func (q Query) span() span {
	s := span{math.MinInt64, math.MaxInt64}
	if !q.From.IsZero() {
		s.first = ceilMilli(q.From)
	}
	if !q.To.IsZero() {
		s.last = ceilMilli(q.To) - 1
	}
	return s
}

// ceilMilli rounds up, because events have whole milliseconds.
func ceilMilli(t time.Time) int64 {
	ms := t.UnixMilli()
	if t.After(time.UnixMilli(ms)) {
		ms++
	}
	return ms
}

// Read returns the events in dir that the query chooses, oldest arrival first
// in either direction, and where the next Read in the same direction goes on.
// A stream that is not there has no events.
func Read(dir string, q Query) ([]Event, Position, error) {
	c := newCursor(dir, q)
	defer c.close()
	var events []Event
	next := c.position()
	for size := 0; q.Limit == 0 || len(events) < q.Limit; {
		e, ok, err := c.next()
		if err != nil {
			return nil, Position{}, err
		}
		size += overhead + len(e.Message)
		if ok && q.MaxBytes > 0 && size > q.MaxBytes && len(events) > 0 {
			break
		}
		next = c.position()
		if !ok {
			break
		}
		events = append(events, e)
	}
	if q.Backward {
		slices.Reverse(events)
	}
	return events, next, nil
}

// Events yields the events in dir that the query chooses in the query's
// direction: newest arrival first if it is Backward.
func Events(dir string, q Query) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		c := newCursor(dir, q)
		defer c.close()
		for n := 0; q.Limit == 0 || n < q.Limit; n++ {
			e, ok, err := c.next()
			if err != nil {
				yield(Event{}, err)
				return
			}
			if !ok || !yield(e, nil) {
				return
			}
		}
	}
}
