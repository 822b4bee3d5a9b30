package cloudwatch_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"apex/internal/arn"
	"apex/internal/dataplane/series"
	"apex/internal/service"
	"apex/internal/service/cloudwatch"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

var scope = arn.Scope{Account: servicetest.Account, Region: servicetest.Region}

type world struct {
	*sdk.Client
	env service.Env
}

func newWorld(t *testing.T) *world {
	env := servicetest.Env(t, cloudwatch.Tables()...)
	return &world{sdk.NewFromConfig(servicetest.Config(t, env, cloudwatch.New(env).Routes())), env}
}

func cpuAlarm(name string) *sdk.PutMetricAlarmInput {
	return &sdk.PutMetricAlarmInput{
		AlarmName: &name, Namespace: aws.String("AWS/ECS"), MetricName: aws.String("CPUUtilization"),
		Dimensions: []types.Dimension{{Name: aws.String("ServiceName"), Value: aws.String("server")}, {Name: aws.String("ClusterName"), Value: aws.String("main")}},
		Statistic:  types.StatisticAverage, Period: aws.Int32(60), EvaluationPeriods: aws.Int32(3),
		Threshold: aws.Float64(70), ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold,
		AlarmActions: []string{"arn:aws:sns:us-east-1:000000000000:ops"},
		Tags:         []types.Tag{{Key: aws.String("team"), Value: aws.String("crm")}},
	}
}

func (w *world) put(t *testing.T, in *sdk.PutMetricAlarmInput) {
	t.Helper()
	if _, err := w.PutMetricAlarm(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

func (w *world) composite(name, rule string) error {
	_, err := w.PutCompositeAlarm(context.Background(), &sdk.PutCompositeAlarmInput{AlarmName: &name, AlarmRule: &rule})
	return err
}

func TestAlarmIsGivenBackAsItWasPut(t *testing.T) {
	w := newWorld(t)
	w.put(t, cpuAlarm("high"))
	out, err := w.DescribeAlarms(t.Context(), &sdk.DescribeAlarmsInput{})
	if err != nil || len(out.MetricAlarms) != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	a := out.MetricAlarms[0]
	if *a.AlarmArn != "arn:aws:cloudwatch:us-east-1:000000000000:alarm:high" || a.StateValue != types.StateValueInsufficientData ||
		*a.StateReason != "Unchecked: Initial alarm creation" || !*a.ActionsEnabled || *a.Threshold != 70 || *a.Period != 60 ||
		a.Statistic != types.StatisticAverage || len(a.Dimensions) != 2 || a.AlarmActions[0] != "arn:aws:sns:us-east-1:000000000000:ops" {
		t.Errorf("alarm %+v", a)
	}
	tags, err := w.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceARN: a.AlarmArn})
	if err != nil || len(tags.Tags) != 1 || *tags.Tags[0].Value != "crm" {
		t.Errorf("tags %+v, %v", tags, err)
	}
	forMetric, err := w.DescribeAlarmsForMetric(t.Context(), &sdk.DescribeAlarmsForMetricInput{
		Namespace: aws.String("AWS/ECS"), MetricName: aws.String("CPUUtilization"), Dimensions: cpuAlarm("").Dimensions,
	})
	if err != nil || len(forMetric.MetricAlarms) != 1 {
		t.Errorf("for metric %+v, %v", forMetric, err)
	}
}

