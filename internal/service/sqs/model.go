// Package sqs serves Amazon SQS: standard and FIFO queues whose messages are rows
// of the store, so that one that was taken in is on disk.
//
// A message that is received stays, invisible for a while; it goes when it is
// deleted, when it is older than its queue keeps messages, or, into the dead-letter
// queue, when it was received too often. A receive that waits looks at the store's
// changes and at no clock but the next message's.
package sqs

import (
	"time"

	"apex/internal/store"
	"apex/internal/tag"
)

// The service's tables. The key of a message is its queue's key, ":" and its
// number; that of a deduplication is the queue's key, ":" and its id.
var (
	Queues   = store.NewTable("sqs.queues", func(q *Queue) string { return q.Key })
	Messages = store.NewTable("sqs.messages", func(m *Message) string { return m.Key })
	counters = store.NewTable("sqs.counters", func(c *counter) string { return c.Key })
	dedups   = store.NewTable("sqs.dedups", func(d *dedup) string { return d.Key })
	moves    = store.NewTable("sqs.moves", func(m *move) string { return m.Key })
)

// Tables returns the service's tables.
func Tables() []store.AnyTable {
	return []store.AnyTable{Queues, Messages, counters, dedups, moves}
}

// A Queue keeps messages.
type Queue struct {
	Key  string // scope and name
	Spec QueueSpec
}

// A QueueSpec is what the API says of a queue.
type QueueSpec struct {
	Name              string
	Attributes        map[string]string // those that were set
	Tags              tag.Tags
	Created, Modified time.Time
	Purged            time.Time
}

// A Message is one message in a queue.
type Message struct {
	Key  string
	Spec MessageSpec
}

// A MessageSpec is what the API's calls made of a message.
type MessageSpec struct {
	ID, Body   string
	Attributes map[string]Attribute
	Trace      string // AWSTraceHeader
	Sender     string
	Sent       time.Time
	Visible    time.Time // not before then
	Group      string
	Dedup      string
	Source     string // the ARN of the queue that it was moved here from
	Received   int
	First      time.Time // when it was received first
	Receipt    string    // of the last receive
}

// An Attribute is a message attribute.
type Attribute struct {
	Type   string // "String", "Number", "Binary", or these with a label
	String string
	Binary []byte
}

// A counter numbers a queue's messages.
type counter struct {
	Key  string
	Sent int64
}

// A dedup is an id that a FIFO queue takes only once in a while.
type dedup struct {
	Key         string
	ID, Message string
	Sequence    string
	Until       time.Time
}

// A move is a finished redrive of a dead-letter queue.
type move struct {
	Key                 string
	Handle              string
	Source, Destination string
	Rate                *int64
	Moved               int64
	Started             time.Time
}
