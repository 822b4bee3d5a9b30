package logs

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/google/go-cmp/cmp"

	"apex/internal/controller"
	"apex/internal/dataplane/logfile"
	"apex/internal/dataplane/series"
	"apex/internal/service/servicetest"
)

// metricFilter puts a filter with one transformation.
func (f *fixture) metricFilter(name, pattern string, to types.MetricTransformation) string {
	f.t.Helper()
	to.MetricName, to.MetricNamespace = &name, aws.String("crm")
	_, err := f.PutMetricFilter(f.t.Context(), &sdk.PutMetricFilterInput{
		LogGroupName: aws.String(group), FilterName: &name, FilterPattern: &pattern, MetricTransformations: []types.MetricTransformation{to},
	})
	return servicetest.Code(err)
}

// figure is a series of the last and next hours in one slot.
func (f *fixture) figure(space, name string, labels ...string) string {
	f.t.Helper()
	from := f.now.Now().Add(-time.Hour).Truncate(24 * time.Hour)
	var sum, count float64
	for _, slot := range f.env.Metrics.Read(series.NewID(scope.Prefix(), space, name, labels...), from, from.Add(48*time.Hour), 24*time.Hour) {
		sum, count = sum+slot.Sum, count+slot.Count
	}
	return fmt.Sprintf("%g in %g", sum, count)
}

