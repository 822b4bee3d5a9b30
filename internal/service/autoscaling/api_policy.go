package autoscaling

import (
	"cmp"
	"context"
	"math"
	"slices"

	"apex/internal/api"
	"apex/internal/api/autoscalingapi"
	"apex/internal/awsid"
	"apex/internal/store"
)

// defaultPolicyType is what PutScalingPolicy takes when no type is given.
const defaultPolicyType = autoscalingapi.PolicyTypeStepScaling

func (s *Service) putPolicy(ctx context.Context, call *api.Call, in *autoscalingapi.PutScalingPolicyRequest) (*autoscalingapi.PutScalingPolicyResponse, error) {
	o, err := ownerOf(in.ServiceNamespace, in.ResourceId, in.ScalableDimension)
	if err != nil {
		return nil, err
	}
	target := scopeOf(call).Key(o.id())
	key := target + "|" + *in.PolicyName
	var spec PolicySpec
	var alarms []autoscalingapi.Alarm
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if _, ok := Targets.Get(tx, target); !ok {
			return noTarget(o)
		}
		old, known := Policies.Get(tx, key)
		if spec, err = mergePolicy(old.Spec, known, in); err != nil {
			return err
		}
		if !known {
			spec.Owner, spec.Name, spec.Created = o, *in.PolicyName, call.Now
			spec.ARN = scopeOf(call).ARN("autoscaling", "scalingPolicy:"+awsid.UUID()+":resource/"+o.Namespace+"/"+o.Resource+":policyName/"+spec.Name)
			spec.AlarmIDs = map[string]string{"High": awsid.UUID(), "Low": awsid.UUID()}
		}
		if err := putAlarms(tx, scopeOf(call), &spec, call.Now); err != nil {
			return err
		}
		Policies.Put(tx, Policy{Key: key, Spec: spec})
		alarms = describeAlarms(tx, scopeOf(call), spec.ARN)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &autoscalingapi.PutScalingPolicyResponse{PolicyARN: &spec.ARN, Alarms: alarms}, nil
}

// mergePolicy replaces the configuration of a policy. Its type never changes.
func mergePolicy(spec PolicySpec, known bool, in *autoscalingapi.PutScalingPolicyRequest) (PolicySpec, error) {
	kind := api.Or(in.PolicyType, api.Or(nonEmpty(spec.Type), defaultPolicyType))
	if known && kind != spec.Type {
		return spec, autoscalingapi.NewValidationException("The type of policy %s is %s and cannot become %s", spec.Name, spec.Type, kind)
	}
	switch {
	case kind == autoscalingapi.PolicyTypeTargetTrackingScaling && in.TargetTrackingScalingPolicyConfiguration != nil:
		if err := checkTracking(in.TargetTrackingScalingPolicyConfiguration); err != nil {
			return spec, err
		}
	case kind == autoscalingapi.PolicyTypeStepScaling && in.StepScalingPolicyConfiguration != nil:
		if err := checkSteps(in.StepScalingPolicyConfiguration); err != nil {
			return spec, err
		}
	case kind == autoscalingapi.PolicyTypePredictiveScaling:
		return spec, autoscalingapi.NewValidationException("Policy type %s is not built in this region", kind)
	default:
		return spec, autoscalingapi.NewValidationException("Policy type %s needs its own configuration and no other", kind)
	}
	spec.Type, spec.TargetTracking, spec.Step = kind, in.TargetTrackingScalingPolicyConfiguration, in.StepScalingPolicyConfiguration
	return spec, nil
}

func checkTracking(c *autoscalingapi.TargetTrackingScalingPolicyConfiguration) error {
	if (c.PredefinedMetricSpecification == nil) == (c.CustomizedMetricSpecification == nil) {
		return autoscalingapi.NewValidationException("A target tracking policy needs just one of PredefinedMetricSpecification and CustomizedMetricSpecification")
	}
	if api.Val(c.TargetValue) <= 0 {
		return autoscalingapi.NewValidationException("TargetValue must be greater than 0")
	}
	if m := c.PredefinedMetricSpecification; m != nil && !slices.Contains(ecsMetrics, api.Val(m.PredefinedMetricType)) {
		return autoscalingapi.NewValidationException("Metric type %s is not one of an ECS service: want one of %v", api.Val(m.PredefinedMetricType), ecsMetrics)
	}
	return nil
}

