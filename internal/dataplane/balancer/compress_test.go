package balancer

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// Responses are compressed by the rules that other front ends agree on, and come
// out as they were sent.
func TestCompression(t *testing.T) {
	long := strings.Repeat("text that repeats. ", 4000)
	for name, tt := range map[string]struct {
		off, asked       string // "off", and what the client accepts; "gzip" if empty
		head, body       string
		compressed, vary bool
	}{
		"text":              {head: "200 OK\r\nContent-Type: text/plain; charset=utf-8", body: long, compressed: true, vary: true},
		"JSON":              {head: "200 OK\r\nContent-Type: application/json", body: long, compressed: true, vary: true},
		"problem":           {head: "404 Not Found\r\nContent-Type: application/problem+json", body: long, compressed: true, vary: true},
		"1,000 bytes":       {head: "200 OK\r\nContent-Type: text/css", body: long[:1000], compressed: true, vary: true},
		"999 bytes":         {head: "200 OK\r\nContent-Type: text/css", body: long[:999]},
		"off":               {off: "off", head: "200 OK\r\nContent-Type: text/plain", body: long},
		"several accepted":  {asked: "br;q=1.0, GZIP;q=0.5", head: "200 OK\r\nContent-Type: text/plain", body: long, compressed: true, vary: true},
		"refused":           {asked: "gzip;q=0.0, br", head: "200 OK\r\nContent-Type: text/plain", body: long, vary: true},
		"not accepted":      {asked: "br", head: "200 OK\r\nContent-Type: text/plain", body: long, vary: true},
		"image":             {head: "200 OK\r\nContent-Type: image/png", body: long},
		"no type":           {head: "200 OK", body: long},
		"events":            {head: "200 OK\r\nContent-Type: text/event-stream", body: long},
		"encoded already":   {head: "200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: br", body: long},
		"not to be changed": {head: "200 OK\r\nContent-Type: text/plain\r\nCache-Control: public, No-Transform", body: long},
		"part":              {head: "206 Partial Content\r\nContent-Type: text/plain", body: long},
		"server error":      {head: "500 Internal Server Error\r\nContent-Type: text/plain", body: long},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := configFor(freeAddr(t), scripted(t, func(c *net.TCPConn, _ *bufio.Reader, _ string) {
				fmt.Fprintf(c, "HTTP/1.1 %s\r\nETag: \"1\"\r\nContent-Length: %d\r\n\r\n%s", tt.head, len(tt.body), tt.body)
			}))
			cfg.Options.Compression = tt.off == ""
			b := startConfig(t, cfg)
			b.awaitHealthy(1)
			resp := askEncoded(t, b.url("/"), tt.asked)
			defer resp.Body.Close()
			compressed := resp.Header.Get("Content-Encoding") == "gzip"
			if vary := resp.Header.Get("Vary") != ""; compressed != tt.compressed || vary != tt.vary {
				t.Fatalf("compressed %v, varies %v: %v", compressed, vary, resp.Header)
			}
			checkCompressed(t, resp, compressed, tt.body)
		})
	}
}

func askEncoded(t *testing.T, url, accepts string) *http.Response {
	t.Helper()
	if accepts == "" {
		accepts = "gzip"
	}
	req, _ := http.NewRequest("GET", url, nil)
	req.Header.Set("Accept-Encoding", accepts)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

func checkCompressed(t *testing.T, resp *http.Response, compressed bool, want string) {
	t.Helper()
	var body io.Reader = resp.Body
	etag, length := `"1"`, int64(len(want))
	if compressed {
		gz, err := gzip.NewReader(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		body, etag, length = gz, `W/"1"`, -1
	}
	got, err := io.ReadAll(body)
	if err != nil || string(got) != want {
		t.Errorf("%d bytes, want %d: %v", len(got), len(want), err)
	}
	if resp.Header.Get("ETag") != etag || resp.ContentLength != length {
		t.Errorf("ETag %s, length %d", resp.Header.Get("ETag"), resp.ContentLength)
	}
}

// What a target sends piece by piece comes through piece by piece.
func TestCompressionFlushes(t *testing.T) {
	more := make(chan struct{})
	cfg := configFor(freeAddr(t), backend(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := range 5 {
			fmt.Fprintf(w, "{\"n\":%d}\n", i)
			w.(http.Flusher).Flush()
			<-more
		}
	}))
	cfg.Options.Compression = true
	b := startConfig(t, cfg)
	b.awaitHealthy(1)
	resp := askEncoded(t, b.url("/"), "gzip")
	defer resp.Body.Close()
	gz, err := gzip.NewReader(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	rd := bufio.NewReader(gz)
	for i := range 5 {
		if line, err := rd.ReadString('\n'); line != fmt.Sprintf("{\"n\":%d}\n", i) {
			t.Fatalf("line %d: %q %v", i, line, err)
		}
		more <- struct{}{}
	}
}
