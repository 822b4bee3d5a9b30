// Package sns serves Amazon SNS: topics, their subscriptions, and the delivery of
// what is published to them.
//
// Publish writes one row into the outbox for each subscription that wants the
// message. A controller delivers the rows one by one and deletes each when it has
// arrived, or when its tries are used up: a kill loses none. As on AWS, a message
// may arrive twice.
//
// Messages go into queues of SQS, and to HTTP and HTTPS endpoints, signed as AWS signs them, after the
// endpoint has confirmed the subscription. What goes to an e-mail address is our
// own: the region sends no mail, it writes it into a file below
// $APEX_HOME/inbox/<address>.
package sns

import (
	"time"

	"apex/internal/store"
	"apex/internal/tag"
)

// The service's tables. The key of a subscription or delivery is its topic's key,
// ":" and its own id.
var (
	Topics        = store.NewTable("sns.topics", func(t *Topic) string { return t.Key })
	Subscriptions = store.NewTable("sns.subscriptions", func(s *Subscription) string { return s.Key })
	Deliveries    = store.NewTable("sns.deliveries", func(d *Delivery) string { return d.Key })
)

// Tables returns the service's tables.
func Tables() []store.AnyTable { return []store.AnyTable{Topics, Subscriptions, Deliveries} }

// A Topic is what messages are published to.
type Topic struct {
	Key  string // scope and name
	Spec TopicSpec
}

// A TopicSpec is what the API says of a topic.
type TopicSpec struct {
	Name       string
	Attributes map[string]string // those that were set
	Tags       tag.Tags
	Created    time.Time
	Deleted    int // subscriptions that were deleted
}

// A Subscription sends a topic's messages to one endpoint.
type Subscription struct {
	Key  string
	Spec SubscriptionSpec
}

// A SubscriptionSpec is what the API says of a subscription.
type SubscriptionSpec struct {
	Topic, ID          string // the topic's key; the id is the ARN's last part
	Protocol, Endpoint string
	Owner              string
	Attributes         map[string]string
	Token              string // that confirms it
	Confirmed          bool
	Authenticated      bool // whether the one that confirmed it signed
	Guarded            bool // only who signs may end it (AuthenticateOnUnsubscribe)
	Created            time.Time
}

// A Delivery is one message on its way to one endpoint.
type Delivery struct {
	Key    string
	Spec   DeliverySpec
	Status DeliveryStatus
}

// A DeliverySpec is what is to be sent.
type DeliverySpec struct {
	Subscription string // its key
	Type         string // "Notification" or "SubscriptionConfirmation"
	MessageID    string
	Subject      string
	Body         string
	Attributes   map[string]Attribute
	Published    time.Time
}

// A DeliveryStatus is what became of the tries so far.
type DeliveryStatus struct {
	Tries int
	Next  time.Time // not before then
	Error string    // of the last try
}

// An Attribute is a message attribute.
type Attribute struct {
	Type  string // "String", "Number", "Binary", "String.Array"
	Value string // base64 where it is binary
}

// A Message is what is published.
type Message struct {
	Subject, Body string
	Structured    bool // Body is JSON with a text for each protocol
	Attributes    map[string]Attribute
}
