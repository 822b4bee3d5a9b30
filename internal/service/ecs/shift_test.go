package ecs

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
	"apex/internal/service/cloudwatch"
	"apex/internal/service/elbv2"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

var (
	alternateARN = scope.ARN("elasticloadbalancing", "targetgroup/other/1123456789abcdef")
	productionID = "listener-rule/app/web/0000000000000001/0000000000000002/0000000000000003"
	testID       = "listener-rule/app/web/0000000000000001/0000000000000004/0000000000000005"
	production   = scope.ARN("elasticloadbalancing", productionID)
	testTraffic  = scope.ARN("elasticloadbalancing", testID)
)

// rules puts a production and a test rule that forward to the first group, and
// the second group.
func (w *world) rules() {
	w.update(func(tx *store.Tx) {
		elbv2.TargetGroups.Put(tx, elbv2.TargetGroup{Key: scope.Key("targetgroup/other/1123456789abcdef"), Spec: elbv2.TargetGroupSpec{Name: "other", Port: 3000}})
		for _, id := range []string{productionID, testID} {
			elbv2.Rules.Put(tx, elbv2.Rule{Key: scope.Key(id), Spec: elbv2.RuleSpec{Actions: []elbv2api.Action{{
				Type: api.Ptr(elbv2api.ActionTypeEnumForward), TargetGroupArn: &targetGroupARN, ForwardConfig: &elbv2api.ForwardActionConfig{
					TargetGroups: []elbv2api.TargetGroupTuple{{TargetGroupArn: &targetGroupARN, Weight: api.Ptr[int64](1)}},
				},
			}}}})
		}
	})
}

// shiftsTraffic makes a service one that shifts traffic by a configuration.
func shiftsTraffic(config types.DeploymentConfiguration) func(*ecs.CreateServiceInput) {
	return func(in *ecs.CreateServiceInput) {
		behindBalancer(in)
		in.LoadBalancers[0].AdvancedConfiguration = &types.AdvancedConfiguration{
			AlternateTargetGroupArn: &alternateARN, ProductionListenerRule: &production, TestListenerRule: &testTraffic, RoleArn: &taskRole,
		}
		in.DeploymentConfiguration = &config
	}
}

// weight is what a rule gives to a target group.
func weight(r store.Reader, id, group string) int64 {
	rule, _ := elbv2.Rules.Get(r, scope.Key(id))
	for _, t := range rule.Spec.Actions[0].ForwardConfig.TargetGroups {
		if *t.TargetGroupArn == group {
			return *t.Weight
		}
	}
	return -1
}

func newest(r store.Reader) DeploymentStatus {
	row, _ := Services.Get(r, serviceKey(scope, "main", "web"))
	return row.Status.deployment(row.Spec.Deployments[0].ID)
}

func (w *world) deployments() []types.ServiceDeployment {
	w.t.Helper()
	list, err := w.client.ListServiceDeployments(w.t.Context(), &ecs.ListServiceDeploymentsInput{Cluster: aws.String("main"), Service: aws.String("web")})
	if err != nil {
		w.t.Fatal(err)
	}
	var arns []string
	for _, d := range list.ServiceDeployments {
		arns = append(arns, *d.ServiceDeploymentArn)
	}
	out, err := w.client.DescribeServiceDeployments(w.t.Context(), &ecs.DescribeServiceDeploymentsInput{ServiceDeploymentArns: arns})
	if err != nil || len(out.Failures) > 0 {
		w.t.Fatal(err, out)
	}
	return out.ServiceDeployments
}

func (w *world) redefine(name, definition string) {
	w.t.Helper()
	if _, err := w.client.UpdateService(w.t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("main"), Service: &name, TaskDefinition: &definition}); err != nil {
		w.t.Fatal(err)
	}
}

