package logs

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"apex/internal/api"
	"apex/internal/api/logsapi"
	"apex/internal/dataplane/logfile"
	"apex/internal/service/logs/pattern"
	"apex/internal/store"
)

const (
	// maxScan is how many events one call looks at; more take further pages,
	// which may be empty.
	maxScan = 500_000
	// settle is how old an answer's newest event must be. A client that follows
	// a group asks next from the newest time it saw; events of other streams
	// with slightly older times may just be on their way to the disk, and would
	// never be asked for again.
	settle = 200 * time.Millisecond
)

// A search is one call of FilterLogEvents, made out.
type search struct {
	dirs    map[string]string // by stream
	places  map[string]logfile.Position
	query   logfile.Query
	pattern *pattern.Pattern
	limit   int
}

// A found is what a search answers with.
type found struct {
	events []logsapi.FilteredLogEvent
	newest time.Time // of all events looked at
	token  *string   // nil at the end
}

func (s *Service) filterLogEvents(ctx context.Context, call *api.Call, in *logsapi.FilterLogEventsRequest) (*logsapi.FilterLogEventsResponse, error) {
	look, err := s.search(call, in)
	if err != nil {
		return nil, err
	}
	got, err := look.run()
	if err != nil {
		return nil, err
	}
	if age := call.Now.Sub(got.newest); age >= 0 && age < settle {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(settle - age):
		}
		look.query.To = got.newest.Add(time.Millisecond)
		if got, err = look.run(); err != nil {
			return nil, err
		}
	}
	return &logsapi.FilterLogEventsResponse{
		Events: got.events, NextToken: got.token, SearchedLogStreams: []logsapi.SearchedLogStream{},
	}, nil
}

func (s *Service) search(call *api.Call, in *logsapi.FilterLogEventsRequest) (search, error) {
	snap := s.store.Snapshot()
	group, err := findReadable(snap, call, in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return search{}, err
	}
	look := search{limit: int(api.Or(in.Limit, maxEvents)), query: between(group, call.Now, in.StartTime, in.EndTime)}
	if in.EndTime != nil {
		look.query.To = look.query.To.Add(time.Millisecond) // here the end is included
	}
	if look.pattern, err = parsePattern(in.FilterPattern); err != nil {
		return search{}, err
	}
	if in.NextToken != nil {
		if look.places, err = parsePlaces(*in.NextToken); err != nil {
			return search{}, err
		}
	}
	look.dirs, err = s.dirs(snap, group, in)
	return look, err
}

// dirs are the folders of the streams that a request is about.
func (s *Service) dirs(r store.Reader, group Group, in *logsapi.FilterLogEventsRequest) (map[string]string, error) {
	if in.LogStreamNames != nil && in.LogStreamNamePrefix != nil {
		return nil, logsapi.NewInvalidParameterException("logStreamNames and logStreamNamePrefix are mutually exclusive parameters.")
	}
	dirs := map[string]string{}
	for _, stream := range streamsOf(r, group, api.Val(in.LogStreamNamePrefix)) {
		if in.LogStreamNames == nil || slices.Contains(in.LogStreamNames, stream.Spec.Name) {
			dirs[stream.Spec.Name] = dirOf(s.home, stream.Key)
		}
	}
	for _, name := range in.LogStreamNames {
		if dirs[name] == "" {
			return nil, logsapi.NewResourceNotFoundException("The specified log stream does not exist.")
		}
	}
	return dirs, nil
}

// run reads on from the search's places until the answer is full.
func (look search) run() (found, error) {
	m, err := newMerge(look.dirs, look.places, look.query)
	if err != nil {
		return found{}, err
	}
	defer m.close()
	out := found{events: []logsapi.FilteredLogEvent{}}
	for size, scanned := 0, 0; ; scanned++ {
		if scanned == maxScan || len(out.events) == look.limit || size > maxAnswer {
			token, err := m.token()
			out.token = &token
			return out, err
		}
		name, e, ok, err := m.pull()
		if err != nil || !ok {
			return out, err
		}
		if e.Time.After(out.newest) {
			out.newest = e.Time
		}
		if message := string(e.Message); look.pattern.Match(message) {
			size += len(message) + eventOverhead
			out.events = append(out.events, logsapi.FilteredLogEvent{
				LogStreamName: &name, Timestamp: api.Ptr(e.Time.UnixMilli()), Message: &message,
				IngestionTime: api.Ptr(e.Ingested.UnixMilli()), EventId: api.Ptr(eventID(name, e.Position)),
			})
		}
	}
}

// eventID names an event for ever: 56 digits, as AWS's have.
func eventID(stream string, at logfile.Position) string {
	h := fnv.New64a()
	h.Write([]byte(stream))
	return fmt.Sprintf("%020d%016d%020d", h.Sum64(), at.Segment, at.Offset)
}

// parsePattern reads a filter pattern; an absent one lets everything through.
func parsePattern(text *string) (*pattern.Pattern, error) {
	p, err := pattern.Parse(api.Val(text))
	if err != nil {
		return nil, logsapi.NewInvalidParameterException("%v", err)
	}
	return p, nil
}
