// Package realtime tells browsers, over Socket.IO at /socket.io/, what has
// changed: to the workspace, to whoever looks at one record, to one user.
//
// It is told once at most: versions make gaps visible, and after a break the
// client asks GET /changes?since=. Nothing is written by socket.
package realtime

import (
	"context"
	"fmt"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/outbox"
)

// A Room is a set of sockets, on all tasks, that hear the same.
type Room string

// Workspace is everyone in a workspace.
func Workspace(number uint32) Room { return Room(fmt.Sprintf("ws:%d", number)) }

// Record is everyone who looks at a record.
func Record(workspace uint32, kind string, which id.ID) Room {
	return Room(fmt.Sprintf("rec:%d:%s:%s", workspace, kind, which))
}

// User is one user in a workspace, on all devices.
func User(workspace uint32, user id.ID) Room { return Room(fmt.Sprintf("user:%d:%s", workspace, user)) }

// A Sender sends at once, whatever becomes of the transaction at hand: for
// progress and the like.
type Sender interface {
	Send(ctx context.Context, to Room, event string, payload any)
}

// Topic is events' topic in the outbox; bodies are Events.
const Topic = "event"

// An Event is on its way to a room.
type Event struct {
	Room    Room   `json:"room"`
	Name    string `json:"name"`
	Payload any    `json:"payload"`
}

// Publish sends once the transaction that q is has been committed.
func Publish(ctx context.Context, q database.Queryer, to Room, event string, payload any) error {
	return outbox.Put(ctx, q, Topic, Event{to, event, payload})
}
