package realtime

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"apexai/crm/internal/id"
)

const (
	channel    = "realtime"
	maxOutward = 1024
	everyone   = Room("*")
)

// An envelope passes between tasks.
type envelope struct {
	Node    string          `json:"node"` // who sent it and has told its own sockets
	Room    Room            `json:"room,omitempty"`
	Event   string          `json:"event,omitempty"`
	Payload json.RawMessage `json:"payload,omitempty"`
	Recheck *id.ID          `json:"recheck,omitempty"`
}

// pass gives an envelope to the other tasks, or says that Redis did not take it.
func (h *Hub) pass(ctx context.Context, e envelope) error {
	encoded, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("realtime: %w", err)
	}
	return h.Redis.Publish(ctx, channel, encoded).Err()
}

// publish passes on what Send left. What Redis does not take is dropped.
func (h *Hub) publish(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-h.outward:
			if err := h.pass(ctx, e); err != nil {
				h.Log.Debug("realtime: other tasks were not told", "cause", err)
				pause(ctx, 100*time.Millisecond)
			}
		}
	}
}

// listen takes what other tasks pass on. Each time that it has to subscribe
// anew something may have been missed: clients are told to ask, and whether
// their sessions still stand is looked at.
func (h *Hub) listen(ctx context.Context) {
	subscription := h.Redis.Subscribe(ctx, channel)
	defer subscription.Close()
	first := true
	messages := subscription.ChannelWithSubscriptions(redis.WithChannelSize(maxOutward))
	for {
		select {
		case <-ctx.Done():
			return
		case m, ok := <-messages:
			if !ok {
				return
			}
			switch m := m.(type) {
			case *redis.Subscription:
				if !first {
					h.doubtful.Store(true)
					h.tell(everyone, "changes.missed", []byte(`{}`))
				}
				first = false
			case *redis.Message:
				h.receive(m.Payload)
			}
		}
	}
}

func (h *Hub) receive(text string) {
	var e envelope
	if err := json.Unmarshal([]byte(text), &e); err != nil || e.Node == h.node {
		return
	}
	if e.Recheck != nil {
		h.recheck(*e.Recheck)
		return
	}
	h.tell(e.Room, e.Event, e.Payload)
}
