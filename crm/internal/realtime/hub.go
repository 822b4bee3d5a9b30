package realtime

import (
	"context"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"github.com/redis/go-redis/v9"

	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
)

// A Hub holds this task's sockets and speaks with the other tasks' hubs
// through Redis. Without Redis its own sockets hear each other still.
type Hub struct {
	Redis  *redis.Client
	Log    *slog.Logger
	Caller func(*http.Request) (tenant.Tenant, error)
	// Exists says of each kind of record that can be watched whether one is there.
	Exists map[string]Exists

	node     string
	outward  chan envelope
	draining atomic.Bool
	doubtful atomic.Bool // some sessions may have ended unheard
	mu       sync.RWMutex
	sockets  map[*socket]bool
	rooms    map[Room]map[*socket]bool
	mass     masses
}

// Exists says by an error that there is no such record for the tenant.
type Exists func(ctx context.Context, t tenant.Tenant, which id.ID) error

// Gets makes an Exists of what reads a record.
func Gets[T any](get func(context.Context, tenant.Tenant, id.ID) (T, error)) Exists {
	return func(ctx context.Context, t tenant.Tenant, which id.ID) error {
		_, err := get(ctx, t, which)
		return err
	}
}

// NewHub makes a hub; Run runs it.
func NewHub(client *redis.Client, log *slog.Logger) *Hub {
	return &Hub{
		Redis: client, Log: log, node: id.New().String(), outward: make(chan envelope, maxOutward),
		sockets: map[*socket]bool{}, rooms: map[Room]map[*socket]bool{}, mass: masses{counts: map[mass]int{}},
	}
}

// Run keeps sockets and the connection to the other tasks until ctx ends.
func (h *Hub) Run(ctx context.Context) {
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(func() { h.listen(ctx) })
	work.Go(func() { h.publish(ctx) })
	work.Go(func() { h.attend(ctx) })
	h.keep(ctx)
}

// Send tells a room, here at once and on the other tasks as soon as may be.
func (h *Hub) Send(_ context.Context, to Room, event string, payload any) {
	encoded, err := json.Marshal(payload)
	if err != nil {
		h.Log.Error("event cannot be sent", "event", event, "cause", err)
		return
	}
	h.tell(to, event, encoded)
	select {
	case h.outward <- envelope{Node: h.node, Room: to, Event: event, Payload: encoded}:
	default: // Redis is away; clients ask what they missed when it is back
	}
}

// tell is Send to this task's own sockets.
func (h *Hub) tell(to Room, event string, payload json.RawMessage) {
	frame := framed(event, payload)
	h.mu.RLock()
	defer h.mu.RUnlock()
	if to == everyone {
		for s := range h.sockets {
			s.send(frame)
		}
		return
	}
	for s := range h.rooms[to] {
		s.send(frame)
	}
}

func (h *Hub) join(s *socket, rooms ...Room) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.sockets[s] {
		return // it has left already
	}
	for _, room := range rooms {
		if h.rooms[room] == nil {
			h.rooms[room] = map[*socket]bool{}
		}
		h.rooms[room][s] = true
		s.rooms[room] = true
	}
}

func (h *Hub) part(s *socket, room Room) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.partLocked(s, room)
}

func (h *Hub) partLocked(s *socket, room Room) {
	delete(s.rooms, room)
	delete(h.rooms[room], s)
	if len(h.rooms[room]) == 0 {
		delete(h.rooms, room)
	}
}

// leave takes out a socket whose connection has ended.
func (h *Hub) leave(s *socket) {
	s.conn.CloseNow()
	h.mu.Lock()
	delete(h.sockets, s)
	for room := range s.rooms {
		h.partLocked(s, room)
	}
	left := s.watching
	s.watching = nil
	h.mu.Unlock()
	for w := range left {
		h.absent(s, w)
	}
}

// Sockets is how many are connected to this task.
func (h *Hub) Sockets() int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.sockets)
}

func (h *Hub) all() []*socket {
	h.mu.RLock()
	defer h.mu.RUnlock()
	list := make([]*socket, 0, len(h.sockets))
	for s := range h.sockets {
		list = append(list, s)
	}
	return list
}

const (
	waves   = 10
	closing = 2 * time.Second
)

// Drain sends everybody to other tasks: clients are asked to come back to one
// at a moment of their own choice within the given time; who is still here
// then is sent off in waves, so that not all knock at once.
func (h *Hub) Drain(ctx context.Context, within time.Duration) {
	h.draining.Store(true)
	told, _ := json.Marshal(map[string]int64{"within": within.Milliseconds()}) // a number
	h.tell(everyone, "server.draining", told)
	pause(ctx, within)
	left := h.all()
	rand.Shuffle(len(left), func(i, j int) { left[i], left[j] = left[j], left[i] })
	for i := range waves {
		for _, s := range left[i*len(left)/waves : (i+1)*len(left)/waves] {
			go s.close(websocket.StatusGoingAway, "the server restarts")
		}
		if len(left) > 0 {
			pause(ctx, closing/waves)
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
