package logs

import (
	"context"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/logsapi"
	"apex/internal/dataplane/logfile"
	"apex/internal/page"
	"apex/internal/store"
)

func (s *Service) createLogStream(ctx context.Context, call *api.Call, in *logsapi.CreateLogStreamRequest) (*logsapi.CreateLogStreamOutput, error) {
	name := *in.LogStreamName
	if !streamPattern.MatchString(name) {
		return nil, logsapi.NewInvalidParameterException("1 validation error detected: Value '%s' at 'logStreamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*", name)
	}
	group, err := findGroup(s.store.Snapshot(), call, in.LogGroupName, nil)
	if err != nil {
		return nil, err
	}
	if err := s.settled(ctx, streamDeleting(streamKey(group.Key, name))); err != nil {
		return nil, err
	}
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		group, err := findGroup(tx, call, in.LogGroupName, nil)
		if err != nil {
			return err
		}
		key := streamKey(group.Key, name)
		if _, ok := Streams.Get(tx, key); ok {
			return logsapi.NewResourceAlreadyExistsException("The specified log stream already exists")
		}
		Streams.Put(tx, Stream{Key: key, Spec: StreamSpec{Group: group.Key, Name: name, Created: call.Now}})
		return nil
	})
}

func streamDeleting(key string) func(store.Reader) bool {
	return func(r store.Reader) bool {
		stream, ok := Streams.Get(r, key)
		return ok && stream.Spec.Deleted
	}
}

func (s *Service) deleteLogStream(ctx context.Context, call *api.Call, in *logsapi.DeleteLogStreamRequest) (*logsapi.DeleteLogStreamOutput, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		group, err := findGroup(tx, call, in.LogGroupName, nil)
		if err != nil {
			return err
		}
		stream, err := findStream(tx, group, *in.LogStreamName)
		if err != nil {
			return err
		}
		Streams.Modify(tx, stream.Key, func(own *Stream) { own.Spec.Deleted = true })
		return nil
	})
}

// A seen is a stream and what lies on disk of it.
type seen struct {
	Stream
	logfile.Info
}

func (s *Service) describeLogStreams(_ context.Context, call *api.Call, in *logsapi.DescribeLogStreamsRequest) (*logsapi.DescribeLogStreamsResponse, error) {
	byTime := api.Val(in.OrderBy) == logsapi.OrderByLastEventTime
	if byTime && in.LogStreamNamePrefix != nil {
		return nil, logsapi.NewInvalidParameterException("Cannot order by LastEventTime with a logStreamNamePrefix.")
	}
	snap := s.store.Snapshot()
	group, err := findGroup(snap, call, in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	all, err := s.look(streamsOf(snap, group, api.Val(in.LogStreamNamePrefix)))
	if err != nil {
		return nil, err
	}
	shown, next, err := paged(all, streamOrder(byTime, api.Val(in.Descending)), in.NextToken, api.Or(in.Limit, 50))
	if err != nil {
		return nil, err
	}
	out := &logsapi.DescribeLogStreamsResponse{LogStreams: []logsapi.LogStream{}, NextToken: next}
	for _, stream := range shown {
		out.LogStreams = append(out.LogStreams, stream.describe())
	}
	return out, nil
}

// streamOrder returns the keys by which streams are listed.
func streamOrder(byTime, descending bool) func(*seen) string {
	return func(s *seen) string {
		switch {
		case byTime && descending:
			return page.Newest(s.Last, s.Spec.Name)
		case byTime:
			return page.Oldest(s.Last, s.Spec.Name)
		case descending:
			return page.Reverse(s.Spec.Name)
		}
		return s.Spec.Name
	}
}

// streamsOf returns the streams of a group whose names begin with prefix, in
// the order of their names.
func streamsOf(r store.Reader, group Group, prefix string) []Stream {
	var all []Stream
	for _, stream := range Streams.Prefix(r, streamKey(group.Key, prefix)) {
		if !stream.Spec.Deleted {
			all = append(all, stream)
		}
	}
	return all
}

func (s *Service) look(streams []Stream) ([]seen, error) {
	var all []seen
	for _, stream := range streams {
		info, err := logfile.Stat(dirOf(s.home, stream.Key))
		if err != nil {
			return nil, err
		}
		all = append(all, seen{stream, info})
	}
	return all, nil
}

func (s seen) describe() logsapi.LogStream {
	group := strings.TrimSuffix(s.Key, ":"+s.Spec.Name)
	return logsapi.LogStream{
		LogStreamName: &s.Spec.Name, CreationTime: api.Ptr(s.Spec.Created.UnixMilli()),
		FirstEventTimestamp: milli(s.First), LastEventTimestamp: milli(s.Last), LastIngestionTime: milli(s.LastIngested),
		UploadSequenceToken: api.Ptr(sequenceToken), StoredBytes: api.Ptr(int64(0)), // AWS answers 0 since 2019
		Arn: api.Ptr(GroupARN(group) + ":log-stream:" + s.Spec.Name),
	}
}

func milli(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	return api.Ptr(t.UnixMilli())
}
