package tasks

import (
	"testing"
	"time"

	"apexai/crm/internal/zone"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A time is by the clocks of its zone, on both sides of their changes.
func TestTimesFollowTheClocks(t *testing.T) {
	for _, tt := range []struct{ zone, date, clock, want string }{
		{"America/New_York", "2026-03-07", "15:00", "2026-03-07T20:00:00Z"}, // winter
		{"America/New_York", "2026-03-08", "15:00", "2026-03-08T19:00:00Z"}, // the day that clocks go forward
		{"America/New_York", "2026-03-08", "01:59", "2026-03-08T06:59:00Z"},
		{"America/New_York", "2026-03-08", "02:30", "2026-03-08T07:30:00Z"}, // there is no such time: 03:30
		{"America/New_York", "2026-03-08", "03:00", "2026-03-08T07:00:00Z"},
		{"America/New_York", "2026-11-01", "01:30", "2026-11-01T05:30:00Z"}, // there are two: the first
		{"America/New_York", "2026-11-01", "02:00", "2026-11-01T07:00:00Z"},
		{"America/New_York", "2026-11-02", "15:00", "2026-11-02T20:00:00Z"},
		{"Pacific/Auckland", "2026-04-04", "09:00", "2026-04-03T20:00:00Z"}, // summer
		{"Pacific/Auckland", "2026-04-05", "02:30", "2026-04-04T13:30:00Z"}, // there are two: the first
		{"Pacific/Auckland", "2026-04-05", "09:00", "2026-04-04T21:00:00Z"},
		{"Pacific/Auckland", "2026-09-27", "02:30", "2026-09-26T14:30:00Z"}, // there is no such time: 03:30
		{"Pacific/Auckland", "2026-09-27", "09:00", "2026-09-26T20:00:00Z"},
		{"Pacific/Auckland", "2026-09-26", "23:59", "2026-09-26T11:59:00Z"},
		{"Asia/Kathmandu", "2026-06-01", "00:00", "2026-05-31T18:15:00Z"},
		{"America/Santiago", "2026-09-06", "00:00", "2026-09-06T04:00:00Z"}, // midnight is skipped
		{"Pacific/Chatham", "2026-04-05", "03:00", "2026-04-04T13:15:00Z"},  // there are two: the first
		{"Pacific/Chatham", "2026-04-05", "09:00", "2026-04-04T20:15:00Z"},
		{"Pacific/Chatham", "2026-09-27", "03:00", "2026-09-26T14:15:00Z"},     // there is no such time: 04:00
		{"Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04T14:45:00Z"}, // there are two, half an hour apart
		{"Australia/Lord_Howe", "2026-04-05", "02:00", "2026-04-04T15:30:00Z"},
		{"Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:45:00Z"}, // there is no such time: 02:45
		{"Europe/Lisbon", "2026-03-29", "01:30", "2026-03-29T01:30:00Z"},       // 02:30
		{"Europe/Lisbon", "2026-10-25", "01:30", "2026-10-25T00:30:00Z"},
		{"", "2026-06-01", "12:00", "2026-06-01T12:00:00Z"},
	} {
		d := Draft{Title: "x", DueDate: &tt.date, DueTime: &tt.clock, Zone: tt.zone}
		if err := d.check(); err != nil {
			t.Fatal(err)
		}
		if got := d.moments().at.Format(time.RFC3339); got != tt.want {
			t.Errorf("%s %s in %s: %s, want %s", tt.date, tt.clock, tt.zone, got, tt.want)
		}
	}
}

// A date is the same date for everybody, whenever and wherever they look.
func TestDatesDoNotShift(t *testing.T) {
	date := func(s string) Task { return Task{Status: "open", DueDate: &s} }
	timed := func(day, moment string) Task {
		v := at(t, moment)
		return Task{Status: "open", DueDate: &day, DueAt: &v}
	}
	for _, tt := range []struct {
		now, zone string
		task      Task
		want      string
	}{
		{"2026-11-26T10:59:00Z", "Pacific/Auckland", date("2026-11-26"), Today}, // 23:59
		{"2026-11-26T11:00:00Z", "Pacific/Auckland", date("2026-11-26"), Overdue},
		{"2026-11-26T11:00:00Z", "America/New_York", date("2026-11-26"), Today},
		{"2026-11-27T04:59:00Z", "America/New_York", date("2026-11-26"), Today},
		{"2026-11-27T05:00:00Z", "America/New_York", date("2026-11-26"), Overdue},
		{"2026-11-26T10:59:00Z", "Pacific/Auckland", date("2026-11-27"), Tomorrow}, // Thursday
		{"2026-11-26T10:59:00Z", "Pacific/Auckland", date("2026-11-29"), Week},
		{"2026-11-26T10:59:00Z", "Pacific/Auckland", date("2026-11-30"), Later}, // next Monday
		{"2026-11-29T10:00:00Z", "UTC", date("2026-11-30"), Tomorrow},           // Sunday
		{"2026-11-29T10:00:00Z", "UTC", date("2026-12-01"), Later},
		{"2026-11-23T10:00:00Z", "UTC", date("2026-11-29"), Week}, // Monday
		// Across the clocks' changes: 23:30 of the long and of the short day.
		{"2026-11-02T04:30:00Z", "America/New_York", date("2026-11-01"), Today},
		{"2026-11-02T05:00:00Z", "America/New_York", date("2026-11-01"), Overdue},
		{"2026-03-09T03:30:00Z", "America/New_York", date("2026-03-08"), Today},
		{"2026-03-09T04:00:00Z", "America/New_York", date("2026-03-08"), Overdue},
		{"2026-04-05T11:59:00Z", "Pacific/Auckland", date("2026-04-05"), Today},
		{"2026-09-27T10:59:00Z", "Pacific/Auckland", date("2026-09-27"), Today},
		{"2026-09-27T11:00:00Z", "Pacific/Auckland", date("2026-09-27"), Overdue},
		{"2026-09-27T10:14:59Z", "Pacific/Chatham", date("2026-09-27"), Today}, // 23:59, of 23 hours
		{"2026-09-27T10:15:00Z", "Pacific/Chatham", date("2026-09-27"), Overdue},
		{"2026-04-05T11:14:59Z", "Pacific/Chatham", date("2026-04-05"), Today}, // of 25
		{"2026-04-05T11:15:00Z", "Pacific/Chatham", date("2026-04-05"), Overdue},
		{"2026-10-03T13:29:59Z", "Australia/Lord_Howe", date("2026-10-04"), Tomorrow},
		{"2026-10-04T12:59:59Z", "Australia/Lord_Howe", date("2026-10-04"), Today}, // of 23 and a half
		{"2026-10-04T13:00:00Z", "Australia/Lord_Howe", date("2026-10-04"), Overdue},
		{"2026-09-06T03:59:59Z", "America/Santiago", date("2026-09-06"), Tomorrow}, // it begins at one o'clock
		{"2026-09-06T04:00:00Z", "America/Santiago", date("2026-09-06"), Today},
		// A time is by the viewer's own clock.
		{"2026-11-26T10:00:00Z", "Europe/Lisbon", timed("2026-11-27", "2026-11-26T20:00:00Z"), Today},
		{"2026-11-26T10:00:00Z", "Pacific/Auckland", timed("2026-11-27", "2026-11-26T20:00:00Z"), Tomorrow},
		{"2026-11-26T20:00:01Z", "Pacific/Auckland", timed("2026-11-27", "2026-11-26T20:00:00Z"), Overdue},
		{"2026-11-26T10:00:00Z", "UTC", Task{Status: "open"}, None},
		{"2026-11-26T10:00:00Z", "UTC", Task{Status: "done"}, Done},
	} {
		in, err := zone.Load(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := (Day{at(t, tt.now), in}).group(tt.task); got != tt.want {
			t.Errorf("%s in %s: due %s is %s, want %s", tt.now, tt.zone, *tt.task.DueDate, got, tt.want)
		}
	}
}

func TestReminders(t *testing.T) {
	date, clock, minutes, day := "2026-03-08", "15:00", 30, 1440
	chatham, howe := "2026-09-27", "2026-04-05"
	for want, d := range map[string]Draft{
		"2026-03-08T18:30:00Z": {DueDate: &date, DueTime: &clock, RemindMinutes: &minutes, Zone: "America/New_York"},
		"2026-03-08T12:30:00Z": {DueDate: &date, RemindMinutes: &minutes, Zone: "America/New_York"}, // before nine in the morning
		"2026-09-26T18:45:00Z": {DueDate: &chatham, RemindMinutes: &minutes, Zone: "Pacific/Chatham"},
		"2026-04-04T22:00:00Z": {DueDate: &howe, RemindMinutes: &minutes, Zone: "Australia/Lord_Howe"},
		"2026-04-03T22:30:00Z": {DueDate: &howe, RemindMinutes: &day, Zone: "Australia/Lord_Howe"}, // 24 hours and no less
	} {
		if got := d.moments().remind.Format(time.RFC3339); got != want {
			t.Errorf("reminds at %s, want %s", got, want)
		}
	}
}

func TestRepetition(t *testing.T) {
	for _, tt := range []struct {
		due, repeats string
		day          int
		today, want  string
	}{
		{"2026-11-26", "daily", 0, "2026-11-26", "2026-11-27"},
		{"2026-11-01", "daily", 0, "2026-11-26", "2026-11-27"},
		{"2026-11-27", "daily", 0, "2026-11-26", "2026-11-28"}, // done early
		{"2026-11-27", "weekdays", 0, "2026-11-27", "2026-11-30"},
		{"2026-11-05", "weekly", 0, "2026-11-26", "2026-12-03"},
		{"2026-01-31", "monthly", 31, "2026-01-31", "2026-02-28"},
		{"2026-02-28", "monthly", 31, "2026-02-28", "2026-03-31"},
		{"2026-12-15", "monthly", 15, "2026-12-15", "2027-01-15"},
		{"2027-12-31", "monthly", 31, "2028-02-01", "2028-02-29"},
	} {
		if got := next(tt.due, tt.repeats, tt.day, at(t, tt.today+"T00:00:00Z")).Format(dateFormat); got != tt.want {
			t.Errorf("%s %s on %s: next %s, want %s", tt.due, tt.repeats, tt.today, got, tt.want)
		}
	}
}

func FuzzDraft(f *testing.F) {
	f.Add("2026-02-30", "15:00", "UTC")
	f.Add("2026-07-31", "24:00", "Europe/Lisbon")
	f.Add("", "", "../../etc/passwd")
	f.Add("2026-3-8", "3pm", "Local")
	f.Fuzz(func(t *testing.T, date, clock, zone string) {
		minutes := 10
		d := Draft{Title: "x", DueDate: &date, DueTime: &clock, Zone: zone, RemindMinutes: &minutes}
		if d.check() != nil {
			return
		}
		if m := d.moments(); m.at == nil || m.at.IsZero() || m.remind.After(*m.at) {
			t.Errorf("%q %q %q: %v", date, clock, zone, m)
		}
	})
}
