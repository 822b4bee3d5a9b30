package zone

import (
	"testing"
	"time"
)

func load(t testing.TB, name string) *time.Location {
	t.Helper()
	in, err := Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// When a day begins, and how long it is, where clocks change.
func TestDays(t *testing.T) {
	for _, tt := range []struct {
		zone, day, begins, lasts string
	}{
		{"UTC", "2026-03-29", "2026-03-29T00:00:00Z", "24h0m0s"},
		{"Europe/Lisbon", "2026-03-29", "2026-03-29T00:00:00Z", "23h0m0s"},
		{"Europe/Lisbon", "2026-10-25", "2026-10-24T23:00:00Z", "25h0m0s"},
		{"America/New_York", "2026-03-08", "2026-03-08T05:00:00Z", "23h0m0s"},
		{"America/New_York", "2026-11-01", "2026-11-01T04:00:00Z", "25h0m0s"},
		{"Pacific/Chatham", "2026-04-05", "2026-04-04T10:15:00Z", "25h0m0s"}, // 13:45 ahead, then 12:45
		{"Pacific/Chatham", "2026-09-27", "2026-09-26T11:15:00Z", "23h0m0s"},
		{"Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00:00Z", "24h30m0s"}, // half an hour
		{"Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30:00Z", "23h30m0s"},
		{"Asia/Kathmandu", "2026-06-01", "2026-05-31T18:15:00Z", "24h0m0s"},
		// Here there is no midnight: the day begins at one.
		{"America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z", "23h0m0s"},
		{"America/Havana", "2026-03-08", "2026-03-08T05:00:00Z", "23h0m0s"},
		{"Asia/Beirut", "2026-03-29", "2026-03-28T22:00:00Z", "23h0m0s"},
		{"Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z", "23h0m0s"},
		{"Atlantic/Azores", "2026-03-29", "2026-03-29T01:00:00Z", "23h0m0s"},
		{"America/Asuncion", "2023-10-01", "2023-10-01T04:00:00Z", "23h0m0s"}, // and the month
		// Here it comes twice, and here an hour before it does.
		{"America/Havana", "2026-11-01", "2026-11-01T04:00:00Z", "25h0m0s"},
		{"Atlantic/Azores", "2026-10-25", "2026-10-25T00:00:00Z", "25h0m0s"},
		{"America/Santiago", "2026-04-04", "2026-04-04T03:00:00Z", "25h0m0s"},
		{"America/Santiago", "2026-04-05", "2026-04-05T04:00:00Z", "24h0m0s"},
		{"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", "24h0m0s"}, // the day before was left out
	} {
		in := load(t, tt.zone)
		day, err := time.Parse(time.DateOnly, tt.day)
		if err != nil {
			t.Fatal(err)
		}
		begins := Begins(day, in)
		if got, lasts := begins.Format(time.RFC3339), Begins(day.AddDate(0, 0, 1), in).Sub(begins).String(); got != tt.begins || lasts != tt.lasts {
			t.Errorf("%s in %s begins %s and lasts %s, want %s and %s", tt.day, tt.zone, got, lasts, tt.begins, tt.lasts)
		}
		if Today(begins, in) != day || Today(begins.Add(-time.Millisecond), in) == day {
			t.Errorf("%s in %s: the calendar does not turn at %s", tt.day, tt.zone, begins)
		}
	}
}

// Every day of ten years begins where the calendar turns, in any zone.
func TestEveryDayBegins(t *testing.T) {
	for _, name := range []string{
		"Europe/Lisbon", "America/New_York", "America/St_Johns", "America/Santiago", "America/Havana", "America/Nuuk", "Asia/Beirut", "Africa/Cairo", "Africa/Casablanca",
		"Atlantic/Azores", "Asia/Tehran", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Auckland", "Antarctica/Troll",
	} {
		in := load(t, name)
		for day := Day(2020, time.January, 1); day.Year() < 2030; day = day.AddDate(0, 0, 1) {
			begins := Begins(day, in)
			if Today(begins, in) != day || Today(begins.Add(-time.Second), in) != day.AddDate(0, 0, -1) {
				t.Fatalf("%s in %s does not begin at %s", day.Format(time.DateOnly), name, begins.In(in))
			}
		}
	}
}

func TestLoad(t *testing.T) {
	if load(t, "") != time.UTC {
		t.Error("no zone is not UTC")
	}
	for _, name := range []string{"Local", "Europe/Atlantis", "../../etc/passwd", "Europe/Lisbon\x00"} {
		if in, err := Load(name); err == nil {
			t.Errorf("%q is %s", name, in)
		}
	}
}
