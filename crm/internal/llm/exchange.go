package llm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

var errSlow = errors.New("too long without an answer")

// whole asks p once for a whole answer.
func (c *Client) whole(ctx context.Context, p Provider, r Request) (Reply, error) {
	reply := Reply{Provider: p.Name, Model: p.Model}
	begun := time.Now()
	err := c.exchange(ctx, p, r, false, func(body io.Reader) error {
		data, err := io.ReadAll(io.LimitReader(body, maxAnswer+1))
		if err != nil {
			return err
		}
		if len(data) > maxAnswer {
			return errTooLong
		}
		got, err := p.wire.read(data, false)
		if err != nil {
			return &Error{Kind: Nonsense, Provider: p.Name}
		}
		reply.take(got)
		return finished(p, got.blocked, got.ended)
	})
	reply.Took = time.Since(begun)
	return reply, err
}

// stream asks p once for an answer in parts.
func (c *Client) stream(ctx context.Context, p Provider, r Request, each func(string) error) (Reply, error) {
	reply := Reply{Provider: p.Name, Model: p.Model}
	begun, ended, blocked := time.Now(), false, false
	err := c.exchange(ctx, p, r, true, func(body io.Reader) error {
		err := events(body, func(data []byte) error {
			got, err := p.wire.read(data, true)
			if err != nil {
				return &Error{Kind: Nonsense, Provider: p.Name}
			}
			reply.take(got)
			ended, blocked = ended || got.ended, blocked || got.blocked
			if got.text == "" {
				return nil
			}
			if err := each(got.text); err != nil {
				return &left{err}
			}
			return nil
		})
		if err != nil {
			return err
		}
		return finished(p, blocked, ended)
	})
	reply.Took = time.Since(begun)
	return reply, err
}

func (r *Reply) take(p piece) {
	r.Text += p.text
	if p.model != "" {
		r.Model = p.model
	}
	if p.usage != (Usage{}) { // of a stream, the last count is of it all
		r.Usage = p.usage
	}
}

func finished(p Provider, blocked, ended bool) error {
	switch {
	case blocked:
		return &Error{Kind: Blocked, Provider: p.Name}
	case !ended:
		return &Error{Kind: Cut, Provider: p.Name}
	}
	return nil
}

// exchange sends one request and has read take the answer's body. It ends by
// itself if no byte comes for too long.
func (c *Client) exchange(parent context.Context, p Provider, r Request, stream bool, read func(io.Reader) error) error {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	patience := time.AfterFunc(c.limits.FirstByte, func() { cancel(errSlow) })
	defer patience.Stop()
	request, err := compose(ctx, p, r, stream)
	if err != nil {
		return err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return broken(ctx, p, Failing, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return refusal(p, response)
	}
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")) // what is none is of the wrong kind too
	if want := map[bool]string{false: "application/json", true: "text/event-stream"}[stream]; kind != want {
		return &Error{Kind: Nonsense, Provider: p.Name, Cause: fmt.Errorf("its answer is not %s", want)}
	}
	return broken(ctx, p, Cut, read(&patient{response.Body, patience, c.limits.FirstByte}))
}

func compose(ctx context.Context, p Provider, r Request, stream bool) (*http.Request, error) {
	path, body := p.wire.request(p, r, stream)
	encoded, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encode request to %s: %w", p.Name, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.BaseURL+path, bytes.NewReader(encoded))
	if err != nil {
		return nil, &Error{Kind: Refused, Provider: p.Name, Cause: errors.New("its base URL cannot be used")}
	}
	request.Header.Set("Content-Type", "application/json")
	if p.Key != "" {
		p.wire.authorise(request.Header, p.Key)
	}
	return request, nil
}

// patient puts off the time limit whenever something comes.
type patient struct {
	io.Reader
	limit *time.Timer
	by    time.Duration
}

func (p *patient) Read(into []byte) (int, error) {
	n, err := p.Reader.Read(into)
	if n > 0 {
		p.limit.Reset(p.by)
	}
	return n, err
}

// left is the fault of who takes the parts of a stream, and no provider's.
type left struct{ error }

// broken tells apart why an exchange ended early; otherwise is the provider's
// fault if it was neither the time nor the caller.
func broken(ctx context.Context, p Provider, otherwise Kind, err error) error {
	if _, ok := errors.AsType[*Error](err); ok || err == nil {
		return err
	}
	if l, ok := errors.AsType[*left](err); ok {
		return l.error
	}
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errSlow):
		return &Error{Kind: Slow, Provider: p.Name}
	case cause != nil:
		return cause
	case errors.Is(err, errTooLong):
		return &Error{Kind: Nonsense, Provider: p.Name, Cause: err}
	}
	return &Error{Kind: otherwise, Provider: p.Name}
}

// refusal reads a status other than 200. What is in the body stays unread: it
// may repeat the key.
func refusal(p Provider, response *http.Response) error {
	e := &Error{Kind: Refused, Provider: p.Name, Status: response.StatusCode}
	switch {
	case response.StatusCode == http.StatusTooManyRequests:
		e.Kind = Busy
	case response.StatusCode >= 500 || response.StatusCode == http.StatusRequestTimeout:
		e.Kind = Failing
	}
	e.RetryAfter = retryAfter(response.Header.Get("Retry-After"), time.Now())
	return e
}

// retryAfter reads seconds or a date; what is neither says nothing.
func retryAfter(v string, now time.Time) time.Duration {
	if n, err := strconv.Atoi(strings.TrimSpace(v)); err == nil {
		return time.Duration(min(max(n, 0), 24*60*60)) * time.Second
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}
