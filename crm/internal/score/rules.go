// Package score says how promising a person or company is, from 0 to 100, by
// rules that anybody can read: every point has a reason, and nothing is
// learned or guessed.
package score

import (
	"fmt"
	"strings"
	"time"
)

// A Reason is some points and why.
type Reason struct {
	Rule   string `json:"rule"`
	Points int    `json:"points"`
	Text   string `json:"text"`
}

// facts are what the rules look at.
type facts struct {
	title                   string
	hasEmail, hasPhone      bool
	hasCompany              bool // of a person
	domain, industry, sized bool // of a company
	people                  int  // of a company
	lastContact             *time.Time
	recent                  int // calls, meetings, messages and notes of the last 30 days
	open, won, lost         int // deals; lost of the last 180 days
}

// total is the sum of reasons, held to 0 to 100.
func total(reasons []Reason) int {
	sum := 0
	for _, r := range reasons {
		sum += r.Points
	}
	return min(max(sum, 0), 100)
}

type sheet []Reason

func (s *sheet) add(ok bool, rule string, points int, text string) {
	if ok {
		*s = append(*s, Reason{rule, points, text})
	}
}

// person judges a person.
func (f facts) person(now time.Time) []Reason {
	s := sheet{}
	s.add(f.hasEmail, "email", 10, "Has an e-mail address")
	s.add(f.hasPhone, "phone", 5, "Has a phone number")
	s.add(!f.hasEmail && !f.hasPhone, "unreachable", -10, "Cannot be reached: neither e-mail nor phone")
	s.add(f.hasCompany, "company", 5, "Belongs to a company")
	s.add(decides(f.title), "decides", 15, "Probably decides: "+f.title)
	f.contact(&s, now)
	f.dealings(&s)
	return s
}

// company judges a company.
func (f facts) company(now time.Time) []Reason {
	s := sheet{}
	s.add(f.domain, "domain", 5, "Has a domain")
	s.add(f.industry && f.sized, "profile", 10, "Industry and size are known")
	s.add(f.people > 0 && f.people < 3, "people", 8, count(f.people, "person is known there", "people are known there"))
	s.add(f.people >= 3, "people", 15, count(f.people, "", "people are known there"))
	f.contact(&s, now)
	f.dealings(&s)
	return s
}

// contact is about how lately there was contact, and how much.
func (f facts) contact(s *sheet, now time.Time) {
	if f.lastContact == nil {
		s.add(true, "silent", 0, "No contact yet")
	} else {
		days, points := int(now.Sub(*f.lastContact).Hours()/24), 0
		switch {
		case days <= 7:
			points = 25
		case days <= 30:
			points = 15
		case days <= 90:
			points = 5
		}
		s.add(true, "contact", points, "Last contact "+ago(days))
	}
	s.add(f.recent > 0, "activity", min(3*f.recent, 15), count(f.recent, "activity", "activities")+" in 30 days")
}

func (f facts) dealings(s *sheet) {
	s.add(f.open > 0, "open", 25, count(f.open, "open deal", "open deals"))
	s.add(f.won > 0, "won", 15, count(f.won, "deal won before", "deals won before"))
	s.add(f.lost > 0 && f.open == 0, "lost", -15, count(f.lost, "deal lost", "deals lost")+" in 180 days, none open")
}

var deciding = []string{"chief", "ceo", "cto", "cfo", "coo", "cio", "founder", "owner", "president", "head", "director", "vp", "vice", "partner", "managing", "buyer", "purchasing", "procurement"}

// decides says that a title is one of somebody who decides.
func decides(title string) bool {
	for _, word := range strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return strings.ContainsRune(" ,/-&", r) }) {
		for _, d := range deciding {
			if word == d || word == "co"+d {
				return true
			}
		}
	}
	return false
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func ago(days int) string {
	switch {
	case days <= 0:
		return "today"
	case days == 1:
		return "yesterday"
	}
	return fmt.Sprintf("%d days ago", days)
}
