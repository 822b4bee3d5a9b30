package logs

import (
	"context"
	"errors"
	"time"

	"apex/internal/api"
	"apex/internal/api/logsapi"
	"apex/internal/dataplane/logfile"
)

// The bounds of a batch (source: AWS's model, PutLogEvents).
const (
	maxBatch      = 1 << 20 // bytes of messages, plus eventOverhead each
	eventOverhead = 26
	maxSpan       = 24 * time.Hour
	maxFuture     = 2 * time.Hour
	maxPast       = 14 * 24 * time.Hour
)

// sequenceToken is answered where clients of old expect one; none is needed.
const sequenceToken = "49600000000000000000000000000000000000000000000000000000"

func (s *Service) putLogEvents(_ context.Context, call *api.Call, in *logsapi.PutLogEventsRequest) (*logsapi.PutLogEventsResponse, error) {
	snap := s.store.Snapshot()
	group, err := findGroup(snap, call, in.LogGroupName, nil)
	if err != nil {
		return nil, err
	}
	stream, err := findStream(snap, group, *in.LogStreamName)
	if err != nil {
		return nil, err
	}
	if err := checkBatch(in.LogEvents); err != nil {
		return nil, err
	}
	first, last, rejected := acceptable(in.LogEvents, call.Now, group.Spec.Retention)
	var events []logfile.Event
	for _, e := range in.LogEvents[first:last] {
		events = append(events, logfile.Event{Time: time.UnixMilli(*e.Timestamp), Message: []byte(*e.Message)})
	}
	err = s.writers.appendTo(dirOf(s.home, stream.Key), events)
	if errors.Is(err, logfile.ErrBusy) {
		return nil, logsapi.NewOperationAbortedException("The stream %s is written by a running task.", stream.Spec.Name)
	}
	if err != nil {
		return nil, err
	}
	return &logsapi.PutLogEventsResponse{NextSequenceToken: api.Ptr(sequenceToken), RejectedLogEventsInfo: rejected}, nil
}

// checkBatch refuses a batch that is too large, out of order or too long.
func checkBatch(events []logsapi.InputLogEvent) error {
	size, before := 0, *events[0].Timestamp
	for _, e := range events {
		if *e.Timestamp < before {
			return logsapi.NewInvalidParameterException("Log events in a single PutLogEvents request must be in chronological order.")
		}
		before = *e.Timestamp
		size += len(*e.Message) + eventOverhead
		if len(*e.Message) > logfile.MaxMessage-eventOverhead {
			return logsapi.NewInvalidParameterException("Log event too large: %d bytes exceeds limit of %d", len(*e.Message)+eventOverhead, logfile.MaxMessage)
		}
	}
	if size > maxBatch {
		return logsapi.NewInvalidParameterException("Upload too large: %d bytes exceeds limit of %d", size, maxBatch)
	}
	if span := time.Duration(before-*events[0].Timestamp) * time.Millisecond; span > maxSpan {
		return logsapi.NewInvalidParameterException("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
	}
	return nil
}

// acceptable returns which part of an ordered batch is neither too old, nor
// expired, nor too far in the future, and what AWS answers of the rest.
func acceptable(events []logsapi.InputLogEvent, now time.Time, retention int) (first, last int, rejected *logsapi.RejectedLogEventsInfo) {
	var info logsapi.RejectedLogEventsInfo
	before := func(t time.Time) (n int) {
		for n < len(events) && *events[n].Timestamp < t.UnixMilli() {
			n++
		}
		return n
	}
	last = before(now.Add(maxFuture).Add(time.Millisecond))
	if last < len(events) {
		info.TooNewLogEventStartIndex = api.Ptr(int64(last))
	}
	if old := before(now.Add(-maxPast)); old > 0 {
		first, info.TooOldLogEventEndIndex = old, api.Ptr(int64(old))
	}
	if expired := before(cutoff(now, retention)); expired > first {
		first, info.ExpiredLogEventEndIndex = expired, api.Ptr(int64(expired))
	}
	if info == (logsapi.RejectedLogEventsInfo{}) {
		return first, last, nil
	}
	return min(first, last), last, &info
}

// cutoff is the time before which a group's events are expired; zero if never.
func cutoff(now time.Time, retention int) time.Time {
	if retention == 0 {
		return time.UnixMilli(0)
	}
	return now.AddDate(0, 0, -retention).Truncate(time.Millisecond)
}
