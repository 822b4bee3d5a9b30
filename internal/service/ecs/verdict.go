package ecs

import (
	"fmt"
	"net/netip"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/api/elbv2api"
	"apex/internal/service/elbv2"
	"apex/internal/store"
)

// settle is how long a task must run to count as healthy when nothing checks it,
// as on AWS: one that crashes at once must not replace one that serves.
const settle = 40 * time.Second

// assess says how good a running task is for its service, and when to look again
// though nothing changed; zero if never. Only the essential containers that have
// a check count; unchecked is the settling time of a task without any.
func assess(r store.Reader, t Task, checked map[string]bool, unchecked time.Duration, now time.Time) (v verdict, reason string, again time.Time) {
	if settled := t.Status.Started.Add(unchecked); len(checked)+len(t.Spec.LoadBalancers) == 0 && now.Before(settled) {
		return verdictStarting, "", settled
	}
	v = verdictHealthy
	grace := t.Status.Started.Add(t.Spec.Grace)
	for _, c := range t.Status.Containers {
		switch {
		case !checked[c.Name]:
		case c.Health == ecsapi.HealthStatusUnhealthy && now.Before(grace):
			return verdictStarting, "", grace
		case c.Health == ecsapi.HealthStatusUnhealthy:
			return verdictUnhealthy, "Task failed container health checks", time.Time{}
		case c.Health == ecsapi.HealthStatusUnknown:
			v = verdictStarting
		}
	}
	for i, lb := range t.Spec.LoadBalancers {
		state, _ := elbv2.TargetHealth(r, api.Val(lb.TargetGroupArn), targets(t)[i])
		switch state {
		case elbv2api.TargetHealthStateEnumHealthy:
		case elbv2api.TargetHealthStateEnumUnhealthy, elbv2api.TargetHealthStateEnumUnhealthyDraining:
			if now.Before(grace) {
				return verdictStarting, "", grace
			}
			return verdictUnhealthy, fmt.Sprintf("Task failed ELB health checks in (target-group %s)", api.Val(lb.TargetGroupArn)), time.Time{}
		default: // not checked yet; what was healthy stays so, such as while a balancer starts again
			if t.Status.Verdict != verdictHealthy {
				v = verdictStarting
			}
		}
	}
	return v, "", time.Time{}
}

// targets are the task's targets, one for each of its load balancers.
func targets(t Task) []elbv2.Target {
	address, err := netip.ParseAddr(t.Status.Address)
	if err != nil {
		return make([]elbv2.Target, len(t.Spec.LoadBalancers))
	}
	all := []elbv2.Target{}
	for _, lb := range t.Spec.LoadBalancers {
		all = append(all, elbv2.Target{IP: address, Port: int(api.Val(lb.ContainerPort)), Zone: t.Spec.Zone})
	}
	return all
}

// register puts the task into its target groups and registries. A group that was deleted takes
// nothing and keeps nothing waiting.
func register(tx *store.Tx, t Task) {
	for i, target := range targets(t) {
		_ = elbv2.RegisterTarget(tx, api.Val(t.Spec.LoadBalancers[i].TargetGroupArn), target)
	}
	announce(tx, t)
}

func deregister(tx *store.Tx, t Task) {
	for i, target := range targets(t) {
		_ = elbv2.DeregisterTarget(tx, api.Val(t.Spec.LoadBalancers[i].TargetGroupArn), target)
	}
	renounce(tx, t)
}

// drained reports whether none of the task's targets is left.
func drained(r store.Reader, t Task) bool {
	for i, target := range targets(t) {
		_, reason := elbv2.TargetHealth(r, api.Val(t.Spec.LoadBalancers[i].TargetGroupArn), target)
		if reason != elbv2api.TargetHealthReasonEnumTargetNotRegistered {
			return false
		}
	}
	return true
}
