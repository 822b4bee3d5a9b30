package events

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/eventsapi"
	"apex/internal/store"
)

func (s *Service) createEventBus(ctx context.Context, call *api.Call, in *eventsapi.CreateEventBusRequest) (*eventsapi.CreateEventBusResponse, error) {
	switch {
	case in.EventSourceName != nil:
		return nil, invalid("Parameter EventSourceName is not valid. Reason: partner event sources are not built.")
	case !isName(*in.Name):
		return nil, invalid("1 validation error detected: Value '%s' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [/\\.\\-_A-Za-z0-9]+", *in.Name)
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	key := scopeOf(call).Key(*in.Name)
	out := &eventsapi.CreateEventBusResponse{
		EventBusArn: api.Ptr(busARN(key)), Description: in.Description, KmsKeyIdentifier: in.KmsKeyIdentifier, DeadLetterConfig: in.DeadLetterConfig,
	}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		if _, err := findBus(tx, scopeOf(call), *in.Name); err == nil {
			return eventsapi.NewResourceAlreadyExistsException("Event bus %s already exists.", *in.Name)
		}
		Buses.Put(tx, Bus{Key: key, Spec: BusSpec{
			Name: *in.Name, Description: in.Description, Key: in.KmsKeyIdentifier, DeadLetters: in.DeadLetterConfig,
			Tags: tags, Created: call.Now, Modified: call.Now,
		}})
		return nil
	})
}

func (s *Service) updateEventBus(ctx context.Context, call *api.Call, in *eventsapi.UpdateEventBusRequest) (*eventsapi.UpdateEventBusResponse, error) {
	out := &eventsapi.UpdateEventBusResponse{}
	return out, s.changeBus(ctx, call, busName(in.Name), func(bus *Bus) error {
		bus.Spec.Description, bus.Spec.Key, bus.Spec.DeadLetters = in.Description, in.KmsKeyIdentifier, in.DeadLetterConfig
		*out = eventsapi.UpdateEventBusResponse{
			Arn: api.Ptr(busARN(bus.Key)), Name: api.Ptr(bus.Spec.Name), Description: in.Description,
			KmsKeyIdentifier: in.KmsKeyIdentifier, DeadLetterConfig: in.DeadLetterConfig,
		}
		return nil
	})
}

func (s *Service) changeBus(ctx context.Context, call *api.Call, name string, edit func(*Bus) error) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		bus, err := findBus(tx, scopeOf(call), name)
		if err != nil {
			return err
		}
		if err := edit(&bus); err != nil {
			return err
		}
		bus.Spec.Modified = call.Now
		Buses.Put(tx, bus)
		return nil
	})
}

// deleteEventBus deletes a bus; gone is no error.
func (s *Service) deleteEventBus(ctx context.Context, call *api.Call, in *eventsapi.DeleteEventBusRequest) (*eventsapi.DeleteEventBusOutput, error) {
	name := busName(in.Name)
	if name == defaultBus {
		return nil, invalid("Cannot delete event bus default.")
	}
	key := scopeOf(call).Key(name)
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		for range Rules.Prefix(tx, key+"/") {
			return invalid("Event bus %s can't be deleted since it has rules.", name)
		}
		Buses.Delete(tx, key)
		return nil
	})
}

func (s *Service) describeEventBus(_ context.Context, call *api.Call, in *eventsapi.DescribeEventBusRequest) (*eventsapi.DescribeEventBusResponse, error) {
	bus, err := findBus(s.store.Snapshot(), scopeOf(call), busName(in.Name))
	if err != nil {
		return nil, err
	}
	b := shownBus(bus)
	return &eventsapi.DescribeEventBusResponse{
		Name: b.Name, Arn: b.Arn, Description: b.Description, Policy: b.Policy, CreationTime: b.CreationTime,
		LastModifiedTime: b.LastModifiedTime, KmsKeyIdentifier: bus.Spec.Key, DeadLetterConfig: bus.Spec.DeadLetters,
	}, nil
}

func shownBus(bus Bus) eventsapi.EventBus {
	out := eventsapi.EventBus{
		Name: api.Ptr(bus.Spec.Name), Arn: api.Ptr(busARN(bus.Key)), Description: bus.Spec.Description,
		CreationTime: api.Ptr(bus.Spec.Created), LastModifiedTime: api.Ptr(bus.Spec.Modified),
	}
	if bus.Spec.Policy != "" {
		out.Policy = api.Ptr(bus.Spec.Policy)
	}
	return out
}

func (s *Service) listEventBuses(_ context.Context, call *api.Call, in *eventsapi.ListEventBusesRequest) (*eventsapi.ListEventBusesResponse, error) {
	snap, scope, prefix := s.store.Snapshot(), scopeOf(call), api.Val(in.NamePrefix)
	buses := []eventsapi.EventBus{}
	if _, made := Buses.Get(snap, scope.Key(defaultBus)); !made && len(prefix) <= len(defaultBus) && defaultBus[:len(prefix)] == prefix {
		bus, _ := findBus(snap, scope, defaultBus)
		buses = append(buses, shownBus(bus))
	}
	for _, bus := range Buses.Prefix(snap, scope.Key(prefix)) {
		buses = append(buses, shownBus(bus))
	}
	buses, next, err := page(buses, in.Limit, in.NextToken)
	return &eventsapi.ListEventBusesResponse{EventBuses: buses, NextToken: next}, err
}
