package autoscaling_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"

	"apex/internal/api/ecsapi"
	"apex/internal/dataplane/series"
	"apex/internal/service/autoscaling"
	"apex/internal/service/cloudwatch"
	"apex/internal/service/ecs"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

// track puts a policy for 70 % of CPU and returns the names of its alarms.
func (f fixture) track(t *testing.T) (high, low string) {
	t.Helper()
	out, err := f.PutScalingPolicy(t.Context(), &applicationautoscaling.PutScalingPolicyInput{
		PolicyName: aws.String("cpu"), PolicyType: types.PolicyTypeTargetTrackingScaling,
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String(web), ScalableDimension: dimension,
		TargetTrackingScalingPolicyConfiguration: &types.TargetTrackingScalingPolicyConfiguration{
			TargetValue:                   aws.Float64(70),
			PredefinedMetricSpecification: &types.PredefinedMetricSpecification{PredefinedMetricType: types.MetricTypeECSServiceAverageCPUUtilization},
		},
	})
	if err != nil || len(out.Alarms) != 2 {
		t.Fatalf("put policy: %+v, %v", out, err)
	}
	for _, a := range out.Alarms {
		switch {
		case strings.HasPrefix(*a.AlarmName, "TargetTracking-service/main/web-AlarmHigh-"):
			high = *a.AlarmName
		case strings.HasPrefix(*a.AlarmName, "TargetTracking-service/main/web-AlarmLow-"):
			low = *a.AlarmName
		}
	}
	return high, low
}

// say makes an alarm's state, and a metric of the last minute that fits it.
func (f fixture) say(t *testing.T, name, state string, cpu float64) {
	t.Helper()
	id := series.NewID(scope.Prefix(), "AWS/ECS", "CPUUtilization", "ClusterName", "main", "ServiceName", "web")
	for i := range 60 {
		if err := f.env.Metrics.Add(id, "Percent", series.Sample{At: f.clock.Now().Add(-time.Duration(i+1) * time.Second), Value: cpu}); err != nil {
			t.Fatal(err)
		}
	}
	f.update(t, func(tx *store.Tx) {
		cloudwatch.Alarms.Modify(tx, scope.Key(name), func(a *cloudwatch.Alarm) { a.Status.State = state })
	})
}

// settle makes tasks run as many as the service wants.
func (f fixture) settle(t *testing.T, n int64) {
	t.Helper()
	servicetest.Await(t, f.env, "the service wants another number of tasks", func(s store.Snapshot) bool {
		row, _ := ecs.Services.Get(s, scope.Key("main/web"))
		return row.Spec.Desired == n
	})
	f.update(t, func(tx *store.Tx) {
		for key := range ecs.Tasks.All(tx) {
			ecs.Tasks.Delete(tx, key)
		}
		for i := range n {
			ecs.Tasks.Put(tx, ecs.Task{
				Key:  scope.Key("main/" + string(rune('a'+i))),
				Spec: ecs.TaskSpec{Cluster: "main", Service: "web"}, Status: ecs.TaskStatus{Last: "RUNNING"},
			})
		}
	})
}

