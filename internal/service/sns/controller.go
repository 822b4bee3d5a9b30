package sns

import (
	"context"
	"errors"
	"time"

	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/dataplane/series"
	"apex/internal/store"
)

// Controllers returns what delivers messages.
func (s *Service) Controllers() []controller.Controller {
	return []controller.Controller{
		controller.New(controller.Spec[Delivery, DeliveryStatus]{
			Name: "sns/delivery", Table: Deliveries, Workers: 4,
			Status:    func(d *Delivery) *DeliveryStatus { return &d.Status },
			Reconcile: s.reconcileDelivery,
		}),
	}
}

// reconcileDelivery tries to deliver one message, unless it is to wait. It is gone
// when it has arrived, was refused for good, or has been tried often enough.
func (s *Service) reconcileDelivery(ctx context.Context, snap store.Snapshot, key string) (DeliveryStatus, error) {
	d, ok := Deliveries.Get(snap, key)
	if !ok {
		return DeliveryStatus{}, nil
	}
	now := s.now().UTC()
	if wait := d.Status.Next.Sub(now); wait > 0 {
		return d.Status, controller.Again(wait)
	}
	own, ok := Subscriptions.Get(snap, d.Spec.Subscription)
	topic, topicOK := Topics.Get(snap, own.Spec.Topic)
	if !ok || !topicOK || d.Spec.Type == "SubscriptionConfirmation" && own.Spec.Confirmed {
		return d.Status, controller.Remove
	}
	fault := s.deliver(ctx, topic, own, d)
	if ctx.Err() != nil {
		return d.Status, ctx.Err() // the region stops: the next one tries
	}
	if fault == nil {
		s.count(topic, "NumberOfNotificationsDelivered")
		return d.Status, controller.Remove
	}
	retries, _ := retriesOf(firstOf(own.Spec.Attributes["DeliveryPolicy"], topic.Spec.Attributes["DeliveryPolicy"]))
	next := DeliveryStatus{Tries: d.Status.Tries + 1, Error: fault.Error()}
	pause, more := retries.pause(next.Tries)
	if errors.Is(fault, errRefused) || !more {
		s.log.WarnContext(ctx, "notification given up", "subscription", subscriptionARN(own), "message", d.Spec.MessageID, "tries", next.Tries, "error", fault)
		s.count(topic, "NumberOfNotificationsFailed")
		return d.Status, s.giveUp(ctx, own, d)
	}
	pause = s.profile.Period(pause)
	next.Next = now.Add(pause)
	return next, controller.Again(pause)
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// count adds to a metric of a topic in the namespace AWS/SNS.
func (s *Service) count(topic Topic, metric string) {
	scope, name := arn.SplitKey(topic.Key)
	id := series.NewID(scope.Prefix(), "AWS/SNS", metric, "TopicName", name)
	if err := s.metrics.Add(id, "Count", series.Sample{At: s.now().Truncate(time.Second), Value: 1}); err != nil {
		s.log.Warn("metric not kept", "metric", metric, "error", err)
	}
}
