package events

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/eventsapi"
	"apex/internal/arn"
	"apex/internal/service/sns/filter"
	"apex/internal/store"
)

// maxEvents is how large the entries of one call may be together.
const maxEvents = 256 << 10

func (s *Service) putEvents(ctx context.Context, call *api.Call, in *eventsapi.PutEventsRequest) (*eventsapi.PutEventsResponse, error) {
	size := 0
	for _, entry := range in.Entries {
		size += len(api.Val(entry.Detail)) + len(api.Val(entry.Source)) + len(api.Val(entry.DetailType)) + len(strings.Join(entry.Resources, ""))
	}
	if size > maxEvents {
		return nil, invalid("Total size of the entries in the request is over the limit.")
	}
	out := &eventsapi.PutEventsResponse{}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		*out = eventsapi.PutEventsResponse{FailedEntryCount: new(int64), Entries: []eventsapi.PutEventsResultEntry{}}
		for _, entry := range in.Entries {
			result := put(tx, call, entry)
			if result.ErrorCode != nil {
				*out.FailedEntryCount++
			}
			out.Entries = append(out.Entries, result)
		}
		return nil
	})
}

// put takes one event in, or says why not.
func put(tx *store.Tx, call *api.Call, entry eventsapi.PutEventsRequestEntry) eventsapi.PutEventsResultEntry {
	refuse := func(code, message string) eventsapi.PutEventsResultEntry {
		return eventsapi.PutEventsResultEntry{ErrorCode: &code, ErrorMessage: &message}
	}
	for _, member := range []struct {
		name  string
		value *string
	}{{"Source", entry.Source}, {"DetailType", entry.DetailType}, {"Detail", entry.Detail}} {
		if api.Val(member.value) == "" {
			return refuse("InvalidArgument", "Parameter "+member.name+" is not valid. Reason: "+member.name+" is a required argument.")
		}
	}
	var detail map[string]any
	switch {
	case json.Unmarshal([]byte(*entry.Detail), &detail) != nil:
		return refuse("MalformedDetail", "Detail is malformed.")
	case strings.HasPrefix(*entry.Source, "aws."):
		return refuse("NotAuthorizedForSourceException", "Not authorized for the source.")
	}
	scope := scopeOf(call)
	if name, err := arn.Parse(api.Val(entry.EventBusName)); err == nil {
		scope = name.Scope()
	}
	bus, err := findBus(tx, scope, busName(entry.EventBusName))
	if err != nil {
		return refuse("ResourceNotFoundException", err.Error())
	}
	e := newEvent(Event{
		Source: *entry.Source, DetailType: *entry.DetailType, Detail: json.RawMessage(*entry.Detail),
		Account: call.Account, Region: call.Region, Resources: entry.Resources,
	}, api.Or(entry.Time, call.Now))
	publish(tx, bus.Key, e, call.Now)
	return eventsapi.PutEventsResultEntry{EventId: &e.ID}
}

func (s *Service) testEventPattern(_ context.Context, _ *api.Call, in *eventsapi.TestEventPatternRequest) (*eventsapi.TestEventPatternResponse, error) {
	pattern, err := filter.Parse(*in.EventPattern)
	if err != nil {
		return nil, eventsapi.NewInvalidEventPatternException("Event pattern is not valid. Reason: %v", err)
	}
	event, ok := decode(*in.Event).(map[string]any)
	if !ok {
		return nil, invalid("Parameter Event is not valid. Reason: it is no JSON object.")
	}
	for _, name := range []string{"id", "account", "source", "time", "region", "resources", "detail-type"} {
		if _, there := event[name]; !there {
			return nil, invalid("Parameter Event is not valid. Reason: %s is missing.", name)
		}
	}
	return &eventsapi.TestEventPatternResponse{Result: api.Ptr(pattern.MatchesBody(*in.Event))}, nil
}

// emit puts an event of the region itself on the default bus, if a rule wants it.
func (s *Service) emit(ctx context.Context, scope arn.Scope, e Event, detail any, at time.Time) error {
	text, err := json.Marshal(detail)
	if err != nil {
		return err
	}
	e.Account, e.Region, e.Detail = scope.Account, scope.Region, text
	e = newEvent(e, at)
	bus := scope.Key(defaultBus)
	if !wanted(s.store.Snapshot(), bus, e) {
		return nil
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		publish(tx, bus, e, at)
		return nil
	})
}
