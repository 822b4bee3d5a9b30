package ecs

import (
	"fmt"
	"slices"
	"time"

	"apex/internal/api/ecsapi"
)

// The states of a service deployment.
const (
	statePending    = ecsapi.ServiceDeploymentStatusPending
	stateInProgress = ecsapi.ServiceDeploymentStatusInProgress
	stateSuccessful = ecsapi.ServiceDeploymentStatusSuccessful
	stateStopped    = ecsapi.ServiceDeploymentStatusStopped
	stateGoingBack  = ecsapi.ServiceDeploymentStatusRollbackInProgress
	stateBack       = ecsapi.ServiceDeploymentStatusRollbackSuccessful
	stateBackFailed = ecsapi.ServiceDeploymentStatusRollbackFailed
)

// final reports whether a deployment in this state has ended.
func final(state string) bool {
	return slices.Contains([]string{stateSuccessful, stateStopped, stateBack, stateBackFailed}, state)
}

// A rolloutInput is everything that the next step of a deployment depends on.
// Of its planInput, Primary is not used; Tasks are all of the service, Failures
// those of the target.
type rolloutInput struct {
	planInput
	Service, Strategy string
	Target            string
	Source            string // where to go back to, if there is such a revision
	SourceZones       []string
	Status            DeploymentStatus
	Stop              string // what the owner asked for: ROLLBACK, ABORT or nothing
	Superseded        bool   // a newer deployment waits for this one's end
	Breaker           breaker
	Triggered         []string // the deployment alarms that are in ALARM
	AlarmsRollBack    bool
	Bake, StepBake    time.Duration
	StepPercent       float64 // of a canary's first step, or each linear one
	SourceFailures    int     // of the source's tasks since the deployment goes back
	SourceLastFailure time.Time
	// Hook says how the hooks of a stage and step stand; nil if there are none.
	Hook func(stage string, step int) hookState
}

// breakerName is how reasons name the circuit breaker.
const breakerName = "ECS deployment circuit breaker"

// A breaker is a deployment circuit breaker.
type breaker struct {
	Enable, Rollback bool
	Threshold        int // failures that break it
}

// A hookState is how the hooks of a stage stand together.
type hookState string

const (
	hooksDone    hookState = "" // none, or all have succeeded
	hooksPending hookState = "pending"
	hooksFailed  hookState = "failed"
)

// A decision is what shall happen to a service now.
type decision struct {
	Status DeploymentStatus // of the deployment, with how production traffic shall be split
	Steps  []step
	Events []string
	Again  time.Time // when to look again though nothing changed; zero if never
}

// decide is the scheduler of a service: it takes a deployment as far as it can
// go now, and says which tasks start and stop.
func decide(in rolloutInput, now time.Time) decision {
	d := decider{rolloutInput: in, now: now, decision: decision{Status: in.Status}}
	d.begin()
	d.watchForFaults()
	if steered(d.Strategy, d.decision.Status.State) {
		d.shift()
	} else {
		d.roll()
	}
	return d.decision
}

// steered reports whether a deployment in this state decides which set of tasks
// takes which traffic.
func steered(strategy, state string) bool {
	return shifts(strategy) && (!final(state) || state == stateStopped)
}

// shifts reports whether a strategy shifts traffic between two sets of tasks.
func shifts(strategy string) bool {
	return slices.Contains([]string{
		ecsapi.DeploymentStrategyBlueGreen, ecsapi.DeploymentStrategyCanary, ecsapi.DeploymentStrategyLinear,
	}, strategy)
}

type decider struct {
	rolloutInput
	decision
	now time.Time
}

func (d *decider) begin() {
	st := &d.decision.Status
	if st.State != "" && st.State != statePending {
		return
	}
	st.State, st.StartedAt, st.UpdatedAt = stateInProgress, d.now, d.now
	st.Quiet = len(d.Triggered) > 0
	st.Rollout, st.Reason = ecsapi.DeploymentRolloutStateInProgress, "ECS deployment "+d.Target+" in progress."
	if !shifts(d.Strategy) {
		return
	}
	st.Stage, st.StageAt = ecsapi.ServiceDeploymentLifecycleStageReconcileService, d.now
	if _, blue := d.sets(); len(blue) == 0 && d.Source == "" {
		st.Percent, st.Test = 100, true // nothing serves: the first that is healthy shall
	}
}

func (d *decider) tell(format string, args ...any) {
	d.Events = append(d.Events, fmt.Sprintf("(service %s) ", d.Service)+fmt.Sprintf(format, args...))
}

// watchForFaults ends a deployment that its owner, its circuit breaker or an
// alarm wants to end.
func (d *decider) watchForFaults() {
	switch st := d.decision.Status; {
	case st.State == stateGoingBack:
		if !shifts(d.Strategy) && d.Breaker.Enable && d.SourceFailures >= d.Breaker.Threshold {
			d.finish(stateBackFailed, "Service deployment rollback failed because the tasks of the source service revision failed to start.")
		}
	case st.State != stateInProgress:
	case d.Stop == ecsapi.StopServiceDeploymentStopTypeAbort:
		d.abandon("Service deployment was stopped by its owner.")
	case d.Stop == ecsapi.StopServiceDeploymentStopTypeRollback:
		d.goBack("deployment stopped by its owner", "Service deployment rolled back because of a stop request.")
	case d.Superseded && shifts(d.Strategy):
		d.goBack("superseded by another deployment", "Service deployment was stopped because a newer one superseded it.")
	case d.Breaker.Enable && d.Failures >= d.Breaker.Threshold:
		d.fail(breakerName, "tasks failed to start", d.Breaker.Rollback,
			"Service deployment rolled back because the circuit breaker threshold was exceeded.")
	case len(d.Triggered) > 0 && !st.Quiet:
		d.decision.Status.Alarms = d.Triggered
		d.fail("ECS deployment alarms", "alarm detected", d.AlarmsRollBack,
			"Service deployment rolled back because of a CloudWatch alarm in ALARM state.")
	case shifts(d.Strategy) && d.dark():
		d.fail("ECS deployment", "no task of the new revision is healthy", true,
			"Service deployment rolled back because no task of the target service revision is healthy.")
	}
}

