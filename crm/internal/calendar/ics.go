// Package calendar gives users their tasks as an iCalendar feed (RFC 5545) at
// a secret link, which calendars of all makers can subscribe to.
package calendar

import (
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// An Event is one entry of a calendar: a day if At is nil, else a moment.
type Event struct {
	UID     string
	Changed time.Time
	Version int
	Summary string
	Text    string
	Link    string
	Date    string // 2026-11-27
	At      *time.Time
	Alarm   *int // minutes before
}

const (
	lineLength = 75 // bytes, without the line's end
	length     = 30 * time.Minute
	morning    = 9 * 60 // minutes of a day
)

// Write writes a calendar of events.
func Write(w io.Writer, name string, events []Event) error {
	c := &lines{}
	c.add("BEGIN", "VCALENDAR")
	c.add("VERSION", "2.0")
	c.add("PRODID", "-//ApexAI//CRM//EN")
	c.add("CALSCALE", "GREGORIAN")
	c.add("METHOD", "PUBLISH")
	c.add("X-WR-CALNAME", escape(name))
	c.add("REFRESH-INTERVAL;VALUE=DURATION", "PT15M")
	c.add("X-PUBLISHED-TTL", "PT15M")
	for _, e := range events {
		c.event(e)
	}
	c.add("END", "VCALENDAR")
	_, err := io.WriteString(w, c.String())
	return err
}

type lines struct{ strings.Builder }

func (l *lines) event(e Event) {
	l.add("BEGIN", "VEVENT")
	l.add("UID", e.UID)
	l.add("DTSTAMP", stamp(e.Changed))
	l.add("LAST-MODIFIED", stamp(e.Changed))
	if e.At != nil {
		l.add("DTSTART", stamp(*e.At))
		l.add("DTEND", stamp(e.At.Add(length)))
	} else {
		l.add("DTSTART;VALUE=DATE", strings.ReplaceAll(e.Date, "-", ""))
		l.add("TRANSP", "TRANSPARENT") // a date does not make its owner busy
	}
	l.add("SUMMARY", escape(e.Summary))
	if e.Text != "" {
		l.add("DESCRIPTION", escape(e.Text))
	}
	if e.Link != "" {
		l.add("URL", e.Link)
	}
	if e.Alarm != nil {
		l.add("BEGIN", "VALARM")
		l.add("ACTION", "DISPLAY")
		l.add("DESCRIPTION", escape(e.Summary))
		l.add("TRIGGER", e.trigger())
		l.add("END", "VALARM")
	}
	l.add("END", "VEVENT")
}

// trigger is when to remind: so long before a moment, or before nine o'clock
// of a day, which begins at the reader's own midnight.
func (e Event) trigger() string {
	after := -*e.Alarm
	if e.At == nil {
		after += morning
	}
	if after < 0 {
		return "-PT" + minutes(-after) + "M"
	}
	return "PT" + minutes(after) + "M"
}

// add writes one line, folded where it is too long, between characters.
func (l *lines) add(name, value string) {
	line := name + ":" + value
	room := lineLength
	for len(line) > room {
		at := room
		for !utf8.RuneStart(line[at]) {
			at--
		}
		l.WriteString(line[:at] + "\r\n ")
		line, room = line[at:], lineLength-1
	}
	l.WriteString(line + "\r\n")
}

var escapes = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", "")

func escape(s string) string { return escapes.Replace(strings.ToValidUTF8(s, "")) }

func stamp(t time.Time) string { return t.UTC().Format("20060102T150405Z") }
