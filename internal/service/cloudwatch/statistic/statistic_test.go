package statistic_test

import (
	"math"
	"testing"
	"time"

	"apex/internal/dataplane/series"
	"apex/internal/service/cloudwatch/statistic"
)

// slot holds the values 1 to 100, each once.
func slot(t *testing.T) *series.Slot {
	t.Helper()
	s, err := series.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	id, at := series.NewID("s", "Test", "M"), time.Now().Truncate(time.Minute)
	for v := 1.0; v <= 100; v++ {
		if err := s.Add(id, "", series.Sample{At: at, Value: v}); err != nil {
			t.Fatal(err)
		}
	}
	return &s.Read(id, at, at.Add(time.Minute), time.Minute)[0]
}

func TestStatistics(t *testing.T) {
	s := slot(t)
	for name, want := range map[string]float64{
		"SampleCount": 100, "Sum": 5050, "Average": 50.5, "Minimum": 1, "Maximum": 100,
		"p0": 1, "p1": 1, "p50": 50, "p99.9": 100, "P90": 90, "p100": 100,
		"tm90": 45.5, "TM(10%:90%)": 50.5, "TM(:50%)": 25.5, "TM(20.5:30.5)": 25.5, "IQM": 50.5,
		"tc90": 90, "TC(25%:75%)": 50, "TC(20.5:30.5)": 10, "ts50": 1275, "TS(90%:)": 955,
		"wm98": 50.47, "WM(10%:90%)": 50.45, "PR(20.5:30.5)": 10, "PR(:50.5)": 50,
	} {
		stat, err := statistic.Parse(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, ok := stat.Of(s); !ok || math.Abs(got-want) > 0.015*want {
			t.Errorf("%s is %v, %v; want %v", name, got, ok, want)
		}
		if stat.String() != name {
			t.Errorf("%s is shown as %s", name, stat)
		}
	}
	p, _ := statistic.Parse("p50")
	if _, ok := p.Of(&series.Slot{}); ok {
		t.Error("nothing has a median")
	}
}

func TestRefuses(t *testing.T) {
	for _, name := range []string{
		"", "average", "p", "p101", "p-1", "p1e1", "p50%", "p(1:2)", "q99", "99", "tm", "TM()", "TM(5%)", "TM(:)", "TM(90%:10%)", "TM(a:b)",
		"TM(10%:90", "TM(10:90%)", "PR90", "PR(10%:90%)", "p99.12345678901",
	} {
		if s, err := statistic.Parse(name); err == nil {
			t.Errorf("%q was read as %+v", name, s)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"p99.9", "TM(10%:90%)", "PR(:300)", "TC(0.005:0.030)", "wm98"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := statistic.Parse(text); err == nil {
			s.Of(&series.Slot{Count: 1, Sum: 1, Min: 1, Max: 1})
		}
	})
}
