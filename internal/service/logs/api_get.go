package logs

import (
	"context"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/logsapi"
	"apex/internal/dataplane/logfile"
)

const (
	maxEvents = 10_000  // of one answer
	maxAnswer = 1 << 20 // bytes of events of one answer
)

// between returns the query for a request's times: from start on, to before
// end, and nothing that is expired.
func between(group Group, now time.Time, start, end *int64) logfile.Query {
	q := logfile.Query{From: cutoff(now, group.Spec.Retention)}
	if start != nil && *start > q.From.UnixMilli() {
		q.From = time.UnixMilli(*start)
	}
	if end != nil {
		q.To = time.UnixMilli(*end)
	}
	return q
}

func (s *Service) getLogEvents(_ context.Context, call *api.Call, in *logsapi.GetLogEventsRequest) (*logsapi.GetLogEventsResponse, error) {
	snap := s.store.Snapshot()
	group, err := findReadable(snap, call, in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	stream, err := findStream(snap, group, *in.LogStreamName)
	if err != nil {
		return nil, err
	}
	q := between(group, call.Now, in.StartTime, in.EndTime)
	q.Limit = int(api.Or(in.Limit, maxEvents))
	q.MaxBytes = maxAnswer
	q.Backward = !api.Val(in.StartFromHead)
	if in.NextToken != nil {
		if q.After, q.Backward, err = parseToken(*in.NextToken); err != nil {
			return nil, err
		}
	}
	events, next, err := logfile.Read(dirOf(s.home, stream.Key), q)
	if err != nil {
		return nil, err
	}
	return answer(events, q, next), nil
}

// answer adds the tokens: one that goes on after the newest event, one that
// goes on before the oldest. Without events both are where the reading stopped.
func answer(events []logfile.Event, q logfile.Query, stopped logfile.Position) *logsapi.GetLogEventsResponse {
	out, oldest, newest := &logsapi.GetLogEventsResponse{Events: []logsapi.OutputLogEvent{}}, stopped, stopped
	if len(events) > 0 {
		oldest, newest = events[0].Position, events[len(events)-1].Next()
	} else if !q.After.IsZero() {
		oldest, newest = q.After, q.After
	}
	for _, e := range events {
		out.Events = append(out.Events, logsapi.OutputLogEvent{
			Timestamp: api.Ptr(e.Time.UnixMilli()), IngestionTime: api.Ptr(e.Ingested.UnixMilli()), Message: api.Ptr(string(e.Message)),
		})
	}
	out.NextForwardToken, out.NextBackwardToken = api.Ptr("f/"+newest.String()), api.Ptr("b/"+oldest.String())
	return out
}

func parseToken(token string) (at logfile.Position, backward bool, err error) {
	text, backward := strings.CutPrefix(token, "b/")
	if !backward {
		var forward bool
		if text, forward = strings.CutPrefix(token, "f/"); !forward {
			return at, false, badToken()
		}
	}
	if at, err = logfile.ParsePosition(text); err != nil {
		return at, false, badToken()
	}
	return at, backward, nil
}
