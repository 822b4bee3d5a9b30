package realtime

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"apexai/crm/internal/id"
)

const (
	// A socket that watches a record is refreshed in Redis while it lives; one
	// of a task that died is forgotten when this is over.
	presentFor   = 45 * time.Second
	presentEvery = 15 * time.Second
	maxWatched   = 20
)

// watched is a record that a socket watches.
type watched struct {
	Kind string `json:"kind"`
	ID   id.ID  `json:"id"`
}

// outcome answers watch and unwatch.
type outcome struct {
	OK     bool     `json:"ok"`
	Status int      `json:"status,omitempty"`
	Users  []string `json:"users,omitempty"`
}

// answer does what a client's event asks for.
func (s *socket) answer(p packet) {
	var w watched
	o := outcome{Status: http.StatusBadRequest}
	if len(p.args) > 0 && json.Unmarshal(p.args[0], &w) == nil || p.event == "presence.ping" {
		ctx, cancel := context.WithTimeout(context.Background(), checkWithin)
		defer cancel()
		switch p.event {
		case "record.watch":
			o = s.hub.watch(ctx, s, w)
		case "record.unwatch":
			s.hub.unwatch(s, w)
			o = outcome{OK: true}
		case "presence.ping":
			o = outcome{OK: true}
		}
	}
	if p.ack != "" {
		s.send(answered(p.ack, o))
	}
}

func (h *Hub) watch(ctx context.Context, s *socket, w watched) outcome {
	exists, ok := h.Exists[w.Kind]
	if !ok || exists(ctx, s.caller, w.ID) != nil {
		return outcome{Status: http.StatusNotFound} // or another workspace's
	}
	h.mu.Lock()
	full := len(s.watching) >= maxWatched && !s.watching[w]
	if !full && h.sockets[s] {
		s.watching[w] = true
	}
	h.mu.Unlock()
	if full {
		return outcome{Status: http.StatusTooManyRequests}
	}
	h.join(s, s.record(w))
	return outcome{OK: true, Users: h.present(ctx, s, w)}
}

func (h *Hub) unwatch(s *socket, w watched) {
	h.mu.Lock()
	was := s.watching[w]
	delete(s.watching, w)
	h.mu.Unlock()
	if was {
		h.part(s, s.record(w))
		h.absent(s, w)
	}
}

func (s *socket) record(w watched) Room { return Record(s.caller.Workspace, w.Kind, w.ID) }

func (s *socket) presence(w watched) (key, member string) {
	return "presence:" + string(s.record(w)), s.caller.User.String() + " " + s.sid
}

// present notes that a socket's user looks at a record, and tells who does.
func (h *Hub) present(ctx context.Context, s *socket, w watched) []string {
	key, member := s.presence(w)
	_, err := h.Redis.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.ZAdd(ctx, key, redis.Z{Score: float64(time.Now().Add(presentFor).UnixMilli()), Member: member})
		p.Expire(ctx, key, 2*presentFor)
		return nil
	})
	if err != nil {
		h.Log.Debug("realtime: presence is this task's only", "cause", err)
	}
	return h.announce(ctx, s, w)
}

// absent notes that a socket looks no longer, and tells the others.
func (h *Hub) absent(s *socket, w watched) {
	ctx, cancel := context.WithTimeout(context.Background(), checkWithin)
	defer cancel()
	key, member := s.presence(w)
	if err := h.Redis.ZRem(ctx, key, member).Err(); err != nil {
		h.Log.Debug("realtime: presence runs out by itself", "cause", err)
	}
	h.announce(ctx, s, w)
}

func (h *Hub) announce(ctx context.Context, s *socket, w watched) []string {
	users := h.users(ctx, s, w)
	h.Send(ctx, s.record(w), "presence", map[string]any{"kind": w.Kind, "id": w.ID, "users": users})
	return users
}

// users are who looks at a record; without Redis, those of this task.
func (h *Hub) users(ctx context.Context, s *socket, w watched) []string {
	key, _ := s.presence(w)
	now := strconv.FormatInt(time.Now().UnixMilli(), 10)
	members, err := h.Redis.ZRangeArgs(ctx, redis.ZRangeArgs{Key: key, ByScore: true, Start: now, Stop: "+inf"}).Result()
	var users []string
	for _, m := range members {
		user, _, _ := strings.Cut(m, " ")
		users = append(users, user)
	}
	if err != nil {
		h.mu.RLock()
		for other := range h.rooms[s.record(w)] {
			users = append(users, other.caller.User.String())
		}
		h.mu.RUnlock()
	}
	slices.Sort(users)
	return slices.Compact(users)
}

// attend refreshes what this task's sockets watch, and tells of what ran out.
func (h *Hub) attend(ctx context.Context) {
	tick := time.NewTicker(presentEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, s := range h.all() {
			for _, w := range h.watches(s) {
				if h.refresh(ctx, s, w) > 0 {
					h.announce(ctx, s, w)
				}
			}
		}
	}
}

func (h *Hub) watches(s *socket) []watched {
	h.mu.RLock()
	defer h.mu.RUnlock()
	var all []watched
	for w := range s.watching {
		all = append(all, w)
	}
	return all
}

// refresh returns how many had run out.
func (h *Hub) refresh(ctx context.Context, s *socket, w watched) int64 {
	key, member := s.presence(w)
	now := time.Now()
	var gone *redis.IntCmd
	_, err := h.Redis.TxPipelined(ctx, func(p redis.Pipeliner) error {
		gone = p.ZRemRangeByScore(ctx, key, "-inf", strconv.FormatInt(now.UnixMilli(), 10))
		p.ZAdd(ctx, key, redis.Z{Score: float64(now.Add(presentFor).UnixMilli()), Member: member})
		p.Expire(ctx, key, 2*presentFor)
		return nil
	})
	if err != nil {
		return 0
	}
	return gone.Val()
}