// checkSteps refuses steps that overlap or leave a gap, as AWS does.
func checkSteps(c *autoscalingapi.StepScalingPolicyConfiguration) error {
	kinds := []string{autoscalingapi.AdjustmentTypeChangeInCapacity, autoscalingapi.AdjustmentTypeExactCapacity, autoscalingapi.AdjustmentTypePercentChangeInCapacity}
	if !slices.Contains(kinds, api.Val(c.AdjustmentType)) || len(c.StepAdjustments) == 0 {
		return autoscalingapi.NewValidationException("A step scaling policy needs AdjustmentType and StepAdjustments")
	}
	steps := slices.Clone(c.StepAdjustments)
	lower := func(a autoscalingapi.StepAdjustment) float64 { return api.Or(a.MetricIntervalLowerBound, math.Inf(-1)) }
	upper := func(a autoscalingapi.StepAdjustment) float64 { return api.Or(a.MetricIntervalUpperBound, math.Inf(1)) }
	slices.SortFunc(steps, func(a, b autoscalingapi.StepAdjustment) int { return cmp.Compare(lower(a), lower(b)) })
	for i, a := range steps {
		switch {
		case lower(a) >= upper(a):
			return autoscalingapi.NewValidationException("Step adjustment lower bound %v is not less than its upper bound %v", lower(a), upper(a))
		case i > 0 && lower(a) < upper(steps[i-1]):
			return autoscalingapi.NewValidationException("Step adjustment intervals can't overlap")
		case i > 0 && lower(a) > upper(steps[i-1]):
			return autoscalingapi.NewValidationException("Step adjustment intervals can't have a gap between them")
		case api.Val(c.AdjustmentType) == autoscalingapi.AdjustmentTypeExactCapacity && api.Val(a.ScalingAdjustment) < 0:
			return autoscalingapi.NewValidationException("An ExactCapacity adjustment can't be negative")
		}
	}
	return nil
}

// ecsMetrics are the predefined metrics of ECS services (API PredefinedMetricSpecification).
var ecsMetrics = []string{
	autoscalingapi.MetricTypeEcsserviceAverageCpuutilization,
	autoscalingapi.MetricTypeEcsserviceAverageMemoryUtilization,
	autoscalingapi.MetricTypeAlbrequestCountPerTarget,
}

func nonEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (s *Service) deletePolicy(ctx context.Context, call *api.Call, in *autoscalingapi.DeleteScalingPolicyRequest) (*autoscalingapi.DeleteScalingPolicyResponse, error) {
	o, err := ownerOf(in.ServiceNamespace, in.ResourceId, in.ScalableDimension)
	if err != nil {
		return nil, err
	}
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		key := scopeOf(call).Key(o.id()) + "|" + *in.PolicyName
		p, known := Policies.Get(tx, key)
		if !known {
			return autoscalingapi.NewObjectNotFoundException("No scaling policy found for service namespace: %s, resource ID: %s, policy name: %s", o.Namespace, o.Resource, *in.PolicyName)
		}
		Policies.Delete(tx, key)
		deleteAlarms(tx, scopeOf(call), p.Spec, call.Now)
		return nil
	})
}

func (s *Service) describePolicies(_ context.Context, call *api.Call, in *autoscalingapi.DescribeScalingPoliciesRequest) (*autoscalingapi.DescribeScalingPoliciesResponse, error) {
	out := &autoscalingapi.DescribeScalingPoliciesResponse{ScalingPolicies: []autoscalingapi.ScalingPolicy{}}
	p, err := newPager(in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	snap := s.store.Snapshot()
	for key, policy := range Policies.Prefix(snap, scopeOf(call).Key(api.Val(in.ServiceNamespace)+"|")) {
		spec := policy.Spec
		if p.skip(key) || len(in.PolicyNames) > 0 && !slices.Contains(in.PolicyNames, spec.Name) ||
			!wanted(in.ResourceId, spec.Owner.Resource) || !wanted(in.ScalableDimension, spec.Owner.Dimension) {
			continue
		}
		if !p.take(key) {
			break
		}
		out.ScalingPolicies = append(out.ScalingPolicies, autoscalingapi.ScalingPolicy{
			PolicyARN: &spec.ARN, PolicyName: &spec.Name, PolicyType: &spec.Type, CreationTime: &spec.Created,
			ServiceNamespace: &spec.Owner.Namespace, ResourceId: &spec.Owner.Resource, ScalableDimension: &spec.Owner.Dimension,
			TargetTrackingScalingPolicyConfiguration: spec.TargetTracking, StepScalingPolicyConfiguration: spec.Step,
			Alarms: describeAlarms(snap, scopeOf(call), spec.ARN),
		})
	}
	out.NextToken = p.next()
	return out, nil
}

// wanted reports whether a value passes a filter that may be absent.
func wanted(filter *string, value string) bool { return filter == nil || *filter == value }
