package datachannel

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/coder/websocket"
)

// A Program is what a session is held with.
type Program interface {
	io.ReadWriter // its terminal; Read returns io.EOF when nothing more comes
	Resize(rows, cols uint16) error
	Wait() (code int, err error) // returns once it has ended
	Close()                      // ends it
}

// A Session is one session as its agent, our side, sees it.
type Session struct {
	ID     string
	Target string
	// Start starts the program; an error of it is told to the client.
	Start func() (Program, error)
	// Idle ends the session when nothing was typed or printed for so long.
	Idle time.Duration
}

// agentVersion is what the handshake names: a version of AWS's agent that knows
// all that is used here.
const agentVersion = "3.3.0.0"

// openTimeout bounds how long a client may take to say who it is, and to shake
// hands; drain is how long what a program left behind may go on printing.
const (
	openTimeout = 20 * time.Second
	drain       = 250 * time.Millisecond
)

// ErrIdle is why an idle session ends.
var ErrIdle = errors.New("the session was idle for too long")

// Token reads the first message of a client, which holds the session's token.
func Token(ctx context.Context, conn *websocket.Conn) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	kind, data, err := conn.Read(ctx)
	if err != nil {
		return "", fmt.Errorf("open data channel: %w", err)
	}
	var open openChannel
	if err := json.Unmarshal(data, &open); kind != websocket.MessageText || err != nil {
		return "", errors.New("open data channel: the first message is not the token's")
	}
	return open.TokenValue, nil
}

// Serve holds the session with the client at the other end of conn, whose token
// has been checked, until either is done.
func (s Session) Serve(ctx context.Context, conn *websocket.Conn) error {
	ctx, hangUp := context.WithCancel(ctx) // its end closes the connection
	defer hangUp()
	link := newStream(conn, typeOutput, typeInput)
	go link.resend(ctx)
	if err := shakeHands(ctx, link); err != nil {
		return err
	}
	program, err := s.Start()
	if err != nil {
		program = failed{err}
	}
	defer program.Close()
	session, end := context.WithCancelCause(ctx)
	defer end(nil)
	idle := newIdle(s.Idle, func() { end(ErrIdle) })
	defer idle.stop()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		end(s.listen(ctx, link, program, idle))
	}()
	code, err := s.print(session, ctx, link, program, idle)
	select {
	case <-gone:
		return nil // nobody is there to be told
	default:
	}
	if err := s.close(ctx, link, err, code); err != nil {
		return err
	}
	select { // the client closes the connection once it has read all
	case <-gone:
	case <-time.After(openTimeout):
	}
	return nil
}

// failed is a program that could not start.
type failed struct{ error }

func (f failed) Read([]byte) (int, error)    { return 0, io.EOF }
func (f failed) Write(b []byte) (int, error) { return len(b), nil }
func (f failed) Resize(_, _ uint16) error    { return nil }
func (f failed) Wait() (int, error)          { return notStarted, f.error }
func (f failed) Close()                      {}

// notStarted is the exit code of a program that could not start, as in a shell.
const notStarted = 127

// shakeHands names the kind of session: one whose terminal is the client's.
func shakeHands(ctx context.Context, link *stream) error {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	began := time.Now()
	err := link.send(ctx, payloadHandshakeRequest, encode(handshakeRequest{
		AgentVersion: agentVersion,
		RequestedClientActions: []clientAction{{
			ActionType:       "SessionType",
			ActionParameters: sessionType{SessionType: "InteractiveCommands", Properties: json.RawMessage("{}")},
		}},
	}))
	if err != nil {
		return fmt.Errorf("shake hands: %w", err)
	}
	m, err := link.receive(ctx)
	if err != nil {
		return fmt.Errorf("shake hands: %w", err)
	}
	if err := link.acknowledge(ctx, m); err != nil {
		return fmt.Errorf("shake hands: %w", err)
	}
	var response handshakeResponse
	if err := json.Unmarshal(m.body, &response); m.payload != payloadHandshakeResponse || err != nil {
		return errors.New("shake hands: the client answered with something else")
	}
	for _, a := range response.ProcessedClientActions {
		if a.ActionStatus != 1 {
			return fmt.Errorf("shake hands: the client does not do %s: %s", a.ActionType, a.Error)
		}
	}
	return link.send(ctx, payloadHandshakeComplete, encode(handshakeComplete{HandshakeTimeToComplete: int64(time.Since(began))}))
}

