package ecs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A planInput is everything the scheduler of one service looks at.
type planInput struct {
	Desired                int
	MinPercent, MaxPercent int      // of Desired: healthy at least, active at most
	Primary                string   // the deployment that tasks shall be of
	Zones                  []string // where tasks may start, in order of preference
	Tasks                  []planTask
	Failures               int       // tasks of the primary in a row that did not last
	LastFailure            time.Time // when the last of them ended
	BackOff                time.Duration
	Rebalance              bool     // move tasks to zones that have fewer, once all is steady
	Ailing                 []string // zones in which tasks do not come up while they do elsewhere
}

// A planTask is a task as the scheduler sees it. Tasks that have ended, or have
// been told to, are not shown.
type planTask struct {
	ID         string
	Deployment string
	Zone       string
	Created    time.Time
	Verdict    verdict
	Reason     string    // of an unhealthy verdict
	Protected  time.Time // until when scale-in and deployments spare it
}

// A verdict is how good a task is for its service.
type verdict string

const (
	verdictStarting  verdict = ""          // not known yet
	verdictHealthy   verdict = "healthy"   // serves
	verdictUnhealthy verdict = "unhealthy" // shall be replaced
)

// A step is one thing to do: start a task in a zone, or stop one.
type step struct {
	Start      bool
	Deployment string // of a start: what the task is made from
	Zone       string // of a start
	Task       string // to stop
	Reason     string // of a stop
	Fault      bool   // of a stop: the task failed, so that it counts against its deployment
}

func (s step) String() string {
	if s.Start {
		return "start in " + s.Zone
	}
	return fmt.Sprintf("stop %s: %s", s.Task, s.Reason)
}

// planService decides what to do now, and returns when to look again though
// nothing changed; zero if never.
//
// The rules are those of ECS's rolling update. Never more than MaxPercent tasks
// are active; tasks are stopped only as long as MinPercent stay healthy; tasks
// of the primary deployment start first and the old ones leave when the new are
// healthy. A task that is not healthy counts for nothing: it can always go, once
// its replacement is healthy or there is no room for one. A protected task goes
// only when it is unhealthy.
func planService(in planInput, now time.Time) (steps []step, again time.Time) {
	p := planner{planInput: in, now: now}
	p.sort()
	p.startTasks()
	p.replaceUnhealthy()
	p.stopSurplus()
	p.stopOld()
	p.rebalance()
	return p.steps, p.again
}

type planner struct {
	planInput
	now, again          time.Time
	good, starting, bad []planTask // of the primary deployment
	old                 []planTask
	steps               []step
}

// sort splits the tasks and puts those that shall go first in front.
func (p *planner) sort() {
	for _, t := range p.Tasks {
		switch {
		case t.Deployment != p.Primary:
			p.old = append(p.old, t)
		case t.Verdict == verdictHealthy:
			p.good = append(p.good, t)
		case t.Verdict == verdictUnhealthy:
			p.bad = append(p.bad, t)
		default:
			p.starting = append(p.starting, t)
		}
	}
	for _, all := range [][]planTask{p.good, p.starting, p.bad, p.old} {
		slices.SortFunc(all, func(a, b planTask) int {
			return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(a.ID, b.ID))
		})
	}
}

// most is how many tasks may be active at once.
func (p *planner) most() int { return max(p.Desired*p.MaxPercent/100, p.Desired) }

// least is how many must stay healthy.
func (p *planner) least() int { return (p.Desired*p.MinPercent + 99) / 100 }

// lookAt asks for another look at a time, if none is asked for earlier.
func (p *planner) lookAt(t time.Time) { p.again = earliest(p.again, t) }

// earliest is the earlier of two times, of which zero means never.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// startTasks starts what is missing of the primary deployment, as room allows
// and unless its tasks keep failing.
func (p *planner) startTasks() {
	room := p.most() - len(p.Tasks)
	missing := min(p.Desired-len(p.good)-len(p.starting), room)
	if missing <= 0 || len(p.Zones) == 0 || p.backsOff() {
		return
	}
	for range missing {
		p.start(p.emptiestZone())
	}
}

// backsOff reports whether tasks failed too lately to try another.
func (p *planner) backsOff() bool {
	ready := p.LastFailure.Add(backOff(p.Failures, p.BackOff))
	if !p.now.Before(ready) {
		return false
	}
	p.lookAt(ready)
	return true
}

