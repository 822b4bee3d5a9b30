package logs

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/logsapi"
	"apex/internal/arn"
	"apex/internal/awsid"
	"apex/internal/dataplane/logfile"
	"apex/internal/service/logs/pattern"
	"apex/internal/store"
)

// The bounds of a live tail session (source: AWS's API reference).
const (
	liveEvery  = time.Second
	liveEvents = 500 // of one update; of more only so many are shown
	liveMost   = 3 * time.Hour
	// livePause is before the first event. The SDK for Go closes a request's body
	// as soon as the answer begins; if net/http has not seen the body's end by
	// then, it takes the connection down.
	livePause = 50 * time.Millisecond
)

// A liveTail is one session: it shows what comes into some groups' streams.
type liveTail struct {
	*Service
	groups   []string // keys
	names    []string // of streams; nil is all
	prefixes []string
	pattern  *pattern.Pattern
	places   map[string]places // by group
}

func (s *Service) startLiveTail(ctx context.Context, call *api.Call, in *logsapi.StartLiveTailRequest, send api.Sender) error {
	tail, err := s.newLiveTail(call, in)
	if err != nil {
		return err
	}
	time.Sleep(livePause)
	err = send("sessionStart", &logsapi.LiveTailSessionStart{
		RequestId: &call.RequestID, SessionId: api.Ptr(awsid.UUID()), LogGroupIdentifiers: in.LogGroupIdentifiers,
		LogStreamNames: in.LogStreamNames, LogStreamNamePrefixes: in.LogStreamNamePrefixes, LogEventFilterPattern: in.LogEventFilterPattern,
	})
	if err != nil {
		return err
	}
	tick, most := time.NewTicker(liveEvery), time.After(liveMost)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.ended:
			return logsapi.NewSessionStreamingException("The region stops.")
		case <-most:
			return logsapi.NewSessionTimeoutException("The session ended after %s.", liveMost)
		case <-tick.C:
		}
		update, err := tail.update()
		if err != nil {
			return err
		}
		if err := send("sessionUpdate", update); err != nil {
			return err
		}
	}
}

func (s *Service) newLiveTail(call *api.Call, in *logsapi.StartLiveTailRequest) (*liveTail, error) {
	chosen := in.LogStreamNames != nil || in.LogStreamNamePrefixes != nil
	if in.LogStreamNames != nil && in.LogStreamNamePrefixes != nil || chosen && len(in.LogGroupIdentifiers) > 1 {
		return nil, logsapi.NewInvalidParameterException("LogStreamNames and LogStreamNamePrefixes exclude each other, and several log groups.")
	}
	snap := s.store.Snapshot()
	tail := &liveTail{Service: s, names: in.LogStreamNames, prefixes: in.LogStreamNamePrefixes, places: map[string]places{}}
	var err error
	if tail.pattern, err = parsePattern(in.LogEventFilterPattern); err != nil {
		return nil, err
	}
	for _, id := range in.LogGroupIdentifiers {
		group, err := findStandard(snap, call, &id)
		if err != nil {
			return nil, err
		}
		tail.groups = append(tail.groups, group.Key)
		if tail.places[group.Key], err = atEnd(s.home, streamsOf(snap, group, "")); err != nil {
			return nil, err
		}
	}
	return tail, nil
}

// update reads what came in since the last one.
func (t *liveTail) update() (*logsapi.LiveTailSessionUpdate, error) {
	out := &logsapi.LiveTailSessionUpdate{
		SessionMetadata: &logsapi.LiveTailSessionMetadata{Sampled: api.Ptr(false)}, SessionResults: []logsapi.LiveTailSessionLogEvent{},
	}
	snap := t.store.Snapshot()
	for _, key := range t.groups {
		group, ok := Groups.Get(snap, key)
		if !ok || group.Spec.Deleted {
			return nil, logsapi.NewSessionStreamingException("The log group %s was deleted.", key)
		}
		for more := true; more; {
			var err error
			_, more, err = t.places[key].readOn(t.home, t.streams(snap, group), func(stream Stream, e logfile.Event) {
				t.show(out, group, stream, e)
			})
			if err != nil {
				return nil, err
			}
		}
	}
	slices.SortStableFunc(out.SessionResults, func(a, b logsapi.LiveTailSessionLogEvent) int { return cmp.Compare(*a.Timestamp, *b.Timestamp) })
	return out, nil
}

// show adds an event to an update, unless that is full.
func (t *liveTail) show(out *logsapi.LiveTailSessionUpdate, group Group, stream Stream, e logfile.Event) {
	message := string(e.Message)
	switch {
	case !t.pattern.Match(message):
	case len(out.SessionResults) == liveEvents:
		out.SessionMetadata.Sampled = api.Ptr(true)
	default:
		scope, _ := arn.SplitKey(group.Key)
		out.SessionResults = append(out.SessionResults, logsapi.LiveTailSessionLogEvent{
			LogStreamName: &stream.Spec.Name, LogGroupIdentifier: api.Ptr(scope.Account + ":" + group.Spec.Name), Message: &message,
			Timestamp: api.Ptr(e.Time.UnixMilli()), IngestionTime: api.Ptr(e.Ingested.UnixMilli()),
		})
	}
}

// streams are those of a group that the session is about, also new ones.
func (t *liveTail) streams(snap store.Snapshot, group Group) []Stream {
	return slices.DeleteFunc(streamsOf(snap, group, ""), func(s Stream) bool {
		return t.names != nil && !slices.Contains(t.names, s.Spec.Name) ||
			t.prefixes != nil && !slices.ContainsFunc(t.prefixes, func(p string) bool { return strings.HasPrefix(s.Spec.Name, p) })
	})
}
