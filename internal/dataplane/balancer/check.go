package balancer

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"strconv"
	"time"

	"apex/internal/dataplane/balancer/http1"
)

const (
	quickFirst = 50 * time.Millisecond  // a new or suspect target is looked at again this soon,
	quickLast  = 500 * time.Millisecond // then less and less often
	// leastInterval keeps a check that is off, and has no interval, from spinning.
	leastInterval = 10 * time.Millisecond
)

// A checker probes one target on its schedule, and out of turn when it is new
// or when a request could not reach it: that is our addition to what an ALB does.
type checker struct {
	check   func() Check // the group's, which may change
	probe   func(context.Context, Check) verdict
	record  func(verdict, Check) condition
	suspect chan struct{}
}

func (c *checker) run(ctx context.Context) {
	var pause time.Duration
	for due := time.Now(); ; {
		check := c.check()
		scheduled := !time.Now().Before(due)
		if scheduled {
			due = time.Now().Add(max(check.Interval, leastInterval))
		}
		if !check.Disabled {
			v := secondLook(ctx, check, c.probe)
			if ctx.Err() != nil {
				return
			}
			v.quick = !scheduled
			pause = quickPause(pause, v, c.record(v, check).health)
		}
		if !c.sleep(ctx, due, pause) {
			return
		}
	}
}

// patience is the part of its time-out after which a check is joined by another.
const patience = 4

// secondLook probes, and if there is no answer soon, probes a second time while
// the first goes on. When both time out, a target that was healthy has failed
// twice: so one that stands still is found an interval earlier. An answer to
// either counts as one.
func secondLook(ctx context.Context, check Check, probe func(context.Context, Check) verdict) verdict {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	verdicts := make(chan verdict, 2)
	look := func() { verdicts <- probe(ctx, check) }
	go look()
	timer := time.NewTimer(check.Timeout / patience)
	defer timer.Stop()
	select {
	case v := <-verdicts:
		return v
	case <-timer.C:
		go look()
	}
	first := <-verdicts
	if first.reason != ReasonTimeout {
		return first
	}
	second := <-verdicts
	second.twice = second.reason == ReasonTimeout
	return second
}

// quickPause is how soon to look again out of turn; 0 is not at all. A target
// that is new, or that has just begun to refuse connections, is worth it.
func quickPause(last time.Duration, v verdict, now Health) time.Duration {
	switch {
	case v.passed, now == Unhealthy, v.reason == ReasonTimeout:
		return 0
	case now == Initial:
		return min(max(2*last, quickFirst), quickLast)
	case v.reason == ReasonFailed:
		return quickFirst
	}
	return 0
}

// sleep waits until the check is due, or for the pause if that is shorter and
// not zero, or until the target is suspect.
func (c *checker) sleep(ctx context.Context, due time.Time, pause time.Duration) bool {
	wait := time.Until(due)
	if pause > 0 {
		wait = min(wait, pause)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	case <-c.suspect:
	}
	return true
}

// nudge asks for a check at once.
func (c *checker) nudge() {
	select {
	case c.suspect <- struct{}{}:
	default:
	}
}

// probeHTTP asks the target once, over a connection of its own.
func probeHTTP(ctx context.Context, namespace string, target netip.AddrPort, check Check) verdict {
	if check.Port != 0 {
		target = netip.AddrPortFrom(target.Addr(), check.Port)
	}
	ctx, cancel := context.WithTimeout(ctx, check.Timeout)
	defer cancel()
	status, err := askStatus(ctx, namespace, target, check)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return verdict{reason: ReasonTimeout}
	case err != nil:
		return verdict{reason: ReasonFailed}
	case !check.matches(status):
		return verdict{reason: ReasonMismatch, detail: strconv.Itoa(status)}
	}
	return verdict{passed: true}
}

func askStatus(ctx context.Context, namespace string, target netip.AddrPort, check Check) (int, error) {
	tcp, err := dialIn(ctx, namespace, target)
	if err != nil {
		return 0, err
	}
	defer tcp.Close()
	conn, err := check.Speech.protect(ctx, tcp)
	if err != nil {
		return 0, err
	}
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return 0, err
	}
	stop := context.AfterFunc(ctx, func() { tcp.Close() })
	defer stop()
	if check.Speech.Version != HTTP1 {
		return askH2Status(ctx, conn, target, check)
	}
	request := "GET " + check.Path + " HTTP/1.1\r\nHost: " + target.String() +
		"\r\nConnection: close\r\nUser-Agent: ELB-HealthChecker/2.0\r\nAccept-Encoding: gzip, compressed\r\n\r\n"
	if _, err := conn.Write([]byte(request)); err != nil {
		return 0, err
	}
	return readStatus(http1.NewReader(conn))
}

func readStatus(rd *http1.Reader) (int, error) {
	var resp http1.Response
	for {
		head, err := rd.Head(http1.MaxResponseHead)
		if err != nil {
			return 0, err
		}
		if err := resp.Parse(head, "GET"); err != nil {
			return 0, err
		}
		if resp.Status >= 200 || resp.Status == 101 {
			return resp.Status, nil
		}
	}
}
