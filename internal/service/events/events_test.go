package events_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"apex/internal/api"
	"apex/internal/service"
	"apex/internal/service/cloudwatch"
	"apex/internal/service/ecs"
	"apex/internal/service/events"
	"apex/internal/service/iam"
	"apex/internal/service/servicetest"
	"apex/internal/service/sqs"
	"apex/internal/service/target"
	"apex/internal/store"
)

const queue = "arn:aws:sqs:us-east-1:000000000000:jobs"

// A world is the service and its outbox, and keeps the calls that targets get.
type world struct {
	*testing.T
	*sdk.Client
	env service.Env

	mu    sync.Mutex
	calls []api.Invocation
}

func newWorld(t *testing.T) *world {
	var tables []store.AnyTable
	for _, of := range [][]store.AnyTable{events.Tables(), target.Tables(), sqs.Tables(), iam.Tables(), ecs.Tables(), cloudwatch.Tables()} {
		tables = append(tables, of...)
	}
	w := &world{T: t, env: servicetest.Env(t, tables...)}
	w.env.Invoke = func(_ context.Context, call api.Invocation) (any, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.calls = append(w.calls, call)
		return nil, nil
	}
	s := events.New(w.env)
	w.Client = sdk.NewFromConfig(servicetest.Config(t, w.env, s.Routes()))
	servicetest.Run(t, w.env, append(s.Controllers(), target.New(w.env).Controllers()...)...)
	return w
}

func (w *world) rule(name string, edit func(*sdk.PutRuleInput), targets ...types.Target) {
	w.Helper()
	in := &sdk.PutRuleInput{Name: &name}
	edit(in)
	if _, err := w.PutRule(w.Context(), in); err != nil {
		w.Fatal(err)
	}
	if _, err := w.PutTargets(w.Context(), &sdk.PutTargetsInput{Rule: &name, EventBusName: in.EventBusName, Targets: targets}); err != nil {
		w.Fatal(err)
	}
}

// called waits for a call to a target and returns the text of its message.
func (w *world) called() string {
	w.Helper()
	servicetest.Await(w.T, w.env, "a target is called", func(s store.Snapshot) bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.calls) > 0 && target.Deliveries.Len(s) == 0
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	call := w.calls[0]
	w.calls = nil
	var in struct{ MessageBody string }
	if err := json.Unmarshal(call.Input, &in); err != nil || call.Operation != "SendMessage" {
		w.Fatalf("called %s %s: %v", call.Operation, call.Input, err)
	}
	return in.MessageBody
}

func toQueue(edit ...func(*types.Target)) types.Target {
	t := types.Target{Id: aws.String("q"), Arn: aws.String(queue)}
	for _, e := range edit {
		e(&t)
	}
	return t
}

func TestEventsReachTheTargetsOfRulesThatWantThem(t *testing.T) {
	w := newWorld(t)
	if _, err := w.CreateEventBus(t.Context(), &sdk.CreateEventBusInput{Name: aws.String("shop")}); err != nil {
		t.Fatal(err)
	}
	w.rule("large", func(in *sdk.PutRuleInput) {
		in.EventBusName = aws.String("shop")
		in.EventPattern = aws.String(`{"source":["shop"],"detail":{"total":[{"numeric":[">",100]}]}}`)
	}, toQueue(func(t *types.Target) {
		t.InputTransformer = &types.InputTransformer{InputPathsMap: map[string]string{"n": "$.detail.total"}, InputTemplate: aws.String(`{"large":<n>}`)}
	}))
	put := func(detail string) types.PutEventsResultEntry {
		t.Helper()
		out, err := w.PutEvents(t.Context(), &sdk.PutEventsInput{Entries: []types.PutEventsRequestEntry{
			{Source: aws.String("shop"), DetailType: aws.String("Order"), Detail: &detail, EventBusName: aws.String("shop")},
		}})
		if err != nil {
			t.Fatal(err)
		}
		return out.Entries[0]
	}
	if put(`{"total":50}`); target.Deliveries.Len(w.env.Store.Snapshot()) != 0 {
		t.Error("a small order was sent")
	}
	put(`{"total":250}`)
	if got := w.called(); got != `{"large":250}` {
		t.Errorf("the target got %s", got)
	}
	if got := put("no JSON"); got.ErrorCode == nil || *got.ErrorCode != "MalformedDetail" {
		t.Errorf("what is no JSON: %+v", got)
	}
	if _, err := w.DisableRule(t.Context(), &sdk.DisableRuleInput{Name: aws.String("large"), EventBusName: aws.String("shop")}); err != nil {
		t.Fatal(err)
	}
	if put(`{"total":250}`); target.Deliveries.Len(w.env.Store.Snapshot()) != 0 {
		t.Error("a disabled rule sent")
	}
}

