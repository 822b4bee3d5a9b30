package balancer

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
)

// Requests whose end two parsers could see at different places are refused, the
// connection ends, and what was hidden behind them never reaches a target.
func TestSmuggling(t *testing.T) {
	var hidden, reached atomic.Int64
	b := start(t, scripted(t, func(c *net.TCPConn, rd *bufio.Reader, head string) {
		reached.Add(1)
		if strings.Contains(head, "/hidden") {
			hidden.Add(1)
		}
		if strings.Contains(head, "chunked") {
			io.Copy(io.Discard, rd) // the body is never whole: the balancer cuts it
			return
		}
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		c.Close()
	}))
	const next = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"
	for name, tt := range map[string]struct {
		head   string
		status int
	}{
		"two lengths":               {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 44\r\n\r\n", 400},
		"length list":               {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0, 0\r\n\r\n", 400},
		"signed length":             {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +0\r\n\r\n", 400},
		"hexadecimal length":        {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x1\r\n\r\n", 400},
		"negative length":           {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400},
		"huge length":               {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
		"two encodings":             {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n", 400},
		"unknown encoding":          {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
		"quoted encoding":           {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \"chunked\"\r\n\r\n", 501},
		"encoding with tab":         {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\tchunked\v\r\n\r\n", 400},
		"space before colon":        {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 4\r\n\r\n", 400},
		"folded field":              {"POST / HTTP/1.1\r\nHost: x\r\nX: a\r\n Content-Length: 4\r\n\r\n", 400},
		"bare line feed":            {"GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n", 400},
		"bare line feeds":           {"GET / HTTP/1.1\nHost: x\n\n", 400},
		"carriage return in value":  {"GET / HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n", 400},
		"zero byte":                 {"GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n", 400},
		"chunks in HTTP/1.0":        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
		"two hosts":                 {"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400},
		"no host":                   {"GET / HTTP/1.1\r\n\r\n", 400},
		"host with path":            {"GET / HTTP/1.1\r\nHost: x/y\r\n\r\n", 400},
		"space in target":           {"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400},
		"no version":                {"GET /\r\nHost: x\r\n\r\n", 400},
		"lower-case version":        {"GET / http/1.1\r\nHost: x\r\n\r\n", 400},
		"HTTP/2":                    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
		"TRACE":                     {"TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", 405},
		"CONNECT":                   {"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
		"long target":               {"GET /" + strings.Repeat("a", 17<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n", 414},
		"long field":                {"GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("a", 17<<10) + "\r\n\r\n", 400},
		"large head":                {"GET / HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X: "+strings.Repeat("a", 1000)+"\r\n", 70) + "\r\n", 400},
		"31 forwarders":             {"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: " + strings.Repeat("1.1.1.1,", 30) + "1.1.1.1\r\n\r\n", 463},
		"bad chunk size":            {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
		"chunk size with sign":      {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n+1\r\na\r\n0\r\n\r\n", 400},
		"chunk extension":           {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;a\r\na\r\n0\r\n\r\n", 400},
		"chunk overruns":            {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n", 400},
		"chunk with bare line feed": {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n", 400},
	} {
		got := b.raw(tt.head + next)
		if !strings.HasPrefix(got, fmt.Sprintf("HTTP/1.1 %d ", tt.status)) || !strings.Contains(got, "Connection: close\r\n") {
			if tt.status != 463 {
				t.Errorf("%s: %.80q, want %d and the end", name, got, tt.status)
			}
		}
		if n := strings.Count(got, "HTTP/1.1 "); n != 1 && tt.status != 463 {
			t.Errorf("%s: %d answers", name, n)
		}
	}
	if hidden.Load() > 1 { // the one behind the 463, which is well-formed
		t.Errorf("%d hidden requests reached a target", hidden.Load())
	}
}

// A WebSocket handshake is the only way to a tunnel: asking for HTTP/2, or being
// refused by the target, opens none.
func TestTunnelNeedsAgreement(t *testing.T) {
	b := start(t, scripted(t, func(c *net.TCPConn, rd *bufio.Reader, head string) {
		if strings.Contains(head, "h2c") || strings.Contains(head, "HTTP2-Settings") {
			t.Error("the target was asked for HTTP/2")
		}
		io.WriteString(c, "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n")
	}))
	got := b.raw("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n" +
		"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	if strings.Count(got, "HTTP/1.1 426 ") != 2 {
		t.Errorf("answers %q", got)
	}
}
