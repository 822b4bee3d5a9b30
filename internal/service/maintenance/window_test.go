package maintenance

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for _, s := range []string{"mon:04:00-mon:05:00", "Sat:23:30-sun:00:30", "sun:05:00-sun:05:30", "mon:00:00-tue:00:00"} {
		if _, err := Parse(s); err != nil {
			t.Error(err)
		}
	}
	for _, s := range []string{"", "mon:04:00", "mon:04:00-mon:04:29", "mon:04:00-tue:04:01", "mon:25:00-mon:26:00", "xyz:04:00-xyz:05:00", "mon:04:00-mon:04:00"} {
		if _, err := Parse(s); err == nil {
			t.Errorf("%q was accepted", s)
		}
	}
}

func TestNext(t *testing.T) {
	tuesday := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for window, want := range map[string]time.Time{
		"mon:04:00-mon:05:00": time.Date(2026, 11, 30, 4, 0, 0, 0, time.UTC),
		"wed:04:00-wed:05:00": time.Date(2026, 11, 25, 4, 0, 0, 0, time.UTC),
		"tue:11:30-tue:12:30": tuesday,
		"sat:23:30-sun:00:30": time.Date(2026, 11, 28, 23, 30, 0, 0, time.UTC),
	} {
		w, err := Parse(window)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.Next(tuesday); !got.Equal(want) {
			t.Errorf("%s: %s, want %s", window, got, want)
		}
	}
}

// The next moment is inside the window, within a week, and its own next.
func TestNextIsInTheWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := Window{from: time.Duration(rapid.IntRange(0, 7*24*60-1).Draw(t, "from")) * time.Minute}
		w.to = (w.from + time.Duration(rapid.IntRange(30, 24*60).Draw(t, "length"))*time.Minute) % week
		now := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "now"), 0)
		next := w.Next(now)
		sunday := time.Date(1970, 1, 4, 0, 0, 0, 0, time.UTC)
		into := ((next.Sub(sunday)-w.from)%week + week) % week
		switch {
		case next.Before(now) || next.Sub(now) >= week:
			t.Fatalf("%s is not within a week of %s", next, now)
		case into >= w.length():
			t.Fatalf("%s is %s after the window's start, which lasts %s", next, into, w.length())
		case !w.Next(next).Equal(next):
			t.Fatalf("%s is not its own next", next)
		}
	})
}

func TestCheckDaily(t *testing.T) {
	for s, good := range map[string]bool{"03:00-04:00": true, "23:45-00:15": true, "03:00-03:29": false, "3-4": false, "": false} {
		if err := CheckDaily(s); (err == nil) != good {
			t.Errorf("%q: %v", s, err)
		}
	}
}
