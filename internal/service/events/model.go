// Package events serves Amazon EventBridge: buses, rules with event patterns or
// schedules, and their targets.
//
// An event is matched with a bus's rules in the transaction that takes it in, and
// what each target is to get goes into the outbox of package target at once: an
// event that was answered for is not lost. The region itself puts events on the
// default bus, of what it sees change in other services.
package events

import (
	"time"

	"apex/internal/api/eventsapi"
	"apex/internal/store"
	"apex/internal/tag"
)

// The service's tables. The key of a rule is its bus's key, "/" and its name.
var (
	Buses = store.NewTable("events.buses", func(b *Bus) string { return b.Key })
	Rules = store.NewTable("events.rules", func(r *Rule) string { return r.Key })
)

// Tables returns the service's tables.
func Tables() []store.AnyTable { return []store.AnyTable{Buses, Rules} }

// defaultBus is there without being made.
const defaultBus = "default"

// A Bus is what events are put on.
type Bus struct {
	Key  string // scope and name
	Spec BusSpec
}

// A BusSpec is what the API says of a bus.
type BusSpec struct {
	Name              string
	Description, Key  *string
	DeadLetters       *eventsapi.DeadLetterConfig
	Policy            string
	Tags              tag.Tags
	Created, Modified time.Time
}

// A Rule sends events, or the time, to targets.
type Rule struct {
	Key    string
	Spec   RuleSpec
	Status RuleStatus
}

// A RuleSpec is what the API says of a rule.
type RuleSpec struct {
	Bus, Name         string
	Pattern           string // empty for none
	Schedule          string // empty for none
	Disabled          bool
	State             string
	Description, Role *string
	Targets           map[string]eventsapi.Target // by id
	Tags              tag.Tags
	Created           time.Time
	Scheduled         time.Time // when the schedule or the state was set last
}

// A RuleStatus is what the controller has seen to.
type RuleStatus struct {
	Looked time.Time // what was due before is done
}
