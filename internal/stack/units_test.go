package stack

import (
	"encoding"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func TestUnits(t *testing.T) {
	for text, tt := range map[string]struct {
		into encoding.TextUnmarshaler
		want string // empty: an error
	}{
		"70%":             {new(Percent), "70"},
		"0%":              {new(Percent), ""},
		"101%":            {new(Percent), ""},
		"0.7":             {new(Percent), ""},
		"7 days":          {new(Days), "7"},
		"7":               {new(Days), ""},
		"1d":              {new(Days), "1"},
		"30s":             {new(Seconds), "30"},
		"1.5s":            {new(Seconds), ""},
		"20 GiB":          {new(Storage), "{20 20}"},
		"20-40 GiB":       {new(Storage), "{20 40}"},
		"20":              {new(Storage), ""},
		"Mon 04:00-05:00": {new(Window), "mon:04:00-mon:05:00"},
		"Sun 23:30-00:30": {new(Window), "sun:23:30-mon:00:30"},
		"Mon 24:00-25:00": {new(Window), ""},
		"mysql 8.0":       {new(Engine), "mysql 8.0"},
		"mysql":           {new(Engine), ""},
		"10.0.0.0/16":     {new(Prefix), "10.0.0.0/16"},
		"10.0.0.1/16":     {new(Prefix), ""},
		"fd00::/8":        {new(Prefix), ""},
		"per-zone":        {new(NAT), "per-zone"},
		"both":            {new(NAT), ""},
	} {
		t.Run(text, func(t *testing.T) {
			err := tt.into.UnmarshalText([]byte(text))
			if (err != nil) != (tt.want == "") {
				t.Fatalf("error %v", err)
			}
			if got := fmt.Sprint(value(tt.into)); err == nil && got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// value is what a pointer to a unit holds.
func value(u encoding.TextUnmarshaler) any {
	switch u := u.(type) {
	case *Percent:
		return *u
	case *Days:
		return *u
	case *Seconds:
		return *u
	case *Storage:
		return *u
	case *NAT:
		return *u
	}
	return u
}

// TestWindowOverlap compares Overlaps with walking through the day.
func TestWindowOverlap(t *testing.T) {
	minute := func(t *rapid.T, label string) string {
		return fmt.Sprintf("%02d:%02d", rapid.IntRange(0, 23).Draw(t, label), rapid.IntRange(0, 11).Draw(t, label)*5)
	}
	rapid.Check(t, func(t *rapid.T) {
		a := DayWindow{minute(t, "a from"), minute(t, "a to")}
		b := DayWindow{minute(t, "b from"), minute(t, "b to")}
		want := false
		for m := range 24 * 60 {
			want = want || open(a, m) && open(b, m)
		}
		if got := a.Overlaps(b); got != want {
			t.Fatalf("%s and %s: %t, want %t", a, b, got, want)
		}
	})
}

func open(w DayWindow, minute int) bool {
	from := int(clock(w.From).Minutes())
	return (minute-from+24*60)%(24*60) < int(w.Length().Minutes())
}

func TestEditDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{{"memmory", "memory", 1}, {"", "cpu", 3}, {"port", "port", 0}, {"prot", "port", 2}} {
		if got := editDistance(tt.a, tt.b); got != tt.want {
			t.Errorf("%s %s: %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
