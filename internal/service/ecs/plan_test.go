package ecs

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// planTasks reads tasks written as "d1 a healthy": deployment, zone, verdict. The
// nth is named tn and was made n seconds after the epoch.
func planTasks(texts ...string) []planTask {
	var all []planTask
	for i, text := range texts {
		f := append(strings.Fields(text), "")
		t := planTask{
			ID: fmt.Sprint("t", i+1), Deployment: f[0], Zone: f[1], Verdict: verdict(f[2]),
			Created: epoch.Add(time.Duration(i+1) * time.Second),
		}
		if t.Verdict == verdictUnhealthy {
			t.Reason = "sick"
		}
		all = append(all, t)
	}
	return all
}

func TestPlanService(t *testing.T) {
	base := planInput{Desired: 2, MinPercent: 100, MaxPercent: 200, Primary: "d1", Zones: []string{"a", "b"}, BackOff: 16 * time.Second}
	with := func(change func(*planInput), tasks ...string) planInput {
		in := base
		in.Tasks = planTasks(tasks...)
		if change != nil {
			change(&in)
		}
		return in
	}
	second := func(in *planInput) { in.Primary = "d2" }
	for name, tt := range map[string]struct {
		in   planInput
		want string
	}{
		"first start":                            {with(nil), "start in a\nstart in b"},
		"wait for the first":                     {with(nil, "d1 a", "d1 b"), ""},
		"steady":                                 {with(nil, "d1 a healthy", "d1 b healthy"), ""},
		"one exited":                             {with(nil, "d1 a healthy"), "start in b"},
		"scale out keeps balance":                {with(func(in *planInput) { in.Desired = 5 }, "d1 a healthy", "d1 a healthy"), "start in b\nstart in b\nstart in a"},
		"scale in from the fullest":              {with(nil, "d1 a healthy", "d1 b healthy", "d1 a healthy"), "stop t3: " + scalingReason},
		"scale in takes the newest":              {with(func(in *planInput) { in.Desired = 1 }, "d1 a healthy", "d1 b healthy"), "stop t2: " + scalingReason},
		"scale in takes what does not serve yet": {with(nil, "d1 a healthy", "d1 b healthy", "d1 b"), "stop t3: " + scalingReason},
		"scale to none":                          {with(func(in *planInput) { in.Desired = 0 }, "d1 a healthy", "d1 b"), "stop t2: " + scalingReason + "\nstop t1: " + scalingReason},
		"new before old":                         {with(second, "d1 a healthy", "d1 b healthy"), "start in a\nstart in b"},
		"old stay until new serve":               {with(second, "d1 a healthy", "d1 b healthy", "d2 a", "d2 b"), ""},
		"one new serves":                         {with(second, "d1 a healthy", "d1 b healthy", "d2 a healthy", "d2 b"), "stop t2: " + scalingReason},
		"old leave last":                         {with(second, "d1 a healthy", "d1 b healthy", "d2 a healthy", "d2 b healthy"), "stop t2: " + scalingReason + "\nstop t1: " + scalingReason},
		"old that do not serve leave at once":    {with(second, "d1 a", "d1 b unhealthy"), "start in a\nstart in b\nstop t2: sick\nstop t1: " + scalingReason},
		"no room for more": {with(func(in *planInput) { in.Primary, in.MaxPercent = "d2", 150 },
			"d1 a healthy", "d1 b healthy"), "start in a"},
		"old first at 50 to 100": {with(func(in *planInput) { in.Primary, in.MinPercent, in.MaxPercent = "d2", 50, 100 },
			"d1 a healthy", "d1 b healthy"), "stop t2: " + scalingReason},
		"all at once at 0 to 100": {with(func(in *planInput) { in.Primary, in.MinPercent, in.MaxPercent = "d2", 0, 100 },
			"d1 a healthy", "d1 b healthy"), "stop t2: " + scalingReason + "\nstop t1: " + scalingReason},
		"stuck at 100 to 100, as on AWS": {with(func(in *planInput) { in.Primary, in.MaxPercent = "d2", 100 },
			"d1 a healthy", "d1 b healthy"), ""},
		"replace the sick first":    {with(nil, "d1 a healthy", "d1 b unhealthy"), "start in b"},
		"then stop the sick":        {with(nil, "d1 a healthy", "d1 b unhealthy", "d1 b healthy"), "stop t2: sick"},
		"the sick wait for the new": {with(nil, "d1 a healthy", "d1 b unhealthy", "d1 b"), ""},
		"the sick make room":        {with(func(in *planInput) { in.MaxPercent = 100 }, "d1 a healthy", "d1 b unhealthy"), "stop t2: sick"},
		"back off":                  {with(func(in *planInput) { in.Failures, in.LastFailure = 3, epoch }), ""},
		"back off is over":          {with(func(in *planInput) { in.Failures, in.LastFailure = 3, epoch.Add(-2*time.Second) }), "start in a\nstart in b"},
		"first failure is forgiven": {with(func(in *planInput) { in.Failures, in.LastFailure = 1, epoch }), "start in a\nstart in b"},
		"no zones":                  {with(func(in *planInput) { in.Zones = nil }), ""},
	} {
		t.Run(name, func(t *testing.T) {
			steps, _ := planService(tt.in, epoch)
			if diff := cmp.Diff(tt.want, planSteps(steps).String()); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBackOff(t *testing.T) {
	for failures, want := range []time.Duration{0, 0, 1, 2, 4, 8, 16, 16, 16} {
		if got := backOff(failures, 16*time.Second); got != want*time.Second {
			t.Errorf("after %d failures: %s, want %s", failures, got, want*time.Second)
		}
	}
	in := planInput{Desired: 1, MaxPercent: 200, Zones: []string{"a"}, Failures: 4, LastFailure: epoch, BackOff: 16 * time.Second}
	if _, again := planService(in, epoch); !again.Equal(epoch.Add(4 * time.Second)) {
		t.Errorf("look again at %s", again)
	}
}

// drawInput draws any state a service may be in.
func drawInput(t *rapid.T) planInput {
	in := planInput{
		Desired:    rapid.IntRange(0, 8).Draw(t, "desired"),
		MinPercent: rapid.SampledFrom([]int{0, 50, 100}).Draw(t, "min"),
		MaxPercent: rapid.SampledFrom([]int{100, 125, 150, 200}).Draw(t, "max"),
		Primary:    "d2", Zones: []string{"a", "b", "c"}[:rapid.IntRange(1, 3).Draw(t, "zones")],
	}
	for i := range rapid.IntRange(0, 12).Draw(t, "tasks") {
		in.Tasks = append(in.Tasks, planTask{
			ID:         fmt.Sprint("t", i),
			Deployment: rapid.SampledFrom([]string{"d1", "d2"}).Draw(t, "deployment"),
			Zone:       rapid.SampledFrom(in.Zones).Draw(t, "zone"),
			Verdict:    rapid.SampledFrom([]verdict{verdictStarting, verdictHealthy, verdictUnhealthy}).Draw(t, "verdict"),
			Created:    epoch.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "age")) * time.Second),
		})
	}
	return in
}

// act applies the steps as if every start and stop worked at once.
func act(in planInput, steps []step, name *int) planInput {
	stopped := map[string]bool{}
	var tasks []planTask
	for _, s := range steps {
		if s.Start {
			*name++
			tasks = append(tasks, planTask{ID: fmt.Sprint("n", *name), Deployment: in.Primary, Zone: s.Zone, Created: epoch.Add(time.Minute)})
		}
		stopped[s.Task] = true
	}
	for _, t := range in.Tasks {
		if !stopped[t.ID] {
			tasks = append(tasks, t)
		}
	}
	in.Tasks = tasks
	return in
}

func healthy(in planInput) (n int) {
	for _, t := range in.Tasks {
		if t.Verdict == verdictHealthy {
			n++
		}
	}
	return n
}

func TestPlanKeepsItsBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		steps, _ := planService(in, epoch)
		p := planner{planInput: in}
		starts := 0
		for _, s := range steps {
			if s.Start {
				starts++
			}
		}
		if starts > 0 && len(in.Tasks)+starts > p.most() {
			t.Fatalf("%d active and %d starts are more than %d", len(in.Tasks), starts, p.most())
		}
		name := 0
		before, after := healthy(in), healthy(act(in, steps, &name))
		if after < min(before, p.least()) {
			t.Fatalf("healthy went from %d to %d, at least %d must stay; steps\n%s", before, after, p.least(), planSteps(steps))
		}
	})
}

