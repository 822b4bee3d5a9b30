package balancer

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestConditionAfterChecks(t *testing.T) {
	check := Check{Healthy: 3, Unhealthy: 2}
	pass, fail := verdict{passed: true}, verdict{reason: ReasonTimeout}
	quick := verdict{reason: ReasonFailed, quick: true}
	for name, tt := range map[string]struct {
		runs []verdict
		want Health
	}{
		"new":                             {nil, Initial},
		"one pass makes it healthy":       {[]verdict{pass}, Healthy},
		"one failure leaves it initial":   {[]verdict{fail}, Initial},
		"quick failures do not count":     {[]verdict{quick, quick, quick}, Initial},
		"two failures":                    {[]verdict{fail, fail}, Unhealthy},
		"late start":                      {[]verdict{quick, fail, pass}, Healthy},
		"healthy survives one":            {[]verdict{pass, fail}, Healthy},
		"healthy falls at two":            {[]verdict{pass, fail, fail}, Unhealthy},
		"healthy falls at quick ones":     {[]verdict{pass, quick, quick}, Unhealthy},
		"healthy falls at two at once":    {[]verdict{pass, {reason: ReasonTimeout, twice: true}}, Unhealthy},
		"a new one does not":              {[]verdict{{reason: ReasonTimeout, twice: true}}, Initial},
		"a pass between":                  {[]verdict{pass, fail, pass, fail}, Healthy},
		"unhealthy needs a run of passes": {[]verdict{fail, fail, pass, pass}, Unhealthy},
		"and gets up":                     {[]verdict{fail, fail, pass, pass, pass}, Healthy},
	} {
		c := newCondition(check)
		for _, v := range tt.runs {
			c = c.after(v, check)
		}
		if c.health != tt.want {
			t.Errorf("%s: %s, want %s", name, c.health, tt.want)
		}
	}
}

func TestMatcher(t *testing.T) {
	for m, want := range map[string]bool{"200": true, "200-299": true, "201,200": true, "300-399": false} {
		if (Check{Matcher: m}).matches(200) != want {
			t.Errorf("%s: %t", m, !want)
		}
	}
	for _, m := range []string{"", "abc", "299-200", "20", "200-", "200;201", "700"} {
		if _, err := (Check{Matcher: m}).parseMatcher(); err == nil {
			t.Errorf("matcher %q was accepted", m)
		}
	}
}

// timeline runs a checker for a while and says when it probed.
func timeline(t *testing.T, check Check, d time.Duration, probe func(at time.Duration) verdict) (at []time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		state := newCondition(check)
		c := &checker{check: func() Check { return check }, suspect: make(chan struct{}, 1)}
		c.probe = func(context.Context, Check) verdict {
			at = append(at, time.Since(begin))
			return probe(time.Since(begin))
		}
		c.record = func(v verdict, ch Check) condition {
			state = state.after(v, ch)
			return state
		}
		ctx, cancel := context.WithTimeout(t.Context(), d)
		defer cancel()
		c.run(ctx)
	})
	return at
}

func TestChecksKeepTheirInterval(t *testing.T) {
	check := Check{Interval: 10 * time.Second, Timeout: 15 * time.Second, Healthy: 2, Unhealthy: 2}
	at := timeline(t, check, 35*time.Second, func(time.Duration) verdict {
		time.Sleep(3 * time.Second) // a slow answer does not shift the next check
		return verdict{passed: true}
	})
	for i, d := range at {
		if d != time.Duration(i)*10*time.Second {
			t.Errorf("check %d at %s", i, d)
		}
	}
	if len(at) != 4 {
		t.Errorf("%d checks", len(at))
	}
}

// A target that refuses connections at first is found soon after it listens.
func TestNewTargetIsFoundSoon(t *testing.T) {
	check := Check{Interval: 30 * time.Second, Timeout: 5 * time.Second, Healthy: 5, Unhealthy: 2}
	listens := 1300 * time.Millisecond
	var found time.Duration
	timeline(t, check, 10*time.Second, func(at time.Duration) verdict {
		if at < listens {
			return verdict{reason: ReasonFailed}
		}
		if found == 0 {
			found = at
		}
		return verdict{passed: true}
	})
	if found > listens+quickLast {
		t.Errorf("found %s after it listened", found-listens)
	}
}

// A healthy target that refuses connections is out long before the next check.
func TestRefusingTargetIsDroppedSoon(t *testing.T) {
	check := Check{Interval: 30 * time.Second, Timeout: 5 * time.Second, Healthy: 5, Unhealthy: 3}
	at := timeline(t, check, 59*time.Second, func(at time.Duration) verdict {
		return verdict{passed: at < 30*time.Second, reason: ReasonFailed}
	})
	if want := 30*time.Second + 2*quickFirst; len(at) != 4 || at[3] != want {
		t.Errorf("checks at %v, want the last at %s", at, want)
	}
}

// A target that stands still right after a check has passed is out within two
// and a half intervals.
func TestFrozenTargetIsDroppedSoon(t *testing.T) {
	check := Check{Interval: time.Second, Timeout: time.Second, Healthy: 5, Unhealthy: 2}
	var dropped time.Duration
	synctest.Test(t, func(t *testing.T) {
		begin, state := time.Now(), newCondition(check)
		ctx, cancel := context.WithCancel(t.Context())
		c := &checker{check: func() Check { return check }, suspect: make(chan struct{}, 1)}
		c.probe = func(ctx context.Context, _ Check) verdict {
			if time.Since(begin) < time.Second {
				return verdict{passed: true}
			}
			time.Sleep(check.Timeout)
			return verdict{reason: ReasonTimeout}
		}
		c.record = func(v verdict, ch Check) condition {
			if state = state.after(v, ch); state.health == Unhealthy {
				dropped = time.Since(begin)
				cancel()
			}
			return state
		}
		c.run(ctx)
	})
	if dropped == 0 || dropped > 2500*time.Millisecond {
		t.Errorf("dropped after %s", dropped)
	}
}

// A slow answer is an answer: the second look changes nothing.
func TestSecondLook(t *testing.T) {
	check := Check{Timeout: time.Second}
	for name, tt := range map[string]struct {
		after  []time.Duration // when each look ends; more than the time-out is never
		passed bool
		twice  bool
		looks  int
	}{
		"quick answer": {[]time.Duration{10 * time.Millisecond}, true, false, 1},
		"slow answer":  {[]time.Duration{900 * time.Millisecond, 5 * time.Second}, true, false, 2},
		"second only":  {[]time.Duration{5 * time.Second, 100 * time.Millisecond}, true, false, 2},
		"none":         {[]time.Duration{5 * time.Second, 5 * time.Second}, false, true, 2},
	} {
		synctest.Test(t, func(t *testing.T) {
			var looks atomic.Int32
			v := secondLook(t.Context(), check, func(ctx context.Context, c Check) verdict {
				mine := tt.after[looks.Add(1)-1]
				time.Sleep(min(mine, c.Timeout))
				if mine > c.Timeout {
					return verdict{reason: ReasonTimeout}
				}
				return verdict{passed: true}
			})
			synctest.Wait()
			time.Sleep(2 * time.Second) // let the look that nobody waits for end
			if v.passed != tt.passed || v.twice != tt.twice || int(looks.Load()) != tt.looks {
				t.Errorf("%s: %+v after %d looks", name, v, looks.Load())
			}
		})
	}
}
