// Package target carries what schedules and rules send to their targets.
//
// Who sends puts a row into the outbox on its own transaction. A controller makes
// the call that the row stands for, through the region's own APIs: with the rights
// of the target's role or, where it has none, by the word of the target's resource
// policy. The row goes when the call was answered, or when its tries or its time
// are used up: then it lies in the dead-letter queue, if there is one.
package target

import (
	"time"

	"apex/internal/api/ecsapi"
	"apex/internal/store"
)

// Deliveries is the outbox. A key begins with the sender's, which makes a second
// row of the same occasion impossible.
var Deliveries = store.NewTable("target.deliveries", func(d *Delivery) string { return d.Key })

// Forget takes what is on its way out of the outbox whose keys begin so: who sent
// it is gone.
func Forget(tx *store.Tx, prefix string) {
	for key := range Deliveries.Prefix(tx, prefix) {
		Deliveries.Delete(tx, key)
	}
}

// Tables returns the package's tables.
func Tables() []store.AnyTable { return []store.AnyTable{Deliveries} }

// A Target is where something goes.
type Target struct {
	ARN         string
	Role        string // empty where the target's own policy decides
	DeadLetters string // the ARN of a queue; empty for none
	Retries     int64
	MaxAge      time.Duration
	Group       string // of an SQS queue's message
	Event       *Event // of an event bus
	// Task is what RunTask is asked beside the cluster and the overrides.
	Task *ecsapi.RunTaskRequest
}

// An Event is what an event on a bus is called.
type Event struct{ Source, DetailType string }

// A Delivery is something on its way to a target.
type Delivery struct {
	Key    string
	Spec   DeliverySpec
	Status DeliveryStatus
}

// A DeliverySpec is what is to be sent.
type DeliverySpec struct {
	Target          Target
	Service         string // who sends: "events.amazonaws.com"
	Source          string // the ARN of the rule or schedule
	Account, Region string
	Input           string
	At              time.Time // when it became due
	NotBefore       time.Time
}

// A DeliveryStatus is what became of the tries so far.
type DeliveryStatus struct {
	Tries int64
	Next  time.Time
	Error string // of the last try
}