func TestPlanConverges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		p := planner{planInput: in}
		if p.most() == in.Desired && p.least() == in.Desired && in.Desired > 0 {
			t.Skip("no room to move")
		}
		name := 0
		for range 200 {
			steps, _ := planService(in, epoch)
			in = act(in, steps, &name)
			settled := len(steps) == 0
			for i := range in.Tasks {
				if in.Tasks[i].Deployment == in.Primary && in.Tasks[i].Verdict == verdictStarting {
					in.Tasks[i].Verdict = verdictHealthy
					settled = false
				}
			}
			if settled {
				break
			}
		}
		if len(in.Tasks) != in.Desired || healthy(in) != in.Desired {
			t.Fatalf("ended with %+v, want %d healthy", in.Tasks, in.Desired)
		}
		for _, task := range in.Tasks {
			if task.Deployment != in.Primary {
				t.Fatalf("ended with an old task: %+v", in.Tasks)
			}
		}
	})
}

func TestPlanSpreadsOverZones(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		in.Tasks = nil
		in.MaxPercent = 200
		name := 0
		for range 6 { // grow and shrink from nothing
			in.Desired = rapid.IntRange(0, 8).Draw(t, "desired")
			for range 20 {
				steps, _ := planService(in, epoch)
				in = act(in, steps, &name)
				for i := range in.Tasks {
					in.Tasks[i].Verdict = verdictHealthy
				}
			}
			count := map[string]int{}
			for _, task := range in.Tasks {
				count[task.Zone]++
			}
			for _, a := range in.Zones {
				for _, b := range in.Zones {
					if count[a]-count[b] > 1 {
						t.Fatalf("unbalanced: %v", count)
					}
				}
			}
		}
	})
}
