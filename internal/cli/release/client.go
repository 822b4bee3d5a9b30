package release

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// A Client makes the AWS calls of releases in one cluster.
type Client struct {
	Cluster string
	// Say is told what happens, one line each; nil says nothing.
	Say func(line string)
	// Poll is the time between two looks; default 300 ms.
	Poll time.Duration

	ecs     *ecs.Client
	elb     *elb.Client
	ecr     *ecr.Client
	secrets *secretsmanager.Client
	metrics *cloudwatch.Client
	logs    *cloudwatchlogs.Client
}

// New returns a client for a cluster.
func New(cfg aws.Config, cluster string) *Client {
	return &Client{
		Cluster: cluster, Poll: 300 * time.Millisecond,
		ecs: ecs.NewFromConfig(cfg), elb: elb.NewFromConfig(cfg), ecr: ecr.NewFromConfig(cfg),
		secrets: secretsmanager.NewFromConfig(cfg), metrics: cloudwatch.NewFromConfig(cfg), logs: cloudwatchlogs.NewFromConfig(cfg),
	}
}

func (c *Client) say(format string, args ...any) {
	if c.Say != nil {
		c.Say(fmt.Sprintf(format, args...))
	}
}

// pause waits for the next look; it fails when the context ends.
func (c *Client) pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(c.Poll):
		return nil
	}
}

// Service describes one service; an inactive one is not found.
func (c *Client) Service(ctx context.Context, name string) (types.Service, error) {
	out, err := c.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &c.Cluster, Services: []string{name}})
	if err != nil {
		return types.Service{}, fmt.Errorf("describe service %s: %w", name, err)
	}
	for _, s := range out.Services {
		if aws.ToString(s.Status) == "ACTIVE" {
			return s, nil
		}
	}
	return types.Service{}, fmt.Errorf("service %s: there is none in cluster %s", name, c.Cluster)
}

// Definition describes a task definition by its ARN, or the newest of a family.
func (c *Client) Definition(ctx context.Context, name string) (types.TaskDefinition, error) {
	out, err := c.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &name})
	if err != nil {
		return types.TaskDefinition{}, fmt.Errorf("describe task definition %s: %w", name, err)
	}
	return *out.TaskDefinition, nil
}
