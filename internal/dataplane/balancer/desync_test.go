package balancer

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"
)

// What AWS calls a request in its access log decides, with the mode, what becomes
// of it: an ambiguous one is the last on both connections in the mode
// "defensive", and what was hidden behind it is never read.
func TestDesync(t *testing.T) {
	const chunks = "\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
	for name, tt := range map[string]struct {
		request, class         string
		monitor, defend, abide string // what becomes of it in each mode
	}{
		"plain":              {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", `"-" "-"`, "kept", "kept", "kept"},
		"body":               {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi", `"-" "-"`, "kept", "kept", "kept"},
		"chunks":             {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked" + chunks, `"-" "-"`, "kept", "kept", "kept"},
		"GET of no length":   {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", `"Acceptable" "GetHeadZeroContentLength"`, "kept", "kept", "400"},
		"foreign value":      {"GET / HTTP/1.1\r\nHost: x\r\nX: caf\xc3\xa9\r\n\r\n", `"Acceptable" "NonCompliantHeader"`, "kept", "kept", "400"},
		"GET with length":    {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi", `"Ambiguous" "UndefinedContentLengthSemantics"`, "kept", "ended", "400"},
		"GET with chunks":    {"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked" + chunks, `"Ambiguous" "UndefinedTransferEncodingSemantics"`, "kept", "ended", "400"},
		"length and chunks":  {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked" + chunks, `"Ambiguous" "BothTeClPresent"`, "kept", "ended", "400"},
		"chunks and length":  {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 400" + chunks, `"Ambiguous" "BothTeClPresent"`, "kept", "ended", "400"},
		"same length twice":  {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi", `"Ambiguous" "DuplicateContentLength"`, "kept", "ended", "400"},
		"underscore":         {"POST / HTTP/1.1\r\nHost: x\r\nTransfer_Encoding: chunked\r\nContent-Length: 2\r\n\r\nhi", `"Ambiguous" "SuspiciousHeader"`, "kept", "ended", "400"},
		"dots":               {"GET / HTTP/1.1\r\nHost: x\r\nContent..Length: 9\r\n\r\n", `"Ambiguous" "SuspiciousHeader"`, "kept", "ended", "400"},
		"space before colon": {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length : 9\r\n\r\n", `"Ambiguous" "SuspiciousHeader"`, "400", "400", "400"},
		"no colon":           {"GET / HTTP/1.1\r\nHost: x\r\nXYZ\r\n\r\n", `"Ambiguous" "EmptyHeader"`, "400", "400", "400"},
		"space in target":    {"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", `"Acceptable" "SpaceInUri"`, "400", "400", "400"},
		"control in target":  {"GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n", `"Ambiguous" "AmbiguousUri"`, "400", "400", "400"},
		"zero in target":     {"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n", `"Severe" "BadUri"`, "400", "400", "400"},
		"zero in value":      {"GET / HTTP/1.1\r\nHost: x\r\nX: \x00\r\n\r\n", `"Severe" "BadHeader"`, "400", "400", "400"},
		"method":             {"G(T / HTTP/1.1\r\nHost: x\r\n\r\n", `"Severe" "BadMethod"`, "400", "400", "400"},
		"version":            {"GET / HTTPS/1.1\r\nHost: x\r\n\r\n", `"Severe" "BadVersion"`, "400", "400", "400"},
		"other version":      {"GET / HTTP/1.2\r\nHost: x\r\n\r\n", `"Acceptable" "NonCompliantVersion"`, "505", "505", "505"},
		"length":             {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2x\r\n\r\nhi", `"Severe" "BadContentLength"`, "400", "400", "400"},
		"two lengths":        {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi", `"Severe" "MultipleContentLength"`, "400", "400", "400"},
		"encoding":           {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n", `"Severe" "BadTransferEncoding"`, "501", "501", "501"},
		"chunked twice":      {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked" + chunks, `"Severe" "MultipleTransferEncodingChunked"`, "400", "400", "400"},
	} {
		for mode, want := range map[string]string{"monitor": tt.monitor, "": tt.defend, "strictest": tt.abide} {
			t.Run(name+" "+mode, func(t *testing.T) {
				desyncCase(t, mode, tt.request, tt.class, want)
			})
		}
	}
}

// desyncCase sends the request and a plain one behind it on one connection. The
// target answers with what it read.
func desyncCase(t *testing.T, mode, request, class, want string) {
	cfg := configFor(freeAddr(t), scripted(t, func(c *net.TCPConn, rd *bufio.Reader, head string) {
		if strings.Contains(head, "Transfer-Encoding: chunked") {
			if strings.Contains(head, "Content-Length: ") {
				t.Errorf("both went on: %q", head)
			}
			readChunks(rd)
		} else if strings.Contains(head, "\nContent-Length: 2") {
			io.CopyN(io.Discard, rd, 2)
		}
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	}))
	cfg.Options.Desync = mode
	cfg.Records = Records{Access: true}
	b := startConfig(t, cfg)
	b.awaitHealthy(1)
	got := b.raw(request + "GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	answers, closes := strings.Count(got, "HTTP/1.1 "), strings.Count(got, "Connection: close\r\n")
	switch want {
	case "kept":
		if answers != 2 || strings.Count(got, " 200 OK") != 2 {
			t.Errorf("not kept: %q", got)
		}
	case "ended":
		if answers != 1 || closes != 1 || !strings.HasPrefix(got, "HTTP/1.1 200 ") {
			t.Errorf("not ended: %q", got)
		}
	default:
		if answers != 1 || closes != 1 || !strings.HasPrefix(got, "HTTP/1.1 "+want+" ") {
			t.Errorf("not refused with %s: %q", want, got)
		}
	}
	if line := b.recordOf("HTTP/1"); !strings.Contains(line, class+" TID_") {
		t.Errorf("record %s, want %s", line, class)
	}
	faulted := int64(0)
	if class != `"-" "-"` {
		faulted = 1
	}
	if n := b.state().Counters.NonCompliant; n != faulted {
		t.Errorf("%d counted as not compliant, want %d", n, faulted)
	}
}

func readChunks(rd *bufio.Reader) {
	for {
		line, err := rd.ReadString('\n')
		if err != nil || line == "0\r\n" {
			rd.ReadString('\n')
			return
		}
	}
}
