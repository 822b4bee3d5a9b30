package calendar

import (
	"strings"
	"testing"
	"time"
)

// Times are the moments that they are; dates have no zone, and remind before
// nine o'clock of whoever reads.
func TestTimesOfEvents(t *testing.T) {
	at := func(text string) *time.Time {
		v, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return &v
	}
	minutes := func(n int) *int { return &n }
	for _, tt := range []struct {
		event Event
		want  []string
	}{
		{Event{At: at("2026-09-27T09:00:00+13:45"), Alarm: minutes(10)}, []string{"DTSTART:20260926T191500Z", "DTEND:20260926T194500Z", "TRIGGER:-PT10M"}}, // in Chatham
		{Event{At: at("2026-04-05T01:45:00+11:00"), Alarm: minutes(0)}, []string{"DTSTART:20260404T144500Z", "DTEND:20260404T151500Z", "TRIGGER:PT0M"}},    // on Lord Howe, across the change
		{Event{At: at("2026-03-08T01:45:00-05:00")}, []string{"DTSTART:20260308T064500Z", "DTEND:20260308T071500Z"}},                                       // half an hour, though clocks skip one
		{Event{Date: "2026-03-29", Alarm: minutes(30)}, []string{"DTSTART;VALUE=DATE:20260329", "TRIGGER:PT510M"}},                                         // half past eight
		{Event{Date: "2026-03-29", Alarm: minutes(1440)}, []string{"DTSTART;VALUE=DATE:20260329", "TRIGGER:-PT900M"}},                                      // nine o'clock of the day before
		{Event{Date: "2026-03-29", Summary: "a;b,c\\d\ne"}, []string{"DTSTART;VALUE=DATE:20260329", `SUMMARY:a\;b\,c\\d\ne`, "TRANSP:TRANSPARENT", "X-WR-CALNAME:Tasks\\, all"}},
	} {
		var b strings.Builder
		if err := Write(&b, "Tasks, all", []Event{tt.event}); err != nil {
			t.Fatal(err)
		}
		for _, line := range tt.want {
			if !strings.Contains(b.String(), "\r\n"+line+"\r\n") {
				t.Errorf("%q is not in\n%s", line, b.String())
			}
		}
		if timed := tt.event.At != nil; timed == strings.Contains(b.String(), "VALUE=DATE") {
			t.Errorf("a date and a time at once:\n%s", b.String())
		}
	}
}
