package balancer

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"time"

	"apex/internal/dataplane/balancer/http1"
)

// handshakeLimit is how long a client may take to agree on TLS.
const handshakeLimit = 10 * time.Second

// protect agrees with the client on TLS if the listener wants it, and reports
// whether the connection can be used.
func (c *conn) protect() bool {
	t := c.socket.table()
	if t == nil || t.secured == nil {
		if t != nil {
			c.recordOpening(0, "")
		}
		return t != nil
	}
	begun := time.Now()
	c.shorten(handshakeLimit)
	var shown *identity
	session := tls.Server(c.stream, t.secured.config)
	if err := session.HandshakeContext(context.WithValue(context.Background(), choiceKey{}, &shown)); err != nil {
		if !errors.Is(err, io.EOF) { // who says nothing only looks whether the port is open
			c.server.stats.tlsErrors.Add(1)
			t.stats.tlsErrors.Add(1)
		}
		return false
	}
	c.stream = session
	c.until.Store(0)
	c.secure = securityOf(session.ConnectionState())
	if shown != nil {
		c.secure.certificate = shown.id
	}
	verified := ""
	if m := t.secured.mutual; m != nil {
		c.secure.client = session.ConnectionState().PeerCertificates
		if m.Verify {
			verified = "Success"
		}
	}
	c.recordOpening(time.Since(begun), verified)
	return true
}

// securityOf puts what was agreed on in the words of the access log.
func securityOf(state tls.ConnectionState) *security {
	s := &security{sni: state.ServerName, cipher: cipherName(state.CipherSuite), protocol: state.NegotiatedProtocol}
	switch state.Version {
	case tls.VersionTLS13:
		s.version = "TLSv1.3"
	case tls.VersionTLS12:
		s.version = "TLSv1.2"
	case tls.VersionTLS11:
		s.version = "TLSv1.1"
	default:
		s.version = "TLSv1"
	}
	return s
}

// cipherName is a suite's name in OpenSSL's spelling, which AWS uses.
func cipherName(suite uint16) string {
	for name, id := range CipherSuites {
		if id == suite {
			return name
		}
	}
	return tls.CipherSuiteName(suite) // TLS 1.3's are spelled alike
}

// CipherSuites are the suites for TLS 1.2 and older that can be served, by
// OpenSSL's names.
var CipherSuites = map[string]uint16{
	"ECDHE-ECDSA-AES128-GCM-SHA256": tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	"ECDHE-RSA-AES128-GCM-SHA256":   tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	"ECDHE-ECDSA-AES256-GCM-SHA384": tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	"ECDHE-RSA-AES256-GCM-SHA384":   tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	"ECDHE-ECDSA-AES128-SHA256":     tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
	"ECDHE-RSA-AES128-SHA256":       tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
	"ECDHE-ECDSA-AES128-SHA":        tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
	"ECDHE-RSA-AES128-SHA":          tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
	"ECDHE-ECDSA-AES256-SHA":        tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
	"ECDHE-RSA-AES256-SHA":          tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
	"AES128-GCM-SHA256":             tls.TLS_RSA_WITH_AES_128_GCM_SHA256,
	"AES256-GCM-SHA384":             tls.TLS_RSA_WITH_AES_256_GCM_SHA384,
	"AES128-SHA256":                 tls.TLS_RSA_WITH_AES_128_CBC_SHA256,
	"AES128-SHA":                    tls.TLS_RSA_WITH_AES_128_CBC_SHA,
	"AES256-SHA":                    tls.TLS_RSA_WITH_AES_256_CBC_SHA,
}

// The fields that tell a target of the client's TLS.
const (
	versionField = "X-Amzn-Tls-Version"
	suiteField   = "X-Amzn-Tls-Cipher-Suite"
)

// appendTLS appends what was agreed on with the client, and who it is, if targets
// want it.
func (x *exchange) appendTLS(b []byte) []byte {
	b = x.appendMutual(b)
	if !x.table.options.TLSHeaders || x.conn.secure == nil {
		return b
	}
	b = http1.AppendField(b, []byte(versionField), []byte(x.conn.secure.version))
	return http1.AppendField(b, []byte(suiteField), []byte(x.conn.secure.cipher))
}

// forged reports whether a client sent a field that only we may.
func (x *exchange) forged(f *http1.Field) bool {
	if f.Kind != http1.Other {
		return false
	}
	if x.table.options.TLSHeaders && (bytes.EqualFold(f.Name, []byte(versionField)) || bytes.EqualFold(f.Name, []byte(suiteField))) {
		return true
	}
	return x.table.secured != nil && x.table.secured.mutual != nil && len(f.Name) >= len(mutualPrefix) &&
		bytes.EqualFold(f.Name[:len(mutualPrefix)], []byte(mutualPrefix))
}
