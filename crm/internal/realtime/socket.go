package realtime

import (
	"context"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"apexai/crm/internal/tenant"
)

const (
	pingEvery    = 25 * time.Second // well within a balancer's 60 s
	pongWithin   = 20 * time.Second
	writeWithin  = 10 * time.Second
	maxMessage   = 16 << 10
	maxWaiting   = 256 // frames; who is further behind is dropped, and catches up when back
	maxPerSecond = 40  // packets of a client
)

// A socket is one browser's connection. Idle, it costs one goroutine, which
// reads; one that writes is there only while there is something to write.
type socket struct {
	hub    *Hub
	conn   *websocket.Conn
	sid    string
	caller tenant.Tenant
	cookie string // to check the session again

	entered  atomic.Bool // the namespace
	heard    atomic.Int64
	pinged   int64 // the hub's keeper alone uses these two
	checked  int64
	watching map[watched]bool // guarded by hub.mu, as rooms are
	rooms    map[Room]bool

	mu      sync.Mutex
	waiting [][]byte
	writing bool
	closed  bool
	second  int64 // of the client's packets
	packets int
}

// send queues a frame. It never waits.
func (s *socket) send(frame []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	if len(s.waiting) >= maxWaiting {
		s.closed = true
		go s.conn.CloseNow()
		return
	}
	s.waiting = append(s.waiting, frame)
	if !s.writing {
		s.writing = true
		go s.write()
	}
}

// write writes what waits, and ends.
func (s *socket) write() {
	for {
		s.mu.Lock()
		frames := s.waiting
		s.waiting = nil
		if len(frames) == 0 || s.closed {
			s.writing = false
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		for _, frame := range frames {
			ctx, cancel := context.WithTimeout(context.Background(), writeWithin)
			err := s.conn.Write(ctx, websocket.MessageText, frame)
			cancel()
			if err != nil {
				s.conn.CloseNow()
				return // the reader notices, and takes the socket out
			}
		}
	}
}

// read takes the client's packets until the connection ends. A fault of ours
// ends this socket, and not the process.
func (s *socket) read() {
	defer s.hub.leave(s)
	defer func() {
		if v := recover(); v != nil {
			s.hub.Log.Error("a socket is closed by a fault of ours", "fault", v, "stack", string(debug.Stack()))
		}
	}()
	for {
		kind, data, err := s.conn.Read(context.Background())
		if err != nil {
			return
		}
		s.heard.Store(time.Now().UnixNano())
		if kind != websocket.MessageText || s.floods() {
			s.close(websocket.StatusPolicyViolation, "not taken here")
			return
		}
		p, err := parse(string(data))
		if err != nil {
			s.close(websocket.StatusPolicyViolation, err.Error())
			return
		}
		if !s.take(p) {
			s.close(websocket.StatusNormalClosure, "")
			return
		}
	}
}

// floods counts the client's packets of this second.
func (s *socket) floods() bool {
	now := time.Now().Unix()
	if s.second != now {
		s.second, s.packets = now, 0
	}
	s.packets++
	return s.packets > maxPerSecond
}

// take does what a packet asks for; false ends the connection.
func (s *socket) take(p packet) bool {
	switch {
	case p.engine == engineClose, p.engine == engineMessage && p.kind == socketDisconnect:
		return false
	case p.engine == enginePing:
		s.send([]byte{enginePong})
	case p.engine == enginePong:
	case p.kind == socketConnect && p.namespace != "/":
		s.send(refused(p.namespace, "Invalid namespace", http.StatusNotFound))
	case p.kind == socketConnect:
		s.enter()
	case p.kind == socketEvent && s.entered.Load():
		s.answer(p)
	}
	return true
}

// enter puts the socket into the rooms that are its own.
func (s *socket) enter() {
	if s.caller.Workspace == 0 {
		s.send(refused("/", "unauthorized", http.StatusUnauthorized))
		return
	}
	if s.entered.Swap(true) {
		return
	}
	s.send(connected(s.sid))
	s.hub.join(s, Workspace(s.caller.Workspace), User(s.caller.Workspace, s.caller.User))
}

// close ends the connection with a word of why, if the client takes it.
func (s *socket) close(code websocket.StatusCode, why string) {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.conn.Close(code, why)
}
