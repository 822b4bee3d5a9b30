package calendar

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func written(t *testing.T, events ...Event) string {
	t.Helper()
	var out strings.Builder
	if err := Write(&out, "Tasks", events); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestEvents(t *testing.T) {
	changed, before := time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC), 15
	at := time.Date(2026, 11, 27, 9, 30, 0, 0, time.FixedZone("", 3600))
	day := written(t, Event{UID: "a", Changed: changed, Summary: "Call; \\ \"Ana\",\r\nthen", Date: "2026-11-27", Alarm: &before})
	moment := written(t, Event{UID: "b", Changed: changed, Summary: "Meet", Text: "two\nlines", Link: "https://crm.example/tasks/b", At: &at, Alarm: &before})
	for text, lines := range map[string][]string{
		day:    {"UID:a", "DTSTAMP:20261101T080000Z", "DTSTART;VALUE=DATE:20261127", "TRANSP:TRANSPARENT", `SUMMARY:Call\; \\ "Ana"\,\nthen`, "TRIGGER:PT525M"}, // before nine o'clock
		moment: {"DTSTART:20261127T083000Z", "DTEND:20261127T090000Z", `DESCRIPTION:two\nlines`, "URL:https://crm.example/tasks/b", "TRIGGER:-PT15M", "END:VCALENDAR"},
	} {
		for _, line := range lines {
			if !strings.Contains(text, line+"\r\n") {
				t.Errorf("%s is not in\n%s", line, text)
			}
		}
	}
}

// Whatever a task is called, the lines are short, and hold together again.
func FuzzLines(f *testing.F) {
	for _, seed := range []string{"", "plain", strings.Repeat("a", 200), strings.Repeat("界", 60), strings.Repeat("👩‍👩‍👧", 30), "a\r\nEND:VEVENT\r\nX:1", "\xff\xfe", "\r", `\n;,`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, summary string) {
		text := written(t, Event{UID: "u", Summary: summary, Date: "2026-11-27"})
		if !utf8.ValidString(text) {
			t.Error("it is no UTF-8")
		}
		for line := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
			if len(line) > lineLength || strings.ContainsAny(line, "\r\n") || !utf8.ValidString(line) {
				t.Errorf("a line of %d bytes: %q", len(line), line)
			}
		}
		if whole := strings.ReplaceAll(text, "\r\n ", ""); !strings.Contains(whole, "SUMMARY:"+escape(summary)+"\r\n") || strings.Count(whole, "\r\nEND:VEVENT\r\n") != 1 {
			t.Errorf("unfolded: %q", whole)
		}
	})
}
