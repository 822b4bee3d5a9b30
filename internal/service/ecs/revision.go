package ecs

import (
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
)

// revisionKey is under the service's own key.
func revisionKey(service, id string) string {
	return service + "/" + strings.TrimPrefix(id, "ecs-svc/")
}

// deployment finds the deployment that brought a revision.
func (row ServiceRow) deployment(revision string) (Deployment, bool) {
	i := slices.IndexFunc(row.Spec.Deployments, func(d Deployment) bool { return d.ID == revision })
	if i < 0 || revision == "" {
		return Deployment{}, false
	}
	return row.Spec.Deployments[i], true
}

// primary is the revision that tasks shall be of: the newest, unless its
// deployment goes back, or went back, to an earlier one.
func (row ServiceRow) primary() RevisionSpec {
	newest := row.Spec.Deployments[0]
	if back, ok := row.deployment(row.Status.deployment(newest.ID).Back); ok {
		return back.RevisionSpec
	}
	return newest.RevisionSpec
}

// complete is the revision that was complete last, or "".
func (row ServiceRow) complete() string {
	for _, d := range row.Spec.Deployments {
		if row.Status.deployment(d.ID).State == stateSuccessful {
			return d.ID
		}
	}
	return ""
}

// current is the index of the deployment that is carried out: the newest, unless
// one that shifts traffic has to go back first.
func (row ServiceRow) current() int {
	for i := len(row.Spec.Deployments) - 1; i > 0; i-- {
		d := row.Spec.Deployments[i]
		state := row.Status.deployment(d.ID).State
		if shifts(api.Val(d.Rollout.Strategy)) && (state == stateInProgress || state == stateGoingBack) {
			return i
		}
	}
	return 0
}

// resolved are the load balancers with the target groups in which the revision's
// own tasks are.
func (r RevisionSpec) resolved() []ecsapi.LoadBalancer {
	out := slices.Clone(r.LoadBalancers)
	for i, lb := range out {
		if a := lb.AdvancedConfiguration; r.Alternate && a != nil && a.AlternateTargetGroupArn != nil {
			out[i].TargetGroupArn = a.AlternateTargetGroupArn
		}
	}
	return out
}

// otherGroup is the target group of a load balancer in which the revision's tasks
// are not.
func (r RevisionSpec) otherGroup(i int) string {
	lb := r.LoadBalancers[i]
	if r.Alternate {
		return api.Val(lb.TargetGroupArn)
	}
	return api.Val(lb.AdvancedConfiguration.AlternateTargetGroupArn)
}
