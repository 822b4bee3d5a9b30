package realtime

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/coder/websocket"

	"apexai/crm/internal/problem"
	"apexai/crm/internal/web"
)

// ServeHTTP opens sockets: Engine.IO 4 over a websocket. Its other transport,
// long polling, needs a balancer that sends a client to the same task each
// time, and is refused.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	switch {
	case h.draining.Load():
		web.Fail(w, r, problem.Unavailable("this task stops; others take the connection", nil))
		return
	case q.Get("EIO") != "4":
		complain(w, 5, "Unsupported protocol version")
		return
	case q.Get("transport") != "websocket":
		complain(w, 0, "Transport unknown")
		return
	}
	caller, err := h.callerOf(r)
	if err != nil {
		web.Fail(w, r, err)
		return
	}
	web.Note(r, caller)
	conn, err := websocket.Accept(lean{w}, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return // Accept has answered
	}
	conn.SetReadLimit(maxMessage)
	now := time.Now().UnixNano()
	s := &socket{
		hub: h, conn: conn, sid: sid(), caller: caller, cookie: r.Header.Get("Cookie"),
		pinged: now, checked: now, watching: map[watched]bool{}, rooms: map[Room]bool{},
	}
	s.heard.Store(now)
	h.mu.Lock()
	h.sockets[s] = true
	h.mu.Unlock()
	s.send(opening(s.sid))
	go s.read() // not here: what serves the request is freed
}

// complain refuses a handshake as Engine.IO does.
func complain(w http.ResponseWriter, code int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	w.Write([]byte(`{"code":` + strconv.Itoa(code) + `,"message":` + strconv.Quote(message) + `}`)) // the caller may be gone
}

func sid() string {
	raw := make([]byte, 15)
	rand.Read(raw)
	return base64.RawURLEncoding.EncodeToString(raw)
}

// lean gives a taken-over connection small buffers: messages here are short,
// and the usual ones of 4 KiB each would be most of what a socket costs.
type lean struct{ http.ResponseWriter }

const leanBuffer = 512

// Hijack takes the connection over.
func (l lean) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, usual, err := http.NewResponseController(l.ResponseWriter).Hijack()
	if err != nil || usual.Reader.Buffered() > 0 { // a client in a hurry keeps the usual ones
		return conn, usual, err
	}
	return conn, bufio.NewReadWriter(bufio.NewReaderSize(conn, leanBuffer), bufio.NewWriterSize(conn, leanBuffer)), nil
}
