package apply

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"apex/internal/graph"
)

func (r *run) logGroup(ctx context.Context, v graph.LogGroup) (fact, Phase, error) {
	out, err := r.logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &v.Name})
	if err != nil {
		return fact{}, "", err
	}
	phase, days := Created, int32(0)
	for _, g := range out.LogGroups {
		if aws.ToString(g.LogGroupName) == v.Name {
			phase, days = Unchanged, aws.ToInt32(g.RetentionInDays)
		}
	}
	if phase == Created {
		if _, err := r.logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &v.Name, Tags: r.Graph.Tags(v.ID)}); err != nil {
			return fact{}, "", err
		}
	}
	if int(days) != v.Days {
		if phase == Unchanged {
			phase = Updated
		}
		_, err = r.logs.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: &v.Name, RetentionInDays: aws.Int32(int32(v.Days))})
	}
	return fact{ID: v.Name}, phase, err
}
