package logs

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/google/go-cmp/cmp"

	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/dataplane/logfile"
	"apex/internal/service"
	"apex/internal/service/s3"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

var scope = arn.Scope{Account: servicetest.Account, Region: servicetest.Region}

const group = "/ecs/crm/server"

// A fixture is a service with its API and its controllers, and a group.
type fixture struct {
	*Service
	*sdk.Client
	cfg aws.Config
	t   *testing.T
	env service.Env
	now *servicetest.Clock
}

func start(t *testing.T) *fixture {
	t.Helper()
	return startWith(t, func(s *Service) []controller.Controller { return s.Controllers() })
}

func startWith(t *testing.T, run func(*Service) []controller.Controller) *fixture {
	t.Helper()
	env := servicetest.Env(t, append(Tables(), s3.Tables()...)...)
	now := servicetest.NewClock(time.Now())
	env.Now = now.Now
	s := New(env)
	t.Cleanup(func() { s.Stop(t.Context()) })
	servicetest.Run(t, env, run(s)...)
	cfg := servicetest.Config(t, env, s.Routes())
	f := &fixture{s, sdk.NewFromConfig(cfg), cfg, t, env, now}
	f.must(f.CreateLogGroup(t.Context(), &sdk.CreateLogGroupInput{LogGroupName: aws.String(group)}))
	return f
}

func (f *fixture) must(_ any, err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) stream(names ...string) {
	f.t.Helper()
	for _, name := range names {
		f.must(f.CreateLogStream(f.t.Context(), &sdk.CreateLogStreamInput{LogGroupName: aws.String(group), LogStreamName: &name}))
	}
}

// put puts messages a second apart; the first happened that long ago.
func (f *fixture) put(stream string, ago time.Duration, messages ...string) *sdk.PutLogEventsOutput {
	f.t.Helper()
	in := sdk.PutLogEventsInput{LogGroupName: aws.String(group), LogStreamName: &stream}
	for i, m := range messages {
		at := f.now.Now().Add(-ago + time.Duration(i)*time.Second).UnixMilli()
		in.LogEvents = append(in.LogEvents, types.InputLogEvent{Timestamp: &at, Message: &m})
	}
	out, err := f.PutLogEvents(f.t.Context(), &in)
	if err != nil {
		f.t.Fatal(err)
	}
	return out
}

func (f *fixture) get(in sdk.GetLogEventsInput) (string, *sdk.GetLogEventsOutput) {
	f.t.Helper()
	in.LogGroupName = aws.String(group)
	out, err := f.GetLogEvents(f.t.Context(), &in)
	if err != nil {
		f.t.Fatal(err)
	}
	var messages []string
	for _, e := range out.Events {
		messages = append(messages, *e.Message)
	}
	return strings.Join(messages, " "), out
}

func (f *fixture) filter(in sdk.FilterLogEventsInput) string {
	f.t.Helper()
	in.LogGroupName = aws.String(group)
	var messages []string
	pages := sdk.NewFilterLogEventsPaginator(f.Client, &in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(f.t.Context())
		if err != nil {
			f.t.Fatal(err)
		}
		for _, e := range page.Events {
			messages = append(messages, *e.LogStreamName+":"+*e.Message)
		}
	}
	return strings.Join(messages, " ")
}

