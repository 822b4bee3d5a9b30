package ecs

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/service"
)

// A history is a service whose tasks, zones and owner do as a test draws, and
// whose scheduler is the real one. Nothing in it waits or runs.
type history struct {
	*rapid.T
	row   ServiceRow
	tasks []Task
	now   time.Time
	zones []string
	dead  map[string]bool // zones
	bad   map[string]bool // revisions whose tasks fail
	alarm bool
	made  int
	told  []string
}

func newHistory(t *rapid.T, strategy string) *history {
	h := &history{T: t, now: epoch, zones: []string{"a", "b", "c"}, dead: map[string]bool{}, bad: map[string]bool{}}
	h.row.Spec = ServiceSpec{
		Name: "web", Cluster: "main", Desired: rapid.Int64Range(1, 6).Draw(t, "desired"),
		Rollout: ecsapi.DeploymentConfiguration{
			Strategy: &strategy, BakeTimeInMinutes: api.Ptr(rapid.Int64Range(0, 1).Draw(t, "bake")),
			MinimumHealthyPercent:    api.Ptr(rapid.SampledFrom([]int64{0, 40, 50, 100}).Draw(t, "minimum")),
			MaximumPercent:           api.Ptr(rapid.SampledFrom([]int64{150, 175, 200}).Draw(t, "maximum")),
			DeploymentCircuitBreaker: &ecsapi.DeploymentCircuitBreaker{Enable: api.Ptr(true), Rollback: api.Ptr(true)},
			Alarms:                   &ecsapi.DeploymentAlarms{Enable: api.Ptr(true), Rollback: api.Ptr(true), AlarmNames: []string{"errors"}},
			CanaryConfiguration:      &ecsapi.CanaryConfiguration{CanaryPercent: api.Ptr(10.0), CanaryBakeTimeInMinutes: api.Ptr[int64](1)},
		},
		Rebalancing: rapid.SampledFrom([]string{"ENABLED", "DISABLED"}).Draw(t, "rebalancing"),
	}
	if strategy == ecsapi.DeploymentStrategyLinear {
		h.row.Spec.Rollout.CanaryConfiguration = nil
		h.row.Spec.Rollout.LinearConfiguration = &ecsapi.LinearConfiguration{StepPercent: api.Ptr(33.3), StepBakeTimeInMinutes: api.Ptr[int64](1)}
	}
	h.deploy(false)
	return h
}

func (h *history) deploy(bad bool) {
	h.made++
	id := fmt.Sprint("ecs-svc/", h.made)
	h.bad[id] = bad
	if bad { // with no tasks it would be complete, and then be gone back to
		h.row.Spec.Desired = max(h.row.Spec.Desired, 1)
	}
	h.row.push(RevisionSpec{ID: id, CreatedAt: h.now})
}

// decide lets the scheduler look once and does what it says.
func (h *history) decide() decision {
	u := &serviceUpdate{
		Service: &Service{profile: service.Profile{BackOff: 16 * time.Second}},
		row:     h.row, tasks: h.tasks, now: h.now, status: h.row.Status,
	}
	at := h.row.current()
	var triggered []string
	if h.alarm {
		triggered = []string{"errors"}
	}
	in := u.seen(at, triggered)
	in.Zones, in.SourceZones = h.zones, h.zones
	in.Ailing = ailingZones(h.zones, in.Tasks, failedZones(h.tasks), h.now.Add(-16*time.Second))
	out := decide(in, h.now)
	h.check(in, out)
	h.act(out.Steps)
	u.record(in, out)
	h.row.Status = u.status
	h.told = append(h.told, out.Events...)
	return out
}

// act does the steps: a task told to stop is gone.
func (h *history) act(steps []step) {
	for _, s := range steps {
		if s.Start {
			h.made++
			id := fmt.Sprint("t", h.made)
			h.tasks = append(h.tasks, Task{Key: id, Spec: TaskSpec{ID: id, Deployment: s.Deployment, Zone: s.Zone, CreatedAt: h.now}, Status: TaskStatus{Last: statusRunning}})
			continue
		}
		for i := range h.tasks {
			if t := &h.tasks[i]; t.Spec.ID == s.Task {
				t.Spec.Stop = &Stop{At: h.now, Fault: s.Fault}
				h.end(t, s.Fault)
			}
		}
	}
}

