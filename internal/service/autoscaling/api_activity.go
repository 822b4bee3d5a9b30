package autoscaling

import (
	"context"
	"slices"

	"apex/internal/api"
	"apex/internal/api/autoscalingapi"
)

func (s *Service) describeActivities(_ context.Context, call *api.Call, in *autoscalingapi.DescribeScalingActivitiesRequest) (*autoscalingapi.DescribeScalingActivitiesResponse, error) {
	out := &autoscalingapi.DescribeScalingActivitiesResponse{ScalingActivities: []autoscalingapi.ScalingActivity{}}
	p, err := newPager(in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	if in.ScalableDimension != nil && in.ResourceId == nil {
		return nil, autoscalingapi.NewValidationException("Scalable dimension can be given with a resource ID only")
	}
	var list []Activity
	for _, a := range Activities.Prefix(s.store.Snapshot(), scopeOf(call).Key(api.Val(in.ServiceNamespace)+"|")) {
		spec := a.Spec
		if wanted(in.ResourceId, spec.Owner.Resource) && wanted(in.ScalableDimension, spec.Owner.Dimension) &&
			(len(spec.NotScaled) == 0 || api.Val(in.IncludeNotScaledActivities)) {
			list = append(list, a)
		}
	}
	// The newest is first, of all targets. Pages go on by place: a list that grows
	// meanwhile shows an activity twice rather than none.
	slices.SortStableFunc(list, func(a, b Activity) int { return b.Spec.Start.Compare(a.Spec.Start) })
	for _, a := range list {
		place := a.place()
		if p.skip(place) {
			continue
		}
		if !p.take(place) {
			break
		}
		out.ScalingActivities = append(out.ScalingActivities, describeActivity(a.Spec))
	}
	out.NextToken = p.next()
	return out, nil
}

// place sorts activities with the newest first.
func (a Activity) place() string {
	return itoa(9e18-a.Spec.Start.UnixNano()) + a.Key
}

func describeActivity(a ActivitySpec) autoscalingapi.ScalingActivity {
	out := autoscalingapi.ScalingActivity{
		ActivityId: &a.ID, ServiceNamespace: &a.Owner.Namespace, ResourceId: &a.Owner.Resource, ScalableDimension: &a.Owner.Dimension,
		Description: &a.Description, Cause: &a.Cause, StartTime: &a.Start, StatusCode: &a.Status, NotScaledReasons: a.NotScaled,
	}
	if a.Message != "" {
		out.StatusMessage = &a.Message
	}
	if !a.End.IsZero() {
		out.EndTime = &a.End
	}
	return out
}
