package model

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	months  = `jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?`
	before  = `(?i)\s*\b(?:(?:by|on|until|before|due|at|for)\s+)?(?:the\s+)?`
	weekday = regexp.MustCompile(before + `(?:next\s+|this\s+|coming\s+)?\b(mon|tues|wednes|thurs|fri|satur|sun)day\b`)
	iso     = regexp.MustCompile(before + `\b(\d{4}-\d{2}-\d{2})\b`)
	written = regexp.MustCompile(before + `\b(\d{1,2})(?:st|nd|rd|th)?(?:\s+of)?\s+(` + months + `)\b`)
	turned  = regexp.MustCompile(before + `\b(` + months + `)\s+(\d{1,2})(?:st|nd|rd|th)?\b`)
	ahead   = regexp.MustCompile(`(?i)\s*\b(?:with)?in\s+(\d{1,2}|a|two|three)\s+(day|week|month)s?\b`)
	near    = regexp.MustCompile(before + `\b(today|tonight|tomorrow|next week|end of (?:the )?week|end of (?:the )?month|next month)\b`)
)

// dated takes the date out of a sentence.
func dated(s, today string) (rest, date string) {
	now, err := time.Parse(time.DateOnly, today)
	if err != nil {
		return s, ""
	}
	for _, f := range []struct {
		find *regexp.Regexp
		read func(m []string) (time.Time, bool)
	}{
		{iso, func(m []string) (time.Time, bool) { t, err := time.Parse(time.DateOnly, m[1]); return t, err == nil }},
		{written, func(m []string) (time.Time, bool) { return monthDay(now, m[2], m[1]) }},
		{turned, func(m []string) (time.Time, bool) { return monthDay(now, m[1], m[2]) }},
		{near, func(m []string) (time.Time, bool) { return soon(now, strings.ToLower(m[1])), true }},
		{weekday, func(m []string) (time.Time, bool) { return comingDay(now, m[1]), true }},
		{ahead, func(m []string) (time.Time, bool) { return later(now, m[1], m[2]), true }},
	} {
		at := f.find.FindStringSubmatchIndex(s)
		if at == nil {
			continue
		}
		if t, ok := f.read(f.find.FindStringSubmatch(s)); ok {
			return s[:at[0]] + s[at[1]:], t.Format(time.DateOnly)
		}
	}
	return s, ""
}

func soon(now time.Time, word string) time.Time {
	switch {
	case word == "tomorrow":
		return now.AddDate(0, 0, 1)
	case word == "next week":
		return comingDay(now, "mon")
	case word == "next month":
		return time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	case strings.HasSuffix(word, "week"):
		if now.Weekday() == time.Friday {
			return now
		}
		return comingDay(now, "fri")
	case strings.HasSuffix(word, "month"):
		return time.Date(now.Year(), now.Month()+1, 0, 0, 0, 0, 0, time.UTC)
	}
	return now
}

// comingDay is the next such day behind today.
func comingDay(now time.Time, name string) time.Time {
	for i := 1; i <= 7; i++ {
		if t := now.AddDate(0, 0, i); strings.HasPrefix(strings.ToLower(t.Weekday().String()), strings.ToLower(name)) {
			return t
		}
	}
	return now
}

func later(now time.Time, n, unit string) time.Time {
	k := map[string]int{"a": 1, "two": 2, "three": 3}[strings.ToLower(n)]
	if k == 0 {
		k, _ = strconv.Atoi(n) // it is digits
	}
	switch strings.ToLower(unit) {
	case "day":
		return now.AddDate(0, 0, k)
	case "week":
		return now.AddDate(0, 0, 7*k)
	}
	return now.AddDate(0, k, 0)
}

// monthDay is the next such day of a year.
func monthDay(now time.Time, month, day string) (time.Time, bool) {
	t, err := time.Parse("Jan 2 2006", fmt.Sprintf("%s %s %d", capital(strings.ToLower(month[:3])), day, now.Year()))
	if err == nil && t.Before(now) {
		t = t.AddDate(1, 0, 0)
	}
	return t, err == nil
}
