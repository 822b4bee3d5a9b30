package httpd

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"apexai/crm/internal/problem"
)

// A pace is how slowly a body may come: a client that sends a byte now and
// then would keep what serves it busy for ever.
type pace struct {
	within time.Duration // of the first byte, and of each standstill
	rate   int64         // bytes a second, once within has passed
}

// usual lets a phone on a bad line send 20 MB, in twenty minutes.
var usual = pace{within: 20 * time.Second, rate: 16 << 10}

// paced ends the bodies that come more slowly. What is not read of a body when
// its request is answered has to keep the pace as well.
func paced(p pace, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			b := &pacedBody{ReadCloser: r.Body, pace: p, connection: http.NewResponseController(w), begun: time.Now()}
			b.allow()
			r.Body = b
		}
		next.ServeHTTP(w, r)
	})
}

type pacedBody struct {
	io.ReadCloser
	pace
	connection *http.ResponseController
	begun      time.Time
	got        int64
}

// Read takes what has come. At the body's end the limit is taken away: from
// then on the connection is read only to notice that the client leaves.
func (b *pacedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.got += int64(n)
	switch {
	case err == nil:
		b.allow()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return n, problem.TooSlow()
	default:
		b.connection.SetReadDeadline(time.Time{}) // what has no deadlines, in tests, needs none
	}
	return n, err
}

func (b *pacedBody) allow() {
	earned := time.Duration(b.got) * time.Second / time.Duration(b.rate)
	b.connection.SetReadDeadline(b.begun.Add(b.within + earned)) // as above
}
