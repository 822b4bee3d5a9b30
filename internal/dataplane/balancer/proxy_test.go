package balancer

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"apex/internal/dataplane/balancer/route"
)

func TestForward(t *testing.T) {
	var seen *http.Request
	b := start(t, backend(t, func(w http.ResponseWriter, r *http.Request) {
		seen = r.Clone(t.Context())
		w.Header().Set("X-App", "crm")
		w.WriteHeader(201)
		io.WriteString(w, "made")
	}))
	req, _ := http.NewRequest("POST", b.url("/api/people?x=1"), strings.NewReader("name=ann"))
	req.Header.Set("X-Forwarded-For", "203.0.113.7")
	req.Header.Set("X-Forwarded-Proto", "https")
	req.Header.Set("Connection", "X-Secret, X-Forwarded-For")
	req.Header.Set("X-Secret", "1")
	req.Host = "crm.example.com:80"
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != 201 || string(body) != "made" || resp.Header.Get("X-App") != "crm" {
		t.Errorf("answer %d %q %v", resp.StatusCode, body, resp.Header)
	}
	for name, want := range map[string]string{
		"X-Forwarded-For": "203.0.113.7, 127.0.0.1", "X-Forwarded-Proto": "http", "X-Forwarded-Port": "80", "X-Secret": "",
	} {
		if got := seen.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if trace := seen.Header.Get("X-Amzn-Trace-Id"); !regexp.MustCompile(`^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$`).MatchString(trace) {
		t.Errorf("trace id %q", trace)
	}
	if seen.Host != "crm.example.com" || seen.RequestURI != "/api/people?x=1" {
		t.Errorf("host %q, target %q", seen.Host, seen.RequestURI)
	}
}

func TestForwardedOptions(t *testing.T) {
	for name, tt := range map[string]struct {
		options Options
		want    string
	}{
		"append":      {Options{}, "1.2.3.4, 127.0.0.1"},
		"client port": {Options{ClientPort: true}, "1.2.3.4, 127.0.0.1:"},
		"preserve":    {Options{ForwardedFor: "preserve"}, "1.2.3.4"},
		"remove":      {Options{ForwardedFor: "remove"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			target := backend(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Header.Get("X-Forwarded-For")) })
			cfg := configFor(freeAddr(t), target)
			cfg.Options = tt.options
			b := startConfig(t, cfg)
			b.awaitHealthy(1)
			req, _ := http.NewRequest("GET", b.url("/"), nil)
			req.Header.Set("X-Forwarded-For", "1.2.3.4")
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(resp.Body)
			if !strings.HasPrefix(string(body), tt.want) || tt.want == "" && len(body) > 0 {
				t.Errorf("X-Forwarded-For %q, want %q", body, tt.want)
			}
		})
	}
}

func TestTraceIDs(t *testing.T) {
	for given, want := range map[string]string{
		"":                               `^Root=1-\w{8}-\w{24}$`,
		"Root=1-a-b":                     `^Self=1-\w{8}-\w{24};Root=1-a-b$`,
		"Self=1-c-d;Root=1-a-b;custom=7": `^Self=1-\w{8}-\w{24};Root=1-a-b;custom=7$`,
		"custom=7":                       `^Root=1-\w{8}-\w{24};custom=7$`,
	} {
		got := string(appendTrace(nil, []byte(given), time.Unix(0x5f000000, 0)))
		got = strings.TrimSuffix(strings.TrimPrefix(got, "X-Amzn-Trace-Id: "), "\r\n")
		if !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%q: %q does not match %s", given, got, want)
		}
	}
}

// Large bodies in both directions at once, by length and in chunks.
func TestLargeBodies(t *testing.T) {
	b := start(t, backend(t, func(w http.ResponseWriter, r *http.Request) {
		http.NewResponseController(w).EnableFullDuplex()
		io.Copy(w, r.Body)
	}))
	data := make([]byte, 10<<20)
	for i := range data {
		data[i] = byte(rand.Uint32())
	}
	for name, body := range map[string]io.Reader{
		"length": bytes.NewReader(data), "chunked": io.MultiReader(bytes.NewReader(data)),
	} {
		resp, err := http.Post(b.url("/echo"), "application/octet-stream", body)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		h := sha256.New()
		n, err := io.Copy(h, resp.Body)
		if err != nil || n != int64(len(data)) || !bytes.Equal(h.Sum(nil), sum(data)) {
			t.Errorf("%s: %d bytes came back: %v", name, n, err)
		}
	}
}

func sum(b []byte) []byte { s := sha256.Sum256(b); return s[:] }

// Events reach the client one by one, while the response goes on.
func TestEventsPassAtOnce(t *testing.T) {
	next := make(chan string)
	b := start(t, backend(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for e := range next {
			fmt.Fprintf(w, "data: %s\n\n", e)
			w.(http.Flusher).Flush()
		}
	}))
	go func() { next <- "0" }()
	resp, err := http.Get(b.url("/events"))
	if err != nil {
		t.Fatal(err)
	}
	rd := bufio.NewReader(resp.Body)
	for i := range 5 {
		if line, err := rd.ReadString('\n'); err != nil || line != fmt.Sprintf("data: %d\n", i) {
			t.Fatalf("event %d: %q %v", i, line, err)
		}
		rd.ReadString('\n')
		if i < 4 {
			next <- fmt.Sprint(i + 1)
		}
	}
	close(next)
}

