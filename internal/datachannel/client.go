package datachannel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/coder/websocket"
)

// A Client is the side of a session that a person sits at.
type Client struct {
	link   *stream
	conn   *websocket.Conn
	cancel context.CancelFunc
}

// clientVersion is what our client calls itself: a version of AWS's plugin that
// knows all that is used here.
const clientVersion = "1.2.700.0"

// Dial opens a session's channel and shakes hands.
func Dial(ctx context.Context, streamURL, token string) (*Client, error) {
	conn, _, err := websocket.Dial(ctx, streamURL, nil)
	if err != nil {
		return nil, fmt.Errorf("open data channel: %w", err)
	}
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c := &Client{link: newStream(conn, typeInput, typeOutput), conn: conn, cancel: cancel}
	err = conn.Write(ctx, websocket.MessageText, encode(openChannel{
		MessageSchemaVersion: "1.0", RequestID: idText(newID()), TokenValue: token,
		ClientID: idText(newID()), ClientVersion: clientVersion,
	}))
	if err == nil {
		err = c.shakeHands(ctx)
	}
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("open data channel: %w", err)
	}
	go c.link.resend(life)
	return c, nil
}

func (c *Client) shakeHands(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	for {
		m, err := c.link.receive(ctx)
		if err != nil {
			return err
		}
		if err := c.link.acknowledge(ctx, m); err != nil {
			return err
		}
		switch m.payload {
		case payloadHandshakeRequest:
			if err := c.answer(ctx, m.body); err != nil {
				return err
			}
		case payloadHandshakeComplete:
			return nil
		default:
			return errors.New("the other side shakes no hands")
		}
	}
}

// answer takes every kind of session that is a terminal, and nothing else.
func (c *Client) answer(ctx context.Context, body []byte) error {
	var request handshakeRequest
	if err := json.Unmarshal(body, &request); err != nil {
		return err
	}
	response := handshakeResponse{ClientVersion: clientVersion, ProcessedClientActions: []processedAction{}, Errors: []string{}}
	for _, a := range request.RequestedClientActions {
		done := processedAction{ActionType: a.ActionType, ActionStatus: 1}
		if a.ActionType != "SessionType" {
			done.ActionStatus, done.Error = 3, "Unsupported action "+a.ActionType
			response.Errors = append(response.Errors, done.Error)
		}
		response.ProcessedClientActions = append(response.ProcessedClientActions, done)
	}
	return c.link.send(ctx, payloadHandshakeResponse, encode(response))
}

// Type sends what was typed.
func (c *Client) Type(ctx context.Context, b []byte) error { return c.link.send(ctx, PayloadOutput, b) }

// Resize tells the size of the client's terminal.
func (c *Client) Resize(ctx context.Context, size Size) error {
	return c.link.send(ctx, PayloadSize, encode(size))
}

// An End is how a session ended.
type End struct {
	Code    int    // the program's exit code; 0 if the other side tells none
	Message string // why it ended, unless the program did
}

// Print writes what the program prints to out until the session ends. It returns
// an error if the channel breaks before.
func (c *Client) Print(ctx context.Context, out io.Writer) (End, error) {
	for {
		m, err := c.link.receive(ctx)
		if err != nil {
			return End{}, fmt.Errorf("session: the channel broke: %w", err)
		}
		if m.kind == typeClosed {
			var end closed
			if err := json.Unmarshal(m.body, &end); err != nil {
				return End{}, fmt.Errorf("session: its last message: %w", err)
			}
			if end.ExitCode == nil {
				return End{Message: end.Output}, nil
			}
			return End{*end.ExitCode, end.Output}, nil
		}
		if m.payload == PayloadOutput {
			if _, err := out.Write(m.body); err != nil {
				return End{}, err
			}
		}
		if err := c.link.acknowledge(ctx, m); err != nil {
			return End{}, fmt.Errorf("session: the channel broke: %w", err)
		}
	}
}

// Close ends the session.
func (c *Client) Close() {
	c.cancel()
	_ = c.conn.Close(websocket.StatusNormalClosure, "")
}
