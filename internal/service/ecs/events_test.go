package ecs

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
)

func TestTargetEvents(t *testing.T) {
	group := "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/web/0123456789abcdef"
	task := func(id, last string) Task {
		return Task{
			Spec:   TaskSpec{ID: id, LoadBalancers: []ecsapi.LoadBalancer{{TargetGroupArn: &group}}},
			Status: TaskStatus{Last: last, Registered: true},
		}
	}
	events, registered := targetEvents(ServiceSpec{Name: "web"}, []Task{
		task("a", statusRunning), task("b", statusRunning), task("c", statusDeactivating), task("d", statusStopped),
	}, []string{"b", "c"})
	want := []string{
		"(service web) registered 1 targets in (target-group " + group + ")",
		"(service web) deregistered 1 targets in (target-group " + group + ")",
		"(service web) has begun draining connections on 1 tasks.",
	}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if strings.Join(registered, "") != "ab" {
		t.Errorf("registered: %v", registered)
	}
}

func TestZoneEvents(t *testing.T) {
	in := rolloutInput{Service: "web", planInput: planInput{
		Desired: 3, Rebalance: true, Zones: []string{"a", "b"}, Tasks: planTasks("d1 a healthy", "d1 a healthy", "d1 a healthy"),
	}, Status: DeploymentStatus{State: stateSuccessful}}
	first := zoneEvent(in, []step{{Start: true, Zone: "b"}}, nil)
	if want := "(service web) is not AZ balanced with 3 tasks in a, 0 tasks in b. AZ Rebalancing in progress."; first != want {
		t.Errorf("got %q, want %q", first, want)
	}
	in.Tasks = planTasks("d1 a healthy", "d1 a healthy", "d1 b healthy")
	if got, want := zoneEvent(in, nil, []Event{{Message: first}}), "(service web) is AZ balanced with 2 tasks in a, 1 tasks in b."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := zoneEvent(in, nil, nil); got != "" {
		t.Errorf("a service that always was balanced: %q", got)
	}
}

func TestStuckDeploymentIsTold(t *testing.T) {
	in := rolloutInput{
		planInput: planInput{Desired: 1, MinPercent: 100, MaxPercent: 150, Zones: []string{"a"}, Tasks: planTasks("d1 a healthy")},
		Service:   "web", Strategy: ecsapi.DeploymentStrategyRolling, Target: "d2", Source: "d1",
	}
	out := decide(in, epoch)
	if len(out.Steps) > 0 || len(out.Events) != 1 || !strings.Contains(out.Events[0], "because of the service deployment configuration") {
		t.Errorf("%v, %v", planSteps(out.Steps), out.Events)
	}
}

func TestRebalancing(t *testing.T) {
	in := planInput{Desired: 4, MinPercent: 100, MaxPercent: 200, Primary: "d1", Zones: []string{"a", "b"}, Rebalance: true}
	for name, tt := range map[string]struct {
		tasks  []planTask
		change func(*planInput)
		want   string
	}{
		"one at a time":      {planTasks("d1 a healthy", "d1 a healthy", "d1 a healthy", "d1 a healthy"), nil, "start in b"},
		"wait for it":        {planTasks("d1 a healthy", "d1 a healthy", "d1 a healthy", "d1 a healthy", "d1 b"), nil, ""},
		"then stop one":      {planTasks("d1 a healthy", "d1 a healthy", "d1 a healthy", "d1 a healthy", "d1 b healthy"), nil, "stop t4: " + scalingReason},
		"not in an ailing":   {planTasks("d1 a healthy", "d1 a healthy", "d1 a healthy", "d1 a healthy"), func(in *planInput) { in.Ailing = []string{"b"} }, ""},
		"only when steady":   {planTasks("d1 a healthy", "d1 a healthy", "d1 a healthy", "d1 a unhealthy"), nil, "start in b"},
		"balanced enough":    {planTasks("d1 a healthy", "d1 a healthy", "d1 b healthy", "d1 b healthy"), nil, ""},
		"no room for one":    {planTasks("d1 a healthy", "d1 a healthy", "d1 a healthy", "d1 a healthy"), func(in *planInput) { in.MaxPercent = 100 }, ""},
		"not while deployed": {planTasks("d1 a healthy", "d1 a healthy", "d1 a healthy", "d0 a healthy"), nil, "start in b"},
	} {
		t.Run(name, func(t *testing.T) {
			in := in
			in.Tasks = tt.tasks
			if tt.change != nil {
				tt.change(&in)
			}
			steps, _ := planService(in, epoch)
			if diff := cmp.Diff(tt.want, planSteps(steps).String()); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
		})
	}
}

func TestThreshold(t *testing.T) {
	of := func(kind string, value int64) *ecsapi.DeploymentCircuitBreaker {
		return &ecsapi.DeploymentCircuitBreaker{ThresholdConfiguration: &ecsapi.ThresholdConfiguration{Type: &kind, Value: &value}}
	}
	for name, tt := range map[string]struct {
		breaker *ecsapi.DeploymentCircuitBreaker
		desired int64
		want    int
	}{
		"AWS's for few":    {nil, 2, 3},
		"AWS's":            {nil, 25, 13},
		"AWS's for many":   {nil, 1000, 200},
		"a count":          {of(ecsapi.ThresholdTypeCount, 1), 10, 1},
		"bounded":          {of(ecsapi.ThresholdTypeBoundedPercent, 10), 10, 3},
		"unbounded below":  {of(ecsapi.ThresholdTypeUnboundedPercent, 10), 10, 1},
		"unbounded beyond": {of(ecsapi.ThresholdTypeUnboundedPercent, 50), 1000, 500},
	} {
		if got := thresholdOf(tt.breaker, tt.desired); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
	if got := minutes(api.Ptr[int64](2)).Seconds(); got != 120 {
		t.Errorf("two minutes are %g seconds", got)
	}
}
