package logs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/store"
)

// resync is a third of the time between two looks at a group, in which retention
// is carried out, segments are compressed and sizes are taken: five minutes, and
// fifteen seconds where alarms have periods of five.
const resync = 100 * time.Second

// Controllers returns what keeps the service's resources true.
func (s *Service) Controllers() []controller.Controller {
	// A group that is deleted goes when its last stream has gone; nothing else of
	// a stream is worth a look at all of them.
	deletedGroupOf := func(snap store.Snapshot, key string) []string {
		group, _, _ := strings.Cut(key, ":")
		if g, ok := Groups.Get(snap, group); !ok || !g.Spec.Deleted {
			return nil
		}
		return []string{group}
	}
	return []controller.Controller{
		controller.New(controller.Spec[Group, GroupStatus]{
			Name: "logs/group", Table: Groups, Every: 3 * s.profile.Period(resync),
			Status:    func(o *Group) *GroupStatus { return &o.Status },
			Reconcile: s.reconcileGroup,
			Watch:     []controller.Trigger{controller.On(Streams, deletedGroupOf)},
		}),
		controller.New(controller.Spec[Stream, struct{}]{
			Name: "logs/stream", Table: Streams, Workers: 2,
			Status:    func(o *Stream) *struct{} { return &o.Status },
			Reconcile: s.reconcileStream,
		}),
		s.feedController(),
		s.queryController(),
		s.subscriptionController(),
		s.exportController(),
	}
}

// reconcileStream deletes the files of a deleted stream.
func (s *Service) reconcileStream(_ context.Context, snap store.Snapshot, key string) (struct{}, error) {
	stream, ok := Streams.Get(snap, key)
	if !ok || !stream.Spec.Deleted {
		return struct{}{}, nil
	}
	dir := dirOf(s.home, key)
	s.writers.forget(dir)
	s.sweeper.Forget(dir)
	if err := os.RemoveAll(dir); err != nil {
		return struct{}{}, fmt.Errorf("delete stream %s: %w", key, err)
	}
	return struct{}{}, controller.Remove
}

// reconcileGroup deletes expired events, and the folder of a deleted group once
// its streams are gone.
func (s *Service) reconcileGroup(_ context.Context, snap store.Snapshot, key string) (GroupStatus, error) {
	group, ok := Groups.Get(snap, key)
	if !ok {
		return GroupStatus{}, nil
	}
	if group.Spec.Deleted {
		return group.Status, s.deleteGroup(snap, key)
	}
	s.writers.tidy()
	limit := cutoff(s.now(), group.Spec.Retention)
	var status GroupStatus
	var faults error
	for _, stream := range streamsOf(snap, group, "") {
		dir := dirOf(s.home, stream.Key)
		bytes, err := s.sweeper.Sweep(dir, limit, func() { s.writers.forget(dir) })
		faults = errors.Join(faults, err)
		status.Bytes += bytes
	}
	return status, faults
}

func (s *Service) deleteGroup(snap store.Snapshot, key string) error {
	for range Streams.Prefix(snap, streamKey(key, "")) {
		return nil // its end will bring us here again
	}
	scope, name := arn.SplitKey(key)
	if err := os.RemoveAll(groupDir(s.home, scope, name)); err != nil {
		return fmt.Errorf("delete group %s: %w", key, err)
	}
	return controller.Remove
}
