package release

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
)

// A paginator takes an interface. Were it given the client itself, the linker would
// keep every operation of the client, megabytes of them, since somebody might find
// one by reflection; so it is given the one operation.
type (
	getMetricData func(context.Context, *cloudwatch.GetMetricDataInput, ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricDataOutput, error)
)

func (f getMetricData) GetMetricData(ctx context.Context, in *cloudwatch.GetMetricDataInput, options ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricDataOutput, error) {
	return f(ctx, in, options...)
}
