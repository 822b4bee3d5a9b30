package balancer

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"time"

	"apex/internal/dataplane/balancer/http1"
)

// appendRequest appends the head that goes to the target.
func (x *exchange) appendRequest(b []byte) []byte {
	b = append(b, x.req.Method...)
	b = append(b, ' ')
	b = append(b, x.req.Target...)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = x.appendHost(b)
	b = append(b, '\r', '\n')
	var forwardedFor, trace []byte
	odd, measured := false, x.req.Framing == http1.Chunked
	for i := range x.req.Fields {
		f := &x.req.Fields[i]
		odd = odd || f.Odd
		switch {
		case f.Kind == http1.ForwardedFor:
			forwardedFor = joinList(forwardedFor, f.Value)
		case f.Kind == http1.TraceID:
			trace = f.Value
		case f.Kind == http1.Host, f.Kind == http1.ForwardedProto, f.Kind == http1.ForwardedPort,
			x.req.Dropped(f), f.Kind == http1.Expect && !x.req.Expect, f.Odd && x.table.options.DropInvalid, x.forged(f), x.posesAsUser(f):
		case f.Kind == http1.ContentLength && measured:
		default:
			measured = measured || f.Kind == http1.ContentLength
			b = http1.AppendField(b, f.Name, f.Value)
		}
	}
	x.countOdd(odd)
	for i := range x.added {
		b = http1.AppendField(b, x.added[i].Name, x.added[i].Value)
	}
	b = x.appendForwarded(b, forwardedFor)
	x.traceIn.start = len(b) + len(traceField)
	b = appendTrace(b, trace, x.start)
	x.traceIn.end = len(b) - len("\r\n")
	if x.req.Framing == http1.Chunked {
		b = append(b, "Transfer-Encoding: chunked\r\n"...)
	}
	if x.upgrade {
		b = append(b, "Connection: Upgrade\r\nUpgrade: websocket\r\n"...)
	}
	return append(b, '\r', '\n')
}

// countOdd counts a request that has fields of invalid names.
func (x *exchange) countOdd(odd bool) {
	stats := &x.conn.server.stats
	switch {
	case !odd:
	case x.table.options.DropInvalid:
		stats.dropped.Add(1)
	default:
		stats.passed.Add(1)
	}
}

// appendHost appends the Host: unless it is preserved, it names the listener's
// port just if that is not the protocol's own.
func (x *exchange) appendHost(b []byte) []byte {
	host := x.req.Host
	if len(host) == 0 {
		return x.appendOwnAddr(b)
	}
	if x.table.options.PreserveHost || x.moved {
		return append(b, host...)
	}
	name, port := splitHost(host)
	switch own := x.ownPort(); {
	case string(port) == strconv.Itoa(own):
		return append(b, name...)
	case len(port) == 0 && x.table.port != own:
		b = append(append(b, name...), ':')
		return strconv.AppendInt(b, int64(x.table.port), 10)
	}
	return append(b, host...)
}

// ownPort is the port that the client's protocol has if none is said.
func (x *exchange) ownPort() int {
	if x.conn.secure != nil {
		return 443
	}
	return 80
}

func splitHost(host []byte) (name, port []byte) {
	i := bytes.LastIndexByte(host, ':')
	if i < 0 || bytes.IndexByte(host[i:], ']') >= 0 {
		return host, nil
	}
	return host[:i], host[i+1:]
}

// appendOwnAddr appends our address, for a Host that an HTTP/1.0 client did not send.
func (x *exchange) appendOwnAddr(b []byte) []byte {
	return netip.MustParseAddrPort(x.conn.LocalAddr().String()).Addr().AppendTo(b)
}

func joinList(list, more []byte) []byte {
	if len(list) == 0 {
		return more
	}
	return append(append(list[:len(list):len(list)], ", "...), more...)
}

func (x *exchange) appendForwarded(b, forwardedFor []byte) []byte {
	mode := x.table.options.ForwardedFor
	if mode == "append" || mode == "preserve" && len(forwardedFor) > 0 {
		b = append(b, "X-Forwarded-For: "...)
		b = append(b, forwardedFor...)
		if mode == "append" {
			if len(forwardedFor) > 0 {
				b = append(b, ", "...)
			}
			b = x.appendPeer(b)
		}
		b = append(b, '\r', '\n')
	}
	b = append(append(b, "X-Forwarded-Proto: "...), x.conn.scheme()...)
	b = append(b, "\r\nX-Forwarded-Port: "...)
	b = strconv.AppendInt(b, int64(x.table.port), 10)
	return x.appendTLS(append(b, '\r', '\n'))
}

func (x *exchange) appendPeer(b []byte) []byte {
	if x.table.options.ClientPort {
		return x.conn.peer.AppendTo(b)
	}
	return x.conn.peer.Addr().AppendTo(b)
}

const traceField = "X-Amzn-Trace-Id: "

// appendTrace appends the trace id: an existing Root goes on behind our own Self.
func appendTrace(b, given []byte, now time.Time) []byte {
	b = append(b, traceField...)
	if bytes.Contains(given, []byte("Root=")) {
		b = append(b, "Self="...)
		b = appendTraceID(b, now)
		b = append(b, ';')
		b = append(b, withoutSelf(given)...)
		return append(b, '\r', '\n')
	}
	b = append(b, "Root="...)
	b = appendTraceID(b, now)
	if len(given) > 0 {
		b = append(append(b, ';'), given...)
	}
	return append(b, '\r', '\n')
}

// withoutSelf cuts the Self that an earlier balancer put in front.
func withoutSelf(given []byte) []byte {
	if bytes.HasPrefix(given, []byte("Self=")) {
		if i := bytes.IndexByte(given, ';'); i >= 0 {
			return given[i+1:]
		}
	}
	return given
}

// appendTraceID appends "1-<8 hex of the time>-<24 random hex>".
func appendTraceID(b []byte, now time.Time) []byte {
	var raw [16]byte
	binary.BigEndian.PutUint32(raw[:], uint32(now.Unix()))
	binary.BigEndian.PutUint64(raw[4:], rand.Uint64())
	binary.BigEndian.PutUint32(raw[12:], rand.Uint32())
	b = append(b, '1', '-')
	b = hex.AppendEncode(b, raw[:4])
	b = append(b, '-')
	return hex.AppendEncode(b, raw[4:])
}
