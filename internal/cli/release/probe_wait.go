package release

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// look describes the probe's task; a task that stopped is an error with its reason.
func (p *probe) look(ctx context.Context) (types.Task, error) {
	out, err := p.ecs.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &p.Cluster, Tasks: []string{p.task}})
	if err != nil {
		return types.Task{}, err
	}
	if len(out.Tasks) == 0 {
		return types.Task{}, errors.New("the task is gone")
	}
	t := out.Tasks[0]
	if aws.ToString(t.DesiredStatus) == "STOPPED" {
		return t, fmt.Errorf("the task stopped: %s", stopReason(t))
	}
	return t, nil
}

// stopReason is why a task stopped, with its containers' exit codes.
func stopReason(t types.Task) string {
	text := aws.ToString(t.StoppedReason)
	for _, c := range t.Containers {
		if reason := aws.ToString(c.Reason); reason != "" {
			text += fmt.Sprintf("; %s: %s", aws.ToString(c.Name), reason)
		}
		if c.ExitCode != nil {
			text += fmt.Sprintf("; %s ended with code %d", aws.ToString(c.Name), *c.ExitCode)
		}
	}
	return text
}

// awaitRunning waits until the task runs and returns its address.
func (p *probe) awaitRunning(ctx context.Context) (string, error) {
	for {
		t, err := p.look(ctx)
		if err != nil {
			return "", err
		}
		if aws.ToString(t.LastStatus) == "RUNNING" {
			return Address(t), nil
		}
		if err := p.pause(ctx); err != nil {
			return "", fmt.Errorf("the task is still %s: %w", aws.ToString(t.LastStatus), err)
		}
	}
}

// Address is a task's private IPv4 address; empty before it has one.
func Address(t types.Task) string {
	for _, a := range t.Attachments {
		for _, d := range a.Details {
			if aws.ToString(d.Name) == "privateIPv4Address" {
				return aws.ToString(d.Value)
			}
		}
	}
	return ""
}

// awaitSteady waits until a task that nobody can ask has lived for a while, or
// says itself that it is healthy.
func (p *probe) awaitSteady(ctx context.Context) error {
	for began := time.Now(); ; {
		t, err := p.look(ctx)
		switch {
		case err != nil:
			return err
		case t.HealthStatus == types.HealthStatusHealthy:
			return nil
		case t.HealthStatus == types.HealthStatusUnhealthy:
			return errors.New("its container health check fails")
		case !checksHealth(t) && time.Since(began) >= steadyFor:
			return nil
		}
		if err := p.pause(ctx); err != nil {
			return fmt.Errorf("the task is not healthy yet: %w", err)
		}
	}
}

func checksHealth(t types.Task) bool {
	for _, c := range t.Containers {
		if c.HealthStatus == types.HealthStatusHealthy || c.HealthStatus == types.HealthStatusUnhealthy {
			return true
		}
	}
	return false
}

// awaitHealthy waits for the load balancer's verdict.
func (p *probe) awaitHealthy(ctx context.Context) error {
	last := ""
	for {
		if _, err := p.look(ctx); err != nil {
			return err
		}
		out, err := p.elb.DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: &p.group})
		if err != nil {
			return err
		}
		for _, d := range out.TargetHealthDescriptions {
			switch h := d.TargetHealth; h.State {
			case elbtypes.TargetHealthStateEnumHealthy:
				return nil
			case elbtypes.TargetHealthStateEnumUnhealthy:
				last = describeHealth(*h)
				return fmt.Errorf("the load balancer's health check fails: %s", last)
			default:
				last = describeHealth(*h)
			}
		}
		if err := p.pause(ctx); err != nil {
			return fmt.Errorf("the load balancer has no verdict yet (%s): %w", last, err)
		}
	}
}

func describeHealth(h elbtypes.TargetHealth) string {
	if text := aws.ToString(h.Description); text != "" {
		return text
	}
	return string(h.Reason)
}
