package meter

import (
	"testing"
	"time"
)

func TestMemoryGivesTheReadingBefore(t *testing.T) {
	var m Memory[int]
	at := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	if _, ok := m.Swap("a", Reading[int]{at, 7}); ok {
		t.Error("an empty memory had a reading")
	}
	if before, ok := m.Swap("a", Reading[int]{at.Add(time.Second), 9}); !ok || before.Counts != 7 {
		t.Errorf("before: %+v, %v", before, ok)
	}
	for _, tt := range []struct {
		key   string
		after time.Duration
		want  bool
	}{{"a", 2 * time.Second, false}, {"a", 5 * time.Second, true}, {"b", 0, true}} {
		if got := m.Due(tt.key, at.Add(tt.after), 5*time.Second); got != tt.want {
			t.Errorf("%s due after %s: %v", tt.key, tt.after, got)
		}
	}
}