func TestTrailersAndInterimResponses(t *testing.T) {
	b := start(t, scripted(t, func(c *net.TCPConn, rd *bufio.Reader, head string) {
		io.WriteString(c, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"+
			"5\r\nhello\r\n0\r\nX-Sum: 42\r\nContent-Length: 9\r\n\r\n")
	}))
	got := b.raw("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	want := "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n" +
		"Connection: keep-alive\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 42\r\n\r\n"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestContinue(t *testing.T) {
	b := start(t, backend(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Write(body)
	}))
	c := b.dial()
	rd := bufio.NewReader(c)
	io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
	if head, err := readHeadText(rd); err != nil || !strings.HasPrefix(head, "HTTP/1.1 100 ") {
		t.Fatalf("interim answer %q %v", head, err)
	}
	io.WriteString(c, "body")
	resp, err := http.ReadResponse(rd, nil)
	if err != nil {
		t.Fatal(err)
	}
	if body, _ := io.ReadAll(resp.Body); string(body) != "body" {
		t.Errorf("body %q", body)
	}
}

// A target may answer before it has read the body; the client gets the answer.
func TestEarlyAnswer(t *testing.T) {
	b := start(t, scripted(t, func(c *net.TCPConn, rd *bufio.Reader, head string) {
		io.WriteString(c, "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")
		c.CloseWrite()
		io.Copy(io.Discard, rd)
	}))
	c := b.dial()
	go io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\n\r\n"+strings.Repeat("x", 1<<20))
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	if body, _ := io.ReadAll(resp.Body); resp.StatusCode != 413 || string(body) != "big" {
		t.Errorf("answer %d %q", resp.StatusCode, body)
	}
}

func TestBodiesOfResponses(t *testing.T) {
	responses := map[string]string{
		"/204":    "HTTP/1.1 204 No Content\r\n\r\n",
		"/304":    "HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\nETag: \"a\"\r\n\r\n",
		"/close":  "HTTP/1.0 200 OK\r\n\r\nuntil the end",
		"/head":   "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
		"/length": "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
	}
	b := start(t, scripted(t, func(c *net.TCPConn, rd *bufio.Reader, head string) {
		path := strings.Fields(head)[1]
		io.WriteString(c, responses[path])
		if path == "/close" {
			c.Close()
		}
	}))
	c := b.dial()
	rd := bufio.NewReader(c)
	for _, tt := range []struct{ method, path, want string }{
		{"GET", "/204", ""}, {"GET", "/304", ""}, {"HEAD", "/head", ""}, {"GET", "/length", "ok"}, {"GET", "/close", "until the end"},
	} {
		fmt.Fprintf(c, "%s %s HTTP/1.1\r\nHost: x\r\n\r\n", tt.method, tt.path)
		resp, err := http.ReadResponse(rd, &http.Request{Method: tt.method})
		if err != nil {
			t.Fatalf("%s: %v", tt.path, err)
		}
		if body, err := io.ReadAll(resp.Body); string(body) != tt.want || err != nil {
			t.Errorf("%s: body %q %v, want %q", tt.path, body, err, tt.want)
		}
	}
}

func TestOldClient(t *testing.T) {
	b := start(t, backend(t, func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush() // chunks
		io.WriteString(w, "old")
	}))
	got := b.raw("GET / HTTP/1.0\r\n\r\n")
	if strings.Contains(got, "chunked") || !strings.HasSuffix(got, "Connection: close\r\n\r\nold") {
		t.Errorf("answer %q", got)
	}
}

// Requests that follow each other without waiting are answered in order.
func TestPipelining(t *testing.T) {
	b := start(t, backend(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "<"+r.URL.Path+">") }))
	got := b.raw("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nPOST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nxGET /3 HTTP/1.1\r\nHost: x\r\n\r\n")
	order := strings.Join(regexp.MustCompile(`</\d>`).FindAllString(got, -1), "")
	if order != "</1></2></3>" {
		t.Errorf("answers %q", got)
	}
}

