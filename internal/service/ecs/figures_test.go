package ecs

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/google/go-cmp/cmp"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/awsid"
	"apex/internal/dataplane/series"
	"apex/internal/dataplane/task"
	"apex/internal/dataplane/task/cgroup"
	"apex/internal/service"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

// measuredTask is a running task of half a CPU and 1 GiB in a cluster with this
// setting of Container Insights.
func measuredTask(tx *store.Tx, insights, service string) Task {
	Clusters.Put(tx, Cluster{Key: clusterKey(scope, "main"), Spec: ClusterSpec{Name: "main", Settings: []ecsapi.ClusterSetting{
		{Name: api.Ptr("containerInsights"), Value: &insights},
	}}})
	Definitions.Put(tx, Definition{Key: definitionKey(scope, "app", 1), Definition: ecsapi.TaskDefinition{
		ContainerDefinitions: []ecsapi.ContainerDefinition{{Name: api.Ptr("main"), Cpu: api.Ptr[int64](256)}},
	}})
	id := awsid.Hex(32)
	t := Task{Key: taskKey(scope, "main", id), Spec: TaskSpec{
		ID: id, Cluster: "main", Service: service, CPU: "512", Memory: "1024",
		Definition: scope.ARN("ecs", "task-definition/app:1"), CreatedAt: epoch,
	}, Status: TaskStatus{Last: statusRunning, Containers: []ContainerStatus{{Name: "main", Health: "UNHEALTHY"}}}}
	Tasks.Put(tx, t)
	return t
}

// twoReadings are of a task that used a quarter CPU and 256 MiB for two seconds.
func twoReadings(string) (reading, bool) {
	before := cgroup.Stats{CPU: time.Second, Read: 100}
	last := cgroup.Stats{CPU: 1500 * time.Millisecond, Memory: 256 << 20, Read: 150}
	return reading{
		before: task.Stats{At: epoch, Task: before, Containers: map[string]cgroup.Stats{"main": before}},
		last: task.Stats{
			At: epoch.Add(2 * time.Second), Task: last, Containers: map[string]cgroup.Stats{"main": last},
			Network: []task.Traffic{{Interface: "eth0", RxBytes: 2000, TxBytes: 4000}},
		},
		disk: 1 << 30,
	}, true
}