func (p *planner) start(zone string) {
	p.starting = append(p.starting, planTask{Deployment: p.Primary, Zone: zone})
	p.steps = append(p.steps, step{Start: true, Deployment: p.Primary, Zone: zone})
}

// emptiestZone has the fewest tasks: of the primary deployment, which stay, and
// among equals of the old ones. Ailing zones come last.
func (p *planner) emptiestZone() string {
	primary, old := perZone(slices.Concat(p.good, p.starting)), perZone(p.old)
	ails := func(zone string) int {
		if slices.Contains(p.Ailing, zone) {
			return 1
		}
		return 0
	}
	return slices.MinFunc(p.Zones, func(a, b string) int {
		return cmp.Or(ails(a)-ails(b), cmp.Compare(primary[a], primary[b]), cmp.Compare(old[a], old[b]))
	})
}

func perZone(tasks []planTask) map[string]int {
	count := map[string]int{}
	for _, t := range tasks {
		count[t.Zone]++
	}
	return count
}

// replaceUnhealthy stops failed tasks once enough others serve, or to make room
// for their replacements when there is no other.
func (p *planner) replaceUnhealthy() {
	leave := 0
	switch missing := p.Desired - len(p.good) - len(p.starting); {
	case len(p.good) >= p.Desired:
		leave = len(p.bad)
	case missing > 0 && len(p.Tasks) >= p.most():
		leave = min(missing, len(p.bad))
	}
	for _, t := range p.bad[:leave] {
		p.stop(t, t.Reason, true)
	}
}

// stopSurplus stops tasks of the primary deployment beyond what is wanted:
// those that do not serve yet first, then of the fullest zone the newest. The
// one more that rebalancing started stays.
func (p *planner) stopSurplus() {
	if p.moves() {
		return
	}
	surplus := len(p.good) + len(p.starting) - p.Desired
	for ; surplus > 0; surplus-- {
		all := slices.Concat(p.good, p.starting)
		t, ok := p.takeFromFullest(&p.starting, all)
		if !ok && len(p.good)+serving(p.old) > p.least() {
			t, ok = p.takeFromFullest(&p.good, all)
		}
		if !ok {
			return
		}
		p.stop(t, scalingReason, false)
	}
}

// stopOld stops tasks of earlier deployments that are not healthy at once, and
// the healthy as long as enough stay.
func (p *planner) stopOld() {
	var healthy []planTask
	for _, t := range p.old {
		switch t.Verdict {
		case verdictHealthy:
			healthy = append(healthy, t)
		case verdictUnhealthy:
			p.stop(t, t.Reason, true)
		default:
			if one := []planTask{t}; p.spare(one) == nil {
				continue
			}
			p.stop(t, scalingReason, false)
		}
	}
	for n := min(len(p.good)+len(healthy)-p.least(), len(healthy)); n > 0; n-- {
		t, ok := p.takeFromFullest(&healthy, healthy)
		if !ok {
			return
		}
		p.stop(t, scalingReason, false)
	}
}

// spare returns the tasks that are not protected, and has the plan looked at
// again when the protection of the others ends.
func (p *planner) spare(tasks []planTask) (free []planTask) {
	for _, t := range tasks {
		if p.now.Before(t.Protected) {
			p.lookAt(t.Protected)
			continue
		}
		free = append(free, t)
	}
	return free
}

// takeFromFullest removes and returns the first task that is not protected of
// the zone in which most of all are.
func (p *planner) takeFromFullest(from *[]planTask, all []planTask) (planTask, bool) {
	free, count := p.spare(*from), perZone(all)
	if len(free) == 0 {
		return planTask{}, false
	}
	best := free[0]
	for _, t := range free {
		if count[t.Zone] > count[best.Zone] {
			best = t
		}
	}
	*from = slices.DeleteFunc(slices.Clone(*from), func(t planTask) bool { return t.ID == best.ID })
	return best, true
}

func (p *planner) stop(t planTask, reason string, fault bool) {
	p.steps = append(p.steps, step{Task: t.ID, Reason: reason, Fault: fault})
}

// backOff is the pause after so many failures in a row: none after the first,
// then doubling up to the longest.
func backOff(failures int, longest time.Duration) time.Duration {
	if failures < 2 {
		return 0
	}
	return min(longest>>4<<min(failures-2, 4), longest)
}

// A planSteps prints itself one step a line.
type planSteps []step

func (s planSteps) String() string {
	lines := make([]string, len(s))
	for i := range s {
		lines[i] = s[i].String()
	}
	return strings.Join(lines, "\n")
}
