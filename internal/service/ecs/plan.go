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
}

// A planTask is a task as the scheduler sees it. Tasks that have ended, or have
// been told to, are not shown.
type planTask struct {
	ID         string
	Deployment string
	Zone       string
	Created    time.Time
	Verdict    verdict
	Reason     string // of an unhealthy verdict
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
	Start  bool
	Zone   string // of a start
	Task   string // to stop
	Reason string // of a stop
	Fault  bool   // of a stop: the task failed, so that it counts against its deployment
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
// its replacement is healthy or there is no room for one.
func planService(in planInput, now time.Time) (steps []step, again time.Time) {
	p := planner{planInput: in}
	p.sort()
	again = p.startTasks(now)
	p.replaceUnhealthy()
	p.stopSurplus()
	p.stopOld()
	return p.steps, again
}

type planner struct {
	planInput
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

// startTasks starts what is missing of the primary deployment, as room allows
// and unless its tasks keep failing.
func (p *planner) startTasks(now time.Time) (again time.Time) {
	room := p.most() - len(p.Tasks)
	missing := min(p.Desired-len(p.good)-len(p.starting), room)
	if missing <= 0 || len(p.Zones) == 0 {
		return time.Time{}
	}
	if ready := p.LastFailure.Add(backOff(p.Failures, p.BackOff)); now.Before(ready) {
		return ready
	}
	for range missing {
		zone := p.emptiestZone()
		p.starting = append(p.starting, planTask{Deployment: p.Primary, Zone: zone})
		p.steps = append(p.steps, step{Start: true, Zone: zone})
	}
	return time.Time{}
}

// emptiestZone has the fewest tasks: of the primary deployment, which stay, and
// among equals of the old ones.
func (p *planner) emptiestZone() string {
	primary, old := map[string]int{}, map[string]int{}
	for _, t := range slices.Concat(p.good, p.starting) {
		primary[t.Zone]++
	}
	for _, t := range p.old {
		old[t.Zone]++
	}
	return slices.MinFunc(p.Zones, func(a, b string) int {
		return cmp.Or(cmp.Compare(primary[a], primary[b]), cmp.Compare(old[a], old[b]))
	})
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
// those that do not serve yet first, then of the fullest zone the newest.
func (p *planner) stopSurplus() {
	surplus := len(p.good) + len(p.starting) - p.Desired
	for ; surplus > 0; surplus-- {
		from := &p.starting
		if len(p.starting) == 0 {
			from = &p.good
		}
		t := takeFromFullest(from, slices.Concat(p.good, p.starting))
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
			p.stop(t, scalingReason, false)
		}
	}
	for n := min(len(p.good)+len(healthy)-p.least(), len(healthy)); n > 0; n-- {
		p.stop(takeFromFullest(&healthy, healthy), scalingReason, false)
	}
}

// takeFromFullest removes and returns the first task of the zone in which most
// of all are.
func takeFromFullest(from *[]planTask, all []planTask) planTask {
	count := map[string]int{}
	for _, t := range all {
		count[t.Zone]++
	}
	best := 0
	for i, t := range *from {
		if count[t.Zone] > count[(*from)[best].Zone] {
			best = i
		}
	}
	t := (*from)[best]
	*from = slices.Delete(slices.Clone(*from), best, best+1)
	return t
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