func TestOwnAnswers(t *testing.T) {
	cfg := configFor(freeAddr(t))
	path := func(p string) []route.Condition {
		return []route.Condition{{Field: route.PathPattern, Values: []string{p}}}
	}
	cfg.Listeners[0].Rules = []route.Rule{
		{Priority: 1, Conditions: path("/fixed"), Action: route.Action{Fixed: &route.Fixed{Status: 418, ContentType: "text/plain", Body: "teapot"}}},
		{Priority: 2, Conditions: path("/moved/*"), Action: route.Action{Redirect: &route.Redirect{
			Status: 301, Protocol: "HTTPS", Port: "443", Host: "#{host}", Path: "/#{path}", Query: "#{query}",
		}}},
	}
	b := startConfig(t, cfg)
	for request, want := range map[string]string{
		"GET /fixed HTTP/1.1\r\nHost: x\r\n\r\n":           "HTTP/1.1 418 .*Content-Type: text/plain\r\nContent-Length: 6\r\nConnection: keep-alive\r\n\r\nteapot$",
		"HEAD /fixed HTTP/1.1\r\nHost: x\r\n\r\n":          "HTTP/1.1 418 .*Content-Length: 6\r\nConnection: keep-alive\r\n\r\n$",
		"GET /moved/a?b HTTP/1.1\r\nHost: x.io:80\r\n\r\n": "HTTP/1.1 301 .*Location: https://x.io:443/moved/a\\?b\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n":                "HTTP/1.1 503 .*Server: awselb/2.0\r\n.*503 Service Temporarily Unavailable",
	} {
		if got := b.raw(request); !regexp.MustCompile("(?s)^" + want).MatchString(got) {
			t.Errorf("%q: %q", request, got)
		}
	}
}

func TestTargetFaults(t *testing.T) {
	bad := scripted(t, func(c *net.TCPConn, rd *bufio.Reader, head string) {
		switch strings.Fields(head)[1] {
		case "/closes":
			c.Close()
		case "/garbage":
			io.WriteString(c, "SSH-2.0-OpenSSH\r\n\r\n")
		case "/large":
			io.WriteString(c, "HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 40<<10)+"\r\n\r\n")
		case "/switches":
			io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\n\r\n")
		case "/slow":
			io.Copy(io.Discard, rd)
		}
	})
	cfg := configFor(freeAddr(t), bad)
	cfg.Options.IdleTimeout = 400 * time.Millisecond
	b := startConfig(t, cfg)
	b.awaitHealthy(1)
	for path, want := range map[string]int{"/closes": 502, "/garbage": 502, "/large": 502, "/switches": 502, "/slow": 504} {
		if status, _ := get(t, b.url(path)); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
	resp, err := http.Post(b.url("/closes"), "text/plain", strings.NewReader("x"))
	if err != nil || resp.StatusCode != 502 {
		t.Errorf("post: %v %v", resp, err)
	}
}

func TestCutResponseIsSeen(t *testing.T) {
	b := start(t, scripted(t, func(c *net.TCPConn, rd *bufio.Reader, head string) {
		io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
		c.Close()
	}))
	resp, err := http.Get(b.url("/"))
	if err == nil {
		_, err = io.ReadAll(resp.Body)
	}
	if err == nil {
		t.Error("a response that broke off looked whole")
	}
}

func TestStaleConnectionsAreNotFelt(t *testing.T) {
	b := start(t, scripted(t, func(c *net.TCPConn, rd *bufio.Reader, head string) {
		n := 0
		fmt.Sscanf(head[strings.Index(head, "Content-Length: ")+1:], "ontent-Length: %d", &n)
		io.CopyN(io.Discard, rd, int64(n))
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		c.Close() // without having said so
	}))
	for i := range 20 {
		method, body := "GET", io.Reader(nil)
		if i%2 == 1 {
			method, body = "POST", strings.NewReader("x")
		}
		req, _ := http.NewRequest(method, b.url("/"), body)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != 200 && method == "GET" {
			t.Errorf("%s: %d", method, resp.StatusCode)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
}

func TestUnreachableTargetIsPassedOver(t *testing.T) {
	b := start(t, named(t, "a"), named(t, "b"))
	dead := freeAddr(t)
	cfg := b.config
	cfg.Groups[0].Targets = append(cfg.Groups[0].Targets, Target{Addr: dead})
	cfg.Groups[0].Check.Disabled = true // all count as healthy
	if err := b.apply(cfg); err != nil {
		t.Fatal(err)
	}
	for range 12 {
		resp, err := http.Post(b.url("/"), "text/plain", strings.NewReader("x"))
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("%v %v", resp, err)
		}
		resp.Body.Close()
	}
}

func TestIdleTimeouts(t *testing.T) {
	cfg := configFor(freeAddr(t), named(t, "a"))
	cfg.Options.IdleTimeout = 200 * time.Millisecond
	b := startConfig(t, cfg)
	c := b.dial()
	if all, err := io.ReadAll(c); err != nil || len(all) > 0 {
		t.Errorf("idle connection: %q %v", all, err)
	}
	c = b.dial()
	io.WriteString(c, "GET / HTT")
	if all, _ := io.ReadAll(c); !strings.HasPrefix(string(all), "HTTP/1.1 408 ") {
		t.Errorf("half a request: %q", all)
	}
}

func TestSpreadIsEven(t *testing.T) {
	b := start(t, named(t, "a"), named(t, "b"), named(t, "c"))
	count := map[string]int{}
	for range 30 {
		_, body := get(t, b.url("/"))
		count[body]++
	}
	if count["a"] != 10 || count["b"] != 10 || count["c"] != 10 {
		t.Errorf("spread %v", count)
	}
}
