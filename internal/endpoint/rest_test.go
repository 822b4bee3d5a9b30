package endpoint_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"

	"apex/internal/api"
	"apex/internal/api/schedulerapi"
	"apex/internal/endpoint"
)

// TestRESTOperations finds operations by method and URI, through signatures over
// escaped paths and beside an object store, which has paths too.
func TestRESTOperations(t *testing.T) {
	d := open(t, func(cfg *endpoint.Config) {
		cfg.Routes = append(cfg.Routes,
			schedulerapi.GetSchedule.Handle(func(_ context.Context, _ *api.Call, in *schedulerapi.GetScheduleInput) (*schedulerapi.GetScheduleOutput, error) {
				if *in.Name == "absent" {
					return nil, schedulerapi.NewResourceNotFoundException("Schedule %s does not exist.", *in.Name)
				}
				return &schedulerapi.GetScheduleOutput{Name: in.Name, GroupName: in.GroupName}, nil
			}),
			schedulerapi.ListTagsForResource.Handle(func(_ context.Context, _ *api.Call, in *schedulerapi.ListTagsForResourceInput) (*schedulerapi.ListTagsForResourceOutput, error) {
				return &schedulerapi.ListTagsForResourceOutput{Tags: []schedulerapi.Tag{{Key: api.Ptr("of"), Value: in.ResourceArn}}}, nil
			}))
	})
	client := scheduler.NewFromConfig(d.admin(), func(o *scheduler.Options) { o.RetryMaxAttempts = 1 })
	got, err := client.GetSchedule(t.Context(), &scheduler.GetScheduleInput{Name: aws.String("nightly run"), GroupName: aws.String("a&b")})
	if err != nil || *got.Name != "nightly run" || *got.GroupName != "a&b" {
		t.Errorf("GetSchedule: %+v, %v", got, err)
	}
	arn := "arn:aws:scheduler:us-east-1:000000000000:schedule-group/reports"
	tags, err := client.ListTagsForResource(t.Context(), &scheduler.ListTagsForResourceInput{ResourceArn: &arn})
	if err != nil || *tags.Tags[0].Value != arn {
		t.Errorf("ListTagsForResource: %+v, %v", tags, err)
	}
	_, err = client.GetSchedule(t.Context(), &scheduler.GetScheduleInput{Name: aws.String("absent")})
	wantError(t, err, "ResourceNotFoundException", 404)
	_, err = client.ListSchedules(t.Context(), nil)
	wantError(t, err, "UnknownOperationException", 404)
	wrong := scheduler.NewFromConfig(d.config("AKIDADMIN", "wrong", ""), func(o *scheduler.Options) { o.RetryMaxAttempts = 1 })
	_, err = wrong.GetSchedule(t.Context(), &scheduler.GetScheduleInput{Name: aws.String("x")})
	wantError(t, err, "InvalidSignatureException", 403)
}

// TestCloudFormationIsRefusedWithAWord lets the answer say what to use instead, in
// the protocol that CloudFormation's clients read.
func TestCloudFormationIsRefusedWithAWord(t *testing.T) {
	d := open(t, nil)
	status, body := do(t, d.signed(t, "cloudformation", "Action=CreateStack&Version=2010-05-15&StackName=web"))
	if status != 400 || !strings.Contains(body, "<Code>ValidationError</Code>") || !strings.Contains(body, "CreateStack: CloudFormation is not built in this region") || !strings.Contains(body, "Terraform") {
		t.Errorf("%d %s", status, body)
	}
}
