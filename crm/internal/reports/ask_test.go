package reports

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// A month is the asker's own: it begins when their calendar says so.
func TestMonthsOfZones(t *testing.T) {
	for _, tt := range []struct {
		zone, now, from, to string
		want                []string // each month with its first moment, then the end
	}{
		{"", "2026-11-26T12:00:00Z", "2026-10-15", "2026-11-26", []string{"2026-10 2026-10-15T00:00:00Z", "2026-11 2026-11-01T00:00:00Z", "2026-11-27T00:00:00Z"}},
		{"Europe/Lisbon", "2026-11-26T12:00:00Z", "2026-10-01", "2026-10-31", []string{"2026-10 2026-09-30T23:00:00Z", "2026-11-01T00:00:00Z"}},
		{"Pacific/Chatham", "2026-11-26T12:00:00Z", "2026-09-01", "2026-10-31", []string{"2026-09 2026-08-31T11:15:00Z", "2026-10 2026-09-30T10:15:00Z", "2026-10-31T10:15:00Z"}},
		{"Australia/Lord_Howe", "2026-11-26T12:00:00Z", "2026-04-01", "2026-05-31", []string{"2026-04 2026-03-31T13:00:00Z", "2026-05 2026-04-30T13:30:00Z", "2026-05-31T13:30:00Z"}},
		{"America/Asuncion", "2023-11-15T12:00:00Z", "2023-09-30", "2023-10-31", []string{"2023-09 2023-09-30T04:00:00Z", "2023-10 2023-10-01T04:00:00Z", "2023-11-01T03:00:00Z"}}, // midnight is skipped
		{"America/Santiago", "2026-09-06T12:00:00Z", "2026-09-06", "2026-09-06", []string{"2026-09 2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z"}},
		{"Pacific/Kiritimati", "2026-11-30T10:00:00Z", "2026-11-01", "", []string{"2026-11 2026-10-31T10:00:00Z", "2026-12 2026-11-30T10:00:00Z", "2026-12-01T10:00:00Z"}}, // December has come there
	} {
		now, err := time.Parse(time.RFC3339, tt.now)
		if err != nil {
			t.Fatal(err)
		}
		a, err := read(url.Values{"zone": {tt.zone}, "from": {tt.from}, "to": {tt.to}}, now)
		if err != nil {
			t.Errorf("%s: %v", tt.zone, err)
			continue
		}
		var got []string
		last := a.From
		for _, m := range a.months() {
			if !m.from.Equal(last) {
				t.Errorf("%s: %s does not begin where the one before ends", tt.zone, m.name)
			}
			got, last = append(got, m.name+" "+m.from.UTC().Format(time.RFC3339)), m.to
		}
		if got = append(got, last.UTC().Format(time.RFC3339)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %s, want %s", tt.zone, strings.Join(got, ", "), strings.Join(tt.want, ", "))
		}
	}
	for _, bad := range []url.Values{{"zone": {"Local"}}, {"zone": {"Mars/Olympus"}}, {"from": {"2026-02-30"}}, {"from": {"2026-03-02"}, "to": {"2026-03-01"}}, {"from": {"1969-12-31"}, "to": {"1970-01-01"}}, {"from": {"2020-01-01"}, "to": {"2025-01-02"}}} {
		if _, err := read(bad, time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)); err == nil {
			t.Errorf("%v is taken", bad)
		}
	}
	if _, err := read(url.Values{"from": {"2020-01-01"}, "to": {"2025-01-01"}}, time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Errorf("five years: %v", err)
	}
}