func (h *history) end(t *Task, fault bool) {
	t.Status.Last, t.Status.Code, t.Status.Stopping = statusStopped, "ended", h.now
	t.Status.Failed = fault && (t.Status.Healthy.IsZero() || h.now.Sub(t.Status.Healthy) < 16*time.Second)
}

// check holds a decision to what a scheduler may never do.
func (h *history) check(in rolloutInput, out decision) {
	starts, stopped := map[string]int{}, map[string]bool{}
	for _, s := range out.Steps {
		if s.Start {
			starts[s.Deployment]++
		} else {
			stopped[s.Task] = true
		}
	}
	p := planner{planInput: in.planInput}
	sets := map[bool][]planTask{} // is of the target
	for _, t := range in.Tasks {
		sets[t.Deployment == in.Target] = append(sets[t.Deployment == in.Target], t)
	}
	two := shifts(in.Strategy) && !final(out.Status.State)
	for green, tasks := range sets {
		if two && h.carries(in, out, green) {
			h.keepsMinimum(tasks, stopped, p.least())
		}
	}
	if !two && !final(in.Status.State) || final(out.Status.State) && !shifts(in.Strategy) {
		h.keepsMinimum(in.Tasks, stopped, p.least())
	}
	total := 0
	for _, n := range starts {
		total += n
	}
	switch {
	case !two && total > 0 && len(in.Tasks)+total > p.most():
		h.Fatalf("%d active and %d starts, at most %d may be", len(in.Tasks), total, p.most())
	case two && total > 0 && starts[in.Target]+len(sets[true]) > p.most() && starts[in.Target] > 0:
		h.Fatalf("%d active of the target and %d starts, at most %d may be", len(sets[true]), starts[in.Target], p.most())
	case two && starts[in.Source] > 0 && starts[in.Source]+len(sets[false]) > p.most():
		h.Fatalf("%d active of the source and %d starts, at most %d may be", len(sets[false]), starts[in.Source], p.most())
	}
	if shifts(in.Strategy) {
		h.checkTraffic(in, out, serving(sets[true]), serving(sets[false]))
	}
}

// carries reports whether production traffic goes to a set after a decision.
func (h *history) carries(_ rolloutInput, out decision, green bool) bool {
	if green {
		return out.Status.Percent > 0
	}
	return out.Status.Percent < 100
}

func (h *history) keepsMinimum(tasks []planTask, stopped map[string]bool, least int) {
	left := slices.DeleteFunc(slices.Clone(tasks), func(t planTask) bool { return stopped[t.ID] })
	if before, after := serving(tasks), serving(left); after < min(before, least) {
		h.Fatalf("healthy tasks went from %d to %d, at least %d must stay", before, after, least)
	}
}

func (h *history) checkTraffic(in rolloutInput, out decision, green, blue int) {
	target, source := weights(out.Status.Percent)
	if sum := target + source; sum != 100 && sum != 1000 || target < 0 || source < 0 || target > 999 || source > 999 {
		h.Fatalf("%g %% are the weights %d and %d", out.Status.Percent, target, source)
	}
	if final(in.Status.State) && in.Status.State != stateStopped || in.Desired == 0 {
		return
	}
	was, is := in.Status.Percent, out.Status.Percent
	switch {
	case is > was && green == 0 && blue > 0:
		h.Fatalf("traffic went to a target with no healthy task: %g to %g %%", was, is)
	case is > 0 && green == 0 && blue > 0 && out.Status.Stage != stageCleanUp:
		h.Fatalf("%g %% of traffic stay with a target without healthy tasks", is)
	case is < was && blue == 0 && green > 0:
		h.Fatalf("traffic went back to a source with no healthy task")
	}
}

// live lets tasks do what they do in some seconds.
func (h *history) live(calm bool) {
	h.now = h.now.Add(time.Duration(rapid.IntRange(1, 20).Draw(h.T, "seconds")) * time.Second)
	for i := range h.tasks {
		t := &h.tasks[i]
		if t.Status.Last == statusStopped {
			continue
		}
		broken := h.bad[t.Spec.Deployment]
		fate := rapid.IntRange(0, 19).Draw(h.T, "fate")
		switch {
		case broken && fate < 10, !calm && fate == 0:
			h.end(t, true)
		case h.dead[t.Spec.Zone], !calm && fate == 1:
			if t.Status.Verdict == verdictHealthy || fate < 10 {
				t.Status.Verdict, t.Status.VerdictReason = verdictUnhealthy, "sick"
			}
		case t.Status.Verdict == verdictStarting && (calm || fate < 10) && !broken:
			t.Status.Verdict, t.Status.Healthy = verdictHealthy, h.now
		}
	}
}

