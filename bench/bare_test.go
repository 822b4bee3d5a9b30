package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"apex/internal/awswire/sigv4"
)

// What the bare server knows: its one key, and by its environment where its port
// and its answers are.
const (
	bareKey    = "AKIDEXAMPLE"
	bareSecret = "wJalrXUtnFEMI/K7MDENG"
	barePort   = "BENCH_BARE_PORT"
	bareFile   = "BENCH_BARE_FILE"
)

func TestMain(m *testing.M) {
	if port := os.Getenv(barePort); port != "" {
		os.Exit(bare(port, os.Getenv(bareFile)))
	}
	os.Exit(m.Run())
}

// An answered call is what came back for it.
type answered struct {
	Status int
	Header http.Header
	Body   []byte
}

// writes reports whether a request of the mixed set changes something.
func (r request) writes() bool {
	switch r.name {
	case "TagRole", "CreateTags", "PutLogEvents", "Logs_20140328.PutLogEvents", http.MethodPut:
		return true
	}
	return false
}

// nameOf names what a request asks for.
func nameOf(r *http.Request, body []byte) string {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return target
	}
	if _, action, ok := strings.Cut(string(body), "Action="); ok {
		action, _, _ = strings.Cut(action, "&")
		return action
	}
	if strings.HasPrefix(r.URL.Path, "/bench") {
		return r.Method
	}
	return r.URL.Path
}

// A recorder is an HTTP client that keeps what it sends and brings.
type recorder struct {
	mu   sync.Mutex
	seen map[string]answered
	sent []request
}

// A request is one that the SDK signed, as it goes over the wire.
type request struct {
	name string
	text []byte
}

// Do sends a request.
func (c *recorder) Do(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	var text bytes.Buffer
	if err := r.Write(&text); err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(said))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[nameOf(r, body)] = answered{resp.StatusCode, resp.Header, said}
	c.sent = append(c.sent, request{nameOf(r, body), text.Bytes()})
	return resp, nil
}

// serveBare runs the bare server as a process of its own.
func serveBare(b *testing.B, port int, answers map[string]answered) *exec.Cmd {
	b.Helper()
	file := filepath.Join(b.TempDir(), "answers.json")
	text, err := json.Marshal(answers)
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), barePort+"="+strconv.Itoa(port), bareFile+"="+file)
	start(b, cmd, port)
	return cmd
}

// bare serves: reads the body, verifies the signature, answers from memory.
func bare(port, file string) int {
	text, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	var answers map[string]answered
	if err := json.Unmarshal(text, &answers); err != nil {
		panic(err)
	}
	server := http.Server{Addr: net.JoinHostPort("127.0.0.1", port), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		query := r.URL.Query()
		signature, parseErr := sigv4.Parse(r, query)
		if err != nil || parseErr != nil || signature.Verify(r, query, body, bareSecret, time.Now()) != nil {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		a := answers[nameOf(r, body)]
		for name, values := range a.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(a.Status)
		_, _ = w.Write(a.Body)
	})}
	panic(server.ListenAndServe())
}
