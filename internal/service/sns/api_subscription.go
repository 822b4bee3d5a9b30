package sns

import (
	"context"
	"encoding/json"
	"maps"
	"net/mail"
	"net/url"
	"strings"

	"apex/internal/api"
	"apex/internal/api/snsapi"
	"apex/internal/arn"
	"apex/internal/awsid"
	"apex/internal/service/sns/filter"
	"apex/internal/store"
)

// pendingARN is what stands for the ARN of a subscription that is not confirmed.
const pendingARN = "pending confirmation"

func (s *Service) subscribe(ctx context.Context, call *api.Call, in *snsapi.SubscribeInput) (*snsapi.SubscribeResponse, error) {
	protocol, endpoint := *in.Protocol, api.Val(in.Endpoint)
	if err := checkEndpoint(protocol, endpoint); err != nil {
		return nil, err
	}
	for name, value := range in.Attributes {
		if err := checkSubscriptionAttribute(name, value); err != nil {
			return nil, err
		}
	}
	var own Subscription
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		topic, err := findTopic(tx, *in.TopicArn)
		if err == nil {
			err = mine(call, topic.Key)
		}
		if err != nil {
			return err
		}
		for _, old := range Subscriptions.Prefix(tx, topic.Key+":") {
			if old.Spec.Protocol == protocol && old.Spec.Endpoint == endpoint {
				if len(in.Attributes) > 0 && !maps.Equal(in.Attributes, old.Spec.Attributes) {
					return snsapi.NewInvalidParameterException("Invalid parameter: Attributes Reason: Subscription already exists with different attributes")
				}
				own = old
			}
		}
		if own.Key == "" {
			id := awsid.UUID()
			own = Subscription{Key: topic.Key + ":" + id, Spec: SubscriptionSpec{
				Topic: topic.Key, ID: id, Protocol: protocol, Endpoint: endpoint, Owner: call.Account,
				Attributes: maps.Clone(in.Attributes), Token: awsid.Hex(64), Created: call.Now,
				Confirmed: protocol == "sqs", Authenticated: protocol == "sqs", // of the own account: who subscribes it, confirms it
			}}
			Subscriptions.Put(tx, own)
		}
		if !own.Spec.Confirmed {
			askToConfirm(tx, own, call.Now)
		}
		return nil
	})
	shown := pendingARN
	if own.Spec.Confirmed || api.Val(in.ReturnSubscriptionArn) {
		shown = subscriptionARN(own)
	}
	return &snsapi.SubscribeResponse{SubscriptionArn: &shown}, err
}

func checkEndpoint(protocol, endpoint string) error {
	switch protocol {
	case "http", "https":
		if u, err := url.Parse(endpoint); err != nil || u.Scheme != protocol || u.Host == "" {
			return snsapi.NewInvalidParameterException("Invalid parameter: Endpoint must match the specified protocol")
		}
		return nil
	case "email", "email-json":
		if a, err := mail.ParseAddress(endpoint); err != nil || a.Address != endpoint || strings.ContainsAny(endpoint, "/\\") {
			return snsapi.NewInvalidParameterException("Invalid parameter: Email address")
		}
		return nil
	case "sqs":
		if queue, err := arn.Parse(endpoint); err != nil || queue.Service != "sqs" {
			return snsapi.NewInvalidParameterException("Invalid parameter: SQS endpoint ARN")
		}
		return nil
	case "lambda", "sms", "application", "firehose":
		return snsapi.NewInvalidParameterException("Invalid parameter: Protocol %s is not built: the region delivers to http, https, sqs, email and email-json", protocol)
	}
	return snsapi.NewInvalidParameterException("Invalid parameter: Does not support this protocol string: %s", protocol)
}

func checkSubscriptionAttribute(name, value string) error {
	bad := func(format string, args ...any) error {
		return snsapi.NewInvalidParameterException("Invalid parameter: "+name+": "+format, args...)
	}
	switch name {
	case "RawMessageDelivery":
		if value != "true" && value != "false" {
			return bad("want true or false")
		}
	case "FilterPolicyScope":
		if value != "MessageAttributes" && value != "MessageBody" {
			return bad("want MessageAttributes or MessageBody")
		}
	case "FilterPolicy":
		if value == "" || value == "{}" {
			return nil
		}
		if _, err := filter.Parse(value); err != nil {
			return bad("%v", err)
		}
	case "DeliveryPolicy":
		if value != "" && !json.Valid([]byte(value)) {
			return bad("not JSON")
		}
		_, err := retriesOf(value)
		return err
	case "RedrivePolicy":
		if value != "" && value != "{}" && deadLetters(value) == "" {
			return bad("deadLetterTargetArn must be the ARN of an SQS queue")
		}
	default:
		return snsapi.NewInvalidParameterException("Invalid parameter: AttributeName %s", name)
	}
	return nil
}

// deadLetters returns the queue that a RedrivePolicy names; empty if it names none.
func deadLetters(text string) string {
	var read struct {
		Target string `json:"deadLetterTargetArn"`
	}
	if json.Unmarshal([]byte(text), &read) != nil {
		return ""
	}
	if queue, err := arn.Parse(read.Target); err != nil || queue.Service != "sqs" {
		return ""
	}
	return read.Target
}

