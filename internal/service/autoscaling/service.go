package autoscaling

import (
	"time"

	"apex/internal/api"
	"apex/internal/api/autoscalingapi"
	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/service/cloudwatch"
	"apex/internal/store"
)

// A Service serves Application Auto Scaling.
type Service struct {
	store   *store.Store
	alarms  *cloudwatch.Service // reads what alarms watch
	profile service.Profile
	now     func() time.Time
}

// New returns the service of a region.
func New(env service.Env) *Service {
	return &Service{store: env.Store, alarms: cloudwatch.New(env), profile: env.Profile, now: env.Now}
}

// What can be scaled.
const (
	ecsNamespace = autoscalingapi.ServiceNamespaceEcs
	ecsDimension = autoscalingapi.ScalableDimensionEcsServiceDesiredCount
)

// Routes binds the operations.
func (s *Service) Routes() []api.Route {
	return []api.Route{
		autoscalingapi.RegisterScalableTarget.Handle(s.registerTarget).Limited("desired counts of ECS services only"),
		autoscalingapi.DeregisterScalableTarget.Handle(s.deregisterTarget),
		autoscalingapi.DescribeScalableTargets.Handle(s.describeTargets),
		autoscalingapi.PutScalingPolicy.Handle(s.putPolicy).Limited("no predictive scaling"),
		autoscalingapi.DeleteScalingPolicy.Handle(s.deletePolicy),
		autoscalingapi.DescribeScalingPolicies.Handle(s.describePolicies),
		autoscalingapi.PutScheduledAction.Handle(s.putAction).Limited("cron fields without W and #"),
		autoscalingapi.DeleteScheduledAction.Handle(s.deleteAction),
		autoscalingapi.DescribeScheduledActions.Handle(s.describeActions),
		autoscalingapi.DescribeScalingActivities.Handle(s.describeActivities),
		autoscalingapi.TagResource.Handle(s.tagResource),
		autoscalingapi.UntagResource.Handle(s.untagResource),
		autoscalingapi.ListTagsForResource.Handle(s.listTags),
	}
}

func scopeOf(call *api.Call) arn.Scope { return arn.Scope{Account: call.Account, Region: call.Region} }

// ownerOf checks what a request names. Only ECS services can be scaled.
func ownerOf(namespace, resource, dimension *string) (owner, error) {
	o := owner{Namespace: api.Val(namespace), Resource: api.Val(resource), Dimension: api.Val(dimension)}
	if o.Namespace != ecsNamespace {
		return o, autoscalingapi.NewValidationException("Service namespace %s is not built: this region scales ecs only", o.Namespace)
	}
	if o.Dimension != ecsDimension {
		return o, autoscalingapi.NewValidationException("Unsupported service namespace, resource type or scalable dimension: %s", o.Dimension)
	}
	return o, nil
}
