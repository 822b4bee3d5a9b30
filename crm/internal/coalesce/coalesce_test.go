package coalesce

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Of many who ask at once each gets an answer that was begun after they asked,
// and there is less work than there are questions.
func TestAnswersAreFresh(t *testing.T) {
	var g Group[int64]
	var written, works atomic.Int64
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			mine := written.Add(1)
			got, err := g.Do(t.Context(), "k", time.Minute, func(context.Context) (int64, error) {
				works.Add(1)
				v := written.Load()
				time.Sleep(time.Millisecond) // long enough for others to ask meanwhile
				return v, nil
			})
			if err != nil || got < mine {
				t.Errorf("asked after write %d, answered with write %d: %v", mine, got, err)
			}
		})
	}
	all.Wait()
	if n := works.Load(); n >= 200 || n < 1 {
		t.Errorf("%d pieces of work for 200 questions", n)
	}
	for deadline := time.Now().Add(20 * time.Second); g.busy(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a key is left behind")
		}
	}
}

// One who leaves does not take the answer from the others; a fault is told to all.
func TestLeavingAndFaults(t *testing.T) {
	var g Group[int]
	begun, goOn := make(chan struct{}), make(chan struct{})
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error, 1)
	fault := errors.New("no")
	go func() {
		_, err := g.Do(ctx, "k", time.Minute, func(ctx context.Context) (int, error) {
			close(begun)
			<-goOn
			return 0, ctx.Err()
		})
		left <- err
	}()
	<-begun
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("who left: %v", err)
	}
	close(goOn)
	if _, err := g.Do(t.Context(), "k", time.Minute, func(context.Context) (int, error) { return 0, fault }); !errors.Is(err, fault) {
		t.Errorf("the fault: %v", err)
	}
	if v, err := g.Do(t.Context(), "other", time.Minute, func(context.Context) (int, error) { return 7, nil }); v != 7 || err != nil {
		t.Errorf("another key: %d, %v", v, err)
	}
}

func (g *Group[V]) busy() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.keys) > 0
}