// disturb lets the owner or the machine do something.
func (h *history) disturb() {
	switch rapid.IntRange(0, 9).Draw(h.T, "event") {
	case 0:
		if h.row.Spec.Desired = rapid.Int64Range(0, 6).Draw(h.T, "desired"); h.row.Spec.Desired == 0 {
			h.deploy(false)
		}
	case 1:
		h.deploy(rapid.Bool().Draw(h.T, "bad"))
	case 2:
		zone := rapid.SampledFrom(h.zones).Draw(h.T, "zone")
		h.dead[zone] = !h.dead[zone]
	case 3:
		if d := &h.row.Spec.Deployments[h.row.current()]; d.Source != "" {
			d.Stop = ecsapi.StopServiceDeploymentStopTypeRollback
		}
	case 4:
		h.alarm = !h.alarm
	case 5:
		if n := len(h.tasks); n > 0 {
			h.tasks[n-1].Spec.ProtectedUntil = h.now.Add(time.Minute)
		}
	}
}

// calm ends all disturbance and lets the service settle.
func (h *history) calm() {
	clear(h.dead)
	h.alarm = false
	h.row.Spec.Desired = max(h.row.Spec.Desired, 1)
	h.row.Spec.Rollout.MaximumPercent = api.Ptr[int64](200) // else rounding may leave no room to move, as on AWS
	for range 600 {
		h.mend()
		quiet := len(h.decide().Steps) == 0 && final(h.row.Status.deployment(h.row.Spec.Deployments[0].ID).State)
		h.live(true)
		if quiet && h.settled() {
			return
		}
	}
}

// mend deploys a good revision where a bad one cannot be left by itself: the
// owner's part.
func (h *history) mend() {
	newest := h.row.Spec.Deployments[0]
	if h.row.Status.deployment(newest.ID).State == stateStopped || h.bad[newest.ID] && newest.Source == "" {
		h.deploy(false)
	}
}

func (h *history) settled() bool {
	p := planInput{Desired: int(h.row.Spec.Desired), Primary: h.row.primary().ID, Tasks: planTasksOf(h.tasks)}
	spread := h.row.Spec.Rebalancing == ecsapi.AvailabilityZoneRebalancingDisabled || skew(h.zones, p.Tasks) < 2
	return settled(p) && spread
}

func (h *history) describe() string {
	var lines []string
	for _, d := range h.row.Spec.Deployments {
		lines = append(lines, fmt.Sprintf("%s bad=%t source=%s %+v", d.ID, h.bad[d.ID], d.Source, h.row.Status.deployment(d.ID)))
	}
	for _, t := range planTasksOf(h.tasks) {
		lines = append(lines, fmt.Sprintf("%+v", t))
	}
	return strings.Join(append(lines, h.told...), "\n")
}

func TestDecideKeepsItsBoundsAndConverges(t *testing.T) {
	for _, strategy := range []string{
		ecsapi.DeploymentStrategyRolling, ecsapi.DeploymentStrategyBlueGreen, ecsapi.DeploymentStrategyCanary, ecsapi.DeploymentStrategyLinear,
	} {
		t.Run(strategy, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				h := newHistory(t, strategy)
				for range rapid.IntRange(0, 60).Draw(t, "steps") {
					h.disturb()
					h.live(false)
					h.decide()
				}
				h.calm()
				newest := h.row.Status.deployment(h.row.Spec.Deployments[0].ID)
				if !h.settled() || !final(newest.State) {
					t.Fatalf("it does not come to rest:\n%s", h.describe())
				}
				if shifts(strategy) && (newest.State == stateSuccessful && newest.Percent != 100 || newest.State == stateBack && newest.Percent != 0) {
					t.Fatalf("traffic is not where the tasks are:\n%s", h.describe())
				}
			})
		})
	}
}
