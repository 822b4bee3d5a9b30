package logs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"apex/internal/api"
	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/dataplane/logfile"
	"apex/internal/dataplane/series"
	"apex/internal/service/logs/pattern"
	"apex/internal/store"
)

// The pace of deliveries: a look at the streams, and the pause after a fault,
// which doubles up to the last.
const (
	deliverEvery = time.Second
	firstPause   = time.Second
	lastPause    = time.Minute
)

// deliveryWorkers is how many filters deliver at once, so that one destination
// that hangs does not keep the others.
const deliveryWorkers = 8

func (s *Service) subscriptionController() controller.Controller {
	return controller.New(controller.Spec[SubscriptionFilter, SubscriptionStatus]{
		Name: "logs/subscription", Table: SubscriptionFilters, Workers: deliveryWorkers,
		Status:    func(f *SubscriptionFilter) *SubscriptionStatus { return &f.Status },
		Reconcile: s.reconcileSubscription,
	})
}

// reconcileSubscription delivers what came in since the last time. The places are
// written once a delivery was taken: after a kill the last one comes again, with
// the same ids.
func (s *Service) reconcileSubscription(ctx context.Context, snap store.Snapshot, key string) (SubscriptionStatus, error) {
	filter, ok := SubscriptionFilters.Get(snap, key)
	if !ok {
		s.pauses.forget(key)
		return SubscriptionStatus{}, s.clearSubscription(key, "")
	}
	if left := s.pauses.left(key); left > 0 {
		return filter.Status, controller.Again(left)
	}
	groupKey, _, _ := strings.Cut(key, ":")
	group, ok := Groups.Get(snap, groupKey)
	if !ok || group.Spec.Deleted {
		return filter.Status, nil
	}
	if err := s.forward(ctx, snap, group, filter); err != nil {
		s.countDelivery(filter, "DeliveryErrors", 1)
		return SubscriptionStatus{Fault: err.Error()}, controller.Again(s.pauses.next(key))
	}
	s.pauses.forget(key)
	return SubscriptionStatus{}, controller.Again(deliverEvery)
}

// forward delivers the new events of a group's streams, stream by stream.
func (s *Service) forward(ctx context.Context, snap store.Snapshot, group Group, filter SubscriptionFilter) error {
	own, err := pattern.Parse(api.Val(filter.Spec.FilterPattern))
	if err != nil {
		return err
	}
	streams, path := streamsOf(snap, group, ""), s.subscriptionPath(filter)
	p, known, err := loadPlaces(path)
	if err != nil {
		return err
	}
	if !known {
		if p, err = s.beginSubscription(ctx, snap, filter, streams); err != nil {
			return err
		}
	}
	p.keep(streams)
	for i := range streams {
		for more := true; more; {
			var events []logfile.Event
			moved, again, err := p.readOn(s.home, streams[i:i+1], func(_ Stream, e logfile.Event) {
				if own.Match(string(e.Message)) {
					events = append(events, e)
				}
			})
			if err == nil && len(events) > 0 {
				err = s.deliver(ctx, snap, filter, streams[i], events)
			}
			if err == nil && moved {
				err = p.save(path)
			}
			if err != nil {
				return err
			}
			if more = again; len(events) > 0 {
				s.countDelivery(filter, "ForwardedLogEvents", float64(len(events)))
			}
		}
	}
	return nil
}

// beginSubscription asks the destination whether it is there, and finds the places
// at which the filter began.
func (s *Service) beginSubscription(ctx context.Context, snap store.Snapshot, filter SubscriptionFilter, streams []Stream) (places, error) {
	scope, _ := arn.SplitKey(filter.Key)
	to, _ := parseDestination(scope, api.Val(filter.Spec.DestinationArn))
	if err := s.send(ctx, snap, scope, to, controlMessage(s.now())); err != nil {
		return nil, err
	}
	if err := s.clearSubscription(filter.Key, s.subscriptionPath(filter)); err != nil {
		return nil, err
	}
	path := s.subscriptionPath(filter)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	p := places{}
	for _, stream := range streams {
		for e, err := range logfile.Events(dirOf(s.home, stream.Key), logfile.Query{Backward: true}) {
			if err != nil {
				return nil, err
			}
			if e.Ingested.UnixMilli() < api.Val(filter.Spec.CreationTime) {
				p.set(stream, e.Next())
				break
			}
		}
	}
	return p, p.save(path)
}

// subscriptionPath is the file of a filter's places: one made again has another.
func (s *Service) subscriptionPath(filter SubscriptionFilter) string {
	return s.subscriptionFiles(filter.Key) + fmt.Sprint(api.Val(filter.Spec.CreationTime)) + ".json"
}

func (s *Service) subscriptionFiles(key string) string {
	group, name, _ := strings.Cut(key, ":")
	scope, groupName := arn.SplitKey(group)
	return filepath.Join(groupDir(s.home, scope, groupName), "subscription-"+folder(name)+"-")
}

// clearSubscription deletes the places of a filter, but those at path.
func (s *Service) clearSubscription(key, path string) error {
	left, err := filepath.Glob(s.subscriptionFiles(key) + "*.json")
	for _, file := range left {
		if file != path {
			err = errors.Join(err, os.Remove(file))
		}
	}
	return err
}

// countDelivery counts as AWS/Logs does.
func (s *Service) countDelivery(filter SubscriptionFilter, name string, n float64) {
	scope, _ := arn.SplitKey(filter.Key)
	id := series.NewID(scope.Prefix(), "AWS/Logs", name, "LogGroupName", *filter.Spec.LogGroupName,
		"FilterName", *filter.Spec.FilterName, "DestinationType", destinationType(api.Val(filter.Spec.DestinationArn)))
	if err := s.metrics.Add(id, "Count", series.Sample{At: s.now(), Value: n}); err != nil {
		s.log.Warn("count a delivery", "filter", filter.Key, "error", err)
	}
}

func destinationType(destination string) string {
	switch {
	case strings.HasPrefix(destination, "arn:aws:s3:"):
		return "S3"
	case strings.HasPrefix(destination, "arn:aws:logs:"):
		return "Logs"
	}
	return "HTTP"
}

// pauses are how long filters wait after faults.
type pauses struct {
	mu  sync.Mutex
	all map[string]pause
}

type pause struct {
	length time.Duration
	until  time.Time
}

func newPauses() *pauses { return &pauses{all: map[string]pause{}} }

// next begins a filter's next pause.
func (p *pauses) next(key string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	length := max(firstPause, min(2*p.all[key].length, lastPause))
	p.all[key] = pause{length, time.Now().Add(length)}
	return length
}

// left is how much of a filter's pause is left.
func (p *pauses) left(key string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Until(p.all[key].until)
}

func (p *pauses) forget(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.all, key)
}
