package cloudwatch_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"apex/internal/service/servicetest"
)

// base is a minute of the last hour.
func base() time.Time { return time.Now().Add(-time.Hour).UTC().Truncate(5 * time.Minute) }

func (w *world) data(t *testing.T, data ...types.MetricDatum) error {
	t.Helper()
	_, err := w.PutMetricData(t.Context(), &sdk.PutMetricDataInput{Namespace: aws.String("Shop"), MetricData: data})
	return err
}

// orders puts "1 2 3" as values of one minute each.
func (w *world) orders(t *testing.T, name, shop, values string) {
	t.Helper()
	for i, text := range strings.Fields(values) {
		var v float64
		if _, err := fmt.Sscan(text, &v); err != nil {
			continue // a gap
		}
		if err := w.data(t, types.MetricDatum{
			MetricName: &name, Value: &v, Timestamp: aws.Time(base().Add(time.Duration(i) * time.Minute)), Unit: types.StandardUnitCount,
			Dimensions: []types.Dimension{{Name: aws.String("Shop"), Value: &shop}},
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func stat(id, name, shop, stat string) types.MetricDataQuery {
	return types.MetricDataQuery{Id: &id, MetricStat: &types.MetricStat{
		Metric: &types.Metric{Namespace: aws.String("Shop"), MetricName: &name, Dimensions: []types.Dimension{{Name: aws.String("Shop"), Value: &shop}}},
		Period: aws.Int32(60), Stat: &stat,
	}}
}

func expr(id, expression string) types.MetricDataQuery {
	return types.MetricDataQuery{Id: &id, Expression: &expression}
}

func (w *world) get(t *testing.T, queries ...types.MetricDataQuery) (string, error) {
	t.Helper()
	out, err := w.GetMetricData(t.Context(), &sdk.GetMetricDataInput{
		StartTime: aws.Time(base()), EndTime: aws.Time(base().Add(5 * time.Minute)), MetricDataQueries: queries, ScanBy: types.ScanByTimestampAscending,
	})
	if err != nil {
		return "", err
	}
	var lines []string
	for _, r := range out.MetricDataResults {
		lines = append(lines, fmt.Sprintf("%s %s %v", *r.Id, *r.Label, r.Values))
	}
	return strings.Join(lines, "\n"), nil
}

func TestPutAndGet(t *testing.T) {
	w := newWorld(t)
	w.orders(t, "Orders", "north", "1 2 3 4 5")
	w.orders(t, "Orders", "south", "10 - 30 - 50")
	w.orders(t, "Errors", "north", "0 1 0 0 1")
	hide := stat("h", "Orders", "north", "Sum")
	hide.ReturnData = aws.Bool(false)
	named := expr("e2", "m2 / 10")
	named.Label = aws.String("tenth of ${LAST}")
	for name, tt := range map[string]struct {
		queries []types.MetricDataQuery
		want    string
	}{
		"a statistic":     {[]types.MetricDataQuery{stat("m1", "Orders", "north", "Average")}, "m1 Orders [1 2 3 4 5]"},
		"math":            {[]types.MetricDataQuery{hide, expr("e", "100 * h / SUM(h)")}, "e e [6.666666666666667 13.333333333333334 20 26.666666666666668 33.333333333333336]"},
		"math of math":    {[]types.MetricDataQuery{hide, expr("e", "f + 1"), expr("f", "FILL(h, 0) * 2")}, "e e [3 5 7 9 11]\nf f [2 4 6 8 10]"},
		"a label":         {[]types.MetricDataQuery{stat("m2", "Orders", "south", "Maximum"), named}, "m2 Orders [10 30 50]\ne2 tenth of 5 [1 3 5]"},
		"metrics":         {[]types.MetricDataQuery{stat("m1", "Orders", "north", "Sum"), stat("m2", "Orders", "south", "Sum"), expr("e", "SUM(METRICS('m'))")}, "m1 Orders [1 2 3 4 5]\nm2 Orders [10 30 50]\ne e [11 2 33 4 55]"},
		"search":          {[]types.MetricDataQuery{expr("s", `SEARCH('{Shop,Shop} MetricName="Orders"', 'Sum', 60)`)}, "s north [1 2 3 4 5]\ns south [10 30 50]"},
		"sum of a search": {[]types.MetricDataQuery{expr("s", `SUM(SEARCH('{Shop,Shop} orders', 'Sum', 300))`)}, "s s [105]"},
		"nothing":         {[]types.MetricDataQuery{stat("m1", "Nobody", "north", "Sum")}, "m1 Nobody []"},
	} {
		if got, err := w.get(t, tt.queries...); err != nil || got != tt.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, got, tt.want)
		}
	}
	for name, queries := range map[string][]types.MetricDataQuery{
		"a circle":         {expr("a", "b"), expr("b", "a")},
		"an unknown query": {expr("a", "x + 1")},
		"a scalar":         {expr("a", "1 + 1")},
		"bad syntax":       {expr("a", "1 +")},
		"a bad id":         {expr("A", "1")},
		"insights":         {expr("a", "SELECT AVG(x) FROM y")},
		"an id twice":      {stat("m", "Orders", "north", "Sum"), stat("m", "Orders", "north", "Sum")},
	} {
		if _, err := w.get(t, queries...); servicetest.Code(err) != "ValidationError" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPagesOfData(t *testing.T) {
	w := newWorld(t)
	w.orders(t, "Orders", "north", "1 2 3 4 5")
	w.orders(t, "Orders", "south", "6 7 8")
	in := &sdk.GetMetricDataInput{
		StartTime: aws.Time(base()), EndTime: aws.Time(base().Add(time.Hour)), MaxDatapoints: aws.Int32(3),
		MetricDataQueries: []types.MetricDataQuery{stat("a", "Orders", "north", "Sum"), stat("b", "Orders", "south", "Sum")},
	}
	var got []string
	for {
		out, err := w.GetMetricData(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range out.MetricDataResults {
			got = append(got, fmt.Sprint(*r.Id, r.Values, r.StatusCode))
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	if want := "a[5 4 3]PartialData a[2 1]Complete b[8]PartialData b[7 6]Complete"; strings.Join(got, " ") != want {
		t.Errorf("pages %q, want %q", got, want)
	}
}

func TestStatistics(t *testing.T) {
	w := newWorld(t)
	var values, counts []float64
	for i := range 100 {
		values, counts = append(values, float64(i+1)), append(counts, 2)
	}
	at := base()
	if err := w.data(t, types.MetricDatum{MetricName: aws.String("Latency"), Timestamp: &at, Values: values, Counts: counts, Unit: types.StandardUnitMilliseconds}); err != nil {
		t.Fatal(err)
	}
	set := types.StatisticSet{SampleCount: aws.Float64(4), Sum: aws.Float64(10), Minimum: aws.Float64(1), Maximum: aws.Float64(4)}
	if err := w.data(t, types.MetricDatum{MetricName: aws.String("Set"), Timestamp: &at, StatisticValues: &set}); err != nil {
		t.Fatal(err)
	}
	in := &sdk.GetMetricStatisticsInput{
		Namespace: aws.String("Shop"), MetricName: aws.String("Latency"), StartTime: &at, EndTime: aws.Time(at.Add(time.Minute)), Period: aws.Int32(60),
		ExtendedStatistics: []string{"p50", "p99", "tm90", "TM(10%:90%)", "TC(:50.5)", "TS(80%:)", "WM(10%:90%)", "PR(:25.4)", "IQM"},
	}
	out, err := w.GetMetricStatistics(t.Context(), in)
	if err != nil || len(out.Datapoints) != 1 || out.Datapoints[0].Unit != types.StandardUnitMilliseconds {
		t.Fatalf("%+v, %v", out, err)
	}
	for name, want := range map[string]float64{"p50": 50, "p99": 99, "tm90": 45.5, "TM(10%:90%)": 50.5, "TC(:50.5)": 100, "TS(80%:)": 3620, "WM(10%:90%)": 50.4, "PR(:25.4)": 25, "IQM": 50.5} {
		if got := out.Datapoints[0].ExtendedStatistics[name]; math.Abs(got-want) > 0.015*want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	in.ExtendedStatistics, in.Statistics = nil, []types.Statistic{"SampleCount", "Average", "Sum", "Minimum", "Maximum"}
	out, err = w.GetMetricStatistics(t.Context(), in)
	if err != nil || *out.Datapoints[0].SampleCount != 200 || *out.Datapoints[0].Average != 50.5 || *out.Datapoints[0].Maximum != 100 {
		t.Errorf("%+v, %v", out, err)
	}
	in.MetricName, in.ExtendedStatistics, in.Statistics = aws.String("Set"), []string{"p50"}, []types.Statistic{"Average"}
	out, err = w.GetMetricStatistics(t.Context(), in)
	if err != nil || *out.Datapoints[0].Average != 2.5 || out.Datapoints[0].ExtendedStatistics != nil {
		t.Errorf("of a set: %+v, %v", out, err)
	}
	in.Unit = types.StandardUnitBytes
	if out, err = w.GetMetricStatistics(t.Context(), in); err != nil || len(out.Datapoints) != 0 {
		t.Errorf("in another unit: %+v, %v", out, err)
	}
	in.EndTime, in.Period = aws.Time(at.Add(24*time.Hour)), aws.Int32(30)
	if _, err = w.GetMetricStatistics(t.Context(), in); servicetest.Code(err) != "InvalidParameterCombination" {
		t.Errorf("too many datapoints: %v", err)
	}
}

func TestListMetrics(t *testing.T) {
	w := newWorld(t)
	w.orders(t, "Orders", "north", "1")
	w.orders(t, "Orders", "south", "1")
	w.orders(t, "Errors", "north", "1")
	old := types.MetricDatum{MetricName: aws.String("Old"), Value: aws.Float64(1), Timestamp: aws.Time(time.Now().Add(-5 * time.Hour))}
	if err := w.data(t, old); err != nil {
		t.Fatal(err)
	}
	shop := func(value *string) []types.DimensionFilter {
		return []types.DimensionFilter{{Name: aws.String("Shop"), Value: value}}
	}
	for name, tt := range map[string]struct {
		in   sdk.ListMetricsInput
		want int
	}{
		"all":            {sdk.ListMetricsInput{}, 4},
		"a name":         {sdk.ListMetricsInput{MetricName: aws.String("Orders")}, 2},
		"a namespace":    {sdk.ListMetricsInput{Namespace: aws.String("AWS/ECS")}, 0},
		"a dimension":    {sdk.ListMetricsInput{Dimensions: shop(nil)}, 3},
		"and its value":  {sdk.ListMetricsInput{Dimensions: shop(aws.String("south"))}, 1},
		"those of today": {sdk.ListMetricsInput{RecentlyActive: types.RecentlyActivePt3h}, 3},
	} {
		out, err := w.ListMetrics(t.Context(), &tt.in)
		if err != nil || len(out.Metrics) != tt.want {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
	}
}

func TestBadDataIsRefusedWhole(t *testing.T) {
	w := newWorld(t)
	good := types.MetricDatum{MetricName: aws.String("Good"), Value: aws.Float64(1)}
	for name, tt := range map[string]struct {
		bad  types.MetricDatum
		code string
	}{
		"no value":     {types.MetricDatum{}, "MissingParameter"},
		"two values":   {types.MetricDatum{Value: aws.Float64(1), Values: []float64{1}}, "InvalidParameterCombination"},
		"counts":       {types.MetricDatum{Values: []float64{1}, Counts: []float64{1, 2}}, "InvalidParameterCombination"},
		"NaN":          {types.MetricDatum{Value: aws.Float64(math.NaN())}, "InvalidParameterValue"},
		"infinite":     {types.MetricDatum{Value: aws.Float64(math.Inf(1))}, "InvalidParameterValue"},
		"too old":      {types.MetricDatum{Value: aws.Float64(1), Timestamp: aws.Time(time.Now().Add(-15 * 24 * time.Hour))}, "InvalidParameterValue"},
		"not yet":      {types.MetricDatum{Value: aws.Float64(1), Timestamp: aws.Time(time.Now().Add(3 * time.Hour))}, "InvalidParameterValue"},
		"resolution":   {types.MetricDatum{Value: aws.Float64(1), StorageResolution: aws.Int32(5)}, "InvalidParameterValue"},
		"unit":         {types.MetricDatum{Value: aws.Float64(1), Unit: "Apples"}, "InvalidParameterValue"},
		"too many":     {types.MetricDatum{Values: make([]float64, 151)}, "InvalidParameterValue"},
		"set upturned": {types.MetricDatum{StatisticValues: &types.StatisticSet{SampleCount: aws.Float64(1), Sum: aws.Float64(1), Minimum: aws.Float64(2), Maximum: aws.Float64(1)}}, "InvalidParameterValue"},
	} {
		tt.bad.MetricName = aws.String("Bad")
		if err := w.data(t, good, tt.bad); servicetest.Code(err) != tt.code {
			t.Errorf("%s: %v, want %s", name, err, tt.code)
		}
	}
	_, err := w.PutMetricData(t.Context(), &sdk.PutMetricDataInput{Namespace: aws.String("AWS/ECS"), MetricData: []types.MetricDatum{good}})
	if servicetest.Code(err) != "InvalidParameterValue" {
		t.Errorf("a namespace of AWS: %v", err)
	}
	if out, err := w.ListMetrics(t.Context(), &sdk.ListMetricsInput{}); err != nil || len(out.Metrics) != 0 {
		t.Errorf("some of a bad request was kept: %+v, %v", out, err)
	}
}
