package series

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestMain lets the test binary be the process that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("SERIES_CRASH_DIR"); dir != "" {
		writeForEver(dir)
	}
	os.Exit(m.Run())
}

// crashClock runs twenty thousand times faster than life, so that tiers are added up
// while the kills fall.
func crashClock(began time.Time) func() time.Time {
	return func() time.Time { return noon.Add(20000 * time.Since(began)) }
}

func crashID(n int) ID { return NewID("s", "Crash", fmt.Sprint("m", n%7)) }

// writeForEver adds the samples 1, 2, 3, … and says each when Add has returned.
func writeForEver(dir string) {
	nanos := int64(0)
	fmt.Sscan(os.Getenv("SERIES_CRASH_BEGAN"), &nanos)
	clock := crashClock(time.Unix(0, nanos))
	s, err := OpenAt(dir, clock)
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	first := 0
	fmt.Sscan(os.Getenv("SERIES_CRASH_FIRST"), &first)
	for n := first; ; n++ {
		if err := s.Add(crashID(n), "", Sample{At: clock(), Value: float64(n)}); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println(n)
	}
}

// TestKillLosesNothing kills a writing process with SIGKILL again and again: each
// sample that it said is there, once, in every tier.
func TestKillLosesNothing(t *testing.T) {
	dir, began := t.TempDir(), time.Now()
	said := 0
	for round := range 8 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "SERIES_CRASH_DIR="+dir, fmt.Sprint("SERIES_CRASH_BEGAN=", began.UnixNano()), fmt.Sprint("SERIES_CRASH_FIRST=", said+1))
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			if _, err := fmt.Sscan(lines.Text(), &said); err != nil {
				t.Fatal(lines.Text())
			}
			if n == 2000+round*501 {
				cmd.Process.Kill()
			}
		}
		_ = cmd.Wait() // it was killed
	}
	s, err := OpenAt(dir, crashClock(began))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, period := range []time.Duration{time.Second, time.Minute, 5 * time.Minute} {
		count, sum := 0.0, 0.0
		for n := range 7 {
			for _, slot := range s.Read(crashID(n), noon.Add(-time.Hour), noon.Add(100*time.Hour), period) {
				count += slot.Count
				sum += slot.Sum
			}
		}
		// One sample may be kept that was not said: the kill fell in between. The
		// next process then began with its number again.
		low, high := float64(said), float64(said)+8
		if crashClock(began)().Sub(noon) > 2*time.Hour && period == time.Second {
			continue // seconds have expired
		}
		if count < low || count > high || sum < low*(low+1)/2 {
			t.Errorf("by %s: %v samples of %d, sum %v", period, count, said, sum)
		}
	}
	t.Logf("%d samples over 8 kills", said)
}

// TestTornTailIsCut cuts and spoils files as a power cut may leave them.
func TestTornTailIsCut(t *testing.T) {
	for name, spoil := range map[string]func([]byte) []byte{
		"cut in a record":   func(data []byte) []byte { return data[:len(data)-3] },
		"cut in a head":     func(data []byte) []byte { return data[:segmentHead+2] },
		"cut in the start":  func(data []byte) []byte { return data[:7] },
		"a bit is flipped":  func(data []byte) []byte { data[len(data)-2] ^= 4; return data },
		"rubbish behind it": func(data []byte) []byte { return append(data, 5, 0, 1, 2, 3, 4, 5, 6, 7) },
		"empty":             func([]byte) []byte { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.add(t, latency, noon, 1, 2, 3)
			b.Close()
			path := filepath.Join(b.dir, fmt.Sprint("1s-", noon.Unix()))
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, spoil(data), 0o600); err != nil {
				t.Fatal(err)
			}
			b.open(t)
			before := 0.0
			for _, slot := range b.Read(latency, noon, noon.Add(time.Minute), time.Second) {
				before += slot.Count
			}
			b.add(t, latency, noon, 7, 8)
			b.open(t)
			if got := b.Read(latency, noon, noon.Add(time.Minute), time.Second); len(got) != 1 || got[0].Count != before+2 || got[0].Max != 8 {
				t.Errorf("after %v there were two more: %+v", before, got)
			}
		})
	}
}

func TestTornCatalogueIsCut(t *testing.T) {
	b := newBench(t)
	other := NewID("s", "Test", "Other")
	b.add(t, latency, noon, 1)
	b.add(t, other, noon, 1)
	b.Close()
	path := filepath.Join(b.dir, "catalogue")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data[:len(data)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	b.open(t)
	if len(b.List("s")) != 0 || len(b.List("1/us-east-1/")) != 1 {
		t.Error("the torn series is there, or the whole one is not")
	}
	b.add(t, other, noon, 2)
	b.open(t)
	if got := b.Read(other, noon, noon.Add(time.Minute), time.Minute); len(got) != 1 {
		t.Errorf("slots %+v", got)
	}
}

// FuzzSegment opens a file of any content: what reads must be sound, and what is
// added must be found.
func FuzzSegment(f *testing.F) {
	seed := newBench(f)
	seed.add(f, latency, noon, 1, 2, 3)
	seed.Close()
	good, err := os.ReadFile(filepath.Join(seed.dir, fmt.Sprint("1s-", noon.Unix())))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:30])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		b := newBench(t)
		b.add(t, latency, noon.Add(-time.Hour), 1) // so that the series is known
		b.Close()
		if err := os.WriteFile(filepath.Join(b.dir, fmt.Sprint("1s-", noon.Unix())), data, 0o600); err != nil {
			t.Fatal(err)
		}
		b.open(t)
		at := noon.Add(100 * time.Second)
		before := 0.0
		for _, slot := range b.Read(latency, at, at.Add(time.Second), time.Second) {
			before += slot.Count
			slot.Percentile(50)
		}
		b.add(t, latency, at, 5)
		if got := b.Read(latency, at, at.Add(time.Second), time.Second); len(got) != 1 || got[0].Count != before+1 {
			t.Errorf("%+v", got)
		}
	})
}
