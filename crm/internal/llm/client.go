package llm

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"apexai/crm/internal/trace"
)

// A Client asks the first of its providers that answers.
type Client struct {
	http      *http.Client
	limits    Limits
	providers []*guarded
}

type guarded struct {
	Provider
	breaker breaker
}

// New makes a client of providers, best first; those without a base URL are
// left out.
func New(limits Limits, providers ...Provider) *Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 8
	c := &Client{limits: limits, http: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the key stays where it was sent
	}}
	for _, p := range providers {
		if p.BaseURL != "" {
			c.providers = append(c.providers, &guarded{Provider: p})
		}
	}
	return c
}

// A Status is how a provider is.
type Status struct {
	Name    string `json:"name"`
	Model   string `json:"model"`
	Resting bool   `json:"resting"` // it failed several times in a row and is left alone for a while
}

// Providers are those set up, in the order in which they are asked.
func (c *Client) Providers() []Status {
	all := []Status{}
	for _, p := range c.providers {
		all = append(all, Status{p.Name, p.Model, p.breaker.open(time.Now())})
	}
	return all
}

// Text asks for one whole answer. The providers named in only are asked; all
// if it is nil.
func (c *Client) Text(ctx context.Context, r Request, only []string) (Reply, error) {
	return c.ask(ctx, only, func(ctx context.Context, p *guarded) (Reply, bool, error) {
		reply, err := c.whole(ctx, p.Provider, r)
		return reply, false, err
	})
}

// Stream asks for an answer and gives its parts to each as they come. Once a
// part is out, no other provider is asked: its answer would be another. The
// reply of a failed stream holds what had come.
func (c *Client) Stream(ctx context.Context, r Request, only []string, each func(part string) error) (Reply, error) {
	return c.ask(ctx, only, func(ctx context.Context, p *guarded) (Reply, bool, error) {
		reply, err := c.stream(ctx, p.Provider, r, each)
		return reply, reply.Text != "", err
	})
}

// A try is one request to one provider; final says that nobody else may be
// asked, however it went.
type try func(ctx context.Context, p *guarded) (reply Reply, final bool, err error)

func (c *Client) ask(parent context.Context, only []string, do try) (Reply, error) {
	ctx, cancel := context.WithTimeoutCause(parent, c.limits.Total, errSlow)
	defer cancel()
	failed := error(&Error{Kind: Off})
	for _, p := range c.providers {
		if only != nil && !slices.Contains(only, p.Name) {
			continue
		}
		if !p.breaker.allow(time.Now()) {
			failed = worse(failed, &Error{Kind: Failing, Provider: p.Name, Cause: errors.New("it failed several times in a row and is left alone for a while")})
			continue
		}
		reply, final, err := c.insist(ctx, p, do)
		if err == nil || final || parent.Err() != nil {
			return reply, err
		}
		failed = worse(failed, err)
		if ctx.Err() != nil {
			break
		}
	}
	return Reply{}, failed
}

// worse keeps the first provider's failure, which says more than that the
// others are not set up or are left alone.
func worse(kept, next error) error {
	if e, ok := errors.AsType[*Error](kept); ok && e.Kind == Off {
		return next
	}
	return kept
}

// insist tries one provider until it answers, fails for good, asks for more
// patience than there is, or is to be left alone.
func (c *Client) insist(ctx context.Context, p *guarded, do try) (Reply, bool, error) {
	for attempt := 1; ; attempt++ {
		reply, final, err := observed(ctx, p, do)
		fault, known := errors.AsType[*Error](err)
		switch {
		case err != nil && !known: // the caller left, or takes no more
			p.breaker.gaveUp()
			return reply, true, err
		default:
			p.breaker.done(err == nil || fault.Kind == Blocked, time.Now())
		}
		if err == nil || final || fault.Kind == Blocked || !fault.passing() {
			return reply, final, err
		}
		pause := max(fault.RetryAfter, time.Duration(attempt*attempt)*250*time.Millisecond)
		if attempt >= c.limits.Attempts || pause > c.limits.Wait || p.breaker.open(time.Now()) || !sleep(ctx, pause) {
			return reply, final, err
		}
	}
}

// observed does one try with a span of its own: whom it asked, what it cost and
// how it ended, and nothing of what was said.
func observed(ctx context.Context, p *guarded, do try) (Reply, bool, error) {
	ctx, span := trace.Begin(ctx, "ask "+p.Name)
	reply, final, err := do(ctx, p)
	span.Note("gen_ai.provider.name", p.Name)
	span.Note("gen_ai.request.model", p.Model)
	span.Count("gen_ai.usage.input_tokens", reply.Usage.In)
	span.Count("gen_ai.usage.output_tokens", reply.Usage.Out)
	switch fault, known := errors.AsType[*Error](err); {
	case known:
		span.End(string(fault.Kind))
	case err != nil:
		span.End("left")
	default:
		span.End("")
	}
	return reply, final, err
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
