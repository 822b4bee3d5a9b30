package elasticache

import (
	"time"

	"apex/internal/service/maintenance"
)

// at returns the spec as it is at a time: what waits for the maintenance window
// is in force once the window has come.
func (s CacheSpec) at(now time.Time) CacheSpec {
	if s.PendingAt.IsZero() || now.Before(s.due()) {
		return s
	}
	s.Sizing, s.Pending, s.PendingAt = s.Pending, Sizing{}, time.Time{}
	s.Change++
	return s
}

// due is when the pending change is made.
func (s CacheSpec) due() time.Time {
	w, err := maintenance.Parse(s.MaintenanceWindow)
	if err != nil {
		return s.PendingAt // it was checked when it was set
	}
	return w.Next(s.PendingAt)
}

// resize asks for another sizing, at once or in the window.
func (s *CacheSpec) resize(to Sizing, immediately bool, now time.Time) {
	switch {
	case to == s.Sizing:
		s.Pending, s.PendingAt = Sizing{}, time.Time{}
	case immediately:
		s.Sizing, s.Pending, s.PendingAt = to, Sizing{}, time.Time{}
		s.Change++
	default:
		s.Pending, s.PendingAt = to, now
	}
}

// wanted is the sizing that the caller asked for last.
func (s CacheSpec) wanted() Sizing {
	if s.PendingAt.IsZero() {
		return s.Sizing
	}
	return s.Pending
}
