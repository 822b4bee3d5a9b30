package apply

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"

	"apex/internal/graph"
)

const desiredCount = types.ScalableDimensionECSServiceDesiredCount

func (r *run) scalableTarget(ctx context.Context, v graph.ScalableTarget) (fact, Phase, error) {
	resource := "service/" + r.fact(v.Cluster).ID + "/" + r.fact(v.Service).ID
	out, err := r.scaling.DescribeScalableTargets(ctx, &scaling.DescribeScalableTargetsInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceIds: []string{resource}, ScalableDimension: desiredCount,
	})
	if err != nil {
		return fact{}, "", err
	}
	f, phase := fact{ID: resource}, Created
	for _, t := range out.ScalableTargets {
		if int(aws.ToInt32(t.MinCapacity)) == v.Min && int(aws.ToInt32(t.MaxCapacity)) == v.Max {
			return f, Unchanged, nil
		}
		phase = Updated
	}
	in := &scaling.RegisterScalableTargetInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: &resource, ScalableDimension: desiredCount,
		MinCapacity: aws.Int32(int32(v.Min)), MaxCapacity: aws.Int32(int32(v.Max)),
	}
	if phase == Created {
		in.Tags = r.Graph.Tags(v.ID)
	}
	_, err = r.scaling.RegisterScalableTarget(ctx, in)
	return f, phase, err
}

func (r *run) scalingPolicy(ctx context.Context, v graph.ScalingPolicy) (fact, Phase, error) {
	resource := r.fact(v.Target).ID
	out, err := r.scaling.DescribeScalingPolicies(ctx, &scaling.DescribeScalingPoliciesInput{
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: &resource, PolicyNames: []string{v.Name},
	})
	if err != nil {
		return fact{}, "", err
	}
	phase := Created
	for _, p := range out.ScalingPolicies {
		if t := p.TargetTrackingScalingPolicyConfiguration; t != nil && aws.ToFloat64(t.TargetValue) == float64(v.Aim) {
			return fact{ARN: *p.PolicyARN}, Unchanged, nil
		}
		phase = Updated
	}
	made, err := r.scaling.PutScalingPolicy(ctx, &scaling.PutScalingPolicyInput{
		PolicyName: &v.Name, PolicyType: types.PolicyTypeTargetTrackingScaling,
		ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: &resource, ScalableDimension: desiredCount,
		TargetTrackingScalingPolicyConfiguration: &types.TargetTrackingScalingPolicyConfiguration{
			TargetValue: aws.Float64(float64(v.Aim)), PredefinedMetricSpecification: r.metric(v),
		},
	})
	if err != nil {
		return fact{}, "", err
	}
	return fact{ARN: *made.PolicyARN}, phase, nil
}

// metric is what a policy aims at, in AWS's words.
func (r *run) metric(v graph.ScalingPolicy) *types.PredefinedMetricSpecification {
	switch v.Metric {
	case "memory":
		return &types.PredefinedMetricSpecification{PredefinedMetricType: types.MetricTypeECSServiceAverageMemoryUtilization}
	case "requests":
		_, balancer, _ := strings.Cut(r.fact(v.Balancer).ARN, ":loadbalancer/")
		group := r.fact(v.Group).ARN
		return &types.PredefinedMetricSpecification{
			PredefinedMetricType: types.MetricTypeALBRequestCountPerTarget,
			ResourceLabel:        aws.String(balancer + "/" + group[strings.LastIndex(group, ":")+1:]),
		}
	}
	return &types.PredefinedMetricSpecification{PredefinedMetricType: types.MetricTypeECSServiceAverageCPUUtilization}
}
