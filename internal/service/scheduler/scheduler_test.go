package scheduler_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/service"
	"apex/internal/service/iam"
	"apex/internal/service/scheduler"
	"apex/internal/service/servicetest"
	"apex/internal/service/sqs"
	"apex/internal/service/target"
	"apex/internal/store"
)

const (
	roleARN = "arn:aws:iam::000000000000:role/nightly"
	queue   = "arn:aws:sqs:us-east-1:000000000000:dead"
)

// A world is the service and its outbox, and keeps the calls that targets get.
type world struct {
	*sdk.Client
	env service.Env

	mu    sync.Mutex
	calls []api.Invocation
	fault error
}

func newWorld(t *testing.T) *world {
	env := servicetest.Env(t, append(append(append(scheduler.Tables(), target.Tables()...), sqs.Tables()...), iam.Tables()...)...)
	w := &world{env: env}
	w.env.Invoke = func(_ context.Context, call api.Invocation) (any, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.fault != nil {
			return nil, w.fault
		}
		w.calls = append(w.calls, call)
		return nil, nil
	}
	err := env.Store.Update(t.Context(), func(tx *store.Tx) error {
		iam.Roles.Put(tx, iam.Role{Key: "000000000000//nightly", Spec: iam.RoleSpec{
			Identity: iam.Identity{Name: "nightly", ID: "AROA1", ARN: roleARN},
			Trust:    `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"scheduler.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"000000000000"}}}]}`,
		}})
		sqs.Queues.Put(tx, sqs.Queue{Key: "000000000000/us-east-1/dead", Spec: sqs.QueueSpec{Name: "dead"}})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	service := scheduler.New(w.env)
	w.Client = sdk.NewFromConfig(servicetest.Config(t, w.env, service.Routes()))
	servicetest.Run(t, w.env, append(service.Controllers(), target.New(w.env).Controllers()...)...)
	return w
}

func input(name string, edit ...func(*sdk.CreateScheduleInput)) *sdk.CreateScheduleInput {
	in := &sdk.CreateScheduleInput{
		Name: &name, ScheduleExpression: aws.String("rate(1 hour)"), FlexibleTimeWindow: &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff},
		Target: &types.Target{Arn: aws.String("arn:aws:sqs:us-east-1:000000000000:jobs"), RoleArn: aws.String(roleARN), Input: aws.String("at <aws.scheduler.scheduled-time>")},
	}
	for _, e := range edit {
		e(in)
	}
	return in
}

func (w *world) called(t *testing.T) api.Invocation {
	t.Helper()
	servicetest.Await(t, w.env, "the target is called", func(s store.Snapshot) bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.calls) > 0 && target.Deliveries.Len(s) == 0
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	call := w.calls[0]
	w.calls = nil
	return call
}

func TestASchedulesTargetIsCalledWithItsRole(t *testing.T) {
	w := newWorld(t)
	if _, err := w.CreateSchedule(t.Context(), input("hourly")); err != nil {
		t.Fatal(err)
	}
	call := w.called(t)
	if call.Service != "sqs" || call.Operation != "SendMessage" || !strings.Contains(string(call.Input), `"MessageBody":"at 20`) ||
		!strings.HasPrefix(call.Principal.ARN, "arn:aws:sts::000000000000:assumed-role/nightly/") {
		t.Errorf("called %s %s %s as %s", call.Service, call.Operation, call.Input, call.Principal.ARN)
	}
	soon := time.Now().UTC().Add(1500 * time.Millisecond).Format("2006-01-02T15:04:05")
	_, err := w.CreateSchedule(t.Context(), input("once", func(in *sdk.CreateScheduleInput) {
		in.ScheduleExpression, in.ActionAfterCompletion = aws.String("at("+soon+")"), types.ActionAfterCompletionDelete
		in.Target = &types.Target{
			Arn: aws.String("arn:aws:ecs:us-east-1:000000000000:cluster/crm"), RoleArn: aws.String(roleARN), Input: aws.String(`{"containerOverrides":[{"name":"app","command":["report"]}]}`),
			EcsParameters: &types.EcsParameters{
				TaskDefinitionArn: aws.String("arn:aws:ecs:us-east-1:000000000000:task-definition/report"), TaskCount: aws.Int32(2), LaunchType: types.LaunchTypeFargate,
				NetworkConfiguration: &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: []string{"subnet-1"}}},
			},
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	call = w.called(t)
	var run ecsapi.RunTaskRequest
	if err := json.Unmarshal(call.Input, &run); err != nil || call.Operation != "RunTask" || *run.Count != 2 || run.Overrides.ContainerOverrides[0].Command[0] != "report" ||
		run.NetworkConfiguration.AwsvpcConfiguration.Subnets[0] != "subnet-1" || len(*run.ClientToken) != 32 {
		t.Errorf("called %s %s, %v", call.Operation, call.Input, err)
	}
	servicetest.Await(t, w.env, "the schedule is gone", func(s store.Snapshot) bool { return scheduler.Schedules.Len(s) == 1 })
	_, err = w.CreateSchedule(t.Context(), input("universal", func(in *sdk.CreateScheduleInput) {
		in.Target.Arn, in.Target.Input = aws.String("arn:aws:scheduler:::aws-sdk:ecs:updateService"), aws.String(`{"Service":"web","DesiredCount":0}`)
	}))
	if err != nil {
		t.Fatal(err)
	}
	if call = w.called(t); call.Service != "ecs" || call.Operation != "updateService" || string(call.Input) != `{"Service":"web","DesiredCount":0}` {
		t.Errorf("called %s %s %s", call.Service, call.Operation, call.Input)
	}
}

func TestWhatIsRefusedForGoodIsADeadLetter(t *testing.T) {
	w := newWorld(t)
	w.fault = api.Invalid("AccessDeniedException", "not allowed")
	_, err := w.CreateSchedule(t.Context(), input("denied", func(in *sdk.CreateScheduleInput) {
		in.Target.DeadLetterConfig = &types.DeadLetterConfig{Arn: aws.String(queue)}
	}))
	if err != nil {
		t.Fatal(err)
	}
	servicetest.Await(t, w.env, "the letter is dead", func(s store.Snapshot) bool { return sqs.Messages.Len(s) == 1 && target.Deliveries.Len(s) == 0 })
	for _, m := range sqs.Messages.All(w.env.Store.Snapshot()) {
		if m.Spec.Attributes["ERROR_CODE"].String != "AccessDeniedException" || !strings.HasPrefix(m.Spec.Body, "at 20") {
			t.Errorf("message %+v", m.Spec)
		}
	}
	w.mu.Lock()
	w.fault = errors.New("busy") // which passes
	w.mu.Unlock()
	if _, err := w.CreateSchedule(t.Context(), input("later")); err != nil {
		t.Fatal(err)
	}
	servicetest.Await(t, w.env, "one try failed", func(s store.Snapshot) bool {
		for _, d := range target.Deliveries.All(s) {
			return d.Status.Tries > 0
		}
		return false
	})
	w.mu.Lock()
	w.fault = nil
	w.mu.Unlock()
	w.called(t)
}

func TestScheduleIsReadBack(t *testing.T) {
	w := newWorld(t)
	if _, err := w.CreateScheduleGroup(t.Context(), &sdk.CreateScheduleGroupInput{Name: aws.String("reports"), Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}}}); err != nil {
		t.Fatal(err)
	}
	in := input("nightly", func(in *sdk.CreateScheduleInput) {
		in.GroupName, in.Description, in.State = aws.String("reports"), aws.String("d"), types.ScheduleStateDisabled
		in.ScheduleExpression, in.ScheduleExpressionTimezone = aws.String("cron(0 3 ? * MON-FRI *)"), aws.String("Europe/Berlin")
		in.FlexibleTimeWindow = &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeFlexible, MaximumWindowInMinutes: aws.Int32(15)}
	})
	if _, err := w.CreateSchedule(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	got, err := w.GetSchedule(t.Context(), &sdk.GetScheduleInput{GroupName: aws.String("reports"), Name: aws.String("nightly")})
	if err != nil || *got.Description != "d" || got.State != types.ScheduleStateDisabled || *got.ScheduleExpressionTimezone != "Europe/Berlin" ||
		*got.FlexibleTimeWindow.MaximumWindowInMinutes != 15 || *got.Target.RetryPolicy.MaximumRetryAttempts != 185 || got.ActionAfterCompletion != "NONE" ||
		*got.Arn != "arn:aws:scheduler:us-east-1:000000000000:schedule/reports/nightly" {
		t.Fatalf("got %+v, %v", got, err)
	}
	_, err = w.UpdateSchedule(t.Context(), &sdk.UpdateScheduleInput{
		GroupName: in.GroupName, Name: in.Name, ScheduleExpression: in.ScheduleExpression, FlexibleTimeWindow: &types.FlexibleTimeWindow{Mode: "OFF"}, Target: in.Target,
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, err = w.GetSchedule(t.Context(), &sdk.GetScheduleInput{GroupName: in.GroupName, Name: in.Name}); err != nil || got.Description != nil || *got.ScheduleExpressionTimezone != "UTC" || got.State != "ENABLED" {
		t.Errorf("after the update %+v, %v", got, err)
	}
	list, err := w.ListSchedules(t.Context(), &sdk.ListSchedulesInput{GroupName: in.GroupName, NamePrefix: aws.String("night")})
	if err != nil || len(list.Schedules) != 1 || *list.Schedules[0].Target.Arn != *in.Target.Arn {
		t.Errorf("listed %+v, %v", list, err)
	}
	group := aws.String("arn:aws:scheduler:us-east-1:000000000000:schedule-group/reports")
	if _, err := w.UntagResource(t.Context(), &sdk.UntagResourceInput{ResourceArn: group, TagKeys: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	if tags, err := w.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceArn: group}); err != nil || len(tags.Tags) != 0 {
		t.Errorf("tags %v, %v", tags, err)
	}
	if _, err := w.DeleteScheduleGroup(t.Context(), &sdk.DeleteScheduleGroupInput{Name: in.GroupName}); err != nil {
		t.Fatal(err)
	}
	_, err = w.GetSchedule(t.Context(), &sdk.GetScheduleInput{GroupName: in.GroupName, Name: in.Name})
	if code := servicetest.Code(err); code != "ResourceNotFoundException" {
		t.Errorf("in a group that is gone: %s", code)
	}
}

func TestBadSchedulesAreRefused(t *testing.T) {
	w := newWorld(t)
	if _, err := w.CreateSchedule(t.Context(), input("there")); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		edit func(*sdk.CreateScheduleInput)
		code string
	}{
		"twice":         {func(in *sdk.CreateScheduleInput) { in.Name = aws.String("there") }, "ConflictException"},
		"no group":      {func(in *sdk.CreateScheduleInput) { in.GroupName = aws.String("none") }, "ResourceNotFoundException"},
		"an expression": {func(in *sdk.CreateScheduleInput) { in.ScheduleExpression = aws.String("hourly") }, "ValidationException"},
		"a zone":        {func(in *sdk.CreateScheduleInput) { in.ScheduleExpressionTimezone = aws.String("Mars/Base") }, "ValidationException"},
		"a role":        {func(in *sdk.CreateScheduleInput) { in.Target.RoleArn = aws.String(roleARN + "2") }, "ValidationException"},
		"a target": {func(in *sdk.CreateScheduleInput) {
			in.Target.Arn = aws.String("arn:aws:lambda:us-east-1:000000000000:function:f")
		}, "ValidationException"},
		"what only reads": {func(in *sdk.CreateScheduleInput) {
			in.Target.Arn = aws.String("arn:aws:scheduler:::aws-sdk:ecs:describeServices")
		}, "ValidationException"},
		"a window": {func(in *sdk.CreateScheduleInput) { in.FlexibleTimeWindow.MaximumWindowInMinutes = aws.Int32(5) }, "ValidationException"},
		"a task without it": {func(in *sdk.CreateScheduleInput) {
			in.Target.Arn = aws.String("arn:aws:ecs:us-east-1:000000000000:cluster/c")
		}, "ValidationException"},
	} {
		if _, err := w.CreateSchedule(t.Context(), input("new", tt.edit)); servicetest.Code(err) != tt.code {
			t.Errorf("%s: %v, want %s", name, err, tt.code)
		}
	}
}
