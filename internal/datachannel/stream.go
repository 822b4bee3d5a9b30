package datachannel

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/coder/websocket"
)

const (
	// window is how many messages may be on their way: who writes more waits.
	window = 256
	// resendAfter is how long a message waits for its acknowledgement.
	resendAfter = 300 * time.Millisecond
	// ahead is how many messages after a missing one are kept.
	ahead = 10000
)

// A stream is one side of an open channel: numbered messages out, numbered
// messages in, each acknowledged. One goroutine may send while another receives.
type stream struct {
	conn     *websocket.Conn
	out, in  string // the types of messages that this side sends and receives
	expected int64
	early    map[int64]message // arrived before one that is missing

	mu      sync.Mutex // guards the rest, and writes to the connection in order
	next    int64
	unacked []sent        // in order
	room    chan struct{} // signalled when unacked gets shorter
}

type sent struct {
	sequence int64
	frame    []byte
	at       time.Time
}

func newStream(conn *websocket.Conn, out, in string) *stream {
	conn.SetReadLimit(maxMessage)
	return &stream{conn: conn, out: out, in: in, early: map[int64]message{}, room: make(chan struct{}, 1)}
}

// send sends a payload and waits while too many are on their way.
func (s *stream) send(ctx context.Context, payload uint32, body []byte) error {
	for {
		s.mu.Lock()
		if len(s.unacked) < window {
			break
		}
		s.mu.Unlock()
		select {
		case <-s.room:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	defer s.mu.Unlock()
	m := message{kind: s.out, sequence: s.next, id: newID(), payload: payload, body: body}
	if s.next == 0 {
		m.flags = 1
	}
	frame := m.marshal(time.Now())
	s.next++
	s.unacked = append(s.unacked, sent{m.sequence, frame, time.Now()})
	return s.conn.Write(ctx, websocket.MessageBinary, frame)
}

// resend sends the oldest message again for as long as it is not acknowledged.
// It returns when ctx ends or the connection fails.
func (s *stream) resend(ctx context.Context) {
	tick := time.NewTicker(resendAfter / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		s.mu.Lock()
		var err error
		if len(s.unacked) > 0 && time.Since(s.unacked[0].at) > resendAfter {
			s.unacked[0].at = time.Now()
			err = s.conn.Write(ctx, websocket.MessageBinary, s.unacked[0].frame)
		}
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// receive returns the next message of the other side's stream, which the caller
// acknowledges once it is used, or the one that closes the channel. It must not
// wait long between calls: it also learns what the other side has.
func (s *stream) receive(ctx context.Context) (message, error) {
	for {
		if m, ok := s.early[s.expected]; ok {
			delete(s.early, s.expected)
			s.expected++
			return m, nil
		}
		_, frame, err := s.conn.Read(ctx)
		if err != nil {
			return message{}, err
		}
		m, err := parse(frame)
		if err != nil {
			return message{}, err
		}
		switch m.kind {
		case typeClosed:
			return m, nil
		case typeAcknowledge:
			s.acknowledged(m)
		case s.in:
			if m.sequence-s.expected > ahead {
				return message{}, errors.New("receive: messages are missing")
			}
			if m.sequence >= s.expected {
				s.early[m.sequence] = m
			} else if err := s.acknowledge(ctx, m); err != nil { // it was sent twice
				return message{}, err
			}
		}
	}
}

func (s *stream) acknowledge(ctx context.Context, m message) error {
	ack := message{
		kind: typeAcknowledge, flags: 3, id: newID(),
		body: encode(acknowledgement{m.kind, idText(m.id), m.sequence, true}),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn.Write(ctx, websocket.MessageBinary, ack.marshal(time.Now()))
}

func (s *stream) acknowledged(m message) {
	var ack acknowledgement
	if err := json.Unmarshal(m.body, &ack); err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, one := range s.unacked {
		if one.sequence == ack.Sequence {
			s.unacked = append(s.unacked[:i], s.unacked[i+1:]...)
			break
		}
	}
	select {
	case s.room <- struct{}{}:
	default:
	}
}

// settled reports whether the other side has everything.
func (s *stream) settled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.unacked) == 0
}

// writer sends what is written as payloads of one type.
type writer struct {
	ctx     context.Context //nolint:containedctx // the life of one session
	s       *stream
	payload uint32
}

func (w writer) Write(b []byte) (int, error) {
	if err := w.s.send(w.ctx, w.payload, append([]byte(nil), b...)); err != nil {
		return 0, err
	}
	return len(b), nil
}

var _ io.Writer = writer{}
