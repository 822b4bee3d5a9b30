package logs

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"apex/internal/api"
	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/dataplane/logfile"
	"apex/internal/dataplane/series"
	"apex/internal/service/logs/pattern"
	"apex/internal/store"
)

// feedEvery is how often new events are counted and held against metric filters.
const feedEvery = time.Second

// feedController follows all groups as long as the region runs, whoever writes
// them. It is a controller so that the runner waits for its end: its Start is all
// it does.
func (s *Service) feedController() controller.Controller {
	return controller.New(controller.Spec[MetricFilter, struct{}]{
		Name: "logs/feed", Table: MetricFilters,
		Status:    func(*MetricFilter) *struct{} { return new(struct{}) },
		Reconcile: func(context.Context, store.Snapshot, string) (struct{}, error) { return struct{}{}, nil },
		Start: func(ctx context.Context, _ store.Snapshot) error {
			s.feed(ctx)
			return nil
		},
	})
}

func (s *Service) feed(ctx context.Context) {
	feeds, tick := map[string]*groupFeed{}, time.NewTicker(feedEvery)
	defer tick.Stop()
	defer close(s.ended)
	for {
		s.feedOnce(ctx, feeds)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// feedOnce reads what is new in each group.
func (s *Service) feedOnce(ctx context.Context, feeds map[string]*groupFeed) {
	snap, seen := s.store.Snapshot(), map[string]bool{}
	for key, group := range Groups.All(snap) {
		if group.Spec.Deleted || ctx.Err() != nil {
			continue
		}
		seen[key] = true
		own := feeds[key]
		if own == nil || !own.created.Equal(group.Spec.Created) {
			own = s.newGroupFeed(ctx, group)
			feeds[key] = own
		}
		if err := own.advance(ctx, snap, group); err != nil {
			s.log.WarnContext(ctx, "read on in log group", "group", group.Spec.Name, "error", err)
		}
	}
	for key := range feeds {
		if !seen[key] {
			delete(feeds, key)
		}
	}
}

// A groupFeed reads each event of a group once: the file at path says how far it
// came, and is written after the metrics are.
type groupFeed struct {
	*Service
	created time.Time
	path    string
	places  places
	spells  map[string]*spell // of filters with a default value
}

func (s *Service) newGroupFeed(ctx context.Context, group Group) *groupFeed {
	scope, name := arn.SplitKey(group.Key)
	f := &groupFeed{
		Service: s, created: group.Spec.Created, spells: map[string]*spell{},
		path: filepath.Join(groupDir(s.home, scope, name), "feed.json"),
	}
	var err error
	if f.places, _, err = loadPlaces(f.path); err != nil {
		s.log.WarnContext(ctx, "count a log group from its start", "group", name, "error", err)
		f.places = places{}
	}
	return f
}

// advance reads on to the end, in steps that are each made durable.
func (f *groupFeed) advance(ctx context.Context, snap store.Snapshot, group Group) error {
	filters, streams := filtersOf(snap, group), streamsOf(snap, group, "")
	figures, counts := tally{}, incoming{}
	scope, _ := arn.SplitKey(group.Key)
	f.places.keep(streams)
	for more := true; more && ctx.Err() == nil; {
		moved, again, err := f.places.readOn(f.home, streams, func(_ Stream, e logfile.Event) {
			counts.count(e)
			for _, filter := range filters {
				filter.take(figures, scope, e, f.spell(filter))
			}
		})
		counts.flush(figures, scope, group.Spec.Name)
		if moved {
			err = errors.Join(err, figures.flush(f.metrics), f.places.save(f.path))
		}
		if err != nil {
			return err
		}
		more = again
	}
	f.endSpells(figures, scope, filters)
	return figures.flush(f.metrics)
}

// A liveFilter is a metric filter, made out.
type liveFilter struct {
	MetricFilter
	pattern *pattern.Pattern
}

func filtersOf(r store.Reader, group Group) []liveFilter {
	var all []liveFilter
	for _, filter := range MetricFilters.Prefix(r, streamKey(group.Key, "")) {
		if p, err := pattern.Parse(api.Val(filter.Spec.FilterPattern)); err == nil { // it was checked
			all = append(all, liveFilter{filter, p})
		}
	}
	return all
}

// take makes the filter's metric of an event that came in after the filter did.
func (f liveFilter) take(figures tally, scope arn.Scope, e logfile.Event, spell *spell) {
	if e.Ingested.UnixMilli() < api.Val(f.Spec.CreationTime) {
		return
	}
	spell.events = true
	match, ok := f.pattern.Find(string(e.Message))
	if !ok {
		return
	}
	for _, to := range f.Spec.MetricTransformations {
		if value, labels, ok := sample(to, match); ok {
			id := series.NewID(scope.Prefix(), api.Val(to.MetricNamespace), api.Val(to.MetricName), labels...)
			figures.add(id, api.Or(to.Unit, "None"), e.Time, value)
			spell.matched = true
		}
	}
}

// spellLength is the period for which a filter's default value stands if events
// came in and none matched (source: AWS's user guide).
const spellLength = time.Minute

// A spell is such a period.
type spell struct {
	start           time.Time
	events, matched bool
}

func (f *groupFeed) spell(filter liveFilter) *spell {
	own := f.spells[filter.Key]
	if own == nil {
		own = &spell{start: f.now()}
		f.spells[filter.Key] = own
	}
	return own
}

// endSpells gives out the default values of spells that have passed.
func (f *groupFeed) endSpells(figures tally, scope arn.Scope, filters []liveFilter) {
	now := f.now()
	for _, filter := range filters {
		own := f.spell(filter)
		if now.Sub(own.start) < f.profile.Period(spellLength) {
			continue
		}
		for _, to := range filter.Spec.MetricTransformations {
			if own.events && !own.matched && to.DefaultValue != nil {
				id := series.NewID(scope.Prefix(), api.Val(to.MetricNamespace), api.Val(to.MetricName))
				figures.add(id, api.Or(to.Unit, "None"), own.start, *to.DefaultValue)
			}
		}
		*own = spell{start: now}
	}
}
