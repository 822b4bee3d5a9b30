package server

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// parsed reads a calendar as strictly as RFC 5545 wants it: lines end with
// CRLF and have at most 75 bytes, components nest, each event has what it needs.
func parsed(t *testing.T, text string) (events []map[string]string) {
	t.Helper()
	if !strings.HasSuffix(text, "\r\n") || strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\n") {
		t.Fatalf("lines do not end with CRLF: %q", text)
	}
	for line := range strings.SplitSeq(text, "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) {
			t.Errorf("a line of %d bytes: %q", len(line), line)
		}
	}
	var open []string
	name := regexp.MustCompile(`^[A-Z-]+(;[A-Z]+=[A-Z]+)?$`)
	for line := range strings.SplitSeq(strings.TrimSuffix(strings.ReplaceAll(text, "\r\n ", ""), "\r\n"), "\r\n") {
		key, value, ok := strings.Cut(line, ":")
		if !ok || !name.MatchString(key) {
			t.Fatalf("no line of a calendar: %q", line)
		}
		switch key {
		case "BEGIN":
			open = append(open, value)
			if value == "VEVENT" {
				events = append(events, map[string]string{})
			}
		case "END":
			if len(open) == 0 || open[len(open)-1] != value {
				t.Fatalf("END:%s within %v", value, open)
			}
			open = open[:len(open)-1]
		default:
			if len(open) == 2 {
				events[len(events)-1][key] = value
			}
		}
	}
	for _, e := range events {
		for _, key := range []string{"UID", "DTSTAMP", "SUMMARY"} {
			if e[key] == "" {
				t.Errorf("an event without %s: %v", key, e)
			}
		}
	}
	if len(open) != 0 || !strings.Contains(text, "\r\nVERSION:2.0\r\n") || !strings.Contains(text, "\r\nPRODID:") {
		t.Errorf("not a calendar: %q", text)
	}
	return events
}

func TestCalendarFeed(t *testing.T) {
	c := signIn(t, shared.crm.url, "calendar@example.com")
	me := c.do("GET", "/api/v1/auth/me", nil).want(200).body["user"].(object)["id"]
	long := "Prepare; the offer, with \\ all\nlines " + strings.Repeat("и 😀", 60)
	c.do("POST", "/api/v1/tasks", object{"title": "Whole day", "note": long, "dueDate": "2099-03-08", "assigneeId": me, "zone": "Pacific/Auckland"}).want(201)
	c.do("POST", "/api/v1/tasks", object{"title": "At three", "dueDate": "2099-03-08", "dueTime": "15:00", "zone": "America/New_York", "remindMinutes": 10, "assigneeId": me}).want(201)
	c.do("POST", "/api/v1/tasks", object{"title": "Some day", "assigneeId": me}).want(201)
	if none := c.do("GET", "/api/v1/calendar", nil).want(200); none.body["createdAt"] != nil {
		t.Errorf("before: %s", none.raw)
	}
	first := c.do("POST", "/api/v1/calendar", nil).want(200).text("path")
	second := c.do("POST", "/api/v1/calendar", nil).want(200).text("path")
	anyone := browser(t, shared.crm.url)
	anyone.do("GET", first, nil).want(404)
	feed := anyone.do("GET", second, nil).want(200)
	if kind := feed.header.Get("Content-Type"); kind != "text/calendar; charset=utf-8" {
		t.Errorf("content type %s", kind)
	}
	events := parsed(t, feed.raw)
	if len(events) != 2 {
		t.Fatalf("events: %v", events)
	}
	day, three := events[0], events[1]
	if day["SUMMARY"] != "Whole day" {
		day, three = three, day
	}
	if day["DTSTART;VALUE=DATE"] != "20990308" || !strings.HasPrefix(day["DESCRIPTION"], `Prepare\; the offer\, with \\ all\nlines и 😀`) {
		t.Errorf("whole day: %v", day)
	}
	if three["SUMMARY"] != "At three" || three["DTSTART"] != "20990308T190000Z" && three["DTSTART"] != "20990308T200000Z" {
		t.Errorf("at three: %v", three)
	}
	c.do("DELETE", "/api/v1/calendar", nil).want(204)
	for _, path := range []string{second, "/api/v1/calendar/x.ics", "/api/v1/calendar/" + strings.Repeat("x", 100) + ".ics", "/api/v1/calendar/none"} {
		anyone.do("GET", path, nil).want(404)
	}
}
