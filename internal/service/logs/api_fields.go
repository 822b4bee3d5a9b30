package logs

import (
	"context"
	"slices"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/logsapi"
	"apex/internal/dataplane/logfile"
	"apex/internal/service/logs/document"
	"apex/internal/service/logs/insights"
)

// The bounds of GetLogGroupFields: what it looks at, and of how many names it
// tells (source: AWS's API reference).
const (
	fieldsBack   = 15 * time.Minute // before now
	fieldsAround = 8 * time.Minute  // of a given time
	fieldsEvents = 10_000
	fieldsMost   = 200
)

func (s *Service) getLogGroupFields(_ context.Context, call *api.Call, in *logsapi.GetLogGroupFieldsRequest) (*logsapi.GetLogGroupFieldsResponse, error) {
	snap := s.store.Snapshot()
	group, err := findGroup(snap, call, in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	from, to := call.Now.Add(-fieldsBack).UnixMilli(), call.Now.UnixMilli()+1
	if in.Time != nil {
		at := time.Unix(*in.Time, 0)
		from, to = at.Add(-fieldsAround).UnixMilli(), at.Add(fieldsAround).UnixMilli()
	}
	seen, total := map[string]int{}, 0
	q := between(group, call.Now, &from, &to)
	q.Limit, q.Backward = fieldsEvents, true
	for _, stream := range streamsOf(snap, group, "") {
		for e, err := range logfile.Events(dirOf(s.home, stream.Key), q) {
			if err != nil {
				return nil, err
			}
			if total++; total > fieldsEvents {
				break
			}
			for name := range recordOf(group, stream.Spec.Name, e) {
				seen[name]++
			}
		}
	}
	return &logsapi.GetLogGroupFieldsResponse{LogGroupFields: percents(seen, min(total, fieldsEvents))}, nil
}

// percents says of each field in how many of a hundred events it is, the most
// frequent first.
func percents(seen map[string]int, total int) []logsapi.LogGroupField {
	all := []logsapi.LogGroupField{}
	for name, n := range seen {
		all = append(all, logsapi.LogGroupField{Name: &name, Percent: api.Ptr(int64(n * 100 / total))})
	}
	slices.SortFunc(all, func(a, b logsapi.LogGroupField) int {
		if *a.Percent != *b.Percent {
			return int(*b.Percent - *a.Percent)
		}
		return strings.Compare(*a.Name, *b.Name)
	})
	return all[:min(len(all), fieldsMost)]
}

// recordOf returns all fields of an event, as queries know them.
func recordOf(group Group, stream string, e logfile.Event) map[string]string {
	record := map[string]string{
		"@message": string(e.Message), "@logStream": stream, "@log": strings.SplitN(group.Key, "/", 2)[0] + ":" + group.Spec.Name,
		"@timestamp": e.Time.UTC().Format("2006-01-02 15:04:05.000"), "@ingestionTime": e.Ingested.UTC().Format("2006-01-02 15:04:05.000"),
	}
	if doc, ok := document.Whole(e.Message); ok && doc.Kind == document.Object {
		doc.Leaves(func(path string, leaf document.Value) bool {
			if leaf.Kind != document.Null {
				record[path] = leaf.Text()
			}
			return len(record) < fieldsMost
		})
	}
	return record
}

func (s *Service) getLogRecord(_ context.Context, call *api.Call, in *logsapi.GetLogRecordRequest) (*logsapi.GetLogRecordResponse, error) {
	at, err := insights.ParsePointer(*in.LogRecordPointer)
	if err != nil {
		return nil, logsapi.NewInvalidParameterException("The specified logRecordPointer is invalid.")
	}
	snap := s.store.Snapshot()
	group, err := findGroup(snap, call, &at.Group, nil)
	if err != nil {
		return nil, err
	}
	stream, err := findStream(snap, group, at.Stream)
	if err != nil {
		return nil, err
	}
	events, _, err := logfile.Read(dirOf(s.home, stream.Key), logfile.Query{After: at.Position, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(events) == 0 || events[0].Position != at.Position || events[0].Time.Before(cutoff(call.Now, group.Spec.Retention)) {
		return nil, logsapi.NewResourceNotFoundException("The specified log record does not exist.")
	}
	record := recordOf(group, stream.Spec.Name, events[0])
	record["@ptr"] = *in.LogRecordPointer
	return &logsapi.GetLogRecordResponse{LogRecord: record}, nil
}
