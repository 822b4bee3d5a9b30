package series

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// A bench is a store with a clock that the test moves.
type bench struct {
	*Store
	dir string
	now time.Time
}

func newBench(t testing.TB) *bench {
	b := &bench{dir: t.TempDir(), now: noon}
	b.open(t)
	t.Cleanup(func() { b.Close() })
	return b
}

// open opens the files anew, as after a kill: the old store is left as it is.
func (b *bench) open(t testing.TB) {
	t.Helper()
	s, err := OpenAt(b.dir, func() time.Time { return b.now })
	if err != nil {
		t.Fatal(err)
	}
	b.Store = s
}

func (b *bench) add(t testing.TB, id ID, at time.Time, values ...float64) {
	t.Helper()
	for _, v := range values {
		if err := b.Add(id, "Seconds", Sample{At: at, Value: v}); err != nil {
			t.Fatal(err)
		}
	}
}

var latency = NewID("1/us-east-1/", "Test", "Latency", "B", "2", "A", "1")

func near(a, b float64) bool { return math.Abs(a-b) <= 0.0101*math.Abs(b)+1e-9 }

func TestReadJoinsSamplesOfAPeriod(t *testing.T) {
	b := newBench(t)
	for i := range 10 {
		b.add(t, latency, noon.Add(time.Duration(i)*time.Second), float64(i+1))
	}
	got := b.Read(NewID("1/us-east-1/", "Test", "Latency", "A", "1", "B", "2"), noon, noon.Add(time.Minute), 5*time.Second)
	if len(got) != 2 || got[0].Sum != 15 || got[1].Sum != 40 || got[1].Min != 6 || got[1].Max != 10 {
		t.Fatalf("slots: %+v", got)
	}
	if p, ok := got[1].Percentile(50); !ok || !near(p, 8) {
		t.Errorf("p50 is %v, %v; want 8", p, ok)
	}
	if got := b.Read(latency, noon.Add(time.Nanosecond), noon.Add(5*time.Second), 5*time.Second); len(got) != 0 {
		t.Errorf("a period that begins before the start was read: %+v", got)
	}
	if ids := b.List("1/us-east-1/"); len(ids) != 1 || b.Unit(ids[0]) != "Seconds" || !b.Seen(ids[0]).Equal(noon.Add(9*time.Second)) {
		t.Errorf("list %+v", ids)
	}
}

func TestSetHasNoPercentiles(t *testing.T) {
	b := newBench(t)
	if err := b.AddSet(latency, "", Set{At: noon, Count: 4, Sum: 10, Min: 1, Max: 4}); err != nil {
		t.Fatal(err)
	}
	b.add(t, latency, noon, 9)
	got := b.Read(latency, noon, noon.Add(time.Minute), time.Minute)
	if len(got) != 1 || got[0].Count != 5 || got[0].Sum != 19 || got[0].Max != 9 {
		t.Fatalf("slots: %+v", got)
	}
	if _, ok := got[0].Percentile(50); ok {
		t.Error("a percentile of what is not known")
	}
}

func TestOldDataIsKeptCoarserAndThenNotAtAll(t *testing.T) {
	b := newBench(t)
	for i := range 600 {
		b.now = noon.Add(time.Duration(i) * time.Second)
		b.add(t, latency, b.now, float64(i))
	}
	read := func(period time.Duration) float64 {
		count := 0.0
		for _, slot := range b.Read(latency, noon.Add(-time.Hour), noon.Add(time.Hour), period) {
			count += slot.Count
		}
		return count
	}
	for _, step := range []struct {
		after                            time.Duration
		second, minute, fiveMinute, hour float64
	}{
		{10 * time.Minute, 600, 600, 600, 600},
		{4 * time.Hour, 0, 600, 600, 600},
		{17 * 24 * time.Hour, 0, 0, 600, 600},
		{71 * 24 * time.Hour, 0, 0, 0, 600},
		{500 * 24 * time.Hour, 0, 0, 0, 0},
	} {
		b.now = noon.Add(step.after)
		b.open(t)
		for period, want := range map[time.Duration]float64{time.Second: step.second, time.Minute: step.minute, 5 * time.Minute: step.fiveMinute, time.Hour: step.hour} {
			if got := read(period); got != want {
				t.Errorf("after %s: %v samples by %s, want %v", step.after, got, period, want)
			}
		}
	}
	if files, _ := filepath.Glob(filepath.Join(b.dir, "1s-*")); len(files) != 0 {
		t.Errorf("files remain: %v", files)
	}
}

func TestLateSamplesAreInEveryTier(t *testing.T) {
	b := newBench(t)
	b.add(t, latency, noon, 1)
	b.now = noon.Add(2 * time.Hour)
	b.add(t, latency, noon.Add(time.Second), 2)      // after all tiers have passed it
	b.add(t, latency, noon.Add(-10*24*time.Hour), 3) // too old for seconds
	b.add(t, latency, noon.Add(3*time.Hour), 4)      // not yet
	b.open(t)
	for _, period := range []time.Duration{time.Second, time.Minute, 5 * time.Minute, time.Hour} {
		sum := 0.0
		for _, slot := range b.Read(latency, noon.Add(-time.Hour), noon.Add(4*time.Hour), period) {
			sum += slot.Sum
		}
		if sum != 7 {
			t.Errorf("by %s the sum is %v, want 7", period, sum)
		}
	}
	if got := b.Read(latency, noon.Add(-11*24*time.Hour), noon.Add(-9*24*time.Hour), time.Minute); len(got) != 1 || got[0].Sum != 3 {
		t.Errorf("ten days ago: %+v", got)
	}
}

