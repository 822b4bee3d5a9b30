package ecs

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"apex/internal/service/elbv2"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

func TestServiceKeepsItsTasks(t *testing.T) {
	w := newWorld(t)
	w.run()
	w.cluster()
	one := w.define("web", "await 0")
	w.create("web", one, 2, nil)
	w.await("two run", func(s store.Snapshot) bool { return active(s, "web", one) == 2 })
	zones := map[string]bool{}
	for _, task := range tasksIn(w.env.Store.Snapshot(), "web") {
		zones[task.Spec.Zone] = true
	}
	if len(zones) != 2 {
		t.Errorf("tasks are in zones %v, want both", zones)
	}
	w.await("steady", func(s store.Snapshot) bool { return said(s, "has reached a steady state") })
	svc := w.describe("web")
	if svc.RunningCount != 2 || len(svc.Deployments) != 1 || svc.Deployments[0].RolloutState != types.DeploymentRolloutStateCompleted {
		t.Errorf("described %+v", svc)
	}

	victim := tasksIn(w.env.Store.Snapshot(), "web")[0]
	if _, err := w.client.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: aws.String("main"), Task: &victim.Spec.ARN}); err != nil {
		t.Fatal(err)
	}
	w.await("the stopped is replaced", func(s store.Snapshot) bool {
		gone, _ := Tasks.Get(s, victim.Key)
		return last(gone) == statusStopped && active(s, "web", one) == 2
	})

	for _, n := range []int32{3, 1, 0} {
		if _, err := w.client.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("main"), Service: aws.String("web"), DesiredCount: &n}); err != nil {
			t.Fatal(err)
		}
		w.await("scaled", func(s store.Snapshot) bool {
			return active(s, "web", one) == int(n) && !slices.ContainsFunc(tasksIn(s, "web"), func(t Task) bool {
				return last(t) != statusStopped && last(t) != statusRunning
			})
		})
	}
	if _, err := w.client.DeleteService(t.Context(), &ecs.DeleteServiceInput{Cluster: aws.String("main"), Service: aws.String("web")}); err != nil {
		t.Fatal(err)
	}
	w.await("inactive", func(s store.Snapshot) bool {
		row, _ := Services.Get(s, serviceKey(scope, "main", "web"))
		return serviceStatus(row) == "INACTIVE"
	})
	if _, err := w.client.DeleteCluster(t.Context(), &ecs.DeleteClusterInput{Cluster: aws.String("main")}); err != nil {
		t.Error(err)
	}
}

func said(s store.Snapshot, what string) bool {
	for _, row := range Services.All(s) {
		if slices.ContainsFunc(row.Status.Events, func(e Event) bool { return strings.Contains(e.Message, what) }) {
			return true
		}
	}
	return false
}

func TestNewVersionWaitsUntilHealthyBeforeOldLeaves(t *testing.T) {
	w := newWorld(t)
	var sick atomic.Bool
	sick.Store(true)
	w.cluster()
	one, two := w.define("web", "await 0"), w.define("web", "await 0")
	w.health = func(t elbv2.Target) string {
		if sick.Load() && ofDefinition(w.env.Store.Snapshot(), t, two) {
			return "initial"
		}
		return "healthy"
	}
	w.run()
	w.create("web", one, 2, behindBalancer)
	w.await("the first version runs", func(s store.Snapshot) bool { return active(s, "web", one) == 2 })

	if _, err := w.client.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("main"), Service: aws.String("web"), TaskDefinition: &two}); err != nil {
		t.Fatal(err)
	}
	w.await("the second version started", func(s store.Snapshot) bool {
		n := 0
		for _, task := range tasksIn(s, "web") {
			if task.Spec.Definition == two && last(task) == statusRunning {
				n++
			}
		}
		return n == 2
	})
	snap := w.env.Store.Snapshot()
	if n := active(snap, "web", one); n != 2 {
		t.Errorf("%d of the first version are left while the second is not healthy", n)
	}
	if svc := w.describe("web"); len(svc.Deployments) != 2 || svc.Deployments[0].RolloutState != types.DeploymentRolloutStateInProgress {
		t.Errorf("deployments: %+v", svc.Deployments)
	}
	sick.Store(false)
	w.await("the second replaced the first", func(s store.Snapshot) bool {
		left := slices.ContainsFunc(tasksIn(s, "web"), func(t Task) bool { return t.Spec.Definition == one && last(t) != statusStopped })
		return active(s, "web", two) == 2 && !left
	})
	w.await("completed", func(s store.Snapshot) bool { return said(s, "deployment completed") })
	w.await("its old targets are gone", func(s store.Snapshot) bool { return elbv2.Registrations.Len(s) == 2 })
}

// ofDefinition reports whether a target is a task of the definition.
func ofDefinition(s store.Snapshot, target elbv2.Target, definition string) bool {
	for _, task := range tasksIn(s, "web") {
		if task.Status.Address == target.IP.String() && last(task) != statusStopped {
			return task.Spec.Definition == definition
		}
	}
	return false
}

