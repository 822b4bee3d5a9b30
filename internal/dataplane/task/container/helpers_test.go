package container

import (
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// lockThreadForever keeps the goroutine on its thread, which ends with it.
func lockThreadForever() { runtime.LockOSThread() }

// printed is what a container printed so far.
type printed struct {
	mu   sync.Mutex
	more *sync.Cond
	text strings.Builder
	done bool
}

func collect(r *os.File) *printed {
	p := &printed{}
	p.more = sync.NewCond(&p.mu)
	go func() {
		_, _ = io.Copy(p, r)
		r.Close()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.done = true
		p.more.Broadcast()
	}()
	return p
}

func (p *printed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.more.Broadcast()
	return p.text.Write(b)
}

// all waits for the end of the output.
func (p *printed) all() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.done {
		p.more.Wait()
	}
	return p.text.String()
}

// await waits until the output holds want.
func (p *printed) await(t *testing.T, want string) {
	t.Helper()
	bound := time.AfterFunc(30*time.Second, p.more.Broadcast)
	defer bound.Stop()
	end := time.Now().Add(30 * time.Second)
	p.mu.Lock()
	defer p.mu.Unlock()
	for !strings.Contains(p.text.String(), want) {
		if p.done || time.Now().After(end) {
			t.Fatalf("printed %q, never %q", p.text.String(), want)
		}
		p.more.Wait()
	}
}
