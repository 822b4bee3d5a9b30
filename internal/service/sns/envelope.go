package sns

import (
	"encoding/json"
	"net/url"
	"strings"
)

// timestamp is how SNS writes a time.
const timestamp = "2006-01-02T15:04:05.000Z"

// An envelope is a message as an endpoint gets it.
type envelope struct {
	Type              string
	MessageID         string `json:"MessageId"`
	Token             string `json:",omitempty"`
	TopicArn          string
	Subject           string `json:",omitempty"`
	Message           string
	SubscribeURL      string `json:",omitempty"`
	Timestamp         string
	SignatureVersion  string
	Signature         string
	SigningCertURL    string
	UnsubscribeURL    string                       `json:",omitempty"`
	MessageAttributes map[string]envelopeAttribute `json:",omitempty"`
}

type envelopeAttribute struct {
	Type, Value string
}

// canonical is the text that is signed: names and values, each on a line of its
// own, in the order of the names.
func (e *envelope) canonical() string {
	var b strings.Builder
	add := func(name, value string) {
		if value != "" {
			b.WriteString(name + "\n" + value + "\n")
		}
	}
	add("Message", e.Message)
	add("MessageId", e.MessageID)
	add("Subject", e.Subject)
	add("SubscribeURL", e.SubscribeURL)
	add("Timestamp", e.Timestamp)
	add("Token", e.Token)
	add("TopicArn", e.TopicArn)
	add("Type", e.Type)
	return b.String()
}

// seal makes the envelope of a delivery, signed.
func (s *Service) envelope(topic Topic, own Subscription, d Delivery) (envelope, error) {
	e := envelope{
		Type: d.Spec.Type, MessageID: d.Spec.MessageID, TopicArn: topicARN(own.Spec.Topic),
		Subject: d.Spec.Subject, Message: d.Spec.Body, Timestamp: d.Spec.Published.UTC().Format(timestamp),
		SignatureVersion: topic.Spec.Attributes["SignatureVersion"],
	}
	if e.SignatureVersion == "" {
		e.SignatureVersion = "1"
	}
	if e.Type == "SubscriptionConfirmation" {
		e.Token = own.Spec.Token
		e.SubscribeURL = s.call(url.Values{"Action": {"ConfirmSubscription"}, "TopicArn": {e.TopicArn}, "Token": {e.Token}})
	} else {
		e.UnsubscribeURL = s.call(url.Values{"Action": {"Unsubscribe"}, "SubscriptionArn": {subscriptionARN(own)}})
	}
	for name, a := range d.Spec.Attributes {
		if e.MessageAttributes == nil {
			e.MessageAttributes = map[string]envelopeAttribute{}
		}
		e.MessageAttributes[name] = envelopeAttribute(a)
	}
	name, err := s.signer.name()
	if err != nil {
		return e, err
	}
	e.SigningCertURL = s.base + certificatePath + name
	e.Signature, err = s.signer.sign(e.canonical(), e.SignatureVersion)
	return e, err
}

// call is the URL of a call that needs no signature.
func (s *Service) call(parameters url.Values) string {
	parameters.Set("Version", "2010-03-31")
	return s.base + "/?" + parameters.Encode()
}

func (e *envelope) json() []byte {
	text, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return []byte("{}")
	}
	return text
}
