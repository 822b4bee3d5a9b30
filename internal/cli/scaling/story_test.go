package scaling

import (
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// view is a service at 70 % CPU, with values of the last periods, the newest
// first.
func view(desired int, values ...float64) View {
	p := Policy{
		Name: "cpu", Metric: "CPU", Percent: true, Tracking: true, Target: 70, OutFor: 10 * time.Second, InFor: 10 * time.Second,
		High:    &Alarm{Name: "high", State: "OK", Above: true, Threshold: 70, Periods: 3},
		Low:     &Alarm{Name: "low", State: "OK", Threshold: 63, Periods: 15},
		HasData: len(values) > 0, Values: values, FullPeriod: time.Minute, Runs: 5 * time.Second,
	}
	if p.HasData {
		p.Latest = values[0]
	}
	return View{Service: "server", CPU: "512", Desired: desired, Running: desired, Scales: true, Min: 2, Max: 10, Policies: []Policy{p}}
}

func low(n int) (values []float64) {
	for range n {
		values = append(values, 20)
	}
	return values
}

func TestNextDecisionInWords(t *testing.T) {
	for name, tt := range map[string]struct {
		view View
		now  string
		next string
	}{
		"within":     {view(3, 66, 80), "CPU 66 % of 512 units over the last 5 s, target 70 %", "Within the target: nothing to do."},
		"one above":  {view(2, 83), "", "1 of 3 periods above; if the next 2 are too, 2 → 3 tasks in about 10 s."},
		"two above":  {view(2, 83, 75, 60), "", "2 of 3 periods above; if the next one is too, 2 → 3 tasks in about 5 s."},
		"all above":  {view(2, 140, 75, 75), "", "3 of 3 periods above: 2 → 4 tasks now, unless something stands against it."},
		"at most":    {view(10, 140), "", "1 of 3 periods above: 10 tasks, at the most already."},
		"below":      {view(6, low(12)...), "", "12 of 15 periods below 63 %; if the next 3 are too, 6 → 2 tasks in about 15 s."},
		"at least":   {view(2, low(15)...), "", "15 of 15 periods below 63 %: 2 tasks, at the least already."},
		"just right": {view(3, 60), "", "1 of 15 periods below 63 %: 3 tasks are right for it."},
		"no data":    {view(3), "no data of CPU, target 70 %", "Nothing can be decided."},
	} {
		w := Tell(tt.view, noon).Policies[0]
		if tt.now != "" && w.Now != tt.now {
			t.Errorf("%s: now %q, want %q", name, w.Now, tt.now)
		}
		if w.Next != tt.next {
			t.Errorf("%s: next %q, want %q", name, w.Next, tt.next)
		}
	}
}

func TestWhatStandsAgainstIt(t *testing.T) {
	v := view(3)
	v.Deploying, v.InOff, v.OutOff, v.Running = true, true, true, 2
	text := Tell(v, noon).String()
	for _, want := range []string{
		"a deployment runs: no scale-in", "scale-in is suspended", "scale-out is suspended",
		"2 of 3 tasks run", "policy cpu has no data", "Bounds 2–10.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
}

func TestCooldownInWords(t *testing.T) {
	cause := "monitor alarm TargetTracking-service/a/server-AlarmHigh-1 in state ALARM triggered policy cpu"
	for name, tt := range map[string]struct {
		activity Activity
		want     string
	}{
		"runs":         {Activity{End: noon.Add(-4 * time.Second), Cause: cause}, "Cooldown: no scale-out for 6 s."},
		"is over":      {Activity{End: noon.Add(-10 * time.Second), Cause: cause}, "Cooldown: none."},
		"has to begin": {Activity{Cause: cause}, "Cooldown: after the scale-out that is under way."},
		"after in":     {Activity{End: noon, Cause: strings.Replace(cause, "High", "Low", 1)}, "Cooldown: no scale-in for 10 s."},
		"of another":   {Activity{End: noon, Cause: cause + "2"}, "Cooldown: none."},
	} {
		v := view(3, 66)
		v.Activities = []Activity{tt.activity}
		if got := Tell(v, noon).Policies[0].Cooldown; got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestAServiceThatDoesNotScale(t *testing.T) {
	s := Tell(View{Service: "job", Desired: 1, Running: 1}, noon)
	if want := "job: 1 task wanted, 1 running. No scalable target is registered: the number of tasks stays at 1.\n"; s.String() != want {
		t.Errorf("%q, want %q", s, want)
	}
}