func (s *Service) confirmSubscription(ctx context.Context, call *api.Call, in *snsapi.ConfirmSubscriptionInput) (*snsapi.ConfirmSubscriptionResponse, error) {
	out := &snsapi.ConfirmSubscriptionResponse{}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		topic, err := findTopic(tx, *in.TopicArn)
		if err != nil {
			return err
		}
		for key, own := range Subscriptions.Prefix(tx, topic.Key+":") {
			if own.Spec.Token != *in.Token {
				continue
			}
			out.SubscriptionArn = api.Ptr(subscriptionARN(own))
			Subscriptions.Modify(tx, key, func(sub *Subscription) {
				sub.Spec.Confirmed = true
				sub.Spec.Authenticated = call.Principal.ARN != ""
				sub.Spec.Guarded = sub.Spec.Authenticated && api.Val(in.AuthenticateOnUnsubscribe) == "true"
			})
			return nil
		}
		return snsapi.NewInvalidParameterException("Invalid parameter: Token")
	})
}

func (s *Service) unsubscribe(ctx context.Context, call *api.Call, in *snsapi.UnsubscribeInput) (*snsapi.UnsubscribeOutput, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		key, err := keyOf(*in.SubscriptionArn)
		if err != nil {
			return err
		}
		own, ok := Subscriptions.Get(tx, key)
		if !ok {
			return nil // gone is no error
		}
		if own.Spec.Guarded && call.Principal.ARN == "" {
			return snsapi.NewAuthorizationErrorException("the subscription may only be ended by a signed call")
		}
		if err := mine(call, own.Key); err != nil {
			return err
		}
		Subscriptions.Delete(tx, key)
		Topics.Modify(tx, own.Spec.Topic, func(t *Topic) { t.Spec.Deleted++ })
		for delivery := range Deliveries.Prefix(tx, key+":") {
			Deliveries.Delete(tx, delivery)
		}
		return nil
	})
}

func (s *Service) getSubscriptionAttributes(_ context.Context, _ *api.Call, in *snsapi.GetSubscriptionAttributesInput) (*snsapi.GetSubscriptionAttributesResponse, error) {
	snap := s.store.Snapshot()
	own, err := findSubscription(snap, *in.SubscriptionArn)
	if err != nil {
		return nil, err
	}
	topic, _ := Topics.Get(snap, own.Spec.Topic)
	out := map[string]string{
		"SubscriptionArn": *in.SubscriptionArn, "TopicArn": topicARN(own.Spec.Topic), "Owner": own.Spec.Owner,
		"Protocol": own.Spec.Protocol, "Endpoint": own.Spec.Endpoint, "RawMessageDelivery": "false",
		"PendingConfirmation": truth(!own.Spec.Confirmed), "ConfirmationWasAuthenticated": truth(own.Spec.Authenticated),
		"SubscriptionPrincipal":   arn.Scope{Account: own.Spec.Owner}.ARN("iam", "root"),
		"EffectiveDeliveryPolicy": effectivePolicy(own.Spec.Attributes["DeliveryPolicy"], topic.Spec.Attributes["DeliveryPolicy"]),
	}
	for name, value := range own.Spec.Attributes {
		if value != "" {
			out[name] = value
		}
	}
	if out["FilterPolicy"] != "" && out["FilterPolicyScope"] == "" {
		out["FilterPolicyScope"] = "MessageAttributes"
	}
	return &snsapi.GetSubscriptionAttributesResponse{Attributes: out}, nil
}

func truth(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

func (s *Service) setSubscriptionAttributes(ctx context.Context, call *api.Call, in *snsapi.SetSubscriptionAttributesInput) (*snsapi.SetSubscriptionAttributesOutput, error) {
	name, value := *in.AttributeName, api.Val(in.AttributeValue)
	if err := checkSubscriptionAttribute(name, value); err != nil {
		return nil, err
	}
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		own, err := findSubscription(tx, *in.SubscriptionArn)
		if err == nil {
			err = mine(call, own.Key)
		}
		if err != nil {
			return err
		}
		Subscriptions.Modify(tx, own.Key, func(sub *Subscription) {
			if sub.Spec.Attributes == nil {
				sub.Spec.Attributes = map[string]string{}
			}
			sub.Spec.Attributes[name] = value
		})
		return nil
	})
}

func (s *Service) listSubscriptions(_ context.Context, call *api.Call, in *snsapi.ListSubscriptionsInput) (*snsapi.ListSubscriptionsResponse, error) {
	all, next, err := paged(listed(s.store.Snapshot(), scopeOf(call).Prefix()), whose, in.NextToken)
	return &snsapi.ListSubscriptionsResponse{Subscriptions: all, NextToken: next}, err
}

func (s *Service) listSubscriptionsByTopic(_ context.Context, _ *api.Call, in *snsapi.ListSubscriptionsByTopicInput) (*snsapi.ListSubscriptionsByTopicResponse, error) {
	snap := s.store.Snapshot()
	topic, err := findTopic(snap, *in.TopicArn)
	if err != nil {
		return nil, err
	}
	all, next, err := paged(listed(snap, topic.Key+":"), whose, in.NextToken)
	return &snsapi.ListSubscriptionsByTopicResponse{Subscriptions: all, NextToken: next}, err
}

// whose names a subscription, which has no ARN before it is confirmed.
func whose(s *snsapi.Subscription) string {
	return *s.TopicArn + " " + *s.Protocol + " " + api.Val(s.Endpoint)
}

func listed(r store.Reader, prefix string) []snsapi.Subscription {
	all := []snsapi.Subscription{}
	for _, own := range Subscriptions.Prefix(r, prefix) {
		shown := "PendingConfirmation"
		if own.Spec.Confirmed {
			shown = subscriptionARN(own)
		}
		all = append(all, snsapi.Subscription{
			SubscriptionArn: &shown, Owner: &own.Spec.Owner, Protocol: &own.Spec.Protocol,
			Endpoint: &own.Spec.Endpoint, TopicArn: api.Ptr(topicARN(own.Spec.Topic)),
		})
	}
	return all
}
