package model

import (
	"regexp"
	"strings"
	"unicode"
)

const verbs = `call|phone|ring|send|e-?mail|write|schedule|book|prepare|follow[ -]?up|check|review|share|draft|arrange|ask|confirm|invite|update|remind|set up|organi[sz]e|order|visit|meet|introduce|get back|propose|offer|reply|forward|present|fix|plan`

var (
	sentences  = regexp.MustCompile(`[\n;]+|[.!?](?:\s+|$)`)
	bullet     = regexp.MustCompile(`^\s*(?:[-*•–]|\d+[.)])?\s*(?:\[[ x]?\])?\s*`)
	marked     = regexp.MustCompile(`(?i)^(?:todo|to do|action(?: items?)?|next steps?|task)s?\s*[:\-]\s*`)
	promised   = regexp.MustCompile(`(?i)\b(?:i|we|you)(?:'ll|’ll| will| must| should| need to| have to| promised to| agreed to| want to| are to| am to)\s+(.+)`)
	polite     = regexp.MustCompile(`(?i)^(?:please|pls|kindly|then|also|and|remember to|don't forget to|do not forget to)\s+(.+)`)
	wanted     = regexp.MustCompile(`(?i)\b(?:asked for|wants|would like|needs|requested|is waiting for|waits for)\s+((?:a|an|the|our|some|more|another)\s+.+)`)
	imperative = regexp.MustCompile(`(?i)^(?:` + verbs + `)\b`)
	joined     = regexp.MustCompile(`(?i)\s*(?:,|\band\b|,\s*and|\bthen\b)\s+(?:then\s+|to\s+)?((?:` + verbs + `)\b)`)

	address = regexp.MustCompile(`[\w.+-]+@[\w-]+(?:\.[\w-]+)+`)
	number  = regexp.MustCompile(`(?:\+|\b0)[\d][\d ()./-]{6,18}\d`)
	titled  = regexp.MustCompile(`(?im)^[ \t]*((?:chief|head|vice|vp|director|manager|senior|sales|account|product|marketing|managing|co-?founder|founder|ceo|cto|cfo|coo|engineer|owner|president|buyer|purchasing)\b[^\n|,@]{0,60})`)
)

// extract finds what somebody promised or was asked to do, and what a
// signature tells of a person.
func extract(d data) any {
	tasks := []object{}
	seen := map[string]bool{}
	for _, sentence := range sentences.Split(d.Text, -1) {
		for _, step := range steps(sentence) {
			title, due := dated(step, d.Today)
			title = cut(capital(strings.Trim(title, " ,.:;-")), 120)
			if len([]rune(title)) < 4 || seen[title] || len(tasks) == 10 {
				continue
			}
			seen[title] = true
			var date any
			if due != "" {
				date = due
			}
			tasks = append(tasks, object{"title": title, "dueDate": date, "quote": cut(strings.TrimSpace(sentence), 300)})
		}
	}
	return object{"tasks": tasks, "fields": signature(d)}
}

// steps are the things to do in a sentence.
func steps(sentence string) []string {
	s := bullet.ReplaceAllString(sentence, "")
	given := marked.MatchString(s)
	s = strings.TrimSpace(marked.ReplaceAllString(s, ""))
	if m := polite.FindStringSubmatch(s); m != nil {
		s = m[1]
	}
	switch m := promised.FindStringSubmatch(s); {
	case m != nil:
		s = m[1]
	case imperative.MatchString(s) || given:
	default:
		if m := wanted.FindStringSubmatch(s); m != nil {
			return []string{"Send " + m[1]}
		}
		return nil
	}
	return strings.Split(joined.ReplaceAllString(s, "\n$1"), "\n")
}

// signature reads e-mail, telephone and title.
func signature(d data) []object {
	fields := []object{}
	if d.Record.Kind != "person" {
		return fields
	}
	for _, f := range []struct {
		name, is string
		find     *regexp.Regexp
	}{{"email", d.Record.Email, address}, {"phone", d.Record.Phone, number}, {"title", d.Record.Title, titled}} {
		m := f.find.FindString(d.Text)
		if m = strings.TrimSpace(m); m != "" && !strings.Contains(f.is, m) {
			fields = append(fields, object{"field": f.name, "value": m, "quote": m})
		}
	}
	return fields
}

func capital(s string) string {
	r := []rune(strings.TrimSpace(s))
	if len(r) > 0 {
		r[0] = unicode.ToUpper(r[0])
	}
	return string(r)
}
