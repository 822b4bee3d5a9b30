package ecs

import (
	"time"

	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/store"
)

// AWS's lastStatus of tasks, in order.
const (
	statusProvisioning   = "PROVISIONING"
	statusPending        = "PENDING"
	statusActivating     = "ACTIVATING"
	statusRunning        = "RUNNING"
	statusDeactivating   = "DEACTIVATING"
	statusStopping       = "STOPPING"
	statusDeprovisioning = "DEPROVISIONING"
	statusStopped        = "STOPPED"
)

// last is a task's lastStatus.
func last(t Task) string {
	if t.Status.Last == "" {
		return statusProvisioning
	}
	return t.Status.Last
}

// countedAs says where AWS counts a task: RUNNING, PENDING, or neither.
func countedAs(t Task) string {
	switch last(t) {
	case statusProvisioning, statusPending, statusActivating:
		return statusPending
	case statusRunning:
		return statusRunning
	}
	return ""
}

// desiredStatus is what shall become of a task.
func desiredStatus(t Task) string {
	if t.Spec.Stop != nil || t.Status.Code != "" || last(t) == statusStopped {
		return ecsapi.DesiredStatusStopped
	}
	return ecsapi.DesiredStatusRunning
}

// tasksOf returns the tasks of a service, also those that ended, and none of an
// earlier service of the same name. Tasks have their times in milliseconds.
func tasksOf(r store.Reader, scope arn.Scope, svc ServiceSpec) []Task {
	var all []Task
	since := svc.CreatedAt.Truncate(time.Millisecond)
	for _, t := range Tasks.Prefix(r, scope.Key(svc.Cluster+"/")) {
		if t.Spec.Service == svc.Name && !t.Spec.CreatedAt.Before(since) {
			all = append(all, t)
		}
	}
	return all
}

// A tally counts the tasks of one deployment, or of all.
type tally struct{ running, pending int64 }

func tallyOf(tasks []Task, deployment string) (n tally) {
	for _, t := range tasks {
		if deployment != "" && t.Spec.Deployment != deployment {
			continue
		}
		switch countedAs(t) {
		case statusRunning:
			n.running++
		case statusPending:
			n.pending++
		}
	}
	return n
}
