package ecs

import (
	"context"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/store"
)

// Task protection: how long it lasts, in minutes, and how many tasks a call names.
const (
	defaultProtection = 120
	maxProtection     = 2880
	maxProtected      = 10
)

// Protect spares a service's task from scale-in and deployments until a time, or
// not any more if the time is zero. It reports false for a task that is not of a
// service or has ended.
func Protect(tx *store.Tx, key string, until time.Time) bool {
	t, ok := Tasks.Get(tx, key)
	if !ok || t.Spec.Service == "" || desiredStatus(t) == ecsapi.DesiredStatusStopped {
		return false
	}
	t.Spec.ProtectedUntil = until
	Tasks.Put(tx, t)
	return true
}

func (s *Service) updateTaskProtection(ctx context.Context, call *api.Call, in *ecsapi.UpdateTaskProtectionRequest) (*ecsapi.UpdateTaskProtectionResponse, error) {
	scope := scopeOf(call)
	if n := len(in.Tasks); n < 1 || n > maxProtected {
		return nil, invalid("Tasks must have from 1 to %d entries, not %d.", maxProtected, n)
	}
	minutes := api.Or(in.ExpiresInMinutes, defaultProtection)
	if minutes < 1 || minutes > maxProtection {
		return nil, invalid("expiresInMinutes must be from 1 to %d, not %d.", maxProtection, minutes)
	}
	var until time.Time
	if api.Val(in.ProtectionEnabled) {
		until = call.Now.Add(time.Duration(minutes) * time.Minute)
	}
	out := &ecsapi.UpdateTaskProtectionResponse{ProtectedTasks: []ecsapi.ProtectedTask{}, Failures: []ecsapi.Failure{}}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		cluster, err := findCluster(tx, scope, in.Cluster)
		if err != nil {
			return err
		}
		out.ProtectedTasks, out.Failures = out.ProtectedTasks[:0], out.Failures[:0]
		for _, ref := range in.Tasks {
			key := taskKey(scope, cluster.Spec.Name, taskID(scope, cluster.Spec.Name, ref))
			switch t, ok := Tasks.Get(tx, key); {
			case !ok:
				out.Failures = append(out.Failures, missing(taskARN(scope, cluster.Spec.Name, ref)))
			case !Protect(tx, key, until):
				out.Failures = append(out.Failures, ecsapi.Failure{Arn: &t.Spec.ARN, Reason: api.Ptr("TASK_NOT_VALID")})
			default:
				t, _ = Tasks.Get(tx, key)
				out.ProtectedTasks = append(out.ProtectedTasks, describeProtection(t, call.Now))
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func taskARN(scope arn.Scope, cluster, ref string) string {
	if id := taskID(scope, cluster, ref); id != "" {
		return scope.ARN("ecs", "task/"+cluster+"/"+id)
	}
	return ref
}

func describeProtection(t Task, now time.Time) ecsapi.ProtectedTask {
	out := ecsapi.ProtectedTask{TaskArn: &t.Spec.ARN, ProtectionEnabled: api.Ptr(now.Before(t.Spec.ProtectedUntil))}
	if *out.ProtectionEnabled {
		out.ExpirationDate = &t.Spec.ProtectedUntil
	}
	return out
}

func (s *Service) getTaskProtection(_ context.Context, call *api.Call, in *ecsapi.GetTaskProtectionRequest) (*ecsapi.GetTaskProtectionResponse, error) {
	scope, snap := scopeOf(call), s.store.Snapshot()
	cluster, err := findCluster(snap, scope, in.Cluster)
	if err != nil {
		return nil, err
	}
	out := &ecsapi.GetTaskProtectionResponse{ProtectedTasks: []ecsapi.ProtectedTask{}, Failures: []ecsapi.Failure{}}
	refs := in.Tasks
	if len(refs) == 0 {
		for _, t := range Tasks.Prefix(snap, scope.Key(cluster.Spec.Name+"/")) {
			if t.Spec.Service != "" && last(t) != statusStopped {
				refs = append(refs, t.Spec.ARN)
			}
		}
	}
	for _, ref := range refs {
		t, ok := Tasks.Get(snap, taskKey(scope, cluster.Spec.Name, taskID(scope, cluster.Spec.Name, ref)))
		switch {
		case !ok:
			out.Failures = append(out.Failures, missing(taskARN(scope, cluster.Spec.Name, ref)))
		case t.Spec.Service == "":
			out.Failures = append(out.Failures, ecsapi.Failure{Arn: &t.Spec.ARN, Reason: api.Ptr("TASK_NOT_VALID")})
		default:
			out.ProtectedTasks = append(out.ProtectedTasks, describeProtection(t, call.Now))
		}
	}
	return out, nil
}