// fail gives a deployment up, and goes back if it may.
func (d *decider) fail(who, what string, back bool, reason string) {
	st := &d.decision.Status
	d.tell("(deployment %s) deployment failed: %s.", d.Target, what)
	st.Rollout, st.Reason = ecsapi.DeploymentRolloutStateFailed, who+": "+what+"."
	if back && d.Source != "" {
		d.goBack(who, reason)
		return
	}
	d.abandon(st.Reason)
}

// goBack returns to the source, if there is one.
func (d *decider) goBack(who, reason string) {
	st := &d.decision.Status
	if d.Source == "" {
		d.abandon(reason)
		return
	}
	if st.Rollout != ecsapi.DeploymentRolloutStateFailed {
		st.Rollout, st.Reason = ecsapi.DeploymentRolloutStateFailed, who+"."
	}
	st.State, st.StateReason, st.UpdatedAt = stateGoingBack, reason, d.now
	st.Back, st.BackAt, st.BackReason = d.Source, d.now, fmt.Sprintf("%s: rolling back to deploymentId %s.", who, d.Source)
	d.tell("rolling back to deployment %s.", d.Source)
}

// abandon leaves all as it is: no task is started any more.
func (d *decider) abandon(reason string) {
	st := &d.decision.Status
	if st.Rollout != ecsapi.DeploymentRolloutStateFailed {
		st.Rollout, st.Reason = ecsapi.DeploymentRolloutStateFailed, reason
	}
	st.StoppedAt = d.now
	d.finish(stateStopped, reason)
}

func (d *decider) finish(state, reason string) {
	st := &d.decision.Status
	st.State, st.StateReason, st.FinishedAt, st.UpdatedAt = state, reason, d.now, d.now
}

func (d *decider) succeed() {
	st := &d.decision.Status
	st.Rollout, st.Reason = ecsapi.DeploymentRolloutStateCompleted, "ECS deployment "+d.Target+" completed."
	d.finish(stateSuccessful, "")
	d.tell("(deployment %s) deployment completed.", d.Target)
}

func (d *decider) returned() {
	d.finish(stateBack, d.decision.Status.StateReason)
	d.tell("(deployment %s) deployment completed.", d.Source)
}

// roll plans the tasks of a rolling update, or of a service at rest.
func (d *decider) roll() {
	st := &d.decision.Status
	p := d.planInput
	p.Primary, p.Rebalance = d.Target, p.Rebalance && final(st.State)
	if st.Back != "" {
		p.Primary, p.Zones, p.Failures, p.LastFailure = st.Back, d.SourceZones, d.SourceFailures, d.SourceLastFailure
	}
	if st.State == stateStopped {
		p.Zones = nil
	}
	d.plan(p)
	if st.State == stateInProgress && d.stuck(p) {
		d.tell("was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.")
	}
	switch steady := len(d.Steps) == 0 && settled(p); {
	case st.State == stateGoingBack && steady:
		d.returned()
	case st.State == stateInProgress && (steady || st.Stage != ""):
		d.bake()
	}
}

// stuck reports whether the bounds leave no room to replace a task.
func (d *decider) stuck(p planInput) bool {
	bounds := planner{planInput: p}
	mine := slices.ContainsFunc(p.Tasks, func(t planTask) bool { return t.Deployment == p.Primary })
	return len(d.Steps) == 0 && !mine && len(p.Zones) > 0 && p.Failures == 0 && len(p.Tasks) >= bounds.most() && serving(p.Tasks) <= bounds.least() && p.Desired > 0
}

// bake lets a rolling update be watched for its bake time before it counts.
func (d *decider) bake() {
	st := &d.decision.Status
	if d.Bake > 0 && st.Stage == "" {
		st.Stage, st.StageAt, st.UpdatedAt = ecsapi.ServiceDeploymentLifecycleStageBakeTime, d.now, d.now
	}
	if d.Bake <= 0 || d.passed(st.StageAt, d.Bake) {
		d.succeed()
	}
}

// passed reports whether a time is over since a moment; if not, all is looked at
// again when it will be.
func (d *decider) passed(since time.Time, wait time.Duration) bool {
	end := since.Add(wait)
	if d.now.Before(end) {
		d.Again = earliest(d.Again, end)
		return false
	}
	return true
}

func (d *decider) plan(p planInput) {
	steps, again := planService(p, d.now)
	d.Steps = append(d.Steps, steps...)
	d.Again = earliest(d.Again, again)
}

// settled reports whether exactly the wanted tasks are there and healthy.
func settled(p planInput) bool {
	return len(p.Tasks) == p.Desired && !slices.ContainsFunc(p.Tasks, func(t planTask) bool {
		return t.Deployment != p.Primary || t.Verdict != verdictHealthy
	})
}