func TestGroups(t *testing.T) {
	f := start(t)
	if _, err := f.CreateLogGroup(t.Context(), &sdk.CreateLogGroupInput{LogGroupName: aws.String(group)}); servicetest.Code(err) != "ResourceAlreadyExistsException" {
		t.Error(err)
	}
	if _, err := f.CreateLogGroup(t.Context(), &sdk.CreateLogGroupInput{LogGroupName: aws.String("a:b")}); servicetest.Code(err) != "InvalidParameterException" {
		t.Error(err)
	}
	f.must(f.CreateLogGroup(t.Context(), &sdk.CreateLogGroupInput{LogGroupName: aws.String("/ecs/crm/studio"), Tags: map[string]string{"a": "b"}}))
	f.must(f.PutRetentionPolicy(t.Context(), &sdk.PutRetentionPolicyInput{LogGroupName: aws.String(group), RetentionInDays: aws.Int32(7)}))
	if _, err := f.PutRetentionPolicy(t.Context(), &sdk.PutRetentionPolicyInput{LogGroupName: aws.String(group), RetentionInDays: aws.Int32(8)}); servicetest.Code(err) != "InvalidParameterException" {
		t.Error(err)
	}
	for name, tt := range map[string]struct {
		in   sdk.DescribeLogGroupsInput
		want int
	}{
		"all":        {sdk.DescribeLogGroupsInput{}, 2},
		"prefix":     {sdk.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/ecs/crm/se")}, 1},
		"pattern":    {sdk.DescribeLogGroupsInput{LogGroupNamePattern: aws.String("STUDIO")}, 1},
		"none":       {sdk.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/x")}, 0},
		"identifier": {sdk.DescribeLogGroupsInput{LogGroupIdentifiers: []string{GroupARN(scope.Key(group)) + ":*"}}, 1},
	} {
		out, err := f.DescribeLogGroups(t.Context(), &tt.in)
		if err != nil || len(out.LogGroups) != tt.want {
			t.Errorf("%s: %d groups, %v; want %d", name, len(out.LogGroups), err, tt.want)
		}
	}
	out, err := f.DescribeLogGroups(t.Context(), &sdk.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String(group)})
	if err != nil {
		t.Fatal(err)
	}
	g := out.LogGroups[0]
	if *g.Arn != "arn:aws:logs:us-east-1:000000000000:log-group:/ecs/crm/server:*" || *g.RetentionInDays != 7 || *g.CreationTime == 0 {
		t.Errorf("%s, %d days, created %d", *g.Arn, *g.RetentionInDays, *g.CreationTime)
	}
}

func TestTags(t *testing.T) {
	f := start(t)
	resource := aws.String(GroupARN(scope.Key(group)))
	f.must(f.TagResource(t.Context(), &sdk.TagResourceInput{ResourceArn: resource, Tags: map[string]string{"a": "1", "b": "2"}}))
	f.must(f.UntagResource(t.Context(), &sdk.UntagResourceInput{ResourceArn: aws.String(*resource + ":*"), TagKeys: []string{"a"}}))
	out, err := f.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceArn: resource})
	if err != nil || !cmp.Equal(out.Tags, map[string]string{"b": "2"}) {
		t.Errorf("%v, %v", out, err)
	}
	//lint:ignore SA1019 older clients still call it
	f.must(f.TagLogGroup(t.Context(), &sdk.TagLogGroupInput{LogGroupName: aws.String(group), Tags: map[string]string{"c": "3"}}))
	//lint:ignore SA1019 older clients still call it
	old, err := f.ListTagsLogGroup(t.Context(), &sdk.ListTagsLogGroupInput{LogGroupName: aws.String(group)})
	if err != nil || !cmp.Equal(old.Tags, map[string]string{"b": "2", "c": "3"}) {
		t.Errorf("%v, %v", old, err)
	}
}

func TestPutAndGet(t *testing.T) {
	f := start(t)
	f.stream("s")
	f.put("s", time.Minute, "0", "1", "2")
	f.put("s", 30*time.Second, "3", "4")
	name := aws.String("s")
	third := aws.Int64(f.now.Now().Add(-time.Minute + 2*time.Second).UnixMilli())
	for label, tt := range map[string]struct {
		in   sdk.GetLogEventsInput
		want string
	}{
		"newest":        {sdk.GetLogEventsInput{Limit: aws.Int32(2)}, "3 4"},
		"oldest":        {sdk.GetLogEventsInput{Limit: aws.Int32(2), StartFromHead: aws.Bool(true)}, "0 1"},
		"from start":    {sdk.GetLogEventsInput{StartTime: third}, "2 3 4"},
		"to before end": {sdk.GetLogEventsInput{EndTime: third}, "0 1"},
	} {
		tt.in.LogStreamName = name
		if got, _ := f.get(tt.in); got != tt.want {
			t.Errorf("%s: %q, want %q", label, got, tt.want)
		}
	}
	for _, token := range []string{"x", "f/", "b/1", "f/1-x"} {
		_, err := f.GetLogEvents(t.Context(), &sdk.GetLogEventsInput{LogGroupName: aws.String(group), LogStreamName: name, NextToken: &token})
		if servicetest.Code(err) != "InvalidParameterException" {
			t.Errorf("token %q: %v", token, err)
		}
	}
}

