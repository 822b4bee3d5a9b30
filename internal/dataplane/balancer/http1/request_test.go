package http1

import (
	"bufio"
	"bytes"
	"net/http"
	"strings"
	"testing"
)

func TestRequest(t *testing.T) {
	var r Request
	head := "POST /a/b?x=1?y HTTP/1.1\r\nHost: crm.example.com:8080\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\n" +
		"Content-Length:  12 \r\nExpect: 100-Continue\r\n\r\n"
	if err := r.Parse([]byte(head)); err != nil {
		t.Fatal(err)
	}
	if string(r.Method) != "POST" || string(r.Path) != "/a/b" || string(r.Query) != "x=1?y" || string(r.Host) != "crm.example.com:8080" {
		t.Errorf("%s %s %s %s", r.Method, r.Path, r.Query, r.Host)
	}
	if r.Framing != Length || r.Length != 12 || !r.KeepAlive || !r.Expect {
		t.Errorf("%+v", r)
	}
	var dropped []string
	for i := range r.Fields {
		if r.Dropped(&r.Fields[i]) {
			dropped = append(dropped, string(r.Fields[i].Name))
		}
	}
	if got := strings.Join(dropped, " "); got != "Connection X-Hop" {
		t.Errorf("dropped %s", got)
	}
}

func TestRequestTargets(t *testing.T) {
	for line, want := range map[string]string{
		"GET http://a.io/x?y HTTP/1.1": "a.io /x?y",
		"GET https://a.io?y HTTP/1.1":  "a.io /?y",
		"GET http://a.io HTTP/1.1":     "a.io /",
		"OPTIONS * HTTP/1.1":           "h.io *",
		"GET //x HTTP/1.1":             "h.io //x",
		"GET ftp://a.io/ HTTP/1.1":     "",
		"GET * HTTP/1.1":               "",
		"GET x HTTP/1.1":               "",
		"GET /# HTTP/1.1":              "",
	} {
		var r Request
		got := ""
		if err := r.Parse([]byte(line + "\r\nHost: h.io\r\n\r\n")); err == nil {
			got = string(r.Host) + " " + string(r.Target)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

func TestKeepAlive(t *testing.T) {
	for head, want := range map[string]bool{
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n":                                     true,
		"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n":                false,
		"GET / HTTP/1.0\r\n\r\n":                                                false,
		"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n":                      true,
		"GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade , close\r\n\r\n":      false,
		"GET / HTTP/1.1\r\nHost: x\r\nConnection: X-Forwarded-For\r\n\r\n":      true,
		"GET / HTTP/1.1\r\nHost: x\r\nConnection:\r\nConnection: close\r\n\r\n": false,
	} {
		var r Request
		if err := r.Parse([]byte(head)); err != nil || r.KeepAlive != want {
			t.Errorf("%q: %t %v", head, r.KeepAlive, err)
		}
	}
}

func TestResponse(t *testing.T) {
	for head, want := range map[string]struct {
		method  string
		framing Framing
		keep    bool
	}{
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n":                               {"GET", Length, true},
		"HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\n":                                 {"HEAD", NoBody, true},
		"HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n":                         {"GET", Chunked, true},
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n": {"GET", Chunked, false},
		"HTTP/1.1 200 OK\r\n\r\n":                                                    {"GET", UntilClose, false},
		"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n":     {"GET", Length, true},
		"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n":                     {"GET", NoBody, true},
		"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n":                       {"GET", NoBody, false},
	} {
		var r Response
		if err := r.Parse([]byte(head), want.method); err != nil || r.Framing != want.framing || r.KeepAlive != want.keep {
			t.Errorf("%q: %+v %v", head, r, err)
		}
	}
	for _, head := range []string{
		"HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 99 x\r\n\r\n", "HTTP/1.1 2x0 x\r\n\r\n", "HTTP/1.1 200OK\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
	} {
		if err := new(Response).Parse([]byte(head), "GET"); err == nil {
			t.Errorf("%q was accepted", head)
		}
	}
}

func TestHoldIsRead(t *testing.T) {
	var r Response
	if err := r.Parse([]byte("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5, max=100\r\nContent-Length: 0\r\n\r\n"), "GET"); err != nil || r.Hold != 5 {
		t.Errorf("hold %d %v", r.Hold, err)
	}
}

// FuzzRequest: whatever is accepted means the same to net/http.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\nConnection: close, x\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
		"GET http://a/b HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		rd := NewReader(bytes.NewReader(data))
		head, err := rd.Head(MaxRequestHead)
		if err != nil {
			return
		}
		var r Request
		if r.Parse(head) != nil || r.Minor == 0 {
			return
		}
		theirs, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(head)))
		if err != nil {
			return // net/http is stricter about some hosts and escapes
		}
		if theirs.Method != string(r.Method) {
			t.Errorf("method %q, net/http %q", r.Method, theirs.Method)
		}
		chunked := len(theirs.TransferEncoding) > 0
		if chunked != (r.Framing == Chunked) || !chunked && theirs.ContentLength != r.Length {
			t.Errorf("framing %d %d, net/http %v %d", r.Framing, r.Length, theirs.TransferEncoding, theirs.ContentLength)
		}
		if theirs.Close == r.KeepAlive {
			t.Errorf("keep %t, net/http close %t", r.KeepAlive, theirs.Close)
		}
	})
}

func FuzzResponse(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nKeep-Alive: timeout=5\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		head, err := NewReader(bytes.NewReader(data)).Head(MaxResponseHead)
		if err != nil {
			return
		}
		var r Response
		if r.Parse(head, "GET") == nil && (r.Status < 100 || r.Status > 999 || r.Length < 0) {
			t.Errorf("%+v", r)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	head := []byte("GET /api/v1/people HTTP/1.1\r\nHost: crm.example.com\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n" +
		"Accept: text/html,application/xhtml+xml\r\nAccept-Encoding: gzip, deflate, br\r\nCookie: session=0123456789abcdef\r\nConnection: keep-alive\r\n\r\n")
	var r Request
	b.ReportAllocs()
	for b.Loop() {
		if r.Parse(head) != nil {
			b.Fatal("refused")
		}
	}
}
