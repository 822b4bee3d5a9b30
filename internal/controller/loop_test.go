package controller

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"apex/internal/store"
)

func TestLoopsRunUntilTheRegionEnds(t *testing.T) {
	s, err := store.Open(t.TempDir() + "/db")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, cancel := context.WithCancel(t.Context())
	var tries, ticks atomic.Int64
	ended := false
	loop := Loop("test/loop", func(ctx context.Context) error {
		if tries.Add(1) == 1 {
			return errors.New("not yet")
		}
		<-ctx.Done()
		ended = true
		return nil
	})
	done := make(chan struct{})
	go func() {
		defer close(done)
		Run(ctx, s, slog.New(slog.NewTextHandler(io.Discard, nil)), loop, Every("test/every", time.Millisecond, func(context.Context) { ticks.Add(1) }))
	}()
	for tries.Load() < 2 || ticks.Load() < 3 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	<-done
	if !ended {
		t.Error("Run returned before the loop had ended")
	}
}
