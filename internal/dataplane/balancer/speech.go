package balancer

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
)

// A Version is the protocol that a group's targets speak.
type Version string

// The versions. HTTP/2 is spoken from the first byte on ("prior knowledge").
const (
	HTTP1 Version = ""
	HTTP2 Version = "HTTP2"
	GRPC  Version = "GRPC" // HTTP/2, and requests that are gRPC
)

// A Speech is how targets are spoken to.
type Speech struct {
	Version Version `json:",omitempty"`
	Secure  bool    `json:",omitempty"` // TLS; nobody asks whose the certificate is
}

func (s Speech) validate() error {
	switch s.Version {
	case HTTP1, HTTP2, GRPC:
		return nil
	}
	return fmt.Errorf("protocol version %q: unknown", s.Version)
}

// protocols is what is asked for by ALPN.
func (s Speech) protocols() []string {
	if s.Version == HTTP1 {
		return []string{"http/1.1"}
	}
	return []string{"h2"}
}

// A tlsFault says that a target would not speak TLS.
type tlsFault struct{ error }

// Unwrap returns what went wrong.
func (f tlsFault) Unwrap() error { return f.error }

// protect returns the stream to speak over: the connection, or TLS over it.
func (s Speech) protect(ctx context.Context, conn *net.TCPConn) (stream, error) {
	plain := newTCPStream(conn)
	if !s.Secure {
		return plain, nil
	}
	session := tls.Client(plain, &tls.Config{InsecureSkipVerify: true, NextProtos: s.protocols(), MinVersion: tls.VersionTLS10})
	if err := session.HandshakeContext(ctx); err != nil {
		return nil, tlsFault{fmt.Errorf("TLS with target: %w", err)}
	}
	if s.Version != HTTP1 && session.ConnectionState().NegotiatedProtocol != "h2" {
		return nil, tlsFault{fmt.Errorf("TLS with target: it does not speak HTTP/2")}
	}
	return session, nil
}

// takes reports whether a group of the version takes a request that came in by
// the client's protocol (AWS's guide, "Target groups", protocol version).
func (v Version) takes(overHTTP2, grpc bool, method string) bool {
	switch v {
	case HTTP2:
		return overHTTP2
	case GRPC:
		return overHTTP2 && method == "POST"
	}
	return !grpc
}
