package sns

import (
	"encoding/json"
	"fmt"
	"time"

	"apex/internal/awsid"
	"apex/internal/service/sns/filter"
	"apex/internal/store"
)

// PublishTo publishes a message for another service: it puts it into the outbox of
// every subscription that wants it. It returns an error if there is no such topic.
func PublishTo(tx *store.Tx, topicARN string, m Message, now time.Time) error {
	topic, err := findTopic(tx, topicARN)
	if err != nil {
		return fmt.Errorf("publish to %s: topic does not exist", topicARN)
	}
	publish(tx, topic, m, now)
	return nil
}

// publish returns the message's id.
func publish(tx *store.Tx, topic Topic, m Message, now time.Time) string {
	id := awsid.UUID()
	for key, own := range Subscriptions.Prefix(tx, topic.Key+":") {
		if !own.Spec.Confirmed || !wants(own, m) {
			continue
		}
		Deliveries.Put(tx, Delivery{Key: key + ":" + id, Spec: DeliverySpec{
			Subscription: key, Type: "Notification", MessageID: id, Subject: m.Subject,
			Body: bodyFor(own.Spec.Protocol, m), Attributes: m.Attributes, Published: now,
		}})
	}
	return id
}

// wants tells whether a message passes a subscription's filter policy.
func wants(own Subscription, m Message) bool {
	text := own.Spec.Attributes["FilterPolicy"]
	if text == "" || text == "{}" {
		return true
	}
	policy, err := filter.Parse(text)
	if err != nil {
		return false // the API lets none in that does not read
	}
	if own.Spec.Attributes["FilterPolicyScope"] == "MessageBody" {
		return policy.MatchesBody(m.Body)
	}
	values := map[string][]any{}
	for name, attribute := range m.Attributes {
		values[name] = attribute.values()
	}
	return policy.Matches(values)
}

// values are what a filter sees of an attribute.
func (a Attribute) values() []any {
	switch a.Type {
	case "Number":
		return []any{json.Number(a.Value)}
	case "String.Array":
		var items []any
		if json.Unmarshal([]byte(a.Value), &items) == nil {
			return items
		}
	}
	return []any{a.Value}
}

// bodyFor picks the text for a protocol out of a structured message.
func bodyFor(protocol string, m Message) string {
	if !m.Structured {
		return m.Body
	}
	var texts map[string]string
	if err := json.Unmarshal([]byte(m.Body), &texts); err != nil {
		return m.Body // the API lets none in that does not read
	}
	if text, ok := texts[protocol]; ok {
		return text
	}
	return texts["default"]
}

// askToConfirm sends the endpoint what it needs to confirm a subscription.
func askToConfirm(tx *store.Tx, own Subscription, now time.Time) {
	id := awsid.UUID()
	arn := topicARN(own.Spec.Topic)
	Deliveries.Put(tx, Delivery{Key: own.Key + ":" + id, Spec: DeliverySpec{
		Subscription: own.Key, Type: "SubscriptionConfirmation", MessageID: id, Published: now,
		Body: "You have chosen to subscribe to the topic " + arn + ".\nTo confirm the subscription, visit the SubscribeURL included in this message.",
	}})
}
