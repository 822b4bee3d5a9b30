package sqs

import (
	"iter"
	"time"
)

// pick chooses the messages that a receive gets, in the order they came in. Of a
// FIFO queue a message waits while one before it of its group is on its way. It
// also returns when the next of the others can be had; zero for never.
func pick(all iter.Seq[Message], fifo bool, most int, now time.Time) (chosen []Message, then time.Time) {
	held := map[string]bool{}
	for m := range all {
		switch {
		case fifo && held[m.Spec.Group]:
		case m.Spec.Visible.After(now):
			if fifo {
				held[m.Spec.Group] = true
			}
			if then.IsZero() || m.Spec.Visible.Before(then) {
				then = m.Spec.Visible
			}
		case len(chosen) < most:
			chosen = append(chosen, m)
		default:
			return chosen, then
		}
	}
	return chosen, then
}
