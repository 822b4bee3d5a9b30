package events

import (
	"encoding/json"
	"time"

	"apex/internal/awsid"
	"apex/internal/service/sns/filter"
)

// An Event is what happened.
type Event struct {
	Version    string          `json:"version"`
	ID         string          `json:"id"`
	DetailType string          `json:"detail-type"`
	Source     string          `json:"source"`
	Account    string          `json:"account"`
	Time       string          `json:"time"`
	Region     string          `json:"region"`
	Resources  []string        `json:"resources"`
	Detail     json.RawMessage `json:"detail"`
}

// eventTime is how events write the time.
const eventTime = "2006-01-02T15:04:05Z"

// newEvent gives an event what each has.
func newEvent(e Event, at time.Time) Event {
	e.Version, e.ID, e.Time = "0", awsid.UUID(), at.UTC().Format(eventTime)
	if e.Resources == nil {
		e.Resources = []string{}
	}
	return e
}

func (e Event) text() string {
	text, err := json.Marshal(e)
	if err != nil {
		return "{}" // details are JSON where they are taken in
	}
	return string(text)
}

// wants tells whether a rule's pattern matches an event.
func (r Rule) wants(event string) bool {
	if r.Spec.Disabled || r.Spec.Pattern == "" {
		return false
	}
	pattern, err := filter.Parse(r.Spec.Pattern)
	return err == nil && pattern.MatchesBody(event)
}