func (f *fixture) awaitFigure(want, space, name string, labels ...string) {
	f.t.Helper()
	got := ""
	for range 400 {
		if got = f.figure(space, name, labels...); got == want {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	f.t.Errorf("%s %s %v: %s, want %s", space, name, labels, got, want)
}

// catchUp sets the region's clock to the time by which events come in.
func (f *fixture) catchUp() {
	time.Sleep(2 * time.Millisecond)
	f.now.Advance(time.Since(f.now.Now()))
	time.Sleep(2 * time.Millisecond)
}

func TestMetricsOfEvents(t *testing.T) {
	f := start(t)
	f.stream("api", "task")
	f.put("api", time.Minute, `{"status":500,"took":7}`) // before the filters: not theirs
	f.catchUp()
	for name, tt := range map[string]struct {
		pattern string
		to      types.MetricTransformation
	}{
		"Errors":  {"{ $.status >= 500 }", types.MetricTransformation{MetricValue: aws.String("1")}},
		"Latency": {"{ $.took >= 0 }", types.MetricTransformation{MetricValue: aws.String("$.took"), Unit: types.StandardUnitMilliseconds}},
		"ByPath":  {"{ $.status = * }", types.MetricTransformation{MetricValue: aws.String("2"), Dimensions: map[string]string{"Path": "$.path"}}},
		"Bytes":   {"[ip, status = 2*, bytes]", types.MetricTransformation{MetricValue: aws.String("$bytes")}},
	} {
		if code := f.metricFilter(name, tt.pattern, tt.to); code != "" {
			t.Fatal(name, code)
		}
	}
	f.put("api", time.Minute, `{"status":500,"took":3,"path":"/a"}`, `{"status":503,"took":"x"}`, `{"status":200,"took":4.5,"path":"/a"}`)
	w, err := logfile.OpenWriter(StreamDir(f.env.Home, scope, group, "task")) // as a task's supervisor does
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	w.Append(time.Now(), []byte("127.0.0.1 200 1534"))
	w.Append(time.Now(), []byte("127.0.0.1 404 85"))
	f.awaitFigure("2 in 2", "crm", "Errors")
	f.awaitFigure("7.5 in 2", "crm", "Latency")
	f.awaitFigure("4 in 2", "crm", "ByPath", "Path", "/a")
	f.awaitFigure("1534 in 1", "crm", "Bytes")
	if unit := f.env.Metrics.Unit(series.NewID(scope.Prefix(), "crm", "Latency")); unit != "Milliseconds" {
		t.Errorf("unit %s", unit)
	}
}

// Each event counts once, however often the region starts again and streams are
// deleted and made again.
func TestEventsCountOnce(t *testing.T) {
	f := startWith(t, func(s *Service) []controller.Controller { return s.Controllers()[:2] })
	f.catchUp()
	f.metricFilter("Words", "word", types.MetricTransformation{MetricValue: aws.String("1")})
	f.stream("a", "b")
	for i := range 6 {
		f.put("a", time.Minute, "word", "word")
		f.put("b", time.Minute, "word")
		feeds := map[string]*groupFeed{} // the region after a kill
		f.feedOnce(t.Context(), feeds)
		if i%2 == 1 {
			f.must(f.DeleteLogStream(t.Context(), &sdk.DeleteLogStreamInput{LogGroupName: aws.String(group), LogStreamName: aws.String("a")}))
			f.now.Advance(time.Millisecond)
			f.stream("a")
		}
		f.feedOnce(t.Context(), feeds)
	}
	if got := f.figure("crm", "Words"); got != "18 in 18" {
		t.Errorf("counted %s", got)
	}
	if got := f.figure("AWS/Logs", "IncomingLogEvents", "LogGroupName", group); got[:3] != "18 " {
		t.Errorf("incoming %s", got)
	}
	if got := f.figure("AWS/Logs", "IncomingBytes", "LogGroupName", group); got[:4] != "540 " {
		t.Errorf("bytes %s", got)
	}
}

// A spell with events of which none matched has the default value.
func TestDefaultValue(t *testing.T) {
	f := start(t)
	f.catchUp()
	f.metricFilter("Errors", "ERROR", types.MetricTransformation{MetricValue: aws.String("1"), DefaultValue: aws.Float64(0)})
	f.stream("a")
	f.put("a", time.Minute, "fine")
	f.awaitFigure("0 in 0", "crm", "Errors")
	f.awaitFigure("1 in 1", "AWS/Logs", "IncomingLogEvents", "LogGroupName", group)
	f.now.Advance(time.Minute)
	f.awaitFigure("0 in 1", "crm", "Errors")
}

func TestWrongMetricFilters(t *testing.T) {
	f := start(t)
	f.must(f.CreateLogGroup(t.Context(), &sdk.CreateLogGroupInput{LogGroupName: aws.String("rare"), LogGroupClass: types.LogGroupClassInfrequentAccess}))
	for name, tt := range map[string]struct {
		pattern string
		to      types.MetricTransformation
	}{
		"pattern":    {"{", types.MetricTransformation{MetricValue: aws.String("1")}},
		"value":      {"a", types.MetricTransformation{MetricValue: aws.String("x")}},
		"default":    {"a", types.MetricTransformation{MetricValue: aws.String("1"), DefaultValue: aws.Float64(0), Dimensions: map[string]string{"A": "$.a"}}},
		"dimension":  {"a", types.MetricTransformation{MetricValue: aws.String("1"), Dimensions: map[string]string{"A": "a"}}},
		"dimensions": {"a", types.MetricTransformation{MetricValue: aws.String("1"), Dimensions: map[string]string{"A": "$.a", "B": "$.b", "C": "$.c", "D": "$.d"}}},
		"na:me":      {"a", types.MetricTransformation{MetricValue: aws.String("1")}},
	} {
		if code := f.metricFilter(name, tt.pattern, tt.to); code != "InvalidParameterException" {
			t.Errorf("%s: %s", name, code)
		}
	}
	_, err := f.PutMetricFilter(t.Context(), &sdk.PutMetricFilterInput{
		LogGroupName: aws.String("rare"), FilterName: aws.String("x"), FilterPattern: aws.String("a"),
		MetricTransformations: []types.MetricTransformation{{MetricName: aws.String("X"), MetricNamespace: aws.String("crm"), MetricValue: aws.String("1")}},
	})
	if servicetest.Code(err) != "InvalidOperationException" {
		t.Errorf("of class INFREQUENT_ACCESS: %v", err)
	}
	if _, err := f.FilterLogEvents(t.Context(), &sdk.FilterLogEventsInput{LogGroupName: aws.String("rare")}); servicetest.Code(err) != "InvalidParameterException" {
		t.Errorf("of class INFREQUENT_ACCESS: %v", err)
	}
}

func TestTestMetricFilter(t *testing.T) {
	f := start(t)
	out, err := f.TestMetricFilter(t.Context(), &sdk.TestMetricFilterInput{
		FilterPattern: aws.String("[ip, ..., status = 4*, bytes]"), LogEventMessages: []string{"127.0.0.1 - 200 10", "127.0.0.1 [x y] 404 20"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"2 127.0.0.1 [x y] 404 20 map[$2:x y $bytes:20 $ip:127.0.0.1 $status:404]"}
	var got []string
	for _, m := range out.Matches {
		got = append(got, fmt.Sprint(m.EventNumber, " ", *m.EventMessage, " ", m.ExtractedValues))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("matches (-want +got):\n%s", diff)
	}
}
