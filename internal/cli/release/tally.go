package release

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

// A Tally is what the load balancer counted for a service in a span of time.
type Tally struct {
	Requests int64 `json:"total"`
	// Failed are answers of 500 and more: the targets' own, and the load
	// balancer's.
	Failed int64 `json:"failed"`
	// Errors are connections to targets that could not be made; requests were
	// sent to others.
	Errors int64 `json:"connectionErrors"`
}

// String says it to people.
func (t Tally) String() string {
	text := fmt.Sprintf("%s requests during the deployment, %d failed", thousands(t.Requests), t.Failed)
	if t.Errors > 0 {
		text += fmt.Sprintf(" (%d found a target gone and went to another)", t.Errors)
	}
	return text
}

// thousands writes 4812 as "4,812".
func thousands(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// lateness is how long the load balancer's figures may take to be readable.
const lateness = 2 * time.Second

// Count asks CloudWatch what a service's load balancer saw from one time to
// another; nil if the service has none. It waits until the figures are in.
func (c *Client) Count(ctx context.Context, s ecstypes.Service, from, to time.Time) (*Tally, error) {
	if len(s.LoadBalancers) == 0 {
		return nil, nil
	}
	group := aws.ToString(s.LoadBalancers[0].TargetGroupArn)
	out, err := c.elb.DescribeTargetGroups(ctx, &elb.DescribeTargetGroupsInput{TargetGroupArns: []string{group}})
	if err != nil {
		return nil, fmt.Errorf("count requests: %w", err)
	}
	if len(out.TargetGroups) == 0 || len(out.TargetGroups[0].LoadBalancerArns) == 0 {
		return nil, nil
	}
	select {
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-time.After(time.Until(to.Add(lateness))):
	}
	return c.sum(ctx, resourceOf(out.TargetGroups[0].LoadBalancerArns[0], "loadbalancer/"), resourceOf(group, ""), from, to)
}

// resourceOf is the part of an ARN that is a dimension's value: "app/name/id" of a
// load balancer, "targetgroup/name/id" of a target group.
func resourceOf(arn, prefix string) string {
	parts := strings.SplitN(arn, ":", 6)
	return strings.TrimPrefix(parts[len(parts)-1], prefix)
}

func (c *Client) sum(ctx context.Context, balancer, group string, from, to time.Time) (*Tally, error) {
	ofBalancer := types.Dimension{Name: aws.String("LoadBalancer"), Value: &balancer}
	ofGroup := types.Dimension{Name: aws.String("TargetGroup"), Value: &group}
	var t Tally
	queries := []struct {
		name       string
		dimensions []types.Dimension
		into       *int64
	}{
		{"RequestCount", []types.Dimension{ofBalancer, ofGroup}, &t.Requests},
		{"HTTPCode_Target_5XX_Count", []types.Dimension{ofBalancer, ofGroup}, &t.Failed},
		{"HTTPCode_ELB_5XX_Count", []types.Dimension{ofBalancer}, &t.Failed},
		{"TargetConnectionErrorCount", []types.Dimension{ofBalancer, ofGroup}, &t.Errors},
	}
	in := &cloudwatch.GetMetricDataInput{StartTime: aws.Time(from.Truncate(time.Second)), EndTime: aws.Time(to.Add(time.Second).Truncate(time.Second))}
	for i, q := range queries {
		in.MetricDataQueries = append(in.MetricDataQueries, types.MetricDataQuery{
			Id: aws.String(fmt.Sprintf("m%d", i)),
			MetricStat: &types.MetricStat{
				Metric: &types.Metric{Namespace: aws.String("AWS/ApplicationELB"), MetricName: &q.name, Dimensions: q.dimensions},
				Period: aws.Int32(1), Stat: aws.String("Sum"),
			},
		})
	}
	pages := cloudwatch.NewGetMetricDataPaginator(getMetricData(c.metrics.GetMetricData), in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("count requests: %w", err)
		}
		for _, r := range page.MetricDataResults {
			var i int
			fmt.Sscanf(aws.ToString(r.Id), "m%d", &i)
			for _, v := range r.Values {
				*queries[i].into += int64(v)
			}
		}
	}
	return &t, nil
}