func TestBlueGreen(t *testing.T) {
	w := newWorld(t)
	w.svc.profile.Bake = 0 // minutes are minutes: the test ends the bake by rolling back
	w.run()
	w.rules()
	w.cluster()
	one, two := w.define("web", "await 0"), w.define("web", "await 0")
	w.create("web", one, 2, shiftsTraffic(types.DeploymentConfiguration{Strategy: types.DeploymentStrategyBlueGreen, BakeTimeInMinutes: aws.Int32(1)}))
	w.await("the first is complete", func(s store.Snapshot) bool { return newest(s).State == stateSuccessful })
	if s := w.env.Store.Snapshot(); weight(s, productionID, targetGroupARN) != 100 || weight(s, productionID, alternateARN) != 0 {
		t.Error("production is not in the first target group")
	}

	w.redefine("web", two)
	w.await("the second bakes", func(s store.Snapshot) bool { return newest(s).Stage == stageBake })
	snap := w.env.Store.Snapshot()
	if blue, green := active(snap, "web", one), active(snap, "web", two); blue != 2 || green != 2 {
		t.Errorf("%d blue and %d green tasks serve, want 2 of each", blue, green)
	}
	if weight(snap, productionID, alternateARN) != 100 || weight(snap, testID, alternateARN) != 100 {
		t.Error("traffic did not go to the alternate target group")
	}
	d := w.deployments()[0]
	if d.LifecycleStage != types.ServiceDeploymentLifecycleStageBakeTime || d.Status != types.ServiceDeploymentStatusInProgress ||
		*d.TargetServiceRevision.RequestedProductionTrafficWeight != 100 || len(d.SourceServiceRevisions) != 1 {
		t.Errorf("described %+v", d)
	}

	if _, err := w.client.StopServiceDeployment(t.Context(), &ecs.StopServiceDeploymentInput{ServiceDeploymentArn: d.ServiceDeploymentArn}); err != nil {
		t.Fatal(err)
	}
	w.await("traffic is back", func(s store.Snapshot) bool { return weight(s, productionID, targetGroupARN) == 100 })
	if n := active(w.env.Store.Snapshot(), "web", one); n != 2 {
		t.Errorf("%d old tasks are there to take the traffic back, want 2", n)
	}
	w.await("rolled back", func(s store.Snapshot) bool { return newest(s).State == stateBack && active(s, "web", two) == 0 })
	if svc := w.describe("web"); *svc.TaskDefinition != one || svc.Deployments[0].RolloutState != types.DeploymentRolloutStateCompleted {
		t.Errorf("described %+v", svc)
	}
}

func TestCanaryEndsAtWholeTraffic(t *testing.T) {
	w := newWorld(t)
	w.run()
	w.rules()
	w.cluster()
	one, two := w.define("web", "await 0"), w.define("web", "await 0")
	w.create("web", one, 1, shiftsTraffic(types.DeploymentConfiguration{
		Strategy: types.DeploymentStrategyCanary, BakeTimeInMinutes: aws.Int32(0),
		CanaryConfiguration: &types.CanaryConfiguration{CanaryPercent: aws.Float64(12.5), CanaryBakeTimeInMinutes: aws.Int32(1)},
	}))
	w.await("the first is complete", func(s store.Snapshot) bool { return newest(s).State == stateSuccessful })
	w.redefine("web", two)
	w.await("an eighth of the traffic shifts", func(s store.Snapshot) bool {
		return weight(s, productionID, alternateARN) == 125 && weight(s, productionID, targetGroupARN) == 875
	})
	w.await("all of it does", func(s store.Snapshot) bool { return weight(s, productionID, alternateARN) == 100 })
	w.await("the old tasks are gone", func(s store.Snapshot) bool {
		return newest(s).State == stateSuccessful && !slices.ContainsFunc(tasksIn(s, "web"), func(t Task) bool {
			return t.Spec.Definition == one && last(t) != statusStopped
		})
	})
	revisions, err := w.client.DescribeServiceRevisions(t.Context(), &ecs.DescribeServiceRevisionsInput{
		ServiceRevisionArns: []string{*w.deployments()[0].TargetServiceRevision.Arn},
	})
	if err != nil || len(revisions.ServiceRevisions) != 1 {
		t.Fatal(err, revisions)
	}
	if rev := revisions.ServiceRevisions[0]; *rev.TaskDefinition != two || *rev.ResolvedConfiguration.LoadBalancers[0].TargetGroupArn != alternateARN || len(rev.ContainerImages) != 1 {
		t.Errorf("described %+v", rev)
	}
}

