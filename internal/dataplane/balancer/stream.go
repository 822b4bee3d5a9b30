package balancer

import (
	"crypto/x509"
	"net"
	"sync/atomic"
	"time"
)

// A stream is the connection to a client or a target as bytes: TCP, or TLS over
// it.
type stream interface {
	net.Conn
	CloseWrite() error
}

// A security is what a client and the balancer agreed on in a TLS handshake, in
// the words of the access log: "TLSv1.3", "TLS_AES_128_GCM_SHA256".
type security struct {
	version, cipher string
	sni             string              // the name that the client asked for; empty if none
	certificate     string              // the id of the certificate that it was shown; empty if it resumed a session
	client          []*x509.Certificate // what the client showed; its own first
	protocol        string              // agreed on by ALPN: "h2", "http/1.1"; empty if none
}

// A lease is a connection that lives as long as it is used: extend puts its
// deadline off. Moving a timer for every read would cost more than reading, so
// the deadline moves only when a slice of the idle time has passed.
type lease struct {
	stream
	tcp   *net.TCPConn // what stream is, or lies over
	until atomic.Int64 // the deadline now set, in Unix nanoseconds
}

// extend lets the connection live for idle from now on, and at most an eighth of
// idle or a second longer.
func (l *lease) extend(idle time.Duration) {
	wanted := time.Now().Add(idle)
	if l.until.Load() >= wanted.UnixNano() {
		return
	}
	wanted = wanted.Add(min(idle/8, time.Second))
	l.until.Store(wanted.UnixNano())
	l.SetDeadline(wanted)
}

// shorten sets the deadline to now plus d, whatever it was.
func (l *lease) shorten(d time.Duration) {
	t := time.Now().Add(d)
	l.until.Store(t.UnixNano())
	l.SetDeadline(t)
}

// writev writes a and b, either of which may be empty.
func (l *lease) writev(a, b []byte) (int, error) {
	if t, ok := l.stream.(*tcpStream); ok {
		return t.writev(a, b)
	}
	switch {
	case len(a) == 0:
		a = b
	case len(b) > 0:
		a = append(a, b...) // one TLS record rather than two
	}
	return l.stream.Write(a)
}

// await waits until there is something to read, where that can be known without
// reading.
func (l *lease) await() error {
	if t, ok := l.stream.(*tcpStream); ok {
		return t.awaitReadable()
	}
	return nil
}

// spoil makes the coming Close a fault to the other side, not an end.
func (l *lease) spoil() { l.tcp.SetLinger(0) }
