package logs

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/google/go-cmp/cmp"

	"apex/internal/controller"
	"apex/internal/dataplane/objects"
	"apex/internal/service/s3"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

// A receiver is an HTTP destination. It refuses the first requests.
type receiver struct {
	*httptest.Server
	mu       sync.Mutex
	refuse   int
	payloads []payload
	changed  chan struct{}
}

func newReceiver(t *testing.T, refuse int) *receiver {
	r := &receiver{refuse: refuse, changed: make(chan struct{}, 1000)}
	r.Server = httptest.NewServer(http.HandlerFunc(r.take))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) take(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refuse--; r.refuse >= 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	z, err := gzip.NewReader(req.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	var p payload
	if json.NewDecoder(z).Decode(&p) != nil || req.Header.Get("Content-Encoding") != "gzip" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.payloads = append(r.payloads, p)
	r.changed <- struct{}{}
}

// await returns the messages of the first so many events.
func (r *receiver) await(t *testing.T, events int) string {
	t.Helper()
	limit := time.After(30 * time.Second)
	for {
		var got []string
		r.mu.Lock()
		for _, p := range r.payloads {
			for _, e := range p.LogEvents {
				if p.MessageType == "DATA_MESSAGE" {
					got = append(got, p.LogStream+":"+e.Message)
				}
			}
		}
		r.mu.Unlock()
		if len(got) >= events {
			return strings.Join(got, " ")
		}
		select {
		case <-r.changed:
		case <-limit:
			t.Fatalf("only %v came", got)
		}
	}
}

func (f *fixture) subscribe(name, pattern, destination string) string {
	f.t.Helper()
	_, err := f.PutSubscriptionFilter(f.t.Context(), &sdk.PutSubscriptionFilterInput{
		LogGroupName: aws.String(group), FilterName: &name, FilterPattern: &pattern, DestinationArn: &destination,
	})
	return servicetest.Code(err)
}

// Events reach a destination that was away at first, once each, in order, also
// when the region starts again.
func TestSubscriptionToHTTP(t *testing.T) {
	f := startWith(t, func(s *Service) []controller.Controller { return s.Controllers()[:2] })
	f.stream("a")
	f.put("a", time.Minute, "ERROR before")
	f.catchUp()
	to := newReceiver(t, 2)
	if code := f.subscribe("errors", "ERROR", to.URL); code != "" {
		t.Fatal(code)
	}
	f.put("a", time.Minute, "ERROR 1", "fine", "ERROR 2")
	servicetest.Run(t, f.env, f.subscriptionController())
	if got := to.await(t, 2); got != "a:ERROR 1 a:ERROR 2" {
		t.Errorf("came %q", got)
	}
	if first := to.payloads[0]; first.MessageType != "CONTROL_MESSAGE" {
		t.Errorf("first %+v", first)
	}
	data := to.payloads[1]
	data.LogEvents = nil
	if diff := cmp.Diff(payload{MessageType: "DATA_MESSAGE", Owner: servicetest.Account, LogGroup: group, LogStream: "a", SubscriptionFilters: []string{"errors"}}, data); diff != "" {
		t.Errorf("payload (-want +got):\n%s", diff)
	}
	f.stream("b") // a new stream comes in from its start
	f.put("b", time.Minute, "ERROR 3")
	to.await(t, 3)
	servicetest.Await(t, f.env, "no fault", func(snap store.Snapshot) bool {
		own, _ := SubscriptionFilters.Get(snap, streamKey(scope.Key(group), "errors"))
		return own.Status.Fault == ""
	})
}

func TestSubscriptionGoesOnAfterARestart(t *testing.T) {
	f := startWith(t, func(s *Service) []controller.Controller { return s.Controllers()[:2] })
	f.stream("a")
	f.catchUp()
	to := newReceiver(t, 0)
	f.subscribe("all", "", to.URL)
	for i := range 4 {
		f.put("a", time.Minute, fmt.Sprint(i))
		region := New(f.env)
		if _, err := region.reconcileSubscription(t.Context(), f.store.Snapshot(), streamKey(scope.Key(group), "all")); err == nil {
			t.Error("the filter is not looked at again")
		}
	}
	if got := to.await(t, 4); got != "a:0 a:1 a:2 a:3" {
		t.Errorf("came %q", got)
	}
}

func TestSubscriptionToAGroup(t *testing.T) {
	f := start(t)
	f.stream("a/b")
	f.must(f.CreateLogGroup(t.Context(), &sdk.CreateLogGroupInput{LogGroupName: aws.String("all")}))
	f.catchUp()
	if code := f.subscribe("on", "", GroupARN(scope.Key("all"))+":*"); code != "" {
		t.Fatal(code)
	}
	f.put("a/b", time.Minute, "one", "two")
	got := ""
	for range 400 {
		out, err := f.FilterLogEvents(t.Context(), &sdk.FilterLogEventsInput{LogGroupName: aws.String("all")})
		if err != nil {
			t.Fatal(err)
		}
		got = ""
		for _, e := range out.Events {
			got += *e.LogStreamName + ":" + *e.Message + " "
		}
		if len(out.Events) == 2 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if got != "a/b:one a/b:two " {
		t.Errorf("came %q", got)
	}
	if _, err := f.PutSubscriptionFilter(t.Context(), &sdk.PutSubscriptionFilterInput{
		LogGroupName: aws.String("all"), FilterName: aws.String("back"), FilterPattern: aws.String(""), DestinationArn: aws.String(GroupARN(scope.Key(group))),
	}); servicetest.Code(err) != "InvalidParameterException" {
		t.Errorf("a circle: %v", err)
	}
}

func TestWrongSubscriptions(t *testing.T) {
	f := start(t)
	for destination, want := range map[string]string{
		"arn:aws:kinesis:us-east-1:000000000000:stream/x":  "InvalidParameterException",
		"arn:aws:lambda:us-east-1:000000000000:function:x": "InvalidParameterException",
		"arn:aws:s3:::none": "InvalidParameterException",
		"arn:aws:logs:us-east-1:000000000000:log-group:none":     "InvalidParameterException",
		"arn:aws:logs:us-east-1:000000000000:log-group:" + group: "InvalidParameterException",
		"http://127.0.0.1:1/a":                                   "",
		"https://example.com/b":                                  "",
	} {
		if code := f.subscribe("x"+folder(destination), "", destination); code != want {
			t.Errorf("%s: %s, want %s", destination, code, want)
		}
	}
	if code := f.subscribe("third", "", "http://127.0.0.1:1/c"); code != "LimitExceededException" {
		t.Error(code)
	}
	out, err := f.DescribeSubscriptionFilters(t.Context(), &sdk.DescribeSubscriptionFiltersInput{LogGroupName: aws.String(group)})
	if err != nil || len(out.SubscriptionFilters) != 2 || out.SubscriptionFilters[0].Distribution != types.DistributionByLogStream {
		t.Fatalf("%+v, %v", out, err)
	}
	del := &sdk.DeleteSubscriptionFilterInput{LogGroupName: aws.String(group), FilterName: out.SubscriptionFilters[0].FilterName}
	f.must(f.DeleteSubscriptionFilter(t.Context(), del))
	if _, err := f.DeleteSubscriptionFilter(t.Context(), del); servicetest.Code(err) != "ResourceNotFoundException" {
		t.Error(err)
	}
}

// bucket makes a bucket.
func (f *fixture) bucket(name string) {
	f.t.Helper()
	f.must(nil, f.env.Objects.MakeBucket(name+"-id"))
	f.must(nil, f.store.Update(f.t.Context(), func(tx *store.Tx) error {
		s3.Buckets.Put(tx, s3.Bucket{Name: name, Spec: s3.BucketSpec{ID: name + "-id", Account: servicetest.Account, Region: servicetest.Region}})
		return nil
	}))
}

// objects returns the unpacked content of a bucket's objects by their keys.
func (f *fixture) objects(bucket string) map[string]string {
	f.t.Helper()
	page, err := f.env.Objects.List(bucket+"-id", objects.Query{Limit: 100})
	if err != nil {
		f.t.Fatal(err)
	}
	all := map[string]string{}
	for _, o := range page.Objects {
		content, err := s3.Fetch(f.store.Snapshot(), f.env, scope, bucket, o.Key)
		if err != nil {
			f.t.Fatal(err)
		}
		body := io.Reader(content)
		if strings.HasSuffix(o.Key, ".gz") {
			if body, err = gzip.NewReader(content); err != nil {
				f.t.Fatal(err)
			}
		}
		text, err := io.ReadAll(body)
		if err != nil {
			f.t.Fatal(err)
		}
		content.Close()
		all[o.Key] = string(text)
	}
	return all
}

func TestSubscriptionToABucket(t *testing.T) {
	f := start(t)
	f.bucket("archive")
	f.stream("a")
	f.catchUp()
	if code := f.subscribe("on", "", "arn:aws:s3:::archive/logs"); code != "" {
		t.Fatal(code)
	}
	f.put("a", time.Minute, "one")
	for range 400 {
		for key, text := range f.objects("archive") {
			if !strings.HasPrefix(key, f.now.Now().UTC().Format("logs/2006/01/02/15/ecs-crm-server-")) || !strings.Contains(text, `"message":"one"`) {
				t.Errorf("%s: %s", key, text)
			}
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("no object came")
}

func TestExport(t *testing.T) {
	f := start(t)
	f.bucket("archive")
	f.stream("web/1", "web/2", "job")
	f.put("web/1", 2*time.Hour, "too old")
	f.put("web/1", time.Hour, "one", "two")
	f.put("job", time.Hour, "other")
	at := f.now.Now().Add(-time.Hour).UTC()
	in := &sdk.CreateExportTaskInput{
		LogGroupName: aws.String(group), LogStreamNamePrefix: aws.String("web/"), Destination: aws.String("archive"), DestinationPrefix: aws.String("out"),
		From: aws.Int64(at.UnixMilli()), To: aws.Int64(f.now.Now().UnixMilli()), TaskName: aws.String("nightly"),
	}
	out, err := f.CreateExportTask(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	var task types.ExportTask
	for range 400 {
		all, err := f.DescribeExportTasks(t.Context(), &sdk.DescribeExportTasksInput{TaskId: out.TaskId})
		if err != nil {
			t.Fatal(err)
		}
		if task = all.ExportTasks[0]; task.Status.Code != types.ExportTaskStatusCodePending {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if task.Status.Code != types.ExportTaskStatusCodeCompleted || *task.TaskName != "nightly" || task.ExecutionInfo.CompletionTime == nil {
		t.Errorf("%+v, %+v", task, task.Status)
	}
	line := func(at time.Time) string { return at.Format("2006-01-02T15:04:05.000Z") }
	want := map[string]string{
		"out/aws-logs-write-test":                 "Permission Check Successful",
		"out/" + *out.TaskId + "/web-1/000000.gz": line(at) + " one\n" + line(at.Add(time.Second)) + " two\n",
	}
	if diff := cmp.Diff(want, f.objects("archive")); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
	if _, err := f.CancelExportTask(t.Context(), &sdk.CancelExportTaskInput{TaskId: out.TaskId}); servicetest.Code(err) != "InvalidOperationException" {
		t.Error(err)
	}
	in.Destination = aws.String("none")
	if _, err := f.CreateExportTask(t.Context(), in); servicetest.Code(err) != "InvalidParameterException" {
		t.Error(err)
	}
}

func TestOneExportAtATime(t *testing.T) {
	f := startWith(t, func(*Service) []controller.Controller { return nil })
	f.bucket("archive")
	in := &sdk.CreateExportTaskInput{LogGroupName: aws.String(group), Destination: aws.String("archive"), From: aws.Int64(0), To: aws.Int64(1)}
	out, err := f.CreateExportTask(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.CreateExportTask(t.Context(), in); servicetest.Code(err) != "LimitExceededException" {
		t.Error(err)
	}
	f.must(f.CancelExportTask(t.Context(), &sdk.CancelExportTaskInput{TaskId: out.TaskId}))
	servicetest.Run(t, f.env, f.exportController())
	servicetest.Await(t, f.env, "cancelled", func(snap store.Snapshot) bool {
		own, _ := Exports.Get(snap, scope.Key(*out.TaskId))
		return own.Status.Code == "CANCELLED"
	})
}

func TestResourcePolicies(t *testing.T) {
	f := start(t)
	document := aws.String(`{"Version":"2012-10-17","Statement":[]}`)
	for _, name := range []string{"b", "a", "a"} {
		f.must(f.PutResourcePolicy(t.Context(), &sdk.PutResourcePolicyInput{PolicyName: &name, PolicyDocument: document}))
	}
	if _, err := f.PutResourcePolicy(t.Context(), &sdk.PutResourcePolicyInput{PolicyName: aws.String("c"), PolicyDocument: aws.String("{")}); servicetest.Code(err) != "InvalidParameterException" {
		t.Error(err)
	}
	f.must(f.DeleteResourcePolicy(t.Context(), &sdk.DeleteResourcePolicyInput{PolicyName: aws.String("b")}))
	if _, err := f.DeleteResourcePolicy(t.Context(), &sdk.DeleteResourcePolicyInput{PolicyName: aws.String("b")}); servicetest.Code(err) != "ResourceNotFoundException" {
		t.Error(err)
	}
	out, err := f.DescribeResourcePolicies(t.Context(), &sdk.DescribeResourcePoliciesInput{})
	if err != nil || len(out.ResourcePolicies) != 1 || *out.ResourcePolicies[0].PolicyName != "a" || *out.ResourcePolicies[0].PolicyDocument != *document {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestProtectionAndKey(t *testing.T) {
	f := start(t)
	key := aws.String("arn:aws:kms:us-east-1:000000000000:key/x")
	f.must(f.AssociateKmsKey(t.Context(), &sdk.AssociateKmsKeyInput{ResourceIdentifier: aws.String(GroupARN(scope.Key(group))), KmsKeyId: key}))
	f.must(f.PutLogGroupDeletionProtection(t.Context(), &sdk.PutLogGroupDeletionProtectionInput{LogGroupIdentifier: aws.String(group), DeletionProtectionEnabled: aws.Bool(true)}))
	out, err := f.DescribeLogGroups(t.Context(), &sdk.DescribeLogGroupsInput{})
	if err != nil || aws.ToString(out.LogGroups[0].KmsKeyId) != *key || !aws.ToBool(out.LogGroups[0].DeletionProtectionEnabled) {
		t.Errorf("%+v, %v", out, err)
	}
	if _, err := f.DeleteLogGroup(t.Context(), &sdk.DeleteLogGroupInput{LogGroupName: aws.String(group)}); err == nil {
		t.Error("a protected group was deleted")
	}
	f.must(f.DisassociateKmsKey(t.Context(), &sdk.DisassociateKmsKeyInput{LogGroupName: aws.String(group)}))
	f.must(f.PutLogGroupDeletionProtection(t.Context(), &sdk.PutLogGroupDeletionProtectionInput{LogGroupIdentifier: aws.String(group), DeletionProtectionEnabled: aws.Bool(false)}))
	f.must(f.DeleteLogGroup(t.Context(), &sdk.DeleteLogGroupInput{LogGroupName: aws.String(group)}))
}
