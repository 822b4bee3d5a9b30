package scaling

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"apex/internal/regiontest"
)

const cluster = "scaling-dev"

// A story is the stack, up in a region of its own.
type story struct {
	*regiontest.Region
	ecs     *ecs.Client
	scaling *applicationautoscaling.Client
	metrics *cloudwatch.Client
}

func start(t *testing.T) story {
	t.Helper()
	r := regiontest.New(t)
	r.Apex(t, "up", "--file", writeStack(t))
	cfg := r.AWS(t)
	return story{r, ecs.NewFromConfig(cfg), applicationautoscaling.NewFromConfig(cfg), cloudwatch.NewFromConfig(cfg)}
}

func (s story) url(path string) string {
	return fmt.Sprintf("http://127.0.0.1:%d%s", s.Home.HTTPPort, path)
}

// counts returns how many tasks each service wants and runs.
func (s story) counts(t *testing.T, service string) (desired, running int32) {
	t.Helper()
	out, err := s.ecs.DescribeServices(t.Context(), &ecs.DescribeServicesInput{Cluster: aws.String(cluster), Services: []string{service}})
	if err != nil || len(out.Services) != 1 {
		t.Fatalf("describe %s: %v", service, err)
	}
	return out.Services[0].DesiredCount, out.Services[0].RunningCount
}

// await waits until both services satisfy the condition.
func (s story) await(t *testing.T, what string, holds func(desired, running int32) bool) {
	t.Helper()
	regiontest.Await(t, what, func() bool {
		for _, service := range []string{"burner", "counter"} {
			if !holds(s.counts(t, service)) {
				time.Sleep(200 * time.Millisecond)
				return false
			}
		}
		return true
	})
}

func TestLoadMakesTasksAndItsEndTakesThemAway(t *testing.T) {
	s := start(t)
	trickle := startLoad(t, s.url("/"), 500*time.Millisecond) // lasts through all
	quiet := startLoad(t, s.url("/burn/"), 2*time.Second)
	began := time.Now()
	burning := startLoad(t, s.url("/burn/"), 55*time.Millisecond)
	counting := startLoad(t, s.url("/count"), 50*time.Millisecond)
	s.await(t, "both services have more than two tasks, and all of them run", func(desired, running int32) bool {
		return desired > 2 && running == desired
	})
	t.Logf("more tasks after %s", time.Since(began).Round(time.Second))
	if story := s.Apex(t, "explain", "scaling", "burner"); !strings.Contains(story, "target 60 %") {
		t.Errorf("explain scaling:\n%s", story)
	}
	burning.mustNotFail(t, "that burn")
	counting.mustNotFail(t, "that count")
	ended := time.Now()
	s.await(t, "both services are back at two tasks", func(desired, running int32) bool { return desired == 2 && running == 2 })
	t.Logf("back at two after %s", time.Since(ended).Round(time.Second))
	trickle.mustNotFail(t, "all the time")
	quiet.mustNotFail(t, "that burn all the time")
	s.tellsOfIt(t, "burner", "CPUUtilization")
	s.tellsOfIt(t, "counter", "RequestCountPerTarget")
	s.tellsOnTheCommandLine(t)
	s.Apex(t, "scale", "counter", "--min", "3")
	regiontest.Await(t, "the new least number of tasks is there", func() bool {
		desired, running := s.counts(t, "counter")
		return desired == 3 && running == 3
	})
}

// tellsOfIt holds activities, alarms and metrics to what happened.
func (s story) tellsOfIt(t *testing.T, service, metric string) {
	t.Helper()
	resource := "service/" + cluster + "/" + service
	out, err := s.scaling.DescribeScalingActivities(t.Context(), &applicationautoscaling.DescribeScalingActivitiesInput{
		ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ResourceId: &resource,
	})
	if err != nil {
		t.Fatal(err)
	}
	var up, down bool
	for _, a := range out.ScalingActivities {
		t.Logf("%s %s %s %s", a.StartTime.Format(time.TimeOnly), *a.Description, *a.Cause, a.StatusCode)
		done := a.StatusCode == scalingtypes.ScalingActivityStatusCodeSuccessful
		up = up || done && strings.Contains(*a.Cause, "TargetTracking-"+resource+"-AlarmHigh-")
		down = down || done && strings.Contains(*a.Cause, "TargetTracking-"+resource+"-AlarmLow-")
	}
	if !up || !down {
		t.Errorf("%s: activities tell of a scale-out: %v, of a scale-in: %v", service, up, down)
	}
	alarms, err := s.metrics.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: aws.String("TargetTracking-" + resource + "-AlarmHigh")})
	if err != nil || len(alarms.MetricAlarms) != 1 || *alarms.MetricAlarms[0].MetricName != metric {
		t.Fatalf("%s: alarms %+v, %v", service, alarms, err)
	}
	high := alarms.MetricAlarms[0]
	history, err := s.metrics.DescribeAlarmHistory(t.Context(), &cloudwatch.DescribeAlarmHistoryInput{AlarmName: high.AlarmName, HistoryItemType: cwtypes.HistoryItemTypeStateUpdate})
	if err != nil {
		t.Fatal(err)
	}
	var states []string
	for _, h := range history.AlarmHistoryItems {
		states = append(states, *h.HistorySummary)
	}
	if text := strings.Join(states, "; "); !strings.Contains(text, "to ALARM") || !strings.Contains(text, "to OK") {
		t.Errorf("%s: history of the high alarm: %s", service, text)
	}
	data, err := s.metrics.GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(time.Now().Add(-10 * time.Minute)), EndTime: aws.Time(time.Now()),
		MetricDataQueries: []cwtypes.MetricDataQuery{{Id: aws.String("m"), MetricStat: &cwtypes.MetricStat{
			Metric: &cwtypes.Metric{Namespace: high.Namespace, MetricName: high.MetricName, Dimensions: high.Dimensions},
			Period: aws.Int32(5), Stat: aws.String(string(high.Statistic)),
		}}},
	})
	if err != nil || len(data.MetricDataResults) != 1 || len(data.MetricDataResults[0].Values) < 10 {
		t.Errorf("%s: metric data %+v, %v", service, data, err)
	}
}

// tellsOnTheCommandLine shows the same with the AWS CLI, if there is one.
func (s story) tellsOnTheCommandLine(t *testing.T) {
	if _, err := exec.LookPath("aws"); err != nil {
		t.Log("SKIPPED: there is no AWS CLI")
		return
	}
	out := s.Apex(t, "aws", "--", "application-autoscaling", "describe-scaling-activities", "--service-namespace", "ecs",
		"--resource-id", "service/"+cluster+"/burner", "--output", "text")
	if !strings.Contains(out, "Setting desired count to 2.") || !strings.Contains(out, "Change successfully fulfilled by ecs.") {
		t.Errorf("describe-scaling-activities:\n%s", out)
	}
}
