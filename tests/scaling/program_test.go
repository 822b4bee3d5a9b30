package scaling

import (
	"os"
	"path/filepath"
	"testing"
)

// program is a server: a request below /burn/ costs 25 ms of CPU, every other one
// next to nothing.
const program = `package main

import (
	"context"
	"crypto/sha256"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"
)

const rusageThread = 1

func used() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(rusageThread, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func burn() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	sum := sha256.Sum256(nil)
	for end := used() + 25*time.Millisecond; used() < end; {
		for range 200 {
			sum = sha256.Sum256(sum[:])
		}
	}
}

func main() {
	server := &http.Server{Addr: ":3000", Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/burn/") {
			burn()
		}
		w.Write([]byte("done"))
	})}
	term, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	go func() {
		<-term.Done()
		server.Shutdown(context.Background())
		os.Exit(0)
	}()
	server.ListenAndServe()
	select {}
}
`

// stackFile has one service that scales on CPU, and one that scales on requests.
const stackFile = `name: scaling
network: {nat: none}
services:
  burner:
    build: ./server
    cpu: 256
    memory: 512
    count: {min: 2, max: 4, cpu: 60%}
    http: {paths: [/burn/*], drain: 5s}
  counter:
    build: ./server
    cpu: 256
    memory: 512
    count: {min: 2, max: 4, requests: 300}
    http: {paths: [/*], drain: 5s}
environments:
  dev: {}
`

// writeStack writes the stack and its program, and returns the path of its file.
func writeStack(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"apex.yaml": stackFile, "go.mod": "module scaling\n\ngo 1.26\n", "server/main.go": program,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "apex.yaml")
}
