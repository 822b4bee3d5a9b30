// Package webhooks tells other systems of changes: each is sent as a POST,
// signed as Standard Webhooks says, tried again for a day and a half, and kept
// in a log from where it can be sent anew.
package webhooks

import (
	"crypto/rand"
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
	"time"

	"apexai/crm/internal/check"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/web"
)

// A Webhook is an address that wants to be told of events.
type Webhook struct {
	ID           id.ID      `json:"id"`
	Version      int        `json:"version"`
	URL          string     `json:"url"`
	Events       []string   `json:"events"` // "person.created", "deal.*", "*"
	Active       bool       `json:"active"`
	FailingSince *time.Time `json:"failingSince"`
	DisabledWhy  string     `json:"disabledWhy"`
	CreatedAt    time.Time  `json:"createdAt"`
	UpdatedAt    time.Time  `json:"updatedAt"`
	UpdatedBy    id.ID      `json:"updatedBy"`
	secret       []byte
}

// RecordVersion goes into the ETag.
func (w Webhook) RecordVersion() int { return w.Version }

// A Fresh is a webhook with its secret, which is shown this once.
type Fresh struct {
	Webhook
	Secret string `json:"secret"`
}

// Location is where the webhook is read.
func (f Fresh) Location() string { return "/api/v1/webhooks/" + f.ID.String() }

// A Draft is what an administrator writes about a webhook.
type Draft struct {
	URL    string   `json:"url"`
	Events []string `json:"events"`
	Active *bool    `json:"active,omitempty"` // true if it is not said
}

// A Patch is a JSON merge patch of a Draft.
type Patch struct {
	URL    web.Field[string]   `json:"url"`
	Events web.Field[[]string] `json:"events"`
	Active web.Field[bool]     `json:"active"`
}

var eventName = regexp.MustCompile(`^(\*|[a-z][a-z-]{0,23}\.(\*|[a-z][a-z-]{0,23}))$`)

const maxEvents = 20

func (d *Draft) check(guard Guard) error {
	var f check.Faults
	f.Line("/url", &d.URL, 500)
	if why := guard.refuses(d.URL); why != "" {
		f.Add("/url", "address", why)
	}
	slices.Sort(d.Events)
	d.Events = slices.Compact(d.Events)
	if len(d.Events) == 0 || len(d.Events) > maxEvents {
		f.Add("/events", "number", "between 1 and 20 events")
	}
	for _, e := range d.Events {
		if !eventName.MatchString(e) {
			f.Add("/events", "event", `events are like "person.created", "deal.*", or "*" for all`)
			break
		}
	}
	return f.Problem()
}

// wants says whether a webhook asks for an event.
func (w Webhook) wants(event string) bool {
	kind, _, _ := strings.Cut(event, ".")
	return slices.ContainsFunc(w.Events, func(e string) bool { return e == "*" || e == event || e == kind+".*" })
}

func newSecret() []byte {
	secret := make([]byte, 24)
	rand.Read(secret)
	return secret
}

// shown is a secret as the receiver's library wants it.
func shown(secret []byte) string { return "whsec_" + base64.StdEncoding.EncodeToString(secret) }

const columns = `w.id, w.version, w.url, w.events, w.active, w.failing_since, w.disabled_why, w.created_at, w.updated_at, w.updated_by, w.secret`

func scan(row database.Row, w *Webhook) error {
	var events string
	err := row.Scan(&w.ID, &w.Version, &w.URL, &events, &w.Active, &w.FailingSince, &w.DisabledWhy, &w.CreatedAt, &w.UpdatedAt, &w.UpdatedBy, &w.secret)
	w.Events = strings.Split(events, ",")
	return err
}
