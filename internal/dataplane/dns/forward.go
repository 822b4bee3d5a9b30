package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/miekg/dns"
)

// The bounds of a Forwarder.
const (
	maxForwards      = 128
	upstreamPatience = 2 * time.Second
)

// ErrBusy says that as many questions are under way as a Forwarder passes on.
var ErrBusy = errors.New("too many questions under way")

// A Forwarder passes questions on to resolvers outside.
type Forwarder struct {
	// Upstreams returns the resolvers, to be tried in order.
	Upstreams func() []netip.AddrPort
	// Dial connects to one of them.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	slots chan struct{}
}

// NewForwarder returns a Forwarder.
func NewForwarder(upstreams func() []netip.AddrPort, dial func(context.Context, string, string) (net.Conn, error)) *Forwarder {
	return &Forwarder{Upstreams: upstreams, Dial: dial, slots: make(chan struct{}, maxForwards)}
}

// Exchange asks the resolvers until one answers, over the network ("udp" or
// "tcp") that the question came by.
func (f *Forwarder) Exchange(ctx context.Context, network string, q *dns.Msg) (*dns.Msg, error) {
	select {
	case f.slots <- struct{}{}:
		defer func() { <-f.slots }()
	default:
		return nil, ErrBusy
	}
	fault := errors.New("no resolver outside")
	for _, upstream := range f.Upstreams() {
		answer, err := f.ask(ctx, network, upstream, q)
		if err == nil {
			return answer, nil
		}
		fault = err
	}
	return nil, fmt.Errorf("forward %s: %w", q.Question[0].Name, fault)
}

func (f *Forwarder) ask(ctx context.Context, network string, upstream netip.AddrPort, q *dns.Msg) (*dns.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, upstreamPatience)
	defer cancel()
	conn, err := f.Dial(ctx, network, upstream.String())
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	question := q.Copy()
	question.Id = dns.Id() // never the sender's: who guesses that could answer for us
	client := dns.Client{Net: network, Timeout: upstreamPatience, UDPSize: dns.MaxMsgSize}
	answer, _, err := client.ExchangeWithConnContext(ctx, question, &dns.Conn{Conn: conn, UDPSize: dns.MaxMsgSize})
	if err != nil {
		return nil, err
	}
	answer.Id = q.Id
	return answer, nil
}
