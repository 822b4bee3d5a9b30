package autoscaling

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/autoscalingapi"
	"apex/internal/arn"
	"apex/internal/awsid"
	"apex/internal/service/ecs"
	"apex/internal/store"
	"apex/internal/tag"
)

// serviceResource is the form of an ECS service's resource id.
var serviceResource = regexp.MustCompile(`^service/[^/]+/[^/]+$`)

func (s *Service) registerTarget(ctx context.Context, call *api.Call, in *autoscalingapi.RegisterScalableTargetRequest) (*autoscalingapi.RegisterScalableTargetResponse, error) {
	o, err := ownerOf(in.ServiceNamespace, in.ResourceId, in.ScalableDimension)
	if err != nil {
		return nil, err
	}
	if !serviceResource.MatchString(o.Resource) {
		return nil, autoscalingapi.NewValidationException("Unsupported resource id %s: want service/CLUSTER/NAME", o.Resource)
	}
	scope := scopeOf(call)
	key := scope.Key(o.id())
	var spec TargetSpec
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		old, known := Targets.Get(tx, key)
		if !ecs.Exists(tx, scope.Key(strings.TrimPrefix(o.Resource, "service/"))) {
			return autoscalingapi.NewValidationException("ECS service doesn't exist: %s", o.Resource)
		}
		given := old.Spec
		given.Min, given.Max = old.bounds()
		if spec, err = mergeTarget(given, known, in); err != nil {
			return err
		}
		if in.MinCapacity != nil || in.MaxCapacity != nil {
			spec.Bounded = call.Now
		}
		if !known {
			spec.Owner, spec.Created = o, call.Now
			spec.ARN = targetARN(scope)
		}
		Targets.Put(tx, Target{Key: key, Spec: spec, Status: old.Status})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &autoscalingapi.RegisterScalableTargetResponse{ScalableTargetARN: &spec.ARN}, nil
}

// mergeTarget lays the request over what is registered; what it leaves out stays.
func mergeTarget(spec TargetSpec, known bool, in *autoscalingapi.RegisterScalableTargetRequest) (TargetSpec, error) {
	if !known && (in.MinCapacity == nil || in.MaxCapacity == nil) {
		return spec, autoscalingapi.NewValidationException("Both MinCapacity and MaxCapacity are needed to register a new scalable target")
	}
	if known && len(in.Tags) > 0 {
		return spec, autoscalingapi.NewValidationException("Tags can be given to a new scalable target only; use TagResource")
	}
	spec.Min, spec.Max = api.Or(in.MinCapacity, spec.Min), api.Or(in.MaxCapacity, spec.Max)
	if spec.Min < 0 || spec.Max < spec.Min {
		return spec, autoscalingapi.NewValidationException("Capacity bounds %d to %d: the minimum is below 0 or above the maximum", spec.Min, spec.Max)
	}
	spec.RoleARN = api.Or(in.RoleARN, spec.RoleARN)
	if in.SuspendedState != nil {
		spec.Suspended = *in.SuspendedState
	}
	if !known {
		spec.Tags = tag.Tags(in.Tags)
	}
	if err := spec.Tags.Validate(); err != nil {
		return spec, autoscalingapi.NewValidationException("%v", err)
	}
	return spec, nil
}

func targetARN(scope arn.Scope) string {
	return scope.ARN("application-autoscaling", "scalable-target/"+awsid.Hex(17))
}

// serviceRole is the service-linked role that AWS names when none was given.
func serviceRole(scope arn.Scope) string {
	return arn.Scope{Account: scope.Account}.ARN("iam",
		"role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService")
}

func (s *Service) deregisterTarget(ctx context.Context, call *api.Call, in *autoscalingapi.DeregisterScalableTargetRequest) (*autoscalingapi.DeregisterScalableTargetResponse, error) {
	o, err := ownerOf(in.ServiceNamespace, in.ResourceId, in.ScalableDimension)
	if err != nil {
		return nil, err
	}
	key := scopeOf(call).Key(o.id())
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		if !Targets.Delete(tx, key) {
			return noTarget(o)
		}
		for k, p := range Policies.Prefix(tx, key+"|") {
			Policies.Delete(tx, k)
			deleteAlarms(tx, scopeOf(call), p.Spec, call.Now)
		}
		for k := range Actions.Prefix(tx, key+"|") {
			Actions.Delete(tx, k)
		}
		return nil
	})
}

func noTarget(o owner) error {
	return autoscalingapi.NewObjectNotFoundException("No scalable target registered for service namespace: %s, resource ID: %s, scalable dimension: %s", o.Namespace, o.Resource, o.Dimension)
}

func (s *Service) describeTargets(_ context.Context, call *api.Call, in *autoscalingapi.DescribeScalableTargetsRequest) (*autoscalingapi.DescribeScalableTargetsResponse, error) {
	scope := scopeOf(call)
	out := &autoscalingapi.DescribeScalableTargetsResponse{ScalableTargets: []autoscalingapi.ScalableTarget{}}
	p, err := newPager(in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	for key, t := range Targets.Prefix(s.store.Snapshot(), scope.Key(api.Val(in.ServiceNamespace)+"|")) {
		if p.skip(key) || len(in.ResourceIds) > 0 && !slices.Contains(in.ResourceIds, t.Spec.Owner.Resource) ||
			in.ScalableDimension != nil && *in.ScalableDimension != t.Spec.Owner.Dimension {
			continue
		}
		if !p.take(key) {
			break
		}
		out.ScalableTargets = append(out.ScalableTargets, describeTarget(scope, t))
	}
	out.NextToken = p.next()
	return out, nil
}

func describeTarget(scope arn.Scope, t Target) autoscalingapi.ScalableTarget {
	spec := t.Spec
	spec.Min, spec.Max = t.bounds()
	role := spec.RoleARN
	if role == "" {
		role = serviceRole(scope)
	}
	return autoscalingapi.ScalableTarget{
		ServiceNamespace: &spec.Owner.Namespace, ResourceId: &spec.Owner.Resource, ScalableDimension: &spec.Owner.Dimension,
		MinCapacity: &spec.Min, MaxCapacity: &spec.Max, RoleARN: &role, CreationTime: &spec.Created,
		ScalableTargetARN: &spec.ARN,
		SuspendedState: &autoscalingapi.SuspendedState{
			DynamicScalingInSuspended:  api.Ptr(api.Val(spec.Suspended.DynamicScalingInSuspended)),
			DynamicScalingOutSuspended: api.Ptr(api.Val(spec.Suspended.DynamicScalingOutSuspended)),
			ScheduledScalingSuspended:  api.Ptr(api.Val(spec.Suspended.ScheduledScalingSuspended)),
		},
	}
}
