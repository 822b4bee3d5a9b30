package logfile

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A sweeper that remembers does what one does that looks at everything anew.
func TestSweeperForgetsNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		w, now := open(t, dir), 0
		var s Sweeper
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			switch rapid.IntRange(0, 2).Draw(rt, "step") {
			case 0:
				for range rapid.IntRange(1, 12).Draw(rt, "events") {
					now++
					if err := w.Append(at(now), []byte("an event")); err != nil {
						rt.Fatal(err)
					}
				}
			case 1:
				w.Close()
				w = open(t, dir)
			}
			before, released := at(rapid.IntRange(0, now+1).Draw(rt, "before")), false
			bytes, err := s.Sweep(dir, before, func() { released = true; w.Close() })
			if err != nil {
				rt.Fatal(err)
			}
			if released {
				w = open(t, dir)
				continue // what it had open counts when it is closed only
			}
			again, err := new(Sweeper).Sweep(dir, before, func() {})
			if err != nil || again != bytes {
				rt.Fatalf("%d bytes after a sweep, %d after another, %v", bytes, again, err)
			}
		}
		w.Close()
	})
}

func TestSweepOfUnchangedStreamSeesTimePass(t *testing.T) {
	dir := t.TempDir()
	w := write(t, dir, 12)
	var s Sweeper
	sweep := func(before time.Time) int64 {
		t.Helper()
		n, err := s.Sweep(dir, before, func() { w.Close() })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	all := sweep(at(0))
	if again := sweep(at(0)); again != all || all == 0 {
		t.Errorf("an unchanged stream has %d bytes, then %d", all, again)
	}
	if some := sweep(at(9)); some >= all || some == 0 {
		t.Errorf("%d of %d bytes are left of what is partly too old", some, all)
	}
	sweep(at(100))
	if got, _ := read(t, dir, Query{}); got != "" {
		t.Errorf("left of what is all too old: %q", got)
	}
	s.Forget(dir)
	if n := sweep(at(100)); n > headerSize {
		t.Errorf("an empty stream has %d bytes", n)
	}
}

func BenchmarkSweepUnchanged(b *testing.B) {
	dir := b.TempDir()
	write(b, dir, 12)
	var s Sweeper
	for b.Loop() {
		if _, err := s.Sweep(dir, at(0), func() {}); err != nil {
			b.Fatal(err)
		}
	}
}
