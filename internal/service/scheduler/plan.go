package scheduler

import (
	"hash/fnv"
	"time"

	"apex/internal/api"
	"apex/internal/api/schedulerapi"
)

// A plan is what there is to do about a schedule now.
type plan struct {
	due      time.Time // for which an invocation is to be sent; zero for none
	from     time.Time // not before then: inside the flexible window
	next     time.Time // when to look again; zero for never
	finished bool      // it will never be due again
}

// planFor decides about a schedule. One that could not be read, which the API lets
// none of in, is never due.
func planFor(s Schedule, now time.Time) plan {
	when, err := s.Spec.table()
	if err != nil || s.Spec.State == schedulerapi.ScheduleStateDisabled {
		return plan{}
	}
	after := s.Status.Looked
	if after.Before(s.Spec.Modified) {
		after = s.Spec.Modified
	}
	begin := s.Spec.Created
	if when.Periodic() && s.Status.Looked.IsZero() && s.Spec.Start == nil {
		after = begin.Add(-time.Nanosecond) // a rate is due at once
	}
	last, next := when.Due(after, now, begin, s.Spec.Start, s.Spec.End)
	p := plan{due: last, next: next, finished: next.IsZero()}
	if !last.IsZero() {
		p.from = last.Add(shift(s, last))
	}
	return p
}

// shift is how far into its flexible window an invocation is put: at random, but
// the same whenever it is asked.
func shift(s Schedule, due time.Time) time.Duration {
	if s.Spec.Window == nil || api.Val(s.Spec.Window.Mode) != schedulerapi.FlexibleTimeWindowModeFlexible {
		return 0
	}
	window := time.Duration(api.Val(s.Spec.Window.MaximumWindowInMinutes)) * time.Minute
	sum := fnv.New64a()
	sum.Write([]byte(s.Key + due.UTC().String())) // a hash takes all
	return time.Duration(sum.Sum64() % uint64(window/time.Second+1) * uint64(time.Second))
}
