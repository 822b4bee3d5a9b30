package timetable

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func mustZone(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Skipf("SKIPPED: this machine knows no zone %s", name)
	}
	return zone
}

func TestNextTimeOfASchedule(t *testing.T) {
	berlin := mustZone(t, "Europe/Berlin")
	after := time.Date(2026, 3, 28, 12, 30, 0, 0, time.UTC) // a Saturday; on the 29th Berlin's clocks go forward
	for name, tt := range map[string]struct {
		text string
		zone *time.Location
		want string
	}{
		"once":                   {"at(2026-04-01T08:00:00)", time.UTC, "2026-04-01T08:00:00Z"},
		"once, there":            {"at(2026-04-01T08:00:00)", berlin, "2026-04-01T06:00:00Z"},
		"once, gone":             {"at(2026-03-01T08:00:00)", time.UTC, ""},
		"rate":                   {"rate(5 minutes)", time.UTC, "2026-03-28T12:35:00Z"},
		"daily":                  {"cron(0 8 * * ? *)", time.UTC, "2026-03-29T08:00:00Z"},
		"daily, there":           {"cron(0 8 * * ? *)", berlin, "2026-03-29T06:00:00Z"},
		"an hour there is not":   {"cron(30 2 * * ? *)", berlin, "2026-03-30T00:30:00Z"},
		"week days":              {"cron(15 18 ? * MON-FRI *)", time.UTC, "2026-03-30T18:15:00Z"},
		"every ten minutes":      {"cron(0/10 * * * ? *)", time.UTC, "2026-03-28T12:40:00Z"},
		"last day":               {"cron(0 0 L * ? *)", time.UTC, "2026-03-31T00:00:00Z"},
		"a leap day":             {"cron(0 0 29 2 ? *)", time.UTC, "2028-02-29T00:00:00Z"},
		"a list":                 {"cron(0 6,20 * JAN,APR ? 2026-2027)", time.UTC, "2026-04-01T06:00:00Z"},
		"a weekday by number":    {"cron(0 8 ? * 2#1 *)", time.UTC, "2026-04-06T08:00:00Z"},
		"the fifth, if there is": {"cron(0 8 ? * FRI#5 *)", time.UTC, "2026-05-29T08:00:00Z"},
		"the last Friday":        {"cron(0 8 ? * 6L *)", time.UTC, "2026-04-24T08:00:00Z"},
		"saturday is last":       {"cron(0 8 ? * L *)", time.UTC, "2026-04-04T08:00:00Z"},
		"near a Sunday":          {"cron(0 8 5W * ? *)", time.UTC, "2026-04-06T08:00:00Z"},
		"near a first":           {"cron(0 8 1W 8 ? *)", time.UTC, "2026-08-03T08:00:00Z"},
		"the last work day":      {"cron(0 8 LW * ? *)", time.UTC, "2026-03-31T08:00:00Z"},
		"a year gone":            {"cron(0 8 * * ? 2025)", time.UTC, ""},
	} {
		s, err := Parse(tt.text, tt.zone)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		at, ok := s.Next(after, after)
		if got := at.UTC().Format(time.RFC3339); ok != (tt.want != "") || ok && got != tt.want {
			t.Errorf("%s: %s, %v; want %s", name, got, ok, tt.want)
		}
	}
}

func TestBadSchedulesAreRefused(t *testing.T) {
	for _, text := range []string{
		"", "daily", "at(tomorrow)", "rate(0 minutes)", "rate(5 weeks)", "cron(0 8 * * ?)", "cron(60 8 * * ? *)",
		"cron(0 8 1 * MON *)", "cron(0 8 ? * MON-XYZ *)", "cron(0/0 8 * * ? *)", "cron(0 8 ? * 2#6 *)", "cron(0 8 32W * ? *)", "cron(0 8 ? * 9L *)", "cron(0 8 * * ? *",
	} {
		if _, err := Parse(text, time.UTC); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

// What is due is never later than now nor earlier than the last look, and what is
// next is later.
func TestDueLiesBetweenTheLooks(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s, err := Parse(rapid.SampledFrom([]string{
			"rate(7 minutes)", "cron(0/20 * * * ? *)", "cron(0 3 ? * TUE *)", "at(2026-01-01T06:00:00)",
		}).Draw(rt, "schedule"), time.UTC)
		if err != nil {
			rt.Fatal(err)
		}
		begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		after := begin.Add(time.Duration(rapid.IntRange(0, 5000).Draw(rt, "after")) * time.Minute)
		now := after.Add(time.Duration(rapid.IntRange(0, 500).Draw(rt, "passed")) * time.Minute)
		last, next := s.Due(after, now, begin, nil, nil)
		if !last.IsZero() && (!last.After(after) || last.After(now)) {
			rt.Errorf("due at %s, looked at %s and %s", last, after, now)
		}
		if !next.IsZero() && !next.After(now) {
			rt.Errorf("next is %s, now is %s", next, now)
		}
	})
}

// FuzzParse reads any text: what is read has its next time after the given one.
func FuzzParse(f *testing.F) {
	f.Add("cron(0/15 8-18 ? * MON-FRI *)")
	f.Add("cron(0 8 LW 2/3 ? 2028)")
	f.Add("rate(1 day)")
	f.Add("at(2026-02-30T00:00:00)")
	after := time.Date(2026, 2, 27, 23, 59, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text, time.UTC)
		if err != nil {
			return
		}
		if at, ok := s.Next(after, after); ok && !at.After(after) {
			t.Errorf("%q is next due at %s, after %s", text, at, after)
		}
	})
}