// printed are figures as lines, sorted.
func printed(all map[figure][]series.Sample) []string {
	var lines []string
	for f, samples := range all {
		line := f.space + " " + f.name
		for _, l := range f.id().Labels {
			line += " " + l.Value
		}
		for _, s := range samples {
			line += fmt.Sprintf(" =%g", s.Value)
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

func TestFigures(t *testing.T) {
	for name, tt := range map[string]struct {
		insights string
		tasks    int
		want     []string
		has      []string
	}{
		"off": {insights: "disabled", tasks: 2, want: []string{
			"AWS/ECS CPUUtilization main =50 =50", "AWS/ECS CPUUtilization main web =50 =50",
			"AWS/ECS MemoryUtilization main =25 =25", "AWS/ECS MemoryUtilization main web =25 =25",
		}},
		"on": {insights: "enabled", tasks: 1, has: []string{
			"ECS/ContainerInsights CpuUtilized main =256", "ECS/ContainerInsights CpuUtilized main app =256",
			"ECS/ContainerInsights CpuReserved main web =512", "ECS/ContainerInsights MemoryUtilized main web =256",
			"ECS/ContainerInsights MemoryReserved main web =1024", "ECS/ContainerInsights NetworkRxBytes main web =1000",
			"ECS/ContainerInsights NetworkTxBytes main web =2000", "ECS/ContainerInsights StorageReadBytes main web =50",
			"ECS/ContainerInsights EphemeralStorageReserved main web =20", "ECS/ContainerInsights EphemeralStorageUtilized main web =1",
			"ECS/ContainerInsights RunningTaskCount main web =1", "ECS/ContainerInsights DesiredTaskCount main web =3",
			"ECS/ContainerInsights DeploymentCount main web =1", "ECS/ContainerInsights TaskCount main =1",
			"ECS/ContainerInsights ServiceCount main =1", "ECS/ContainerInsights ContainerInstanceCount main =0",
			"ECS/ContainerInsights UnHealthyContainerHealthStatus main web =1",
		}},
		"enhanced": {insights: "enhanced", tasks: 1, has: []string{
			"ECS/ContainerInsights ContainerCpuReserved main main web =256", "ECS/ContainerInsights ContainerCpuUtilized main main app =256",
			"ECS/ContainerInsights TaskCpuUtilization main web =50",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			env := servicetest.Env(t, Tables()...)
			err := env.Store.Update(t.Context(), func(tx *store.Tx) error {
				for range tt.tasks {
					measuredTask(tx, tt.insights, "web")
				}
				Services.Put(tx, ServiceRow{Key: serviceKey(scope, "main", "web"), Spec: ServiceSpec{
					Name: "web", Cluster: "main", Desired: 3, Deployments: []Deployment{{RevisionSpec: RevisionSpec{ID: "ecs-svc/1"}}},
				}})
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			got := printed(figures(env.Store.Snapshot(), twoReadings, epoch))
			if tt.want != nil {
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("figures (-want +got):\n%s", diff)
				}
			}
			for _, line := range tt.has {
				if !slices.Contains(got, line) {
					t.Errorf("no figure %q in\n%s", line, strings.Join(got, "\n"))
				}
			}
		})
	}
}

func TestBusyTaskShowsInMetrics(t *testing.T) {
	w := newWorld(t)
	w.run()
	w.cluster()
	definition := w.define("busy", "spin 60000")
	w.create("busy", definition, 1, nil)
	id := series.NewID(scope.Prefix(), spaceECS, "CPUUtilization", "ClusterName", "main", "ServiceName", "busy")
	eventually(t, "a spinning task uses most of its quarter CPU", func() bool {
		for _, slot := range w.env.Metrics.Read(id, time.Now().Add(-time.Minute), time.Now(), time.Second) {
			if slot.Max > 60 && slot.Max < 140 {
				return true
			}
		}
		return false
	})
	memory := series.NewID(scope.Prefix(), spaceECS, "MemoryUtilization", "ClusterName", "main")
	if got := w.env.Metrics.Read(memory, time.Now().Add(-time.Minute), time.Now(), time.Minute); len(got) == 0 || got[0].Max <= 0 || got[0].Max > 50 {
		t.Errorf("memory of the cluster: %+v", got)
	}
	if _, err := w.client.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("main"), Service: aws.String("busy"), DesiredCount: aws.Int32(0)}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "nothing is held of a task that ended", func() bool {
		w.svc.meters.mu.Lock()
		defer w.svc.meters.mu.Unlock()
		return len(w.svc.meters.all) == 0
	})
}

// BenchmarkMeasure measures one sweep over 200 running tasks with a process each,
// Container Insights on, as it happens each second. The metric core-% is the CPU
// that it takes of one core.
func BenchmarkMeasure(b *testing.B) {
	const tasks = 200
	env := servicetest.Env(b, Tables()...)
	s := New(env, nil)
	mounts, err := cgroup.Detect()
	if err != nil {
		b.Fatal(err)
	}
	parent := "apex-bench-" + awsid.Hex(6)
	b.Cleanup(func() {
		s.meters.close()
		if err := mounts.Group(parent).Remove(context.Background()); err != nil {
			b.Error(err)
		}
	})
	err = env.Store.Update(b.Context(), func(tx *store.Tx) error {
		for range tasks {
			t := measuredTask(tx, "enabled", "web")
			if err := pretend(env, mounts, parent, t.Spec.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	s.measure(b.Context())
	var before, after syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &before)
	sweeps := 0
	for b.Loop() {
		s.measure(b.Context())
		sweeps++
	}
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &after)
	used := after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano()
	b.ReportMetric(float64(used)/float64(sweeps)/1e7, "core-%")
	if n := len(s.meters.all); n != tasks {
		b.Fatalf("%d of %d tasks are measured", n, tasks)
	}
}

// pretend makes what a supervisor leaves of a running task, with a process that
// sleeps until its group is removed.
func pretend(env service.Env, mounts cgroup.Mounts, parent, id string) error {
	dir := filepath.Join(env.Home, "tasks", id)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	group := mounts.Group(filepath.Join(parent, id))
	if err := group.Create(cgroup.Limits{CPU: 256, Memory: 64 << 20}); err != nil {
		return err
	}
	sleeper := exec.Command("sleep", "600")
	if err := sleeper.Start(); err != nil {
		return err
	}
	go func() { _ = sleeper.Wait() }()
	if err := group.Add(sleeper.Process.Pid); err != nil {
		return err
	}
	record := fmt.Sprintf(`{"ID":%q,"Cgroup":%q}`, id, parent)
	state := fmt.Sprintf(`{"ID":%q,"Containers":[{"Name":"main","Status":"running","PID":%d}]}`, id, sleeper.Process.Pid)
	if err := os.WriteFile(filepath.Join(dir, "task.json"), []byte(record), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "state.json"), []byte(state), 0o600)
}