func TestGetPages(t *testing.T) {
	f := start(t)
	f.stream("s")
	name := aws.String("s")
	if got, out := f.get(sdk.GetLogEventsInput{LogStreamName: name}); got != "" || out.NextForwardToken == nil {
		t.Errorf("empty stream: %q", got)
	}
	f.put("s", time.Minute, "0", "1", "2", "3", "4")
	got, out := f.get(sdk.GetLogEventsInput{LogStreamName: name, Limit: aws.Int32(2), StartFromHead: aws.Bool(true)})
	forward := []string{got}
	for {
		before := *out.NextForwardToken
		got, out = f.get(sdk.GetLogEventsInput{LogStreamName: name, Limit: aws.Int32(2), NextToken: &before})
		if *out.NextForwardToken == before { // how clients know the end
			break
		}
		forward = append(forward, got)
	}
	if diff := cmp.Diff([]string{"0 1", "2 3", "4"}, forward); diff != "" {
		t.Errorf("forward (-want +got):\n%s", diff)
	}
	back := out.NextBackwardToken
	if got, _ := f.get(sdk.GetLogEventsInput{LogStreamName: name, Limit: aws.Int32(2), NextToken: back}); got != "3 4" {
		t.Errorf("backward from the end: %q", got)
	}
	f.put("s", time.Second, "new")
	if got, _ := f.get(sdk.GetLogEventsInput{LogStreamName: name, NextToken: out.NextForwardToken}); got != "new" {
		t.Errorf("forward from the old end: %q", got)
	}
}

