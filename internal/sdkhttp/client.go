// Package sdkhttp is the HTTP client under the AWS SDK for Go wherever Apex uses
// the SDK.
//
// The SDK takes the request's body back as soon as an answer begins. When
// net/http then looks whether the body has more than it promised, the SDK's
// WriteTo reports io.EOF as a failure, and net/http closes the connection in the
// middle of the answer. Only a server as near as loopback is quick enough for
// that; a body without WriteTo is read to its end without failure.
package sdkhttp

import (
	"io"
	"net/http"
)

// idlePerHost is how many connections to one endpoint are kept: all services of
// a region share one.
const idlePerHost = 16

// New returns a client with a pool of connections of its own. It follows no
// redirects: AWS's services answer none that a client may follow unsigned.
func New() *http.Client {
	pool := http.DefaultTransport.(*http.Transport).Clone()
	pool.MaxIdleConnsPerHost = idlePerHost
	return &http.Client{
		Transport:     transport{pool},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

type transport struct{ next http.RoundTripper }

// RoundTrip sends the request with a body that can only be read.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return t.next.RoundTrip(r)
	}
	sent := *r
	sent.Body = struct{ io.ReadCloser }{r.Body}
	return t.next.RoundTrip(&sent)
}
