package deploy

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"apex/internal/regiontest"
)

// rolled is how many tasks the benchmark rolls.
const rolled = 10

// BenchmarkRollout compares the roll-out of ten small tasks with their bare
// start, in the same one batch: from the call until all serve, and until the old
// ones have drained and ended too.
//
//	go test ./tests/deploy -run - -bench Rollout -benchtime 3x
func BenchmarkRollout(b *testing.B) {
	s := open(b, 0, "{strategy: rolling}")
	var bare, served, ended time.Duration
	version := 0
	for b.Loop() {
		s.scale(b, 0)
		s.awaitRunning(b, 0)
		began := time.Now()
		s.scale(b, rolled)
		s.awaitRunning(b, rolled)
		bare += time.Since(began)

		began = time.Now()
		version++
		s.deploy(b, []string{"two", "three"}[version%2])
		s.awaitStatus(b, types.ServiceDeploymentStatusSuccessful)
		served += time.Since(began)
		s.awaitStopped(b)
		ended += time.Since(began)
	}
	n := float64(b.N)
	b.ReportMetric(bare.Seconds()/n, "bare-s")
	b.ReportMetric(served.Seconds()/n, "rolled-s")
	b.ReportMetric(ended.Seconds()/n, "drained-s")
	b.ReportMetric(served.Seconds()/bare.Seconds(), "ratio")
}

func (s shop) scale(t testing.TB, n int32) {
	t.Helper()
	if _, err := s.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: cluster, Service: web, DesiredCount: aws.Int32(n)}); err != nil {
		t.Fatal(err)
	}
}

// awaitRunning waits until so many tasks run and are steady.
func (s shop) awaitRunning(t testing.TB, n int32) {
	t.Helper()
	regiontest.Await(t, "so many tasks serve", func() bool {
		svc := s.service(t)
		return svc.RunningCount == n && svc.PendingCount == 0 && s.serving(t) == int(n)
	})
}

// awaitStopped waits until only the tasks that shall run are there.
func (s shop) awaitStopped(t testing.TB) {
	t.Helper()
	regiontest.Await(t, "the old tasks have ended", func() bool {
		list, err := s.ecs.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: cluster, ServiceName: web, DesiredStatus: types.DesiredStatusStopped})
		if err != nil {
			t.Fatal(err)
		}
		if len(list.TaskArns) == 0 {
			return true
		}
		out, err := s.ecs.DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Cluster: cluster, Tasks: list.TaskArns})
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range out.Tasks {
			if aws.ToString(task.LastStatus) != "STOPPED" {
				return false
			}
		}
		return true
	})
}
