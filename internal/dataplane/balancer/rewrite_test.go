package balancer

import (
	"bufio"
	"bytes"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"apex/internal/dataplane/balancer/http1"
)

// FuzzRewrite: the head that a target gets says what the client's said, to us
// and to net/http, and carries no field that ends here.
func FuzzRewrite(f *testing.F) {
	for _, seed := range []string{
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST /a?b HTTP/1.1\r\nHost: x:80\r\nContent-Length: 3\r\nExpect: 100-continue\r\nX-Forwarded-For: 1.1.1.1\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close, x\r\nX: y\r\nKeep-Alive: 5\r\n\r\n",
		"GET http://a/b HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\nX-Amzn-Trace-Id: Root=1-a-b\r\n\r\n",
		"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		head, err := http1.NewReader(bytes.NewReader(data)).Head(http1.MaxRequestHead)
		if err != nil {
			return
		}
		x := &exchange{
			conn: &conn{server: &server{}, peer: netip.MustParseAddrPort("10.0.0.9:1234")}, start: time.Unix(0, 0),
			table: &table{port: 8080, options: Options{}.withDefaults()},
		}
		if x.req.Parse(head) != nil || len(x.req.Host) == 0 {
			return
		}
		x.upgrade = http1.EqualFold(x.req.Upgrade, "websocket")
		out := x.appendRequest(nil)
		var again http1.Request
		if err := again.Parse(out); err != nil {
			t.Fatalf("%q: %v", out, err)
		}
		if again.Framing != x.req.Framing || again.Length != x.req.Length || !bytes.Equal(again.Method, x.req.Method) || !bytes.Equal(again.Target, x.req.Target) {
			t.Errorf("%q became %q", head, out)
		}
		checkHops(t, x, &again)
		theirs, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(out)))
		if err == nil && (theirs.ContentLength != again.Length) != (again.Framing == http1.Chunked) {
			t.Errorf("net/http reads %d bytes of %q", theirs.ContentLength, out)
		}
	})
}

func checkHops(t *testing.T, x *exchange, sent *http1.Request) {
	forwarded := 0
	for i := range sent.Fields {
		switch field := &sent.Fields[i]; field.Kind {
		case http1.ForwardedFor:
			forwarded++
			if !bytes.HasSuffix(field.Value, []byte("10.0.0.9")) {
				t.Errorf("X-Forwarded-For %q hides the peer", field.Value)
			}
		case http1.Connection, http1.Upgrade:
			if !x.upgrade {
				t.Errorf("%s went on", field.Name)
			}
		case http1.KeepAlive, http1.ProxyConnection, http1.TE:
			t.Errorf("%s went on", field.Name)
		}
	}
	if forwarded != 1 {
		t.Errorf("%d X-Forwarded-For fields", forwarded)
	}
}
