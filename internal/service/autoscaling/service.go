package autoscaling

import (
	"apex/internal/api"
	"apex/internal/api/autoscalingapi"
	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/service"
	"apex/internal/store"
)

// A Service serves Application Auto Scaling.
type Service struct{ store *store.Store }

// New returns the service of a region.
func New(env service.Env) *Service { return &Service{store: env.Store} }

// Controllers returns none: no capacity is changed yet.
func (s *Service) Controllers() []controller.Controller { return nil }

// Routes binds the operations.
func (s *Service) Routes() []api.Route {
	const kept = "bounds, policies and schedules are kept and given back; no capacity follows them yet"
	return []api.Route{
		autoscalingapi.RegisterScalableTarget.Handle(s.registerTarget).StoredOnly(kept),
		autoscalingapi.DeregisterScalableTarget.Handle(s.deregisterTarget),
		autoscalingapi.DescribeScalableTargets.Handle(s.describeTargets),
		autoscalingapi.PutScalingPolicy.Handle(s.putPolicy).StoredOnly(kept),
		autoscalingapi.DeleteScalingPolicy.Handle(s.deletePolicy),
		autoscalingapi.DescribeScalingPolicies.Handle(s.describePolicies),
		autoscalingapi.PutScheduledAction.Handle(s.putAction).StoredOnly(kept),
		autoscalingapi.DeleteScheduledAction.Handle(s.deleteAction),
		autoscalingapi.DescribeScheduledActions.Handle(s.describeActions),
		autoscalingapi.DescribeScalingActivities.Handle(s.describeActivities).Limited("always empty: no capacity changes yet"),
		autoscalingapi.TagResource.Handle(s.tagResource),
		autoscalingapi.UntagResource.Handle(s.untagResource),
		autoscalingapi.ListTagsForResource.Handle(s.listTags),
	}
}

func scopeOf(call *api.Call) arn.Scope { return arn.Scope{Account: call.Account, Region: call.Region} }

// ownerOf checks what a request names. Only ECS services can be scaled.
func ownerOf(namespace, resource, dimension *string) (owner, error) {
	o := owner{Namespace: api.Val(namespace), Resource: api.Val(resource), Dimension: api.Val(dimension)}
	if o.Namespace != autoscalingapi.ServiceNamespaceEcs {
		return o, autoscalingapi.NewValidationException("Service namespace %s is not built: this region scales ecs only", o.Namespace)
	}
	if o.Dimension != autoscalingapi.ScalableDimensionEcsServiceDesiredCount {
		return o, autoscalingapi.NewValidationException("Unsupported service namespace, resource type or scalable dimension: %s", o.Dimension)
	}
	return o, nil
}