func TestPausedDeploymentWaitsForItsOwner(t *testing.T) {
	w := newWorld(t)
	w.run()
	w.rules()
	w.cluster()
	one, two := w.define("web", "await 0"), w.define("web", "await 0")
	w.create("web", one, 1, shiftsTraffic(types.DeploymentConfiguration{Strategy: types.DeploymentStrategyBlueGreen, BakeTimeInMinutes: aws.Int32(0)}))
	w.await("the first is complete", func(s store.Snapshot) bool { return newest(s).State == stateSuccessful })
	_, err := w.client.UpdateService(t.Context(), &ecs.UpdateServiceInput{
		Cluster: aws.String("main"), Service: aws.String("web"), TaskDefinition: &two,
		DeploymentConfiguration: &types.DeploymentConfiguration{LifecycleHooks: []types.DeploymentLifecycleHook{{
			TargetType: types.DeploymentLifecycleHookTargetTypePause, LifecycleStages: []types.DeploymentLifecycleHookStage{types.DeploymentLifecycleHookStagePostTestTrafficShift},
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.await("it pauses", func(s store.Snapshot) bool { return newest(s).Stage == stagePostTest })
	d := w.deployments()[0]
	if len(d.LifecycleHookDetails) != 1 || d.LifecycleHookDetails[0].Status != types.DeploymentLifecycleHookStatusAwaitingAction {
		t.Fatalf("hooks: %+v", d.LifecycleHookDetails)
	}
	if s := w.env.Store.Snapshot(); weight(s, testID, alternateARN) != 100 || weight(s, productionID, alternateARN) != 0 {
		t.Error("only test traffic shall be shifted")
	}
	_, err = w.client.ContinueServiceDeployment(t.Context(), &ecs.ContinueServiceDeploymentInput{ServiceDeploymentArn: d.ServiceDeploymentArn, HookId: aws.String("other")})
	if servicetest.Code(err) != "InvalidParameterException" {
		t.Errorf("a hook that is not there: %v", err)
	}
	_, err = w.client.ContinueServiceDeployment(t.Context(), &ecs.ContinueServiceDeploymentInput{ServiceDeploymentArn: d.ServiceDeploymentArn, HookId: d.LifecycleHookDetails[0].HookId})
	if err != nil {
		t.Fatal(err)
	}
	w.await("it goes on", func(s store.Snapshot) bool { return newest(s).State == stateSuccessful })
}

func TestNewerDeploymentWaitsForOneThatShiftsTraffic(t *testing.T) {
	w := newWorld(t)
	w.svc.profile.Bake = 0
	w.run()
	w.rules()
	w.cluster()
	one, two, three := w.define("web", "await 0"), w.define("web", "await 0"), w.define("web", "await 0")
	w.create("web", one, 1, shiftsTraffic(types.DeploymentConfiguration{Strategy: types.DeploymentStrategyLinear, BakeTimeInMinutes: aws.Int32(1)}))
	w.await("the first is complete", func(s store.Snapshot) bool { return newest(s).State == stateSuccessful })
	w.redefine("web", two)
	w.await("a tenth shifts", func(s store.Snapshot) bool { return newest(s).Percent == 10 })
	w.redefine("web", three)
	w.await("the newest shifts", func(s store.Snapshot) bool { return newest(s).Percent == 10 && active(s, "web", three) == 1 })
	if d := w.deployments()[1]; d.Status != types.ServiceDeploymentStatusRollbackSuccessful || d.Rollback == nil {
		t.Errorf("the superseded one: %+v", d)
	}
	if n := active(w.env.Store.Snapshot(), "web", one); n != 1 {
		t.Errorf("%d of the first serve, want 1", n)
	}
}

func TestShiftErrors(t *testing.T) {
	w := newWorld(t)
	w.rules()
	w.cluster()
	one := w.define("web", "await 0")
	blueGreen := types.DeploymentConfiguration{Strategy: types.DeploymentStrategyBlueGreen}
	for name, tt := range map[string]struct {
		change func(*ecs.CreateServiceInput)
		want   string
	}{
		"no alternate": {func(in *ecs.CreateServiceInput) {
			shiftsTraffic(blueGreen)(in)
			in.LoadBalancers[0].AdvancedConfiguration = nil
		}, "InvalidParameterException"},
		"no such rule": {func(in *ecs.CreateServiceInput) {
			shiftsTraffic(blueGreen)(in)
			in.LoadBalancers[0].AdvancedConfiguration.ProductionListenerRule = aws.String(production + "0")
		}, "InvalidParameterException"},
		"same group": {func(in *ecs.CreateServiceInput) {
			shiftsTraffic(blueGreen)(in)
			in.LoadBalancers[0].AdvancedConfiguration.AlternateTargetGroupArn = &targetGroupARN
		}, "InvalidParameterException"},
		"canary without": {shiftsTraffic(types.DeploymentConfiguration{
			Strategy: types.DeploymentStrategyBlueGreen, CanaryConfiguration: &types.CanaryConfiguration{},
		}), "InvalidParameterException"},
		"steps too small": {shiftsTraffic(types.DeploymentConfiguration{
			Strategy: types.DeploymentStrategyLinear, LinearConfiguration: &types.LinearConfiguration{StepPercent: aws.Float64(2)},
		}), "InvalidParameterException"},
		"no room": {func(in *ecs.CreateServiceInput) {
			in.DeploymentConfiguration = &types.DeploymentConfiguration{MinimumHealthyPercent: aws.Int32(100), MaximumPercent: aws.Int32(100)}
		}, "InvalidParameterException"},
		"hook that is not there": {shiftsTraffic(types.DeploymentConfiguration{
			Strategy: types.DeploymentStrategyBlueGreen, LifecycleHooks: []types.DeploymentLifecycleHook{{
				HookTargetArn: aws.String(scope.ARN("ecs", "task-definition/none:1")), LifecycleStages: []types.DeploymentLifecycleHookStage{types.DeploymentLifecycleHookStagePreScaleUp},
			}},
		}), "ClientException"},
		"lambda": {shiftsTraffic(types.DeploymentConfiguration{
			Strategy: types.DeploymentStrategyBlueGreen, LifecycleHooks: []types.DeploymentLifecycleHook{{
				HookTargetArn: aws.String("arn:aws:lambda:us-east-1:000000000000:function:check"), LifecycleStages: []types.DeploymentLifecycleHookStage{types.DeploymentLifecycleHookStagePreScaleUp},
			}},
		}), "UnsupportedFeatureException"},
	} {
		t.Run(name, func(t *testing.T) {
			in := &ecs.CreateServiceInput{
				Cluster: aws.String("main"), ServiceName: aws.String("web"), TaskDefinition: &one, DesiredCount: aws.Int32(1),
				LaunchType: types.LaunchTypeFargate, NetworkConfiguration: network(),
			}
			tt.change(in)
			_, err := w.client.CreateService(t.Context(), in)
			if got := servicetest.Code(err); got != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestAlarmEndsDeployment(t *testing.T) {
	w := newWorld(t)
	w.svc.profile.Bake = 0
	w.run()
	w.cluster()
	alarm := func(state string) {
		w.update(func(tx *store.Tx) {
			cloudwatch.Alarms.Put(tx, cloudwatch.Alarm{Key: scope.Key("errors"), Status: cloudwatch.AlarmStatus{State: state}})
		})
	}
	alarm(cloudwatch.StateOK)
	one, two := w.define("web", "await 0"), w.define("web", "await 0")
	w.create("web", one, 1, func(in *ecs.CreateServiceInput) {
		in.DeploymentConfiguration = &types.DeploymentConfiguration{BakeTimeInMinutes: aws.Int32(0)}
	})
	w.await("the first is complete", func(s store.Snapshot) bool { return newest(s).State == stateSuccessful })
	_, err := w.client.UpdateService(t.Context(), &ecs.UpdateServiceInput{
		Cluster: aws.String("main"), Service: aws.String("web"), TaskDefinition: &two,
		DeploymentConfiguration: &types.DeploymentConfiguration{
			BakeTimeInMinutes: aws.Int32(30), Alarms: &types.DeploymentAlarms{AlarmNames: []string{"errors"}, Enable: true, Rollback: true},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.await("it bakes", func(s store.Snapshot) bool { return newest(s).Stage == stageBake })
	alarm(cloudwatch.StateAlarm)
	w.await("it goes back", func(s store.Snapshot) bool { return newest(s).State == stateBack && active(s, "web", one) == 1 })
	d := w.deployments()[0]
	if d.Alarms.Status != types.ServiceDeploymentRollbackMonitorsStatusTriggered || !slices.Equal(d.Alarms.TriggeredAlarmNames, []string{"errors"}) {
		t.Errorf("alarms: %+v", d.Alarms)
	}
	if !said(w.env.Store.Snapshot(), "deployment failed: alarm detected") {
		t.Error("no event tells of it")
	}
}

func TestTaskSetsAreRefused(t *testing.T) {
	w := newWorld(t)
	_, err := w.client.DescribeTaskSets(t.Context(), &ecs.DescribeTaskSetsInput{Cluster: aws.String("main"), Service: aws.String("web")})
	if got := servicetest.Code(err); got != "UnsupportedFeatureException" {
		t.Errorf("got %v", err)
	}
}

func TestTaskAsLifecycleHook(t *testing.T) {
	for name, tt := range map[string]struct {
		verbs, want string
	}{
		"succeeds": {"exit 0", stateSuccessful},
		"fails":    {"exit 1", stateBack},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.run()
			w.rules()
			w.cluster()
			check := w.define("check", tt.verbs)
			one, two := w.define("web", "await 0"), w.define("web", "await 0")
			w.create("web", one, 1, shiftsTraffic(types.DeploymentConfiguration{Strategy: types.DeploymentStrategyBlueGreen, BakeTimeInMinutes: aws.Int32(0)}))
			w.await("the first is complete", func(s store.Snapshot) bool { return newest(s).State == stateSuccessful })
			_, err := w.client.UpdateService(t.Context(), &ecs.UpdateServiceInput{
				Cluster: aws.String("main"), Service: aws.String("web"), TaskDefinition: &two,
				DeploymentConfiguration: &types.DeploymentConfiguration{LifecycleHooks: []types.DeploymentLifecycleHook{{
					HookTargetArn: &check, LifecycleStages: []types.DeploymentLifecycleHookStage{types.DeploymentLifecycleHookStagePostScaleUp},
				}}},
			})
			if err != nil {
				t.Fatal(err)
			}
			w.await("it ends as the hook says", func(s store.Snapshot) bool { return newest(s).State == tt.want })
			hooks := hookTasks(w.env.Store.Snapshot(), scope, "main", func() Deployment {
				row, _ := Services.Get(w.env.Store.Snapshot(), serviceKey(scope, "main", "web"))
				return row.Spec.Deployments[0]
			}())
			if len(hooks) != 1 {
				t.Errorf("%d tasks ran as hooks, want 1", len(hooks))
			}
		})
	}
}
