package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	autoscaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"apex/internal/cli/scaling"
)

type scaleCmd struct {
	targetFlags
	Service string   `arg:"" help:"The service."`
	Count   *int32   `arg:"" optional:"" help:"How many tasks now. Scaling goes on from there, within its bounds."`
	Min     *int32   `help:"Never fewer tasks."`
	Max     *int32   `help:"Never more tasks."`
	CPU     *float64 `name:"cpu" help:"The CPU use to aim at, in percent." placeholder:"PERCENT"`
	Suspend bool     `xor:"suspend" help:"Let no policy or schedule change the number of tasks."`
	Resume  bool     `xor:"suspend" help:"Undo --suspend."`
}

// Run changes how many tasks a service has, or how they are decided on. The stack
// file stays as it is: the next up makes it so again.
func (c scaleCmd) Run(a *app) error {
	if c.Count == nil && c.Min == nil && c.Max == nil && c.CPU == nil && !c.Suspend && !c.Resume {
		return withCode(hinted(errors.New("scale: nothing to change"), "apex scale SERVICE 3, or --min, --max, --cpu, --suspend, --resume"), exitUsage)
	}
	s, err := c.scaler(a, c.Service)
	if err != nil {
		return err
	}
	if c.Min != nil || c.Max != nil || c.Suspend || c.Resume {
		if err := c.target(a.ctx, s); err != nil {
			return err
		}
	}
	if c.CPU != nil {
		if err := c.policy(a.ctx, s); err != nil {
			return err
		}
	}
	if c.Count != nil {
		if err := c.count(a.ctx, s); err != nil {
			return err
		}
	}
	view, err := s.look(a.ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.stderr, said(view))
	return err
}

// said is one line on how a service scales.
func said(v scaling.View) string {
	if !v.Scales {
		return fmt.Sprintf("%s: %d tasks wanted, %d running, not scaled by load", v.Service, v.Desired, v.Running)
	}
	line := fmt.Sprintf("%s: %d tasks wanted, %d running, bounds %d–%d", v.Service, v.Desired, v.Running, v.Min, v.Max)
	for _, p := range v.Policies {
		if p.Tracking {
			line += fmt.Sprintf(", %s %g", p.Name, p.Target)
		}
	}
	if v.InOff && v.OutOff {
		line += ", suspended"
	}
	return line
}

// target registers bounds and whether scaling is suspended.
func (c scaleCmd) target(ctx context.Context, s scaler) error {
	in := &autoscaling.RegisterScalableTargetInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount,
		ResourceId: aws.String(s.scaling.ResourceID(c.Service)), MinCapacity: c.Min, MaxCapacity: c.Max,
	}
	if c.Suspend || c.Resume {
		in.SuspendedState = &types.SuspendedState{
			DynamicScalingInSuspended: &c.Suspend, DynamicScalingOutSuspended: &c.Suspend, ScheduledScalingSuspended: &c.Suspend,
		}
	}
	if _, err := autoscaling.NewFromConfig(s.cfg).RegisterScalableTarget(ctx, in); err != nil {
		return fmt.Errorf("scale %s: %w", c.Service, err)
	}
	return nil
}

// policy aims the service's CPU policy at another percentage, or makes one.
func (c scaleCmd) policy(ctx context.Context, s scaler) error {
	client, resource := autoscaling.NewFromConfig(s.cfg), s.scaling.ResourceID(c.Service)
	in := &autoscaling.PutScalingPolicyInput{
		PolicyName: aws.String(s.release.Cluster + "-" + c.Service + "-cpu"), PolicyType: types.PolicyTypeTargetTrackingScaling,
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: &resource, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount,
		TargetTrackingScalingPolicyConfiguration: &types.TargetTrackingScalingPolicyConfiguration{
			PredefinedMetricSpecification: &types.PredefinedMetricSpecification{PredefinedMetricType: types.MetricTypeECSServiceAverageCPUUtilization},
		},
	}
	out, err := client.DescribeScalingPolicies(ctx, &autoscaling.DescribeScalingPoliciesInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: &resource,
	})
	if err != nil {
		return fmt.Errorf("scale %s: %w", c.Service, err)
	}
	for _, p := range out.ScalingPolicies {
		t := p.TargetTrackingScalingPolicyConfiguration
		if t != nil && t.PredefinedMetricSpecification != nil && t.PredefinedMetricSpecification.PredefinedMetricType == types.MetricTypeECSServiceAverageCPUUtilization {
			in.PolicyName, in.TargetTrackingScalingPolicyConfiguration = p.PolicyName, t
		}
	}
	in.TargetTrackingScalingPolicyConfiguration.TargetValue = c.CPU
	if _, err := client.PutScalingPolicy(ctx, in); err != nil {
		return fmt.Errorf("scale %s: %w", c.Service, err)
	}
	return nil
}

// count sets the number of tasks, within the bounds.
func (c scaleCmd) count(ctx context.Context, s scaler) error {
	view, err := s.look(ctx)
	if err != nil {
		return err
	}
	if n := int(*c.Count); view.Scales && (n < view.Min || n > view.Max) {
		return hinted(fmt.Errorf("scale %s: %d is outside its bounds %d–%d", c.Service, n, view.Min, view.Max), "--min and --max change them")
	}
	_, err = ecs.NewFromConfig(s.cfg).UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: &s.release.Cluster, Service: &c.Service, DesiredCount: c.Count})
	if err != nil {
		return fmt.Errorf("scale %s: %w", c.Service, err)
	}
	return nil
}
