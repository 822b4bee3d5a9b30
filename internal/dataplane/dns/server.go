// Package dns is a VPC's resolver.
//
// It answers for the names inside the VPC from a Zone, for the region's own
// services with the address of their endpoint, and passes questions about the
// rest of the world on, if the one who asks has a way out.
package dns

import (
	"context"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/sync/errgroup"
)

// A Server answers questions by its current Zone.
type Server struct {
	zone     atomic.Pointer[Zone]
	outside  *Forwarder
	mayLeave func(netip.Addr) bool
}

// NewServer returns a server with an empty zone. mayLeave says whose questions
// may be passed on.
func NewServer(outside *Forwarder, mayLeave func(netip.Addr) bool) *Server {
	s := &Server{outside: outside, mayLeave: mayLeave}
	s.zone.Store(&Zone{})
	return s
}

// SetZone replaces what the server knows. The zone must not be changed later.
func (s *Server) SetZone(z *Zone) { s.zone.Store(z) }

// Serve answers on a socket and a listener until ctx ends.
func (s *Server) Serve(ctx context.Context, pc net.PacketConn, l net.Listener) error {
	handler := dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) { s.serve(ctx, w, q) })
	group, ctx := errgroup.WithContext(ctx)
	for _, server := range []*dns.Server{
		{PacketConn: pc, Handler: handler, UDPSize: dns.MaxMsgSize},
		{Listener: l, Handler: handler, IdleTimeout: func() time.Duration { return 10 * time.Second }},
	} {
		group.Go(func() error {
			// Closing what it reads from ends it, whether it has started or not.
			defer context.AfterFunc(ctx, func() { pc.Close(); l.Close() })()
			if err := server.ActivateAndServe(); err != nil && ctx.Err() == nil {
				return err
			}
			return nil
		})
	}
	return group.Wait()
}

func (s *Server) serve(ctx context.Context, w dns.ResponseWriter, q *dns.Msg) {
	sender, _ := netip.ParseAddrPort(w.RemoteAddr().String())
	network := w.RemoteAddr().Network()
	answer := s.Answer(ctx, sender.Addr().Unmap(), network, q)
	if network == "udp" {
		size := dns.MinMsgSize
		if edns := q.IsEdns0(); edns != nil {
			size = int(edns.UDPSize())
		}
		answer.Truncate(max(size, dns.MinMsgSize))
	}
	_ = w.WriteMsg(answer) // who asked may be gone
}

// Answer returns the answer to a question from sender.
func (s *Server) Answer(ctx context.Context, sender netip.Addr, network string, q *dns.Msg) *dns.Msg {
	if len(q.Question) != 1 || q.Question[0].Qclass != dns.ClassINET {
		return failure(q, dns.RcodeRefused)
	}
	if q.Opcode != dns.OpcodeQuery {
		return failure(q, dns.RcodeNotImplemented)
	}
	if answer, ok := s.zone.Load().answer(q); ok {
		return s.complete(ctx, sender, network, q, answer)
	}
	if !s.mayLeave(sender) {
		return failure(q, dns.RcodeServerFailure)
	}
	answer, err := s.outside.Exchange(ctx, network, q)
	if err != nil {
		return failure(q, dns.RcodeServerFailure)
	}
	return answer
}

// complete asks outside for the name that an answer of ours ends in, if it does.
func (s *Server) complete(ctx context.Context, sender netip.Addr, network string, q, answer *dns.Msg) *dns.Msg {
	target, ok := dangling(q, answer)
	if !ok || !s.mayLeave(sender) {
		return answer
	}
	sub := q.Copy()
	sub.Question[0].Name = target
	if rest, err := s.outside.Exchange(ctx, network, sub); err == nil {
		answer.Rcode, answer.Ns = rest.Rcode, rest.Ns
		answer.Answer = append(answer.Answer, rest.Answer...)
	}
	return answer
}

func failure(q *dns.Msg, code int) *dns.Msg {
	answer := new(dns.Msg)
	answer.SetRcode(q, code)
	answer.RecursionAvailable = true
	return answer
}
