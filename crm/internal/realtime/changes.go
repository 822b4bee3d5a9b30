package realtime

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"apexai/crm/internal/change"
	"apexai/crm/internal/id"
	"apexai/crm/internal/outbox"
)

// A Changed is what sockets hear of a change; cursor is where GET /changes
// goes on behind it.
type Changed struct {
	Kind    string       `json:"kind"`
	ID      string       `json:"id"`
	Version int          `json:"version"`
	Verb    string       `json:"verb"`
	By      string       `json:"by,omitempty"`
	Fields  []string     `json:"fields,omitempty"`
	Near    []change.Ref `json:"near,omitempty"`
	Cursor  int64        `json:"cursor"`
}

const (
	maxFields = 20 // an event stays below a kilobyte; the client reads the record anyway
	maxNear   = 5
)

func changed(n change.Notice) Changed {
	c := Changed{Kind: n.Kind, ID: n.ID.String(), Version: n.Version, Verb: n.Verb, Fields: n.Fields, Near: n.Near, Cursor: n.Audit}
	if !n.By.IsZero() {
		c.By = n.By.String()
	}
	if len(c.Fields) > maxFields {
		c.Fields = nil
	}
	c.Near = c.Near[:min(len(c.Near), maxNear)]
	return c
}

// named is the event's name: what is done often has its own.
func named(n change.Notice) string {
	switch {
	case n.Verb == "deleted":
		return "record.deleted"
	case n.Kind == "deal" && n.Verb == "moved":
		return "deal.moved"
	case n.Kind == "activity" && n.Verb == "created":
		return "activity.added"
	}
	return "record.changed"
}

// Changes takes changes from the outbox to the workspace's sockets.
type Changes struct{ Hub *Hub }

func (c Changes) read(m outbox.Message) (change.Notice, bool) {
	var n change.Notice
	err := json.Unmarshal(m.Body, &n)
	if err != nil {
		c.Hub.Log.Error("change cannot be read and is dropped", "message", m.ID, "cause", err)
	}
	return n, err == nil
}

// Show tells this task's sockets.
func (c Changes) Show(m outbox.Message) {
	if n, ok := c.read(m); ok && !n.Quiet {
		payload, _ := json.Marshal(changed(n)) // plain values
		c.Hub.tell(Workspace(n.Workspace), named(n), payload)
	}
}

// Hand tells the other tasks' sockets.
func (c Changes) Hand(ctx context.Context, m outbox.Message) (keep bool, err error) {
	n, ok := c.read(m)
	if !ok {
		return false, nil
	}
	if n.Quiet {
		c.Hub.mass.add(c.Hub, mass{n.Workspace, n.Kind, n.By})
		return false, nil
	}
	payload, _ := json.Marshal(changed(n)) // plain values
	return false, c.Hub.pass(ctx, envelope{Node: c.Hub.node, Room: Workspace(n.Workspace), Event: named(n), Payload: payload})
}

// masses counts the changes of an import or the like, of which sockets hear
// together.
type masses struct {
	mu     sync.Mutex
	counts map[mass]int
}

type mass struct {
	workspace uint32
	kind      string
	by        id.ID // who does it: the page where they do needs no telling
}

const massEvery = 500 * time.Millisecond

func (m *masses) add(h *Hub, of mass) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.counts[of]++; m.counts[of] > 1 {
		return // its event is on its way
	}
	time.AfterFunc(massEvery, func() {
		m.mu.Lock()
		n := m.counts[of]
		delete(m.counts, of)
		m.mu.Unlock()
		payload := map[string]any{"kind": of.kind, "count": n}
		if !of.by.IsZero() {
			payload["by"] = of.by
		}
		h.Send(context.Background(), Workspace(of.workspace), "records.changed", payload)
	})
}

// Events takes events of any kind from the outbox to their rooms.
type Events struct{ Hub *Hub }

type published struct {
	Room    Room            `json:"room"`
	Name    string          `json:"name"`
	Payload json.RawMessage `json:"payload"`
}

func (e Events) read(m outbox.Message) (published, bool) {
	var p published
	err := json.Unmarshal(m.Body, &p)
	if err != nil {
		e.Hub.Log.Error("event cannot be read and is dropped", "message", m.ID, "cause", err)
	}
	return p, err == nil
}

// Show tells this task's sockets.
func (e Events) Show(m outbox.Message) {
	if p, ok := e.read(m); ok {
		e.Hub.tell(p.Room, p.Name, p.Payload)
	}
}

// Hand tells the other tasks' sockets.
func (e Events) Hand(ctx context.Context, m outbox.Message) (keep bool, err error) {
	p, ok := e.read(m)
	if !ok {
		return false, nil
	}
	return false, e.Hub.pass(ctx, envelope{Node: e.Hub.node, Room: p.Room, Event: p.Name, Payload: p.Payload})
}
