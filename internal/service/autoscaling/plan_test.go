package autoscaling

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"apex/internal/api"
	"apex/internal/api/autoscalingapi"
)

var epoch = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// cpu is a tracking policy of 70 %.
func cpu(high, low string, metric float64, last cooldown) rule {
	return rule{Name: "cpu", Last: last, Tracking: &tracking{
		Target: 70, Metric: metric, Known: true, High: alarm{"high", high}, Low: alarm{"low", low},
		OutFor: time.Minute, InFor: 5 * time.Minute,
	}}
}

func noScaleIn(r rule) rule   { r.Tracking.NoScaleIn = true; return r }
func withoutData(r rule) rule { r.Tracking.Known = false; return r }
func named(r rule, n string) rule {
	r.Name = n
	return r
}

const (
	ok    = "OK"
	on    = stateAlarm
	blind = stateInsufficient
)

func TestPlan(t *testing.T) {
	never := cooldown{}
	outAgo := func(d time.Duration, base, to int64) cooldown {
		return cooldown{Out: epoch.Add(-d), OutBase: base, OutTo: to}
	}
	inAgo := func(d time.Duration) cooldown { return cooldown{In: epoch.Add(-d)} }
	highCause, lowCause := "monitor alarm high in state ALARM triggered policy cpu", "monitor alarm low in state ALARM triggered policy cpu"
	for name, tt := range map[string]struct {
		in   input
		want decision
	}{
		"content":            {input{Capacity: 3, Policies: []rule{cpu(ok, ok, 68, never)}}, decision{Capacity: 3}},
		"above":              {input{Capacity: 2, Policies: []rule{cpu(on, ok, 83, never)}}, decision{Capacity: 3, Cause: highCause, Policy: "cpu"}},
		"far above":          {input{Capacity: 3, Policies: []rule{cpu(on, ok, 200, never)}}, decision{Capacity: 9, Cause: highCause, Policy: "cpu"}},
		"over the maximum":   {input{Capacity: 8, Policies: []rule{cpu(on, ok, 140, never)}}, decision{Capacity: 10, Cause: highCause, Policy: "cpu"}},
		"at the maximum":     {input{Capacity: 10, Policies: []rule{cpu(on, ok, 90, never)}}, decision{Capacity: 10, Refused: atMax, RefusedCause: highCause}},
		"below":              {input{Capacity: 6, Policies: []rule{cpu(ok, on, 20, never)}}, decision{Capacity: 2, Cause: lowCause, Policy: "cpu"}},
		"at the minimum":     {input{Capacity: 2, Policies: []rule{cpu(ok, on, 5, never)}}, decision{Capacity: 2, Refused: atMin, RefusedCause: lowCause}},
		"little below":       {input{Capacity: 3, Policies: []rule{cpu(ok, on, 60, never)}}, decision{Capacity: 3, Refused: atDesired, RefusedCause: lowCause}},
		"no data":            {input{Capacity: 6, Policies: []rule{cpu(blind, blind, 0, never)}}, decision{Capacity: 6}},
		"stale alarm":        {input{Capacity: 6, Policies: []rule{withoutData(cpu(blind, on, 0, never))}}, decision{Capacity: 6}},
		"under the minimum":  {input{Capacity: 1, Policies: []rule{cpu(ok, ok, 50, never)}}, decision{Capacity: 2, Cause: "minimum capacity was set to 2"}},
		"over its bounds":    {input{Capacity: 12, Policies: []rule{cpu(on, ok, 99, never)}}, decision{Capacity: 10, Cause: "maximum capacity was set to 10"}},
		"scale-in off":       {input{Capacity: 6, Policies: []rule{noScaleIn(cpu(ok, on, 5, never))}}, decision{Capacity: 6}},
		"in suspended":       {input{Capacity: 6, InSuspended: true, Policies: []rule{cpu(ok, on, 5, never)}}, decision{Capacity: 6}},
		"out suspended":      {input{Capacity: 6, OutSuspended: true, Policies: []rule{cpu(on, ok, 99, never)}}, decision{Capacity: 6}},
		"deploying, below":   {input{Capacity: 6, Deploying: true, Policies: []rule{cpu(ok, on, 5, never)}}, decision{Capacity: 6}},
		"deploying, above":   {input{Capacity: 2, Deploying: true, Policies: []rule{cpu(on, ok, 83, never)}}, decision{Capacity: 3, Cause: highCause, Policy: "cpu"}},
		"cooldown after out": {input{Capacity: 3, Policies: []rule{cpu(on, ok, 83, outAgo(20*time.Second, 2, 3))}}, decision{Capacity: 3, Next: epoch.Add(40 * time.Second)}},
		"more in cooldown":   {input{Capacity: 3, Policies: []rule{cpu(on, ok, 140, outAgo(20*time.Second, 2, 3))}}, decision{Capacity: 4, Cause: highCause, Policy: "cpu"}},
		"cooldown over":      {input{Capacity: 3, Policies: []rule{cpu(on, ok, 83, outAgo(time.Minute, 2, 3))}}, decision{Capacity: 4, Cause: highCause, Policy: "cpu"}},
		"not fulfilled yet":  {input{Capacity: 3, InProgress: true, Policies: []rule{cpu(on, ok, 83, outAgo(time.Hour, 2, 3))}}, decision{Capacity: 3}},
		"cooldown after in":  {input{Capacity: 6, Policies: []rule{cpu(ok, on, 35, inAgo(time.Minute))}}, decision{Capacity: 6, Next: epoch.Add(4 * time.Minute)}},
		"out after in":       {input{Capacity: 3, Policies: []rule{cpu(on, ok, 83, inAgo(time.Second))}}, decision{Capacity: 4, Cause: highCause, Policy: "cpu"}},
		"the largest wins": {
			input{Capacity: 4, Policies: []rule{cpu(on, ok, 75, never), named(cpu(on, ok, 110, never), "requests")}},
			decision{Capacity: 7, Cause: "monitor alarm high in state ALARM triggered policy requests", Policy: "requests"},
		},
		"one is content":  {input{Capacity: 6, Policies: []rule{cpu(ok, on, 5, never), named(cpu(ok, ok, 65, never), "b")}}, decision{Capacity: 6}},
		"one has no data": {input{Capacity: 6, Policies: []rule{cpu(ok, on, 5, never), named(cpu(blind, blind, 0, never), "b")}}, decision{Capacity: 6}},
		"both agree":      {input{Capacity: 9, Policies: []rule{cpu(ok, on, 5, never), named(cpu(ok, on, 30, never), "b")}}, decision{Capacity: 4, Cause: "monitor alarm low in state ALARM triggered policy b", Policy: "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			tt.in.Min, tt.in.Max = 2, 10
			if diff := cmp.Diff(tt.want, plan(tt.in, epoch)); diff != "" {
				t.Errorf("decision (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStepsAreFoundAndApplied(t *testing.T) {
	between := func(low, high *float64, n int64) autoscalingapi.StepAdjustment {
		return autoscalingapi.StepAdjustment{MetricIntervalLowerBound: low, MetricIntervalUpperBound: high, ScalingAdjustment: &n}
	}
	up := []autoscalingapi.StepAdjustment{between(api.Ptr(0.0), api.Ptr(10.0), 1), between(api.Ptr(10.0), nil, 3)}
	down := []autoscalingapi.StepAdjustment{between(api.Ptr(-10.0), api.Ptr(0.0), -1), between(nil, api.Ptr(-10.0), -50)}
	for name, tt := range map[string]struct {
		kind      string
		steps     []autoscalingapi.StepAdjustment
		magnitude int64
		over      float64
		below     bool
		want      int64 // from 5
	}{
		"first step":            {autoscalingapi.AdjustmentTypeChangeInCapacity, up, 0, 0, false, 6},
		"last of the first":     {autoscalingapi.AdjustmentTypeChangeInCapacity, up, 0, 9.9, false, 6},
		"first of the second":   {autoscalingapi.AdjustmentTypeChangeInCapacity, up, 0, 10, false, 8},
		"none":                  {autoscalingapi.AdjustmentTypeChangeInCapacity, up, 0, -1, false, 5},
		"exact":                 {autoscalingapi.AdjustmentTypeExactCapacity, up, 0, 50, false, 3},
		"percent, rounded":      {autoscalingapi.AdjustmentTypePercentChangeInCapacity, down, 0, -30, true, 3},
		"percent, at least one": {autoscalingapi.AdjustmentTypePercentChangeInCapacity, up, 0, 5, false, 6},
		"percent, magnitude":    {autoscalingapi.AdjustmentTypePercentChangeInCapacity, up, 2, 5, false, 7},
		"below, at the bound":   {autoscalingapi.AdjustmentTypeChangeInCapacity, down, 0, 0, true, 4},
		"below, next step":      {autoscalingapi.AdjustmentTypeChangeInCapacity, down, 0, -10, true, 2},
	} {
		r := rule{Name: "s", Step: &step{
			Adjustment: tt.kind, Steps: tt.steps, Magnitude: tt.magnitude,
			Alarms: []breach{{alarm{"a", on}, tt.over, true, tt.below}},
		}}
		got := plan(input{Capacity: 5, Min: 2, Max: 10, Policies: []rule{r}}, epoch)
		if got.Capacity != tt.want {
			t.Errorf("%s: %d, want %d", name, got.Capacity, tt.want)
		}
	}
}

func drawRule(rt *rapid.T) rule {
	state := rapid.SampledFrom([]string{ok, on, blind, ""})
	r := cpu(state.Draw(rt, "high"), state.Draw(rt, "low"), rapid.Float64Range(0, 500).Draw(rt, "metric"), cooldown{
		Out: epoch.Add(-time.Duration(rapid.IntRange(0, 100).Draw(rt, "out")) * time.Second), OutBase: 2, OutTo: 4,
		In: epoch.Add(-time.Duration(rapid.IntRange(0, 600).Draw(rt, "in")) * time.Second),
	})
	r.Tracking.Known = rapid.Bool().Draw(rt, "known")
	r.Tracking.NoScaleIn = rapid.Bool().Draw(rt, "no scale-in")
	return r
}

func TestPlanKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		in := input{
			Capacity: rapid.Int64Range(0, 30).Draw(rt, "capacity"), Min: rapid.Int64Range(0, 5).Draw(rt, "min"),
			InSuspended: rapid.Bool().Draw(rt, "in suspended"), OutSuspended: rapid.Bool().Draw(rt, "out suspended"),
			Deploying: rapid.Bool().Draw(rt, "deploying"), InProgress: rapid.Bool().Draw(rt, "in progress"),
		}
		in.Max = in.Min + rapid.Int64Range(0, 20).Draw(rt, "room")
		for range rapid.IntRange(0, 3).Draw(rt, "policies") {
			in.Policies = append(in.Policies, drawRule(rt))
		}
		d := plan(in, epoch)
		if d.Capacity < in.Min || d.Capacity > in.Max {
			rt.Fatalf("%d is outside %d to %d", d.Capacity, in.Min, in.Max)
		}
		if (d.Capacity != in.Capacity) != (d.Cause != "") {
			rt.Fatalf("%+v: a change and its cause go together", d)
		}
		within := in.Capacity >= in.Min && in.Capacity <= in.Max
		if within && d.Capacity < in.Capacity {
			checkScaleIn(rt, in)
		}
		if within && d.Capacity > in.Capacity && in.OutSuspended {
			rt.Fatal("it scaled out while that is suspended")
		}
		if !d.Next.IsZero() && !d.Next.After(epoch) {
			rt.Fatalf("next look at %s is not ahead", d.Next)
		}
		after := in
		after.Capacity = d.Capacity
		if again, _ := enforce(after); again != d.Capacity {
			rt.Fatal("the bounds want another change at once")
		}
	})
}

// checkScaleIn fails if capacity was taken away that should have stayed.
func checkScaleIn(rt *rapid.T, in input) {
	if in.InSuspended || in.Deploying || in.InProgress {
		rt.Fatal("it scaled in while suspended, deploying or in progress")
	}
	for _, r := range in.Policies {
		if t := r.Tracking; !t.NoScaleIn && (t.Low.State != on || !t.Known) {
			rt.Fatalf("it scaled in against %+v", *t)
		}
	}
}
