package balancer

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestFailsOpen(t *testing.T) {
	for _, tt := range []struct {
		healthy, total int
		least          Threshold
		want           bool
	}{
		{0, 3, Threshold{}, true},
		{1, 3, Threshold{}, false},
		{1, 3, Threshold{Count: 2}, true},
		{2, 3, Threshold{Count: 2}, false},
		{1, 3, Threshold{Count: 1, Percent: 50}, true},
		{2, 4, Threshold{Count: 1, Percent: 50}, false},
		{0, 0, Threshold{Count: 1}, true},
	} {
		if got := failsOpen(tt.healthy, tt.total, tt.least); got != tt.want {
			t.Errorf("%d of %d, least %+v: %t", tt.healthy, tt.total, tt.least, got)
		}
	}
}

func TestSlowShare(t *testing.T) {
	for elapsed, want := range map[time.Duration]float64{0: leastShare, 15: 0.5, 29: 29.0 / 30, 30: 1, 90: 1} {
		if got := slowShare(elapsed*time.Second, 30*time.Second); got != want {
			t.Errorf("after %d s: %v, want %v", elapsed, got, want)
		}
	}
	if slowShare(0, 0) != 1 {
		t.Error("without slow start a target gets all at once")
	}
}

func TestRamps(t *testing.T) {
	for _, tt := range []struct {
		over   time.Duration
		exempt bool
		peers  int
		want   bool
	}{
		{30 * time.Second, false, 1, true},
		{30 * time.Second, false, 0, false},
		{30 * time.Second, true, 1, false},
		{0, false, 1, false},
	} {
		if got := ramps(tt.over, tt.exempt, tt.peers); got != tt.want {
			t.Errorf("%+v: %t", tt, got)
		}
	}
}

// Drawing falls on each index as often as its weight says.
func TestDrawFollowsWeights(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 8).Draw(t, "weights")
		weights[rapid.IntRange(0, len(weights)-1).Draw(t, "sure")] = 1
		total := 0.0
		for _, w := range weights {
			total += w
		}
		const n = 2000
		count := make([]float64, len(weights))
		for i := range n {
			count[draw(weights, float64(i)/n)]++
		}
		for i, w := range weights {
			if want := n * w / total; count[i] < want-2 || count[i] > want+2 {
				t.Fatalf("index %d of %v: %v times, want %v", i, weights, count[i], want)
			}
		}
	})
	if draw(nil, 0.5) != -1 || draw([]float64{0, 0}, 0.5) != -1 {
		t.Error("something was drawn of nothing")
	}
}

func TestAnomalies(t *testing.T) {
	good, bad, quiet := tally{100, 0}, tally{100, 40}, tally{5, 5}
	for name, tt := range map[string]struct {
		of   []tally
		want []bool
	}{
		"one of three":       {[]tally{good, bad, good}, []bool{false, true, false}},
		"two are too few":    {[]tally{good, bad}, []bool{false, false}},
		"too little is seen": {[]tally{good, quiet, good}, []bool{false, false, false}},
		"most of them":       {[]tally{bad, bad, good}, []bool{false, false, false}},
		"all of them":        {[]tally{bad, bad, bad}, []bool{false, false, false}},
		"two of four":        {[]tally{bad, good, bad, good}, []bool{true, false, true, false}},
		"below the floor":    {[]tally{good, {100, 4}, good}, []bool{false, false, false}},
		"a little worse":     {[]tally{{100, 10}, {100, 20}, {100, 10}}, []bool{false, false, false}},
	} {
		if got := anomalies(tt.of); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

// At most half of the targets are ever anomalous, and never one without faults.
func TestAnomaliesAreFew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var of []tally
		for range rapid.IntRange(0, 9).Draw(t, "targets") {
			n := rapid.IntRange(0, 100).Draw(t, "requests")
			of = append(of, tally{float64(n), float64(rapid.IntRange(0, n).Draw(t, "faults"))})
		}
		count := 0
		for i, odd := range anomalies(of) {
			if odd {
				count++
			}
			if odd && of[i].faults == 0 {
				t.Fatalf("%v has no faults", of[i])
			}
		}
		if 2*count > len(of) {
			t.Fatalf("%d of %d", count, len(of))
		}
	})
}

// Weights stay in bounds, and a target that is well again gets its share back.
func TestMitigationComesAndGoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := 1.0
		for _, odd := range rapid.SliceOf(rapid.Bool()).Draw(t, "anomalous") {
			if w = mitigated(w, odd); w < leastWeight || w > 1 {
				t.Fatalf("weight %v", w)
			}
		}
		for range 20 {
			w = mitigated(w, false)
		}
		if w != 1 {
			t.Fatalf("weight %v after 20 s without faults", w)
		}
	})
}

func TestTallyFades(t *testing.T) {
	tl := tally{}.after(100, 50)
	for range 5 {
		tl = tl.after(0, 0)
	}
	if tl.requests < 45 || tl.requests > 55 || tl.rate() != 0.5 {
		t.Errorf("after 5 s: %+v", tl)
	}
	if (tally{}).rate() != 0 {
		t.Error("the rate of nothing")
	}
}
