package balancer

import (
	"fmt"
	"strconv"
	"strings"
)

// A verdict is how one health check ended.
type verdict struct {
	passed bool
	reason Reason
	detail string
	quick  bool // an extra check outside the schedule, which counts only against a healthy target
	twice  bool // two checks that ran side by side, the second of which counts like a quick one
}

// condition is a target's health with the run of checks that led to it.
type condition struct {
	health        Health
	reason        Reason
	detail        string
	passes, fails int // in a row
}

func newCondition(c Check) condition {
	if c.Disabled {
		return condition{health: Healthy, reason: ReasonDisabled}
	}
	return condition{health: Initial, reason: ReasonRegistering}
}

// after returns the condition that a verdict leads to. The first check that
// passes makes a new target healthy; any other change needs a run of them.
func (s condition) after(v verdict, c Check) condition {
	if v.passed {
		s.passes, s.fails = s.passes+1, 0
		if s.health == Initial || s.passes >= c.Healthy {
			return condition{health: Healthy, passes: s.passes}
		}
		return s
	}
	s.passes = 0
	if !v.quick || s.health == Healthy {
		s.fails++
	}
	if v.twice && s.health == Healthy {
		s.fails++
	}
	switch {
	case s.fails >= c.Unhealthy:
		return condition{health: Unhealthy, reason: v.reason, detail: v.detail, fails: s.fails}
	case s.health == Initial:
		s.reason = ReasonChecking
	case s.health == Unhealthy:
		s.reason, s.detail = v.reason, v.detail
	}
	return s
}

// A span is an inclusive range of statuses.
type span struct{ low, high int }

// parseMatcher reads "200", "200,202" or "200-299"; for gRPC "12" or "0-99".
func (c Check) parseMatcher() ([]span, error) {
	least, most := 100, 599
	if c.Speech.Version == GRPC {
		least, most = 0, 99
	}
	var spans []span
	for part := range strings.SplitSeq(c.Matcher, ",") {
		low, high, isRange := strings.Cut(part, "-")
		if !isRange {
			high = low
		}
		l, err := strconv.Atoi(low)
		h, err2 := strconv.Atoi(high)
		if err != nil || err2 != nil || l < least || h > most || l > h {
			return nil, fmt.Errorf("health check: matcher %q: not statuses", c.Matcher)
		}
		spans = append(spans, span{l, h})
	}
	return spans, nil
}

func (c Check) matches(status int) bool {
	spans, err := c.parseMatcher()
	for _, s := range spans {
		if err == nil && s.low <= status && status <= s.high {
			return true
		}
	}
	return false
}