func TestSetStateShowsAtOnce(t *testing.T) {
	w := newWorld(t)
	w.put(t, cpuAlarm("high"))
	_, err := w.SetAlarmState(t.Context(), &sdk.SetAlarmStateInput{AlarmName: aws.String("high"), StateValue: types.StateValueAlarm, StateReason: aws.String("a test")})
	if err != nil {
		t.Fatal(err)
	}
	if state, ok := cloudwatch.StateOf(w.env.Store.Snapshot(), scope, "high"); !ok || state != "ALARM" {
		t.Errorf("state %q, %v", state, ok)
	}
	out, err := w.DescribeAlarms(t.Context(), &sdk.DescribeAlarmsInput{StateValue: types.StateValueAlarm})
	if err != nil || len(out.MetricAlarms) != 1 || *out.MetricAlarms[0].StateReason != "a test" {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestCompositesAndTheirFamily(t *testing.T) {
	w := newWorld(t)
	w.put(t, cpuAlarm("a"))
	w.put(t, cpuAlarm("b"))
	for _, c := range []struct{ name, rule, code string }{
		{"both", "ALARM(a) AND ALARM(b)", ""},
		{"top", `ALARM("both") OR OK(arn:aws:cloudwatch:us-east-1:000000000000:alarm:a)`, ""},
		{"x", "ALARM(nobody)", "ValidationError"},
		{"x", "ALARM(a", "ValidationError"},
		{"x", "ALARM(x)", "ValidationError"},
		{"both", "ALARM(top)", "ValidationError"}, // a circle
		{"a", "ALARM(b)", "ValidationError"},      // of another type
	} {
		if got := servicetest.Code(w.composite(c.name, c.rule)); got != c.code {
			t.Errorf("%s = %s: %q, want %q", c.name, c.rule, got, c.code)
		}
	}
	children, err := w.DescribeAlarms(t.Context(), &sdk.DescribeAlarmsInput{ChildrenOfAlarmName: aws.String("both")})
	if err != nil || len(children.MetricAlarms) != 2 {
		t.Errorf("children %+v, %v", children, err)
	}
	parents, err := w.DescribeAlarms(t.Context(), &sdk.DescribeAlarmsInput{ParentsOfAlarmName: aws.String("a")})
	if err != nil || len(parents.CompositeAlarms) != 2 {
		t.Errorf("parents %+v, %v", parents, err)
	}
	_, err = w.DeleteAlarms(t.Context(), &sdk.DeleteAlarmsInput{AlarmNames: []string{"a"}})
	if servicetest.Code(err) != "ValidationError" {
		t.Errorf("deleting a child: %v", err)
	}
}

func TestHistoryOutlivesTheAlarm(t *testing.T) {
	w := newWorld(t)
	w.put(t, cpuAlarm("high"))
	w.put(t, cpuAlarm("high"))
	if _, err := w.DeleteAlarms(t.Context(), &sdk.DeleteAlarmsInput{AlarmNames: []string{"high"}}); err != nil {
		t.Fatal(err)
	}
	out, err := w.DescribeAlarmHistory(t.Context(), &sdk.DescribeAlarmHistoryInput{AlarmName: aws.String("high"), ScanBy: types.ScanByTimestampAscending})
	if err != nil || len(out.AlarmHistoryItems) != 3 {
		t.Fatalf("%+v, %v", out, err)
	}
	if got := *out.AlarmHistoryItems[2].HistorySummary; got != `Alarm "high" deleted` {
		t.Errorf("last item %s", got)
	}
	_, err = w.DeleteAlarms(t.Context(), &sdk.DeleteAlarmsInput{AlarmNames: []string{"high"}})
	if servicetest.Code(err) != "ResourceNotFound" {
		t.Errorf("deleting twice: %v", err)
	}
}

func TestBadAlarmsAreRefused(t *testing.T) {
	w := newWorld(t)
	for name, tt := range map[string]struct {
		change func(*sdk.PutMetricAlarmInput)
		code   string
	}{
		"two statistics":   {func(in *sdk.PutMetricAlarmInput) { in.ExtendedStatistic = aws.String("p99") }, "InvalidParameterCombination"},
		"bad statistic":    {func(in *sdk.PutMetricAlarmInput) { in.Statistic, in.ExtendedStatistic = "", aws.String("q99") }, "ValidationError"},
		"bad period":       {func(in *sdk.PutMetricAlarmInput) { in.Period = aws.Int32(61) }, "InvalidParameterValue"},
		"M more than N":    {func(in *sdk.PutMetricAlarmInput) { in.DatapointsToAlarm = aws.Int32(4) }, "ValidationError"},
		"no threshold":     {func(in *sdk.PutMetricAlarmInput) { in.Threshold = nil }, "ValidationError"},
		"too long a span":  {func(in *sdk.PutMetricAlarmInput) { in.EvaluationPeriods = aws.Int32(1441) }, "ValidationError"},
		"missing data":     {func(in *sdk.PutMetricAlarmInput) { in.TreatMissingData = aws.String("maybe") }, "InvalidParameterValue"},
		"an action of EC2": {func(in *sdk.PutMetricAlarmInput) { in.AlarmActions = []string{"arn:aws:automate:us-east-1:ec2:stop"} }, "ValidationError"},
		"no metric":        {func(in *sdk.PutMetricAlarmInput) { in.MetricName = nil }, "MissingParameter"},
		"dimension twice":  {func(in *sdk.PutMetricAlarmInput) { in.Dimensions[0].Name = aws.String("ClusterName") }, "InvalidParameterValue"},
		"anomaly band":     {func(in *sdk.PutMetricAlarmInput) { in.ThresholdMetricId = aws.String("ad1") }, "ValidationError"},
	} {
		in := cpuAlarm("x")
		tt.change(in)
		if _, err := w.PutMetricAlarm(t.Context(), in); servicetest.Code(err) != tt.code {
			t.Errorf("%s: %v, want %s", name, err, tt.code)
		}
	}
}

func TestManagedAlarm(t *testing.T) {
	w := newWorld(t)
	spec := cloudwatch.AlarmSpec{
		Name: "TargetTracking-service/main/server-AlarmHigh-1", ActionsEnabled: true,
		Metric: &cloudwatch.MetricRule{
			Stat:              cloudwatch.Stat{Namespace: "AWS/ECS", Name: "CPUUtilization", Dimensions: []series.Label{{Name: "ClusterName", Value: "main"}}, Period: 60, Statistic: "Average"},
			EvaluationPeriods: 3, Threshold: 70, Comparison: "GreaterThanThreshold",
		},
	}
	revisions := map[uint64]bool{}
	for range 3 { // again and again: nothing changes
		if err := w.env.Store.Update(t.Context(), func(tx *store.Tx) error {
			cloudwatch.PutManagedAlarm(tx, scope, time.Now(), spec)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		revisions[cloudwatch.Alarms.Revision(w.env.Store.Snapshot(), scope.Key(spec.Name))] = true
	}
	if len(revisions) != 1 {
		t.Errorf("putting the same changed it: revisions %v", revisions)
	}
	if err := w.env.Store.Update(t.Context(), func(tx *store.Tx) error {
		cloudwatch.DeleteManagedAlarm(tx, scope, time.Now(), spec.Name)
		cloudwatch.DeleteManagedAlarm(tx, scope, time.Now(), spec.Name)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if _, ok := cloudwatch.StateOf(w.env.Store.Snapshot(), scope, spec.Name); ok {
		t.Error("the alarm is still there")
	}
}

func TestDashboards(t *testing.T) {
	w := newWorld(t)
	put := func(name, body string) (*sdk.PutDashboardOutput, error) {
		return w.PutDashboard(t.Context(), &sdk.PutDashboardInput{DashboardName: &name, DashboardBody: &body})
	}
	const body = `{"widgets":[{"type":"metric","x":0,"y":0,"width":12,"height":6,"properties":{"metrics":[["AWS/ECS","CPUUtilization"]]}}]}`
	if out, err := put("main", body); err != nil || len(out.DashboardValidationMessages) != 0 {
		t.Errorf("%+v, %v", out, err)
	}
	out, err := put("odd", `{"widgets":[{"type":"pie","width":30,"properties":{}},{"type":"text","properties":{}},3]}`)
	if err != nil || len(out.DashboardValidationMessages) != 4 {
		t.Errorf("%+v, %v", out, err)
	}
	for _, bad := range [][2]string{{"main", "no JSON"}, {"a b", body}} {
		if _, err := put(bad[0], bad[1]); servicetest.Code(err) != "InvalidParameterInput" {
			t.Errorf("%s: %v", bad, err)
		}
	}
	got, err := w.GetDashboard(t.Context(), &sdk.GetDashboardInput{DashboardName: aws.String("main")})
	if err != nil || *got.DashboardBody != body || *got.DashboardArn != "arn:aws:cloudwatch::000000000000:dashboard/main" {
		t.Errorf("%+v, %v", got, err)
	}
	listed, err := w.ListDashboards(t.Context(), &sdk.ListDashboardsInput{DashboardNamePrefix: aws.String("m")})
	if err != nil || len(listed.DashboardEntries) != 1 {
		t.Errorf("%+v, %v", listed, err)
	}
	_, err = w.DeleteDashboards(t.Context(), &sdk.DeleteDashboardsInput{DashboardNames: []string{"main", "none"}})
	if servicetest.Code(err) != "ResourceNotFound" {
		t.Errorf("deleting none: %v", err)
	}
	if _, err := w.GetDashboard(t.Context(), &sdk.GetDashboardInput{DashboardName: aws.String("main")}); err != nil {
		t.Errorf("a delete that failed deleted: %v", err)
	}
}
