package ecs

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/awsid"
	"apex/internal/store"
)

// keptEvents is how many events a service remembers, as on AWS.
const keptEvents = 100

// failures counts the tasks of a deployment that ended in a row without having
// lasted. Tasks that their service or owner ended for no fault say nothing.
func failures(tasks []Task, deployment string) (n int, at time.Time) {
	var ended []Task
	for _, t := range tasks {
		if t.Spec.Deployment == deployment && t.Status.Code != "" && (t.Spec.Stop == nil || t.Spec.Stop.Fault) {
			ended = append(ended, t)
		}
	}
	slices.SortFunc(ended, func(a, b Task) int {
		return cmp.Or(b.Status.Stopping.Compare(a.Status.Stopping), cmp.Compare(a.Key, b.Key))
	})
	for _, t := range ended {
		if !t.Status.Failed {
			break
		}
		n++
		at = latest(at, t.Status.Stopping)
	}
	return n, at
}

// threshold is how many failures break the circuit: half of what is desired,
// from 3 to 200.
func threshold(desired int64) int { return int(min(max((desired+1)/2, 3), 200)) }

func (u *serviceUpdate) breaks(failed int, state DeploymentStatus) bool {
	return api.Val(u.row.Spec.Rollout.DeploymentCircuitBreaker.Enable) &&
		state.Rollout == ecsapi.DeploymentRolloutStateInProgress && failed >= threshold(u.row.Spec.Desired)
}

// breakCircuit gives a deployment up, and goes back to the one that last
// completed if the service says so.
func (u *serviceUpdate) breakCircuit(ctx context.Context, state DeploymentStatus) error {
	state.Rollout, state.UpdatedAt = ecsapi.DeploymentRolloutStateFailed, u.now
	state.Reason = "ECS deployment circuit breaker: tasks failed to start."
	u.set(state)
	u.tell(fmt.Sprintf("(service %s) (deployment %s) deployment failed: tasks failed to start.", u.row.Spec.Name, state.ID))
	back, ok := u.lastCompleted()
	if !ok || !api.Val(u.row.Spec.Rollout.DeploymentCircuitBreaker.Rollback) {
		return nil
	}
	back.ID, back.CreatedAt, back.RollbackOf = deploymentID(), u.now, state.ID
	err := u.store.Update(ctx, func(tx *store.Tx) error {
		Services.Modify(tx, u.row.Key, func(row *ServiceRow) {
			if row.Spec.Deployments[0].ID == state.ID {
				pushDeployment(&row.Spec, back)
			}
		})
		return nil
	})
	u.tell(fmt.Sprintf("(service %s) rolling back to deployment %s.", u.row.Spec.Name, back.ID))
	return err
}

func (u *serviceUpdate) lastCompleted() (Deployment, bool) {
	for _, d := range u.row.Spec.Deployments[1:] {
		if u.status.deployment(d.ID).Rollout == ecsapi.DeploymentRolloutStateCompleted {
			return d, true
		}
	}
	return Deployment{}, false
}

// judge writes down how the primary deployment goes, and tells of a steady
// state once when it is reached.
func (u *serviceUpdate) judge(state DeploymentStatus, in planInput, idle bool) {
	healthy := 0
	for _, t := range in.Tasks {
		if t.Deployment == in.Primary && t.Verdict == verdictHealthy {
			healthy++
		}
	}
	steady := idle && healthy == in.Desired && len(in.Tasks) == in.Desired
	if steady && state.Rollout == ecsapi.DeploymentRolloutStateInProgress {
		state.Rollout, state.UpdatedAt = ecsapi.DeploymentRolloutStateCompleted, u.now
		state.Reason = "ECS deployment " + state.ID + " completed."
		u.tell(fmt.Sprintf("(service %s) (deployment %s) deployment completed.", u.row.Spec.Name, state.ID))
	}
	if in.Failures >= 3 && !steady {
		u.tell(fmt.Sprintf("(service %s) is unable to consistently start tasks successfully.", u.row.Spec.Name))
	}
	if steady && !u.row.Spec.Deleted {
		u.tell(fmt.Sprintf("(service %s) has reached a steady state.", u.row.Spec.Name))
	}
	u.set(state)
	if u.row.Spec.Deleted && !slices.ContainsFunc(u.tasks, func(t Task) bool { return last(t) != statusStopped }) {
		u.status.Gone = u.now
	}
}

// set keeps the states of the deployments that the service remembers.
func (u *serviceUpdate) set(state DeploymentStatus) {
	states := []DeploymentStatus{state}
	for _, d := range u.row.Spec.Deployments {
		for _, old := range u.status.Deployments {
			if old.ID == d.ID && old.ID != state.ID {
				states = append(states, old)
			}
		}
	}
	u.status.Deployments = states
}

// tell adds an event unless it is what was said last.
func (u *serviceUpdate) tell(message string) {
	events := u.status.Events
	if len(events) > 0 && events[0].Message == message {
		return
	}
	events = append([]Event{{ID: awsid.UUID(), At: u.now, Message: message}}, events...)
	u.status.Events = events[:min(len(events), keptEvents)]
}

// stepEvents says what was done, in AWS's words.
func stepEvents(svc ServiceSpec, started []string, stopped []step, fault error) []string {
	var events []string
	if len(started) > 0 {
		events = append(events, fmt.Sprintf("(service %s) has started %d tasks: %s.", svc.Name, len(started), taskList(started)))
	}
	if fault != nil {
		events = append(events, fmt.Sprintf("(service %s) was unable to place a task. Reason: %v.", svc.Name, fault))
	}
	var ids []string
	for _, s := range stopped {
		ids = append(ids, s.Task)
		if s.Fault {
			events = append(events, fmt.Sprintf("(service %s) (task %s) %s.", svc.Name, s.Task, strings.TrimSuffix(s.Reason, ".")))
		}
	}
	if len(ids) > 0 {
		events = append(events, fmt.Sprintf("(service %s) has stopped %d running tasks: %s.", svc.Name, len(ids), taskList(ids)))
	}
	return events
}

func taskList(ids []string) string { return "(task " + strings.Join(ids, ") (task ") + ")" }
