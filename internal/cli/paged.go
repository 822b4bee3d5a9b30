package cli

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

// A paginator takes an interface. Were it given the client itself, the linker would
// keep every operation of the client, megabytes of them, since somebody might find
// one by reflection; so it is given the one operation.
type (
	listTasks       func(context.Context, *ecs.ListTasksInput, ...func(*ecs.Options)) (*ecs.ListTasksOutput, error)
	listServices    func(context.Context, *ecs.ListServicesInput, ...func(*ecs.Options)) (*ecs.ListServicesOutput, error)
	describeRules   func(context.Context, *elb.DescribeRulesInput, ...func(*elb.Options)) (*elb.DescribeRulesOutput, error)
	filterLogEvents func(context.Context, *cloudwatchlogs.FilterLogEventsInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.FilterLogEventsOutput, error)
)

func (f listTasks) ListTasks(ctx context.Context, in *ecs.ListTasksInput, options ...func(*ecs.Options)) (*ecs.ListTasksOutput, error) {
	return f(ctx, in, options...)
}

func (f listServices) ListServices(ctx context.Context, in *ecs.ListServicesInput, options ...func(*ecs.Options)) (*ecs.ListServicesOutput, error) {
	return f(ctx, in, options...)
}

func (f describeRules) DescribeRules(ctx context.Context, in *elb.DescribeRulesInput, options ...func(*elb.Options)) (*elb.DescribeRulesOutput, error) {
	return f(ctx, in, options...)
}

func (f filterLogEvents) FilterLogEvents(ctx context.Context, in *cloudwatchlogs.FilterLogEventsInput, options ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.FilterLogEventsOutput, error) {
	return f(ctx, in, options...)
}