// maxTyped is how many messages may wait for a program that does not read.
const maxTyped = 10000

// listen passes on what the client types until it is gone. What the program does
// not read yet waits, so that the program can go on printing meanwhile.
func (s Session) listen(ctx context.Context, link *stream, program Program, idle *idleTimer) error {
	typed := make(chan message, maxTyped)
	defer close(typed)
	go func() {
		for m := range typed {
			if _, err := program.Write(m.body); err != nil {
				continue // it has ended; who listens to it says so
			}
			if err := link.acknowledge(ctx, m); err != nil {
				return
			}
		}
	}()
	for {
		m, err := link.receive(ctx)
		if err != nil {
			return err
		}
		idle.touch()
		if m.payload == PayloadOutput {
			select {
			case typed <- m:
			default:
				return errors.New("the client types more than the program reads")
			}
			continue
		}
		if err := link.acknowledge(ctx, m); err != nil {
			return err
		}
		switch m.payload {
		case PayloadSize:
			var size Size
			if err := json.Unmarshal(m.body, &size); err == nil {
				_ = program.Resize(uint16(size.Rows), uint16(size.Cols)) // a program goes on at its old size
			}
		case PayloadFlag:
			if len(m.body) == 4 && binary.BigEndian.Uint32(m.body) == FlagTerminate {
				return io.EOF
			}
		}
	}
}

// print passes on what the program prints over the connection, and returns how it
// ended, or that the session did.
func (s Session) print(session, connection context.Context, link *stream, program Program, idle *idleTimer) (int, error) {
	type end struct {
		code int
		err  error
	}
	ended := make(chan end, 1)
	go func() {
		code, err := program.Wait()
		ended <- end{code, err}
	}()
	printed := make(chan error, 1)
	go func() {
		_, err := io.Copy(touching{writer{connection, link, PayloadOutput}, idle}, onlyReader{program})
		printed <- err
	}()
	select {
	case e := <-ended:
		select { // the last of its output
		case <-printed:
		case <-time.After(drain):
		case <-session.Done():
		}
		return e.code, e.err
	case <-session.Done():
		program.Close()
		return 1, context.Cause(session)
	}
}

// close tells the client that and how the session ended, and waits until it has
// the output before.
func (s Session) close(ctx context.Context, link *stream, why error, code int) error {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	for pause := time.Millisecond; !link.settled() && ctx.Err() == nil; pause = min(2*pause, 50*time.Millisecond) {
		time.Sleep(pause)
	}
	output := ""
	if why != nil {
		output = why.Error()
	}
	now := time.Now()
	m := message{kind: typeClosed, id: newID(), flags: 3}
	m.body = encode(closed{
		MessageID: idText(m.id), CreatedDate: strconv.FormatInt(now.UnixMilli(), 10), DestinationID: s.Target,
		SessionID: s.ID, MessageType: typeClosed, SchemaVersion: 1, Output: output, ExitCode: &code,
	})
	link.mu.Lock()
	defer link.mu.Unlock()
	return link.conn.Write(ctx, websocket.MessageBinary, m.marshal(now))
}

// onlyReader hides other methods from io.Copy.
type onlyReader struct{ io.Reader }

// touching notes that something was printed.
type touching struct {
	io.Writer
	idle *idleTimer
}

// Write writes and notes it.
func (t touching) Write(b []byte) (int, error) {
	t.idle.touch()
	return t.Writer.Write(b)
}

// An idleTimer fires when nothing touches it for long; a zero time never does.
type idleTimer struct {
	timer *time.Timer
	after time.Duration
}

func newIdle(after time.Duration, fire func()) *idleTimer {
	if after == 0 {
		return &idleTimer{}
	}
	return &idleTimer{time.AfterFunc(after, fire), after}
}

func (i *idleTimer) touch() {
	if i.timer != nil {
		i.timer.Reset(i.after)
	}
}

func (i *idleTimer) stop() {
	if i.timer != nil {
		i.timer.Stop()
	}
}
