package apply

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"apex/internal/graph"
)

// healthGrace is how long a new task may fail its health checks: seconds.
const healthGrace = 30

// steadyTimeout bounds the wait for a service's tasks.
const steadyTimeout = 5 * time.Minute

func (r *run) service(ctx context.Context, v graph.Service, began time.Time) (fact, Phase, error) {
	have, err := r.findService(ctx, v)
	if err != nil {
		return fact{}, "", err
	}
	definition := r.fact(v.TaskDefinition).ARN
	phase := Unchanged
	switch {
	case have == nil:
		phase = Created
		err = r.createService(ctx, v, definition)
	case aws.ToString(have.TaskDefinition) != definition || !v.Scales && int(have.DesiredCount) != v.Count ||
		!sameDeployment(have.DeploymentConfiguration, v.Deploy) || !sameBalancers(have.LoadBalancers, r.balancersOf(v)):
		phase = Updated
		in := &ecs.UpdateServiceInput{
			Cluster: have.ClusterArn, Service: have.ServiceName, TaskDefinition: &definition, EnableExecuteCommand: aws.Bool(true),
			DeploymentConfiguration: noAlarms(deployment(v.Deploy)),
		}
		if balancers := r.balancersOf(v); !sameBalancers(have.LoadBalancers, balancers) {
			in.LoadBalancers = balancers
		}
		if !v.Scales {
			in.DesiredCount = aws.Int32(int32(v.Count))
		}
		_, err = r.ecs.UpdateService(ctx, in)
	}
	if err != nil {
		return fact{}, "", err
	}
	ctx, cancel := context.WithTimeout(ctx, patience(v.Deploy))
	defer cancel()
	return fact{ID: v.Name}, phase, r.steady(ctx, v, began)
}

func (r *run) findService(ctx context.Context, v graph.Service) (*types.Service, error) {
	out, err := r.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: aws.String(r.fact(v.Cluster).ID), Services: []string{v.Name}})
	if err != nil {
		return nil, err
	}
	for _, s := range out.Services {
		if aws.ToString(s.Status) == "ACTIVE" {
			return &s, nil
		}
	}
	return nil, nil
}

func (r *run) createService(ctx context.Context, v graph.Service, definition string) error {
	in := &ecs.CreateServiceInput{
		Cluster: aws.String(r.fact(v.Cluster).ID), ServiceName: &v.Name, TaskDefinition: &definition, DesiredCount: aws.Int32(int32(v.Count)),
		LaunchType: types.LaunchTypeFargate, PropagateTags: types.PropagateTagsService, EnableExecuteCommand: true, Tags: r.ecsTags(v.ID),
		NetworkConfiguration: &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{
			Subnets: r.ids(v.Subnets), SecurityGroups: r.ids(v.Groups), AssignPublicIp: types.AssignPublicIpDisabled,
		}},
		DeploymentConfiguration: deployment(v.Deploy), LoadBalancers: r.balancersOf(v),
	}
	if v.TargetGroup != "" {
		in.HealthCheckGracePeriodSeconds = aws.Int32(healthGrace)
	}
	_, err := r.ecs.CreateService(ctx, in)
	return err
}

// steady waits until one deployment is left and all its tasks run. What goes
// wrong meanwhile is told with the tasks' own words.
func (r *run) steady(ctx context.Context, v graph.Service, began time.Time) error {
	err := r.wait(ctx, v, began, pollSoon, func() (bool, string, error) {
		s, err := r.findService(ctx, v)
		if err != nil {
			return false, "", err
		}
		if s == nil {
			return false, "", errGone
		}
		for _, d := range s.Deployments {
			if d.RolloutState == types.DeploymentRolloutStateFailed {
				return false, "", fmt.Errorf("the deployment failed: %s", aws.ToString(d.RolloutStateReason))
			}
		}
		if len(s.Deployments) != 1 || s.RunningCount != s.DesiredCount || s.Deployments[0].RolloutState != types.DeploymentRolloutStateCompleted {
			return false, fmt.Sprintf("%d of %d tasks run", s.RunningCount, s.DesiredCount), nil
		}
		if err := r.rolledBack(ctx, s, r.fact(v.TaskDefinition).ARN); err != nil {
			return false, "", err
		}
		healthy, err := r.healthy(ctx, v)
		return healthy >= int(s.DesiredCount), fmt.Sprintf("%d of %d tasks answer the load balancer", healthy, s.DesiredCount), err
	})
	if err == nil || context.Cause(ctx) == context.Canceled {
		return err
	}
	return fmt.Errorf("%w%s", err, r.lastWords(v))
}

// healthy counts the service's targets that the load balancer sends requests to;
// without a target group every task counts.
func (r *run) healthy(ctx context.Context, v graph.Service) (int, error) {
	if v.TargetGroup == "" {
		return math.MaxInt, nil
	}
	n := 0
	for _, group := range []graph.ID{v.TargetGroup, v.Alternate} {
		if group == "" {
			continue
		}
		out, err := r.elb.DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: aws.String(r.fact(group).ARN)})
		if err != nil {
			return 0, err
		}
		for _, t := range out.TargetHealthDescriptions {
			if t.TargetHealth.State == elbtypes.TargetHealthStateEnumHealthy {
				n++
			}
		}
	}
	return n, nil
}

// wordsTimeout bounds the search for the reason of a failure.
const wordsTimeout = 5 * time.Second

// lastWords is why the service's last task stopped and the end of its log.
func (r *run) lastWords(v graph.Service) string {
	ctx, cancel := context.WithTimeout(context.Background(), wordsTimeout)
	defer cancel()
	cluster := r.fact(v.Cluster).ID
	var words strings.Builder
	list, err := r.ecs.ListTasks(ctx, &ecs.ListTasksInput{Cluster: &cluster, ServiceName: &v.Name, DesiredStatus: types.DesiredStatusStopped})
	if err == nil && len(list.TaskArns) > 0 {
		tasks, err := r.ecs.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &cluster, Tasks: list.TaskArns[:1]})
		if err == nil && len(tasks.Tasks) > 0 {
			fmt.Fprintf(&words, "\n  a task stopped: %s", aws.ToString(tasks.Tasks[0].StoppedReason))
		}
	}
	group := "/" + r.Graph.Prefix() + "/" + v.Name
	events, err := r.logs.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group})
	if err == nil {
		for _, e := range events.Events[max(0, len(events.Events)-5):] {
			fmt.Fprintf(&words, "\n  | %s", strings.TrimSpace(aws.ToString(e.Message)))
		}
	}
	return words.String()
}
