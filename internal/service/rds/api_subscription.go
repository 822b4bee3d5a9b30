package rds

import (
	"context"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/rdsapi"
	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/store"
	"apex/internal/tag"
)

// A Subscription to events is kept and given back; no event is sent.
type Subscription struct {
	Key  string
	Spec SubscriptionSpec
}

// Name returns the subscription's name.
func (s Subscription) Name() string { return idOf(s.Key) }

// SubscriptionSpec is what the caller asked for.
type SubscriptionSpec struct {
	TopicARN   string
	SourceType string
	SourceIDs  []string
	Categories []string
	Enabled    bool
	CreatedAt  string
	Tags       tag.Tags
}

// eventCategories are what a subscription may ask for, by the type of its source.
var eventCategories = map[string][]string{
	"db-instance": {
		"availability", "backup", "configuration change", "creation", "deletion", "failover", "failure", "low storage", "maintenance",
		"notification", "read replica", "recovery", "restoration", "security", "security patching",
	},
	"db-cluster": {
		"configuration change", "creation", "deletion", "failover", "failure", "global-failover", "maintenance", "migration", "notification", "serverless",
	},
	"db-parameter-group":    {"configuration change"},
	"db-security-group":     {"configuration change", "failure"},
	"db-snapshot":           {"creation", "deletion", "notification", "restoration"},
	"db-cluster-snapshot":   {"backup", "creation", "notification"},
	"db-proxy":              {"configuration change", "creation", "deletion", "failure"},
	"blue-green-deployment": {"creation", "deletion", "failure", "notification"},
	"custom-engine-version": {"creation", "deletion", "failure", "restoring"},
}

func (s *Service) describeCategories(_ context.Context, _ *api.Call, in *rdsapi.DescribeEventCategoriesMessage) (*rdsapi.EventCategoriesMessage, error) {
	out := &rdsapi.EventCategoriesMessage{EventCategoriesMapList: []rdsapi.EventCategoriesMap{}}
	for source, categories := range eventCategories {
		if source == api.Or(in.SourceType, source) {
			out.EventCategoriesMapList = append(out.EventCategoriesMapList, rdsapi.EventCategoriesMap{SourceType: api.Ptr(source), EventCategories: categories})
		}
	}
	slices.SortFunc(out.EventCategoriesMapList, func(a, b rdsapi.EventCategoriesMap) int {
		return strings.Compare(*a.SourceType, *b.SourceType)
	})
	return out, nil
}

