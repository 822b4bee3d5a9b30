package supervisor

import "time"

// The back-off between runs of a process that keeps ending.
const (
	firstDelay = 50 * time.Millisecond
	lastDelay  = 10 * time.Second
	steadyRun  = 10 * time.Second // a run this long was no failed start
)

// backoff counts the runs that ended early, one after the other.
type backoff struct{ early int }

// next returns how long to wait before the next run, given how long the last
// one lasted: nothing after a steady run, then longer and longer.
func (b *backoff) next(ran time.Duration) time.Duration {
	if ran >= steadyRun {
		b.early = 0
		return 0
	}
	delay := lastDelay
	if b.early < 8 { // 50 ms << 8 is over the last delay
		delay = min(firstDelay<<b.early, lastDelay)
	}
	b.early++
	return delay
}