// TestModel holds the store against a list of all samples, over kills at any
// moment.
func TestModel(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		dir, err := os.MkdirTemp("", "series")
		if err != nil {
			r.Fatal(err)
		}
		defer os.RemoveAll(dir)
		b := &bench{dir: dir, now: noon}
		b.open(t)
		ids := []ID{latency, NewID("1/us-east-1/", "Test", "Other"), NewID("2/", "Test", "Latency")}
		model := map[int][]Sample{}
		r.Repeat(map[string]func(*rapid.T){
			"add": func(r *rapid.T) {
				which := rapid.IntRange(0, len(ids)-1).Draw(r, "series")
				var samples []Sample
				for range rapid.IntRange(1, 5).Draw(r, "samples") {
					samples = append(samples, Sample{
						At:    b.now.Add(time.Duration(rapid.IntRange(-3600, 300).Draw(r, "at")) * time.Second),
						Value: float64(rapid.IntRange(-50, 1000).Draw(r, "value")) / 4, Count: float64(rapid.IntRange(0, 3).Draw(r, "count")),
					})
				}
				if err := b.Add(ids[which], "", samples...); err != nil {
					r.Fatal(err)
				}
				model[which] = append(model[which], samples...)
			},
			"wait": func(r *rapid.T) {
				if b.now.Sub(noon) < time.Hour {
					b.now = b.now.Add(time.Duration(rapid.IntRange(1, 400).Draw(r, "seconds")) * time.Second)
				}
			},
			"kill": func(*rapid.T) { b.open(t) },
			"close": func(*rapid.T) {
				if err := b.Close(); err != nil {
					r.Fatal(err)
				}
				b.open(t)
			},
			"": func(r *rapid.T) {
				which := rapid.IntRange(0, len(ids)-1).Draw(r, "read")
				period := time.Duration(rapid.SampledFrom([]int{1, 5, 60, 120, 300, 3600}).Draw(r, "period")) * time.Second
				from := noon.Add(time.Duration(rapid.IntRange(-3700, 3600).Draw(r, "from")) * time.Second)
				to := from.Add(time.Duration(rapid.IntRange(0, 7200).Draw(r, "length")) * time.Second)
				compare(r, b.Read(ids[which], from, to, period), naive(model[which], from, to, period))
			},
		})
	})
}

// naive is what Read must return.
func naive(samples []Sample, from, to time.Time, period time.Duration) map[time.Time][]float64 {
	out := map[time.Time][]float64{}
	for _, s := range samples {
		start := s.At.Truncate(period)
		if start.Before(from) || !start.Before(to) {
			continue
		}
		for range max(1, int(s.Count)) {
			out[start] = append(out[start], s.Value)
		}
	}
	return out
}

func compare(r *rapid.T, got []Slot, want map[time.Time][]float64) {
	if len(got) != len(want) {
		r.Fatalf("%d slots, want %d", len(got), len(want))
	}
	for _, slot := range got {
		values := want[slot.Start]
		sum, low, high := 0.0, math.Inf(1), math.Inf(-1)
		for _, v := range values {
			sum, low, high = sum+v, min(low, v), max(high, v)
		}
		if slot.Count != float64(len(values)) || slot.Sum != sum || slot.Min != low || slot.Max != high {
			r.Fatalf("slot %+v, want %v", slot, values)
		}
		for _, p := range []float64{1, 50, 99} {
			v, ok := slot.Percentile(p)
			near := false
			for _, w := range values {
				near = near || math.Abs(v-w) <= 0.0101*math.Abs(w)+1e-9
			}
			if !ok || !near {
				r.Fatalf("p%v of %v is %v", p, values, v)
			}
		}
	}
}

func TestBucketsAreWithinOnePercent(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		v := rapid.Float64Range(-1e100, 1e100).Draw(r, "v")
		if got := valueOf(keyOf(v)); math.Abs(got-v) > 0.01*math.Abs(v) && math.Abs(v) > 1e-300 {
			r.Fatalf("%v is counted as %v", v, got)
		}
		w := rapid.Float64Range(-1e100, 1e100).Draw(r, "w")
		if v < w && keyOf(v) > keyOf(w) {
			r.Fatalf("%v comes after %v", v, w)
		}
	})
}

func TestSmallWholeNumbersComeOutAsTheyWentIn(t *testing.T) {
	for v := range 100 {
		if got := valueOf(keyOf(float64(v))); got != float64(v) {
			t.Errorf("%d is counted as %v", v, got)
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	s := newBench(b)
	var ids []ID
	for i := range 2000 {
		ids = append(ids, NewID("1/us-east-1/", "AWS/ECS", "CPUUtilization", "ClusterName", "main", "TaskId", string(rune('a'+i%26))+time.Duration(i).String()))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%len(ids) == 0 {
			s.now = s.now.Add(time.Second)
		}
		if err := s.Add(ids[i%len(ids)], "Percent", Sample{At: s.now, Value: float64(i % 100)}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadOfAnAlarm(b *testing.B) {
	s := newBench(b)
	for range 600 {
		s.now = s.now.Add(time.Second)
		s.add(b, latency, s.now, 1)
	}
	b.ReportAllocs()
	for b.Loop() {
		if got := s.Read(latency, s.now.Add(-30*time.Second), s.now, 5*time.Second); len(got) < 6 {
			b.Fatal(got)
		}
	}
}