func (f fixture) activities(t *testing.T) []types.ScalingActivity {
	t.Helper()
	out, err := f.DescribeScalingActivities(t.Context(), &applicationautoscaling.DescribeScalingActivitiesInput{
		ServiceNamespace: types.ServiceNamespaceEcs, IncludeNotScaledActivities: aws.Bool(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.ScalingActivities
}

// awaitActivity waits for the newest activity to have a status.
func (f fixture) awaitActivity(t *testing.T, description string, status types.ScalingActivityStatusCode) types.ScalingActivity {
	t.Helper()
	var newest types.ScalingActivity
	servicetest.Await(t, f.env, description+" becomes "+string(status), func(s store.Snapshot) bool {
		for _, a := range autoscaling.Activities.All(s) {
			if a.Spec.Description == description && a.Spec.Status == string(status) {
				return true
			}
		}
		return false
	})
	newest = f.activities(t)[0]
	if *newest.Description != description || newest.StatusCode != status {
		t.Fatalf("newest activity: %s %s", *newest.Description, newest.StatusCode)
	}
	return newest
}

// The whole loop, but for the alarms' evaluation: up by the metric, down again,
// and told in AWS's words.
func TestAlarmsMoveTheDesiredCount(t *testing.T) {
	f := client(t)
	register(t, f, web)
	high, low := f.track(t)
	servicetest.Run(t, f.env, f.svc.Controllers()...)
	f.settle(t, 2)

	f.say(t, high, cloudwatch.StateAlarm, 150)
	f.awaitActivity(t, "Setting desired count to 5.", types.ScalingActivityStatusCodeInProgress)
	f.say(t, high, cloudwatch.StateOK, 40)
	f.settle(t, 5)
	up := f.awaitActivity(t, "Setting desired count to 5.", types.ScalingActivityStatusCodeSuccessful)
	if want := "monitor alarm " + high + " in state ALARM triggered policy cpu"; *up.Cause != want {
		t.Errorf("cause %q, want %q", *up.Cause, want)
	}
	if want := "Successfully set desired count to 5. Change successfully fulfilled by ecs."; *up.StatusMessage != want || up.EndTime == nil {
		t.Errorf("message %q", *up.StatusMessage)
	}

	f.clock.Advance(time.Minute)
	f.say(t, low, cloudwatch.StateAlarm, 7)
	f.settle(t, 2)
	f.awaitActivity(t, "Setting desired count to 2.", types.ScalingActivityStatusCodeSuccessful)
	f.clock.Advance(time.Minute)
	f.say(t, low, cloudwatch.StateAlarm, 1)
	refused := f.awaitActivity(t, "Attempting to scale due to alarm triggered", types.ScalingActivityStatusCodeFailed)
	if r := refused.NotScaledReasons; len(r) != 1 || *r[0].Code != "AlreadyAtMinCapacity" || *r[0].MinCapacity != 2 {
		t.Errorf("reasons %+v", r)
	}
}

func TestNoScaleInWhileADeploymentRuns(t *testing.T) {
	f := client(t)
	register(t, f, web)
	_, low := f.track(t)
	f.update(t, func(tx *store.Tx) {
		ecs.Services.Modify(tx, scope.Key("main/web"), func(s *ecs.ServiceRow) {
			s.Spec.Desired = 6
			s.Spec.Deployments = []ecs.Deployment{{RevisionSpec: ecs.RevisionSpec{ID: "ecs-svc/1"}}}
		})
	})
	servicetest.Run(t, f.env, f.svc.Controllers()...)
	f.settle(t, 6)
	f.say(t, low, cloudwatch.StateAlarm, 7)
	// A change of the bounds shows that the controller has looked.
	if _, err := f.RegisterScalableTarget(t.Context(), &applicationautoscaling.RegisterScalableTargetInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String(web), ScalableDimension: dimension, MinCapacity: aws.Int32(7),
	}); err != nil {
		t.Fatal(err)
	}
	f.settle(t, 7)
	f.awaitActivity(t, "Setting desired count to 7.", types.ScalingActivityStatusCodeSuccessful)
	for _, a := range f.activities(t) {
		if *a.Cause != "minimum capacity was set to 7" {
			t.Errorf("while a deployment runs: %s: %s", *a.Description, *a.Cause)
		}
	}
	f.update(t, func(tx *store.Tx) {
		ecs.Services.Modify(tx, scope.Key("main/web"), func(s *ecs.ServiceRow) {
			s.Status.Deployments = []ecs.DeploymentStatus{{ID: "ecs-svc/1", State: ecsapi.ServiceDeploymentStatusSuccessful}}
		})
	})
	if _, err := f.RegisterScalableTarget(t.Context(), &applicationautoscaling.RegisterScalableTargetInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String(web), ScalableDimension: dimension, MinCapacity: aws.Int32(2),
	}); err != nil {
		t.Fatal(err)
	}
	f.settle(t, 2)
}

func TestScheduledActionSetsTheBounds(t *testing.T) {
	f := client(t)
	register(t, f, web)
	if _, err := f.PutScheduledAction(t.Context(), &applicationautoscaling.PutScheduledActionInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String(web), ScalableDimension: dimension,
		ScheduledActionName: aws.String("morning"), Schedule: aws.String(f.clock.Now().Add(5 * time.Minute).Format("at(2006-01-02T15:04:05)")),
		ScalableTargetAction: &types.ScalableTargetAction{MinCapacity: aws.Int32(4)},
	}); err != nil {
		t.Fatal(err)
	}
	f.clock.Advance(4 * time.Minute)
	servicetest.Run(t, f.env, f.svc.Controllers()...)
	f.settle(t, 2)
	f.clock.Advance(2 * time.Minute)
	f.say(t, "none", "", 0) // any change makes it look
	f.update(t, func(tx *store.Tx) {
		autoscaling.Targets.Modify(tx, scope.Key("ecs|ecs:service:DesiredCount|"+web), func(t *autoscaling.Target) { t.Spec.RoleARN = "x" })
	})
	f.settle(t, 4)
	out, err := f.DescribeScalableTargets(t.Context(), &applicationautoscaling.DescribeScalableTargetsInput{ServiceNamespace: types.ServiceNamespaceEcs})
	if err != nil || *out.ScalableTargets[0].MinCapacity != 4 || *out.ScalableTargets[0].MaxCapacity != 10 {
		t.Errorf("targets %+v, %v", out, err)
	}
	all := f.activities(t)
	first := all[len(all)-1]
	if *first.Description != "Setting min capacity to 4" || *first.Cause != "scheduled action name morning was triggered" {
		t.Errorf("activity %s: %s", *first.Description, *first.Cause)
	}
}

func TestAlarmsGoWithTheirPolicy(t *testing.T) {
	f := client(t)
	register(t, f, web)
	f.track(t)
	count := func() (n int) {
		for range cloudwatch.Alarms.All(f.env.Store.Snapshot()) {
			n++
		}
		return n
	}
	described, err := f.DescribeScalingPolicies(t.Context(), &applicationautoscaling.DescribeScalingPoliciesInput{ServiceNamespace: types.ServiceNamespaceEcs})
	if err != nil || len(described.ScalingPolicies[0].Alarms) != 2 || count() != 2 {
		t.Errorf("policies %+v, %v; %d alarms", described, err, count())
	}
	if _, err := f.DeleteScalingPolicy(t.Context(), &applicationautoscaling.DeleteScalingPolicyInput{
		PolicyName: aws.String("cpu"), ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String(web), ScalableDimension: dimension,
	}); err != nil || count() != 0 {
		t.Errorf("after the policy went: %d alarms, %v", count(), err)
	}
	f.track(t)
	if _, err := f.DeregisterScalableTarget(t.Context(), &applicationautoscaling.DeregisterScalableTargetInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String(web), ScalableDimension: dimension,
	}); err != nil || count() != 0 {
		t.Errorf("after the target went: %d alarms, %v", count(), err)
	}
}
