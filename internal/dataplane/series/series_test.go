package series

import (
	"testing"
	"time"
)

func TestReadJoinsSamplesOfAPeriod(t *testing.T) {
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	id := NewID("000000000000/us-east-1", "Test", "Latency", "B", "2", "A", "1")
	for i := range 10 {
		if err := s.Add(id, "Seconds", Sample{At: start.Add(time.Duration(i) * time.Second), Value: float64(i + 1)}); err != nil {
			t.Fatal(err)
		}
	}
	got := s.Read(NewID("000000000000/us-east-1", "Test", "Latency", "A", "1", "B", "2"), start, start.Add(time.Minute), 5*time.Second)
	if len(got) != 2 || got[0].Sum != 15 || got[1].Sum != 40 || got[1].Min != 6 || got[1].Max != 10 {
		t.Fatalf("slots: %+v", got)
	}
	if p, ok := got[1].Percentile(50); !ok || p != 8 {
		t.Errorf("p50 is %v, %v; want 8", p, ok)
	}
}
