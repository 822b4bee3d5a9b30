package elbv2

import (
	"time"

	"apex/internal/api/elbv2api"
	"apex/internal/dataplane/balancer"
)

func registering() RegistrationStatus {
	return RegistrationStatus{
		State:  elbv2api.TargetHealthStateEnumInitial,
		Reason: elbv2api.TargetHealthReasonEnumElbRegistrationInProgress, Description: "Target registration is in progress",
	}
}

func unused() RegistrationStatus {
	return RegistrationStatus{
		State:       elbv2api.TargetHealthStateEnumUnused,
		Reason:      elbv2api.TargetHealthReasonEnumTargetNotInUse,
		Description: "Target group is not configured to receive traffic from the load balancer",
	}
}

func notRegistered() RegistrationStatus {
	return RegistrationStatus{
		State:       elbv2api.TargetHealthStateEnumUnused,
		Reason:      elbv2api.TargetHealthReasonEnumTargetNotRegistered,
		Description: "Target is not registered to the target group",
	}
}

func draining(until time.Time) RegistrationStatus {
	return RegistrationStatus{
		State: elbv2api.TargetHealthStateEnumDraining, DrainUntil: until,
		Reason:      elbv2api.TargetHealthReasonEnumTargetDeregistrationInProgress,
		Description: "Target deregistration is in progress",
	}
}

// statusOf says in AWS's words what a balancer sees of a target.
func statusOf(o Observed) RegistrationStatus {
	switch balancer.Health(o.Health) {
	case balancer.Healthy:
		return RegistrationStatus{State: elbv2api.TargetHealthStateEnumHealthy}
	case balancer.Unhealthy:
		reason, text := reasonOf(o)
		return RegistrationStatus{State: elbv2api.TargetHealthStateEnumUnhealthy, Reason: reason, Description: text}
	case balancer.Initial:
		if balancer.Reason(o.Reason) == balancer.ReasonChecking {
			return RegistrationStatus{
				State:  elbv2api.TargetHealthStateEnumInitial,
				Reason: elbv2api.TargetHealthReasonEnumElbInitialHealthChecking, Description: "Initial health checks in progress",
			}
		}
	}
	return registering()
}

func reasonOf(o Observed) (reason, text string) {
	switch balancer.Reason(o.Reason) {
	case balancer.ReasonMismatch:
		return elbv2api.TargetHealthReasonEnumTargetResponseCodeMismatch, "Health checks failed with these codes: [" + o.Detail + "]"
	case balancer.ReasonTimeout:
		return elbv2api.TargetHealthReasonEnumTargetTimeout, "Request timed out"
	}
	return elbv2api.TargetHealthReasonEnumTargetFailedHealthChecks, "Health checks failed"
}
