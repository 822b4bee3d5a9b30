package realtime

import (
	"context"
	"errors"
	"net/http"
	"time"

	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

const (
	lookEvery   = time.Second
	checkEvery  = 10 * time.Minute // whether the session still stands
	checkWithin = 5 * time.Second
	checkAtOnce = 8
	enterWithin = 10 * time.Second // the namespace
)

// keep pings sockets, drops those that do not answer, and checks again
// whether their sessions stand: one goroutine for all of them.
func (h *Hub) keep(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	slots := make(chan struct{}, checkAtOnce)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now, doubtful := time.Now(), h.doubtful.Swap(false)
		for _, s := range h.all() {
			if doubtful {
				s.checked = 0
			}
			h.look(s, now, slots)
		}
	}
}

func (h *Hub) look(s *socket, now time.Time, slots chan struct{}) {
	if silent := now.Sub(time.Unix(0, s.heard.Load())); silent > pingEvery+pongWithin || silent > enterWithin && !s.entered.Load() {
		s.conn.CloseNow()
		return
	}
	if now.Sub(time.Unix(0, s.pinged)) >= pingEvery {
		s.pinged = now.UnixNano()
		s.send([]byte{enginePing})
	}
	if now.Sub(time.Unix(0, s.checked)) < checkEvery {
		return
	}
	select {
	case slots <- struct{}{}:
		s.checked = now.UnixNano()
		go func() {
			defer func() { <-slots }()
			h.check(s)
		}()
	default: // the next round has room
	}
}

// check sends off a socket whose session has ended or changed hands. Without
// Redis nobody can be known, and nobody is sent off.
func (h *Hub) check(s *socket) {
	defer func() {
		if v := recover(); v != nil {
			h.Log.Error("a session could not be checked by a fault of ours", "fault", v)
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), checkWithin)
	defer cancel()
	caller, err := h.Caller(asked(ctx, s.cookie))
	if err == nil && caller.Workspace == s.caller.Workspace && caller.User == s.caller.User {
		return
	}
	if err != nil && !turnedAway(err) {
		return
	}
	s.send(framed("session.revoked", []byte(`{}`)))
	s.send([]byte{engineMessage, socketDisconnect}) // the client does not come back by itself
	time.AfterFunc(lookEvery, func() { s.conn.CloseNow() })
}

// turnedAway tells a caller who may not come in from a fault that passes.
func turnedAway(err error) bool {
	p, ok := errors.AsType[*problem.Problem](err)
	return ok && (p.Status == http.StatusUnauthorized || p.Status == http.StatusForbidden)
}

// asked is a request of a socket's session, long after the one that opened it.
func asked(ctx context.Context, cookie string) *http.Request {
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, "/socket.io/", nil) // the address is valid
	r.Header.Set("Cookie", cookie)
	return r
}

// Recheck has all tasks look at a user's sessions at once, after one of them
// was ended.
func (h *Hub) Recheck(user id.ID) {
	h.recheck(user)
	select {
	case h.outward <- envelope{Node: h.node, Recheck: &user}:
	default: // they find out within checkEvery
	}
}

func (h *Hub) recheck(user id.ID) {
	for _, s := range h.all() {
		if s.caller.User == user {
			go h.check(s)
		}
	}
}

// callerOf is who opens a socket; a zero tenant is somebody without a session,
// who is told so by Socket.IO's own means.
func (h *Hub) callerOf(r *http.Request) (tenant.Tenant, error) {
	caller, err := h.Caller(r)
	if err != nil && turnedAway(err) {
		return tenant.Tenant{}, nil
	}
	return caller, err
}