func (s *Service) createSubscription(ctx context.Context, call *api.Call, in *rdsapi.CreateEventSubscriptionMessage) (*rdsapi.CreateEventSubscriptionResult, error) {
	name, err := checkGroupName("SubscriptionName", *in.SubscriptionName)
	if err != nil {
		return nil, err
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	row := Subscription{Key: scopeOf(call).Key(name), Spec: SubscriptionSpec{
		TopicARN: *in.SnsTopicArn, SourceType: api.Val(in.SourceType), SourceIDs: merged(nil, in.SourceIds, nil), Categories: merged(nil, in.EventCategories, nil),
		Enabled: api.Or(in.Enabled, true), CreatedAt: call.Now.UTC().Format("2006-01-02 15:04:05.000"), Tags: tags,
	}}
	if err := row.Spec.check(); err != nil {
		return nil, err
	}
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		if _, ok := Subscriptions.Get(tx, row.Key); ok {
			return rdsapi.NewSubscriptionAlreadyExistFault("Event subscription %s already exists.", name)
		}
		Subscriptions.Put(tx, row)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &rdsapi.CreateEventSubscriptionResult{EventSubscription: describeSubscription(row)}, nil
}

func (s SubscriptionSpec) check() error {
	if a, err := arn.Parse(s.TopicARN); err != nil || a.Service != "sns" {
		return rdsapi.NewSNSTopicArnNotFoundFault("SNS topic %s does not exist", s.TopicARN)
	}
	known, ok := eventCategories[s.SourceType]
	switch {
	case s.SourceType != "" && !ok:
		return invalid("Invalid source type: %s", s.SourceType)
	case s.SourceType == "" && len(s.SourceIDs) > 0:
		return combination("SourceIds cannot be specified without a SourceType")
	case s.SourceType == "":
		return nil
	}
	for _, category := range s.Categories {
		if !slices.Contains(known, category) {
			return rdsapi.NewSubscriptionCategoryNotFoundFault("The category %s does not exist for source type %s", category, s.SourceType)
		}
	}
	return nil
}

func findSubscription(r store.Reader, scope arn.Scope, given string) (Subscription, error) {
	if row, ok := Subscriptions.Get(r, scope.Key(strings.ToLower(given))); ok {
		return row, nil
	}
	return Subscription{}, rdsapi.NewSubscriptionNotFoundFault("Event Subscription %s does not exist.", given)
}

func describeSubscription(row Subscription) *rdsapi.EventSubscription {
	scope, name := arn.SplitKey(row.Key)
	return &rdsapi.EventSubscription{
		CustomerAwsId: api.Ptr(scope.Account), CustSubscriptionId: api.Ptr(name), SnsTopicArn: api.Ptr(row.Spec.TopicARN), Status: api.Ptr("active"),
		SubscriptionCreationTime: api.Ptr(row.Spec.CreatedAt), SourceType: optional(row.Spec.SourceType), SourceIdsList: row.Spec.SourceIDs,
		EventCategoriesList: row.Spec.Categories, Enabled: api.Ptr(row.Spec.Enabled), EventSubscriptionArn: api.Ptr(arnOf(scope, kindSubscription, name)),
	}
}

func (s *Service) describeSubscriptions(_ context.Context, call *api.Call, in *rdsapi.DescribeEventSubscriptionsMessage) (*rdsapi.EventSubscriptionsMessage, error) {
	snap, scope := s.env.Store.Snapshot(), scopeOf(call)
	find := func(id string) (Subscription, error) { return findSubscription(snap, scope, id) }
	all, err := service.OneOrAll(in.SubscriptionName, find, Subscriptions.Prefix(snap, scope.Prefix()))
	if err != nil {
		return nil, err
	}
	some, marker, err := page(all, Subscription.Name, in.MaxRecords, in.Marker)
	out := &rdsapi.EventSubscriptionsMessage{Marker: marker, EventSubscriptionsList: []rdsapi.EventSubscription{}}
	for _, row := range some {
		out.EventSubscriptionsList = append(out.EventSubscriptionsList, *describeSubscription(row))
	}
	return out, err
}

// changeSubscription rewrites one subscription, and describes it.
func (s *Service) changeSubscription(ctx context.Context, call *api.Call, given string, fn func(*SubscriptionSpec)) (*rdsapi.EventSubscription, error) {
	var row Subscription
	err := s.env.Store.Update(ctx, func(tx *store.Tx) (err error) {
		if row, err = findSubscription(tx, scopeOf(call), given); err != nil {
			return err
		}
		fn(&row.Spec)
		Subscriptions.Put(tx, row)
		return row.Spec.check()
	})
	if err != nil {
		return nil, err
	}
	return describeSubscription(row), nil
}

func (s *Service) modifySubscription(ctx context.Context, call *api.Call, in *rdsapi.ModifyEventSubscriptionMessage) (*rdsapi.ModifyEventSubscriptionResult, error) {
	row, err := s.changeSubscription(ctx, call, *in.SubscriptionName, func(spec *SubscriptionSpec) {
		set(&spec.TopicARN, in.SnsTopicArn)
		set(&spec.SourceType, in.SourceType)
		set(&spec.Enabled, in.Enabled)
		if in.EventCategories != nil {
			spec.Categories = merged(nil, in.EventCategories, nil)
		}
	})
	return &rdsapi.ModifyEventSubscriptionResult{EventSubscription: row}, err
}

func (s *Service) addSource(ctx context.Context, call *api.Call, in *rdsapi.AddSourceIdentifierToSubscriptionMessage) (*rdsapi.AddSourceIdentifierToSubscriptionResult, error) {
	row, err := s.changeSubscription(ctx, call, *in.SubscriptionName, func(spec *SubscriptionSpec) {
		spec.SourceIDs = merged(spec.SourceIDs, []string{*in.SourceIdentifier}, nil)
	})
	return &rdsapi.AddSourceIdentifierToSubscriptionResult{EventSubscription: row}, err
}

func (s *Service) removeSource(ctx context.Context, call *api.Call, in *rdsapi.RemoveSourceIdentifierFromSubscriptionMessage) (*rdsapi.RemoveSourceIdentifierFromSubscriptionResult, error) {
	row, err := s.changeSubscription(ctx, call, *in.SubscriptionName, func(spec *SubscriptionSpec) {
		spec.SourceIDs = merged(spec.SourceIDs, nil, []string{*in.SourceIdentifier})
	})
	return &rdsapi.RemoveSourceIdentifierFromSubscriptionResult{EventSubscription: row}, err
}

func (s *Service) deleteSubscription(ctx context.Context, call *api.Call, in *rdsapi.DeleteEventSubscriptionMessage) (*rdsapi.DeleteEventSubscriptionResult, error) {
	var row Subscription
	err := s.env.Store.Update(ctx, func(tx *store.Tx) (err error) {
		if row, err = findSubscription(tx, scopeOf(call), *in.SubscriptionName); err == nil {
			Subscriptions.Delete(tx, row.Key)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &rdsapi.DeleteEventSubscriptionResult{EventSubscription: describeSubscription(row)}, nil
}
