package apply

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

// A paginator takes an interface. Were it given the client itself, the linker would
// keep every operation of the client, megabytes of them, since somebody might find
// one by reflection; so it is given the one operation.
type (
	listCertificates     func(context.Context, *acm.ListCertificatesInput, ...func(*acm.Options)) (*acm.ListCertificatesOutput, error)
	listServices         func(context.Context, *ecs.ListServicesInput, ...func(*ecs.Options)) (*ecs.ListServicesOutput, error)
	describeTargetGroups func(context.Context, *elb.DescribeTargetGroupsInput, ...func(*elb.Options)) (*elb.DescribeTargetGroupsOutput, error)
)

func (f listCertificates) ListCertificates(ctx context.Context, in *acm.ListCertificatesInput, options ...func(*acm.Options)) (*acm.ListCertificatesOutput, error) {
	return f(ctx, in, options...)
}

func (f listServices) ListServices(ctx context.Context, in *ecs.ListServicesInput, options ...func(*ecs.Options)) (*ecs.ListServicesOutput, error) {
	return f(ctx, in, options...)
}

func (f describeTargetGroups) DescribeTargetGroups(ctx context.Context, in *elb.DescribeTargetGroupsInput, options ...func(*elb.Options)) (*elb.DescribeTargetGroupsOutput, error) {
	return f(ctx, in, options...)
}
