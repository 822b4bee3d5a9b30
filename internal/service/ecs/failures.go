package ecs

import "time"

// failures counts the tasks of a revision that ended since a time without having
// lasted, and says when the last did. Unless all shall count, one that lasts
// makes good those before it: it has been healthy for as long as the longest
// pause between tries.
func failures(tasks []Task, revision string, since time.Time, all bool, lasting time.Duration, now time.Time) (n int, at time.Time) {
	if !all {
		for _, t := range tasks {
			if until, ok := lasted(t, lasting, now); ok && t.Spec.Deployment == revision {
				since = latest(since, until)
			}
		}
	}
	for _, t := range tasks {
		if t.Spec.Deployment == revision && t.Status.Failed && t.Status.Stopping.After(since) {
			n++
			at = latest(at, t.Status.Stopping)
		}
	}
	return n, at
}

// lasted reports whether a task has been healthy for so long, and until when it
// has to have been.
func lasted(t Task, lasting time.Duration, now time.Time) (time.Time, bool) {
	if t.Status.Healthy.IsZero() {
		return time.Time{}, false
	}
	if !t.Status.Stopping.IsZero() {
		now = t.Status.Stopping
	}
	until := t.Status.Healthy.Add(lasting)
	return until, !now.Before(until)
}

// failedZones are the zones in which tasks of a service failed to come up, with
// when the last did. One that had served and died says nothing of its zone.
func failedZones(tasks []Task) map[string]time.Time {
	zones := map[string]time.Time{}
	for _, t := range tasks {
		if t.Status.Failed && t.Status.Healthy.IsZero() {
			zones[t.Spec.Zone] = latest(zones[t.Spec.Zone], t.Status.Stopping)
		}
	}
	return zones
}