func TestUnhealthyTaskIsReplaced(t *testing.T) {
	w := newWorld(t)
	var bad atomic.Value
	bad.Store("")
	w.health = func(t elbv2.Target) string {
		if t.IP.String() == bad.Load() {
			return "unhealthy"
		}
		return "healthy"
	}
	w.run()
	w.cluster()
	one := w.define("web", "await 0")
	w.create("web", one, 2, behindBalancer)
	w.await("two run", func(s store.Snapshot) bool { return active(s, "web", one) == 2 })
	victim := tasksIn(w.env.Store.Snapshot(), "web")[0]
	bad.Store(victim.Status.Address)
	w.await("replaced", func(s store.Snapshot) bool {
		gone, _ := Tasks.Get(s, victim.Key)
		return last(gone) == statusStopped && strings.HasPrefix(gone.Status.Reason, "Task failed ELB health checks in (target-group ")
	})
	bad.Store("")
	w.await("two run again", func(s store.Snapshot) bool { return active(s, "web", one) == 2 })
}

func TestCrashingTasksBackOffAndBreakTheCircuit(t *testing.T) {
	w := newWorld(t)
	w.run()
	w.cluster()
	good, bad := w.define("web", "await 0"), w.define("web", "exit 3")
	w.create("web", good, 1, func(in *ecs.CreateServiceInput) {
		in.DeploymentConfiguration = &types.DeploymentConfiguration{
			DeploymentCircuitBreaker: &types.DeploymentCircuitBreaker{Enable: true, Rollback: true},
		}
	})
	w.await("deployed", func(s store.Snapshot) bool { return said(s, "deployment completed") })
	if _, err := w.client.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("main"), Service: aws.String("web"), TaskDefinition: &bad}); err != nil {
		t.Fatal(err)
	}
	w.await("rolled back", func(s store.Snapshot) bool {
		row, _ := Services.Get(s, serviceKey(scope, "main", "web"))
		return row.Status.Deployments[0].State == stateBack
	})
	snap := w.env.Store.Snapshot()
	var starts []time.Time
	for _, task := range tasksIn(snap, "web") {
		if task.Spec.Definition != bad {
			continue
		}
		starts = append(starts, task.Spec.CreatedAt)
		if last(task) == statusStopped && (task.Status.Code != "EssentialContainerExited" || *task.Status.Containers[0].Exit != 3) {
			t.Errorf("crashed task: %+v", task.Status)
		}
	}
	if len(starts) != 3 {
		t.Errorf("%d tasks were tried, want 3", len(starts))
	}
	if n := active(snap, "web", good); n < 1 {
		t.Errorf("the old version left: %d", n)
	}
}

func TestServiceErrors(t *testing.T) {
	w := newWorld(t)
	w.cluster()
	one := w.define("web", "await 0")
	for name, tt := range map[string]struct {
		change func(*ecs.CreateServiceInput)
		want   string
	}{
		"no cluster":    {func(in *ecs.CreateServiceInput) { in.Cluster = aws.String("other") }, "ClusterNotFoundException"},
		"no definition": {func(in *ecs.CreateServiceInput) { in.TaskDefinition = aws.String("other") }, "ClientException"},
		"no subnets":    {func(in *ecs.CreateServiceInput) { in.NetworkConfiguration = nil }, "InvalidParameterException"},
		"wrong subnet": {func(in *ecs.CreateServiceInput) {
			in.NetworkConfiguration.AwsvpcConfiguration.Subnets = []string{"subnet-9"}
		}, "InvalidParameterException"},
		"wrong group": {func(in *ecs.CreateServiceInput) {
			in.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups = []string{"sg-9"}
		}, "InvalidParameterException"},
		"EC2":      {func(in *ecs.CreateServiceInput) { in.LaunchType = types.LaunchTypeEc2 }, "InvalidParameterException"},
		"negative": {func(in *ecs.CreateServiceInput) { in.DesiredCount = aws.Int32(-1) }, "InvalidParameterException"},
		"daemon":   {func(in *ecs.CreateServiceInput) { in.SchedulingStrategy = types.SchedulingStrategyDaemon }, "InvalidParameterException"},
		"wrong port": {func(in *ecs.CreateServiceInput) {
			behindBalancer(in)
			in.LoadBalancers[0].ContainerPort = aws.Int32(80)
		}, "InvalidParameterException"},
		"no target group": {func(in *ecs.CreateServiceInput) {
			behindBalancer(in)
			in.LoadBalancers[0].TargetGroupArn = aws.String(targetGroupARN + "0")
		}, "InvalidParameterException"},
		"code deploy": {func(in *ecs.CreateServiceInput) {
			in.DeploymentController = &types.DeploymentController{Type: types.DeploymentControllerTypeCodeDeploy}
		}, "UnsupportedFeatureException"},
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