func TestPutRefuses(t *testing.T) {
	f := start(t)
	f.stream("s")
	ms := f.now.Now().UnixMilli()
	event := func(at int64, message string) types.InputLogEvent {
		return types.InputLogEvent{Timestamp: &at, Message: &message}
	}
	large := strings.Repeat("x", 300<<10)
	for name, tt := range map[string]struct {
		stream string
		events []types.InputLogEvent
		want   string
	}{
		"out of order":   {"s", []types.InputLogEvent{event(ms, "a"), event(ms-1, "b")}, "InvalidParameterException"},
		"over a day":     {"s", []types.InputLogEvent{event(ms-25*3600_000, "a"), event(ms, "b")}, "InvalidParameterException"},
		"too large":      {"s", []types.InputLogEvent{event(ms, large), event(ms, large), event(ms, large), event(ms, large)}, "InvalidParameterException"},
		"no such stream": {"t", []types.InputLogEvent{event(ms, "a")}, "ResourceNotFoundException"},
	} {
		_, err := f.PutLogEvents(t.Context(), &sdk.PutLogEventsInput{LogGroupName: aws.String(group), LogStreamName: &tt.stream, LogEvents: tt.events})
		if servicetest.Code(err) != tt.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	f.must(f.PutRetentionPolicy(t.Context(), &sdk.PutRetentionPolicyInput{LogGroupName: aws.String(group), RetentionInDays: aws.Int32(1)}))
	old := f.put("s", 15*24*time.Hour, "old").RejectedLogEventsInfo
	expired := f.put("s", 24*time.Hour+time.Second, "expired", "just", "kept").RejectedLogEventsInfo
	future := f.put("s", -2*time.Hour-time.Second, "future").RejectedLogEventsInfo
	if old == nil || old.TooOldLogEventEndIndex == nil || expired == nil || *expired.ExpiredLogEventEndIndex != 1 || future == nil || *future.TooNewLogEventStartIndex != 0 {
		t.Errorf("old %+v, expired %+v, future %+v", old, expired, future)
	}
	if got, _ := f.get(sdk.GetLogEventsInput{LogStreamName: aws.String("s")}); got != "just kept" {
		t.Errorf("events %q", got)
	}
}

// A task's supervisor writes its stream's folder; the API shows it as any other.
func TestStreamOfATask(t *testing.T) {
	f := start(t)
	err := f.env.Store.Update(t.Context(), func(tx *store.Tx) error {
		if err := EnsureGroup(tx, scope, group, f.now.Now()); err != nil {
			return err
		}
		for range 2 {
			if err := EnsureStream(tx, scope, group, "server/app/1", f.now.Now()); err != nil {
				return err
			}
		}
		if err := EnsureStream(tx, scope, "/none", "s", f.now.Now()); err == nil {
			t.Error("a stream of no group was made")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w, err := logfile.OpenWriter(StreamDir(f.env.Home, scope, group, "server/app/1"))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	w.Append(f.now.Now(), []byte("hello"))
	if got, _ := f.get(sdk.GetLogEventsInput{LogStreamName: aws.String("server/app/1")}); got != "hello" {
		t.Errorf("events %q", got)
	}
	_, err = f.PutLogEvents(t.Context(), &sdk.PutLogEventsInput{
		LogGroupName: aws.String(group), LogStreamName: aws.String("server/app/1"),
		LogEvents: []types.InputLogEvent{{Timestamp: aws.Int64(f.now.Now().UnixMilli()), Message: aws.String("x")}},
	})
	if servicetest.Code(err) != "OperationAbortedException" {
		t.Errorf("put beside the task: %v", err)
	}
}

func TestDescribeStreams(t *testing.T) {
	f := start(t)
	f.stream("b", "a", "c")
	f.put("a", 10*time.Second, "1")
	f.put("b", 20*time.Second, "2", "3")
	names := func(in sdk.DescribeLogStreamsInput) string {
		t.Helper()
		in.LogGroupName, in.Limit = aws.String(group), aws.Int32(2)
		var names []string
		pages := sdk.NewDescribeLogStreamsPaginator(f.Client, &in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range page.LogStreams {
				names = append(names, *s.LogStreamName)
			}
		}
		return strings.Join(names, " ")
	}
	for want, in := range map[string]sdk.DescribeLogStreamsInput{
		"a b c":         {},
		"c b a":         {Descending: aws.Bool(true)},
		"a b c by time": {OrderBy: types.OrderByLastEventTime, Descending: aws.Bool(true)},
		"b":             {LogStreamNamePrefix: aws.String("b")},
	} {
		if got := names(in); got != strings.TrimSuffix(want, " by time") {
			t.Errorf("%q, want %q", got, want)
		}
	}
	out, err := f.DescribeLogStreams(t.Context(), &sdk.DescribeLogStreamsInput{LogGroupName: aws.String(group)})
	if err != nil {
		t.Fatal(err)
	}
	b, c := out.LogStreams[1], out.LogStreams[2]
	if *b.FirstEventTimestamp != f.now.Now().Add(-20*time.Second).UnixMilli() || *b.LastEventTimestamp != f.now.Now().Add(-19*time.Second).UnixMilli() {
		t.Errorf("first %d, last %d", *b.FirstEventTimestamp, *b.LastEventTimestamp)
	}
	if c.LastEventTimestamp != nil || *c.Arn != "arn:aws:logs:us-east-1:000000000000:log-group:/ecs/crm/server:log-stream:c" {
		t.Errorf("last %v, %s", c.LastEventTimestamp, *c.Arn)
	}
}

func TestDeleteStreamAndCreateAgain(t *testing.T) {
	f := start(t)
	f.stream("s")
	f.put("s", time.Second, "old")
	f.must(f.DeleteLogStream(t.Context(), &sdk.DeleteLogStreamInput{LogGroupName: aws.String(group), LogStreamName: aws.String("s")}))
	f.stream("s")
	if got, _ := f.get(sdk.GetLogEventsInput{LogStreamName: aws.String("s")}); got != "" {
		t.Errorf("the new stream has the old one's events: %q", got)
	}
	f.put("s", time.Second, "new")
	if got, _ := f.get(sdk.GetLogEventsInput{LogStreamName: aws.String("s")}); got != "new" {
		t.Errorf("events %q", got)
	}
}

func TestDeleteGroupRemovesItsFiles(t *testing.T) {
	f := start(t)
	f.stream("a", "b")
	f.put("a", time.Second, "x")
	f.must(f.DeleteLogGroup(t.Context(), &sdk.DeleteLogGroupInput{LogGroupName: aws.String(group)}))
	if _, err := f.DescribeLogStreams(t.Context(), &sdk.DescribeLogStreamsInput{LogGroupName: aws.String(group)}); servicetest.Code(err) != "ResourceNotFoundException" {
		t.Error(err)
	}
	servicetest.Await(t, f.env, "deletion", func(s store.Snapshot) bool { return Groups.Len(s)+Streams.Len(s) == 0 })
	if _, err := os.Stat(groupDir(f.env.Home, scope, group)); !os.IsNotExist(err) {
		t.Errorf("the group's folder: %v", err)
	}
}

func TestRetentionDeletes(t *testing.T) {
	f := start(t)
	f.stream("s")
	f.put("s", 10*24*time.Hour, "old")
	f.must(f.PutRetentionPolicy(t.Context(), &sdk.PutRetentionPolicyInput{LogGroupName: aws.String(group), RetentionInDays: aws.Int32(7)}))
	if got, _ := f.get(sdk.GetLogEventsInput{LogStreamName: aws.String("s")}); got != "" {
		t.Errorf("expired events are shown: %q", got)
	}
	f.writers.closeAll() // as after a while without use
	snap := f.env.Store.Snapshot()
	if _, err := f.reconcileGroup(t.Context(), snap, scope.Key(group)); err != nil {
		t.Fatal(err)
	}
	if events, _, err := logfile.Read(StreamDir(f.env.Home, scope, group, "s"), logfile.Query{}); err != nil || len(events) != 0 {
		t.Errorf("%d expired events on disk, %v", len(events), err)
	}
}

func TestFoldersDiffer(t *testing.T) {
	long := strings.Repeat("x", 512)
	seen := map[string]string{}
	for _, name := range []string{"a/b", "a-b", "a.b", "..", ".", "/", long, long[:511], "ä", "A/b"} {
		dir := folder(name)
		if other, ok := seen[dir]; ok || len(dir) > 255 || strings.ContainsAny(dir, "/.") {
			t.Errorf("%q and %q: %s", name, other, dir)
		}
		seen[dir] = name
	}
	if got := fmt.Sprint(dirOf("/h", scope.Key(group)+":s/1")); got != StreamDir("/h", scope, group, "s/1") {
		t.Errorf("%s", got)
	}
}

func TestMetricFilters(t *testing.T) {
	f := start(t)
	put := func(name, metric string) string {
		_, err := f.PutMetricFilter(t.Context(), &sdk.PutMetricFilterInput{
			LogGroupName: aws.String(group), FilterName: &name, FilterPattern: aws.String("ERROR"),
			MetricTransformations: []types.MetricTransformation{{MetricName: &metric, MetricNamespace: aws.String("crm"), MetricValue: aws.String("1")}},
		})
		return servicetest.Code(err)
	}
	if got := put("errors", "Errors") + put("errors", "Faults") + put("warnings", "Warnings"); got != "" {
		t.Fatal(got)
	}
	for name, tt := range map[string]struct {
		in   sdk.DescribeMetricFiltersInput
		want string
	}{
		"all":    {sdk.DescribeMetricFiltersInput{}, "Faults Warnings"},
		"group":  {sdk.DescribeMetricFiltersInput{LogGroupName: aws.String(group)}, "Faults Warnings"},
		"prefix": {sdk.DescribeMetricFiltersInput{LogGroupName: aws.String(group), FilterNamePrefix: aws.String("err")}, "Faults"},
		"metric": {sdk.DescribeMetricFiltersInput{MetricName: aws.String("Warnings"), MetricNamespace: aws.String("crm")}, "Warnings"},
	} {
		out, err := f.DescribeMetricFilters(t.Context(), &tt.in)
		if err != nil {
			t.Fatal(err)
		}
		var metrics []string
		for _, filter := range out.MetricFilters {
			metrics = append(metrics, *filter.MetricTransformations[0].MetricName)
		}
		if got := strings.Join(metrics, " "); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	del := sdk.DeleteMetricFilterInput{LogGroupName: aws.String(group), FilterName: aws.String("errors")}
	f.must(f.DeleteMetricFilter(t.Context(), &del))
	if _, err := f.DeleteMetricFilter(t.Context(), &del); servicetest.Code(err) != "ResourceNotFoundException" {
		t.Error(err)
	}
	out, err := f.DescribeLogGroups(t.Context(), &sdk.DescribeLogGroupsInput{})
	if err != nil || *out.LogGroups[0].MetricFilterCount != 1 {
		t.Errorf("%+v, %v", out, err)
	}
	f.must(f.DeleteLogGroup(t.Context(), &sdk.DeleteLogGroupInput{LogGroupName: aws.String(group)}))
	if n := MetricFilters.Len(f.env.Store.Snapshot()); n != 0 {
		t.Errorf("%d filters outlived their group", n)
	}
}