func TestASchedulesTargetGetsATick(t *testing.T) {
	w := newWorld(t)
	w.env.Now = time.Now
	w.rule("minute", func(in *sdk.PutRuleInput) { in.ScheduleExpression = aws.String("rate(1 minute)") }, toQueue())
	err := w.env.Store.Update(t.Context(), func(tx *store.Tx) error { // as if it were a minute ago
		for key := range events.Rules.All(tx) {
			events.Rules.Modify(tx, key, func(r *events.Rule) { r.Spec.Scheduled = r.Spec.Scheduled.Add(-61 * time.Second) })
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	got := w.called()
	if !strings.Contains(got, `"detail-type":"Scheduled Event"`) || !strings.Contains(got, `"resources":["arn:aws:events:us-east-1:000000000000:rule/minute"]`) {
		t.Errorf("the target got %s", got)
	}
}

func TestTheRegionTellsOfAlarms(t *testing.T) {
	w := newWorld(t)
	w.rule("alarms", func(in *sdk.PutRuleInput) {
		in.EventPattern = aws.String(`{"source":["aws.cloudwatch"],"detail":{"state":{"value":["ALARM"]},"previousState":{"value":["OK"]}}}`)
	}, toQueue(func(t *types.Target) { t.InputPath = aws.String("$.detail.alarmName") }))
	set := func(state string) {
		err := w.env.Store.Update(t.Context(), func(tx *store.Tx) error {
			cloudwatch.Alarms.Put(tx, cloudwatch.Alarm{Key: "000000000000/us-east-1/cpu", Status: cloudwatch.AlarmStatus{State: state}})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	deadline := time.Now().Add(20 * time.Second)
	for states := []string{"OK", "ALARM"}; ; states = []string{states[1], states[0]} { // until the watch has begun
		set(states[0])
		time.Sleep(20 * time.Millisecond)
		w.mu.Lock()
		n := len(w.calls)
		w.mu.Unlock()
		if n > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("no event of an alarm")
		}
	}
	if got := w.called(); got != `"cpu"` {
		t.Errorf("the target got %s", got)
	}
}

func TestRulesAreReadBackAndRefused(t *testing.T) {
	w := newWorld(t)
	w.rule("kept", func(in *sdk.PutRuleInput) {
		in.ScheduleExpression, in.Description, in.State = aws.String("cron(0 3 * * ? *)"), aws.String("d"), types.RuleStateDisabled
		in.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}}
	}, toQueue(func(t *types.Target) { t.RetryPolicy = &types.RetryPolicy{MaximumRetryAttempts: aws.Int32(3)} }))
	got, err := w.DescribeRule(t.Context(), &sdk.DescribeRuleInput{Name: aws.String("kept")})
	if err != nil || *got.ScheduleExpression != "cron(0 3 * * ? *)" || got.State != "DISABLED" || *got.Description != "d" || got.EventPattern != nil || *got.EventBusName != "default" {
		t.Fatalf("got %+v, %v", got, err)
	}
	targets, err := w.ListTargetsByRule(t.Context(), &sdk.ListTargetsByRuleInput{Rule: aws.String("kept")})
	if err != nil || len(targets.Targets) != 1 || *targets.Targets[0].RetryPolicy.MaximumRetryAttempts != 3 {
		t.Errorf("targets %+v, %v", targets, err)
	}
	tags, err := w.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceARN: got.Arn})
	if err != nil || *tags.Tags[0].Key != "a" {
		t.Errorf("tags %+v, %v", tags, err)
	}
	target := func(edit func(*types.Target)) error {
		_, err := w.PutTargets(t.Context(), &sdk.PutTargetsInput{Rule: aws.String("kept"), Targets: []types.Target{toQueue(edit)}})
		return err
	}
	put := func(edit func(*sdk.PutRuleInput)) error {
		in := &sdk.PutRuleInput{Name: aws.String("bad")}
		edit(in)
		_, err := w.PutRule(t.Context(), in)
		return err
	}
	for name, tt := range map[string]struct {
		err  error
		code string
	}{
		"neither":   {put(func(*sdk.PutRuleInput) {}), "ValidationException"},
		"a pattern": {put(func(in *sdk.PutRuleInput) { in.EventPattern = aws.String(`{"source":"x"}`) }), "InvalidEventPatternException"},
		"once":      {put(func(in *sdk.PutRuleInput) { in.ScheduleExpression = aws.String("at(2030-01-01T00:00:00)") }), "ValidationException"},
		"no bus": {put(func(in *sdk.PutRuleInput) {
			in.EventPattern, in.EventBusName = aws.String(`{"source":["x"]}`), aws.String("none")
		}), "ResourceNotFoundException"},
		"a function": {target(func(t *types.Target) { t.Arn = aws.String("arn:aws:lambda:us-east-1:000000000000:function:f") }), "ValidationException"},
		"two inputs": {target(func(t *types.Target) { t.Input, t.InputPath = aws.String("{}"), aws.String("$") }), "ValidationException"},
		"with targets": {func() error {
			_, err := w.DeleteRule(t.Context(), &sdk.DeleteRuleInput{Name: aws.String("kept")})
			return err
		}(), "ValidationException"},
		"the default": {func() error {
			_, err := w.DeleteEventBus(t.Context(), &sdk.DeleteEventBusInput{Name: aws.String("default")})
			return err
		}(), "ValidationException"},
		"no such rule": {func() error {
			_, err := w.DescribeRule(t.Context(), &sdk.DescribeRuleInput{Name: aws.String("none")})
			return err
		}(), "ResourceNotFoundException"},
		"gone is no error": {func() error {
			_, err := w.DeleteRule(t.Context(), &sdk.DeleteRuleInput{Name: aws.String("none")})
			return err
		}(), ""},
	} {
		if code := servicetest.Code(tt.err); code != tt.code {
			t.Errorf("%s: %v, want %s", name, tt.err, tt.code)
		}
	}
	is, err := w.TestEventPattern(t.Context(), &sdk.TestEventPatternInput{
		EventPattern: aws.String(`{"source":[{"prefix":"sh"}]}`),
		Event:        aws.String(`{"id":"1","account":"0","source":"shop","time":"t","region":"r","resources":[],"detail-type":"d","detail":{}}`),
	})
	if err != nil || !is.Result {
		t.Errorf("pattern: %+v, %v", is, err)
	}
}

func TestPermissionsOfABus(t *testing.T) {
	w := newWorld(t)
	_, err := w.PutPermission(t.Context(), &sdk.PutPermissionInput{StatementId: aws.String("s"), Principal: aws.String("111111111111"), Action: aws.String("events:PutEvents")})
	if err != nil {
		t.Fatal(err)
	}
	bus, err := w.DescribeEventBus(t.Context(), nil)
	if err != nil || !strings.Contains(*bus.Policy, "arn:aws:iam::111111111111:root") || !json.Valid([]byte(*bus.Policy)) {
		t.Errorf("bus %+v, %v", bus, err)
	}
	if _, err := w.RemovePermission(t.Context(), &sdk.RemovePermissionInput{StatementId: aws.String("s")}); err != nil {
		t.Fatal(err)
	}
	if bus, err = w.DescribeEventBus(t.Context(), nil); err != nil || bus.Policy != nil {
		t.Errorf("bus %+v, %v", bus, err)
	}
}
