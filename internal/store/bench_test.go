package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"apex/internal/store"
)

// BenchmarkCommit measures durable transactions of 32 writers. The metric
// x-fsync is their rate over the rate of single fsyncs of the same disk,
// measured right before.
func BenchmarkCommit(b *testing.B) {
	dir := b.TempDir()
	fsyncs := fsyncRate(b, dir)
	s, err := store.Open(filepath.Join(dir, "store"), animals)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	var n atomic.Int64
	b.SetParallelism(16) // times GOMAXPROCS, which is 2 where the target was set
	start := time.Now()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			key := fmt.Sprint(n.Add(1) % 10_000)
			err := s.Update(context.Background(), func(tx *store.Tx) error {
				animals.Put(tx, animal{Key: key, Legs: 4})
				return nil
			})
			if err != nil {
				b.Error(err)
			}
		}
	})
	rate := float64(b.N) / time.Since(start).Seconds()
	b.ReportMetric(rate, "commits/s")
	b.ReportMetric(fsyncs, "fsyncs/s")
	b.ReportMetric(rate/fsyncs, "x-fsync")
}

// fsyncRate writes one block and syncs it, again and again for a moment.
func fsyncRate(b *testing.B, dir string) float64 {
	f, err := os.Create(filepath.Join(dir, "probe"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 4096)
	start, n := time.Now(), 0
	for ; time.Since(start) < 500*time.Millisecond; n++ {
		if _, err := f.WriteAt(block, 0); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	return float64(n) / time.Since(start).Seconds()
}
