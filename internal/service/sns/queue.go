package sns

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/service/sqs"
	"apex/internal/store"
)

// principal is who a queue's policy must let in.
const principal = "sns.amazonaws.com"

// sendToQueue puts a message into the queue that a subscription names: as it is, with
// its attributes, or as the document that says where it comes from.
func (s *Service) sendToQueue(ctx context.Context, own Subscription, d Delivery, e *envelope) error {
	letter := sqs.Letter{Body: string(e.json()), Sender: principal}
	if own.Spec.Attributes["RawMessageDelivery"] == "true" {
		letter.Body, letter.Attributes = d.Spec.Body, letterAttributes(d.Spec.Attributes)
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		if !sqs.Exists(tx, own.Spec.Endpoint) {
			return fmt.Errorf("%w: there is no queue %s", errRefused, own.Spec.Endpoint)
		}
		if err := s.maySend(tx, own.Spec.Endpoint, own); err != nil {
			return fmt.Errorf("%w: %w", errRefused, err)
		}
		return sqs.SendTo(tx, own.Spec.Endpoint, letter, s.now().UTC())
	})
}

// maySend answers an error unless a queue's policy lets SNS send for the topic.
func (s *Service) maySend(r store.Reader, queue string, own Subscription) error {
	scope, _ := arn.SplitKey(own.Spec.Topic)
	return s.allowed(r, service.Ask{
		Service: principal, Account: scope.Account, Region: scope.Region, Action: "sqs:SendMessage", Resource: queue,
		Keys: map[string][]string{"aws:sourcearn": {topicARN(own.Spec.Topic)}, "aws:sourceaccount": {scope.Account}},
	})
}

func letterAttributes(attributes map[string]Attribute) map[string]sqs.Attribute {
	out := map[string]sqs.Attribute{}
	for name, a := range attributes {
		if binary, err := base64.StdEncoding.DecodeString(a.Value); err == nil && strings.HasPrefix(a.Type, "Binary") {
			out[name] = sqs.Attribute{Type: a.Type, Binary: binary}
			continue
		}
		kind := a.Type
		if kind == "String.Array" {
			kind = "String"
		}
		out[name] = sqs.Attribute{Type: kind, String: a.Value}
	}
	return out
}

// giveUp takes a message that could not be delivered out of the outbox, and puts it
// into the subscription's dead-letter queue where it has one that lets it in.
func (s *Service) giveUp(ctx context.Context, own Subscription, d Delivery) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		Deliveries.Delete(tx, d.Key)
		queue := deadLetters(own.Spec.Attributes["RedrivePolicy"])
		if queue == "" || !sqs.Exists(tx, queue) || s.maySend(tx, queue, own) != nil {
			return nil
		}
		letter := sqs.Letter{Body: d.Spec.Body, Attributes: letterAttributes(d.Spec.Attributes), Sender: principal}
		return sqs.SendTo(tx, queue, letter, s.now().UTC())
	})
}
