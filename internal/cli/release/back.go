package release

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Abort rolls a deployment that is under way back, if there is one: while the old
// tasks are still warm that takes no new task. It reports whether there was one.
func (c *Client) Abort(ctx context.Context, s types.Service) (Result, bool, error) {
	r := Result{Service: aws.ToString(s.ServiceName), From: Short(aws.ToString(s.TaskDefinition)), Began: time.Now()}
	out, err := c.ecs.ListServiceDeployments(ctx, &ecs.ListServiceDeploymentsInput{
		Cluster: &c.Cluster, Service: s.ServiceName,
		Status: []types.ServiceDeploymentStatus{types.ServiceDeploymentStatusInProgress, types.ServiceDeploymentStatusPending},
	})
	if err != nil {
		return r, false, fmt.Errorf("list deployments of %s: %w", r.Service, err)
	}
	if len(out.ServiceDeployments) == 0 {
		return r, false, nil
	}
	arn := out.ServiceDeployments[0].ServiceDeploymentArn
	if _, err := c.ecs.StopServiceDeployment(ctx, &ecs.StopServiceDeploymentInput{
		ServiceDeploymentArn: arn, StopType: types.StopServiceDeploymentStopTypeRollback,
	}); err != nil {
		return r, true, fmt.Errorf("stop the deployment of %s: %w", r.Service, err)
	}
	to, err := c.awaitRollback(ctx, *arn, r.Service)
	r.To, r.Took = to, time.Since(r.Began)
	r.Seconds = r.Took.Seconds()
	return r, true, err
}

// awaitRollback waits until a deployment was rolled back, and returns what the
// service runs then.
func (c *Client) awaitRollback(ctx context.Context, arn, service string) (string, error) {
	for last := types.ServiceDeploymentStatus(""); ; {
		out, err := c.ecs.DescribeServiceDeployments(ctx, &ecs.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{arn}})
		if err != nil {
			return "", fmt.Errorf("describe the deployment of %s: %w", service, err)
		}
		if len(out.ServiceDeployments) == 0 {
			return "", fmt.Errorf("deployment of %s: it is gone", service)
		}
		d := out.ServiceDeployments[0]
		if d.Status != last {
			last = d.Status
			c.say("%s: deployment %s", service, d.Status)
		}
		switch d.Status {
		case types.ServiceDeploymentStatusRollbackSuccessful, types.ServiceDeploymentStatusStopped:
			s, err := c.Service(ctx, service)
			return Short(aws.ToString(s.TaskDefinition)), err
		case types.ServiceDeploymentStatusRollbackFailed:
			return "", errors.New(aws.ToString(d.StatusReason))
		case types.ServiceDeploymentStatusSuccessful:
			return "", fmt.Errorf("deployment of %s: it was complete before it could be stopped", service)
		}
		if err := c.pause(ctx); err != nil {
			return "", err
		}
	}
}
