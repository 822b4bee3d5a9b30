package ecs

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/store"
)

// defaultHookTimeout is how long a paused deployment waits for an answer.
const defaultHookTimeout = 1440 // minutes

// A hook is one lifecycle hook at one stage and step.
type hook struct {
	id, kind   string
	definition string // of the task that it is; an extension of this region
	status     string
	ends       time.Time
	action     string // when the time is over
}

// hooksOf says how the hooks of a deployment stand at a stage.
func hooksOf(r store.Reader, scope arn.Scope, cluster string, d Deployment, st DeploymentStatus, now time.Time) func(stage string, step int) hookState {
	if len(d.Rollout.LifecycleHooks) == 0 {
		return nil
	}
	return func(stage string, step int) hookState {
		state, since := hooksDone, now
		if stage == st.Stage && step == st.Step {
			since = st.StageAt
		}
		for _, h := range hooksAt(d, stage, step, since, now, hookTasks(r, scope, cluster, d)) {
			switch h.status {
			case ecsapi.DeploymentLifecycleHookStatusFailed, ecsapi.DeploymentLifecycleHookStatusTimedOut:
				return hooksFailed
			case ecsapi.DeploymentLifecycleHookStatusAwaitingAction, ecsapi.DeploymentLifecycleHookStatusInProgress:
				state = hooksPending
			}
		}
		return state
	}
}

// hookTasks are the tasks that were started as hooks of a deployment, by the
// hook's id.
func hookTasks(r store.Reader, scope arn.Scope, cluster string, d Deployment) map[string]Task {
	tasks := map[string]Task{}
	for _, t := range Tasks.Prefix(r, scope.Key(cluster+"/")) {
		if t.Spec.Hook != "" && strings.HasPrefix(t.Spec.Hook, d.Name+"-") {
			tasks[t.Spec.Hook] = t
		}
	}
	return tasks
}

// hooksAt are the hooks of a stage that began at a time.
func hooksAt(d Deployment, stage string, step int, since, now time.Time, tasks map[string]Task) (all []hook) {
	for i, h := range d.Rollout.LifecycleHooks {
		if !slices.Contains(h.LifecycleStages, stage) {
			continue
		}
		one := hook{
			id: fmt.Sprintf("%s-%s-%d-%d", d.Name, stage, step, i), action: ecsapi.DeploymentLifecycleHookActionRollback,
			kind: api.Val(h.TargetType), definition: api.Val(h.HookTargetArn), ends: since.Add(defaultHookTimeout * time.Minute),
		}
		if t := h.TimeoutConfiguration; t != nil {
			one.ends = since.Add(time.Duration(api.Or(t.TimeoutInMinutes, defaultHookTimeout)) * time.Minute)
			one.action = api.Or(t.Action, one.action)
		}
		if one.status = ecsapi.DeploymentLifecycleHookStatusAwaitingAction; one.kind != ecsapi.DeploymentLifecycleHookTargetTypePause {
			t, started := tasks[one.id]
			one.status = taskHookStatus(t, started)
		}
		one.resolve(d.Answers, now)
		all = append(all, one)
	}
	return all
}

// resolve takes the owner's answer, or what shall happen when the time is over.
func (h *hook) resolve(answers []HookAnswer, now time.Time) {
	if h.status == ecsapi.DeploymentLifecycleHookStatusSucceeded || h.status == ecsapi.DeploymentLifecycleHookStatusFailed {
		return
	}
	answer := ""
	if j := slices.IndexFunc(answers, func(a HookAnswer) bool { return a.Hook == h.id }); j >= 0 {
		answer = answers[j].Action
	} else if !now.Before(h.ends) {
		answer = h.action
	}
	switch answer {
	case ecsapi.DeploymentLifecycleHookActionContinue:
		h.status = ecsapi.DeploymentLifecycleHookStatusSucceeded
	case ecsapi.DeploymentLifecycleHookActionRollback:
		h.status = ecsapi.DeploymentLifecycleHookStatusFailed
		if !now.Before(h.ends) {
			h.status = ecsapi.DeploymentLifecycleHookStatusTimedOut
		}
	}
}

// taskHookStatus is how a hook that is a task stands: it succeeds when all its
// containers end with 0.
func taskHookStatus(t Task, started bool) string {
	if !started || last(t) != statusStopped {
		return ecsapi.DeploymentLifecycleHookStatusInProgress
	}
	for _, c := range t.Status.Containers {
		if c.Exit == nil || *c.Exit != 0 {
			return ecsapi.DeploymentLifecycleHookStatusFailed
		}
	}
	return ecsapi.DeploymentLifecycleHookStatusSucceeded
}

// startHooks starts the tasks that are hooks of the stage that a deployment is in
// and were not started yet. They run where the tasks of the target do.
func (u *serviceUpdate) startHooks(tx *store.Tx, d Deployment, st DeploymentStatus) error {
	if st.State != stateInProgress {
		return nil
	}
	have := hookTasks(tx, u.scope, u.row.Spec.Cluster, d)
	for _, h := range hooksAt(d, st.Stage, st.Step, st.StageAt, u.now, have) {
		if _, started := have[h.id]; started || h.kind == ecsapi.DeploymentLifecycleHookTargetTypePause {
			continue
		}
		definition, err := runnable(tx, u.scope, h.definition)
		if err != nil {
			return fmt.Errorf("lifecycle hook at %s: %w", st.Stage, err)
		}
		t, err := launchTask(tx, u.scope, launch{
			cluster: u.row.Spec.Cluster, definition: definition, revision: d.RevisionSpec, group: "hook:" + u.row.Spec.Name,
			startedBy: "ecs-hook/" + d.Name, overrides: hookOverrides(definition, d, st),
			subnets: d.Network.AwsvpcConfiguration.Subnets, at: u.now,
		})
		if err != nil {
			return fmt.Errorf("lifecycle hook at %s: %w", st.Stage, err)
		}
		t.Spec.Hook, t.Spec.HookOf = h.id, u.row.Spec.Name
		Tasks.Put(tx, t)
	}
	return nil
}

// checkHooks checks that tasks can be started from the definitions of hooks.
func checkHooks(r store.Reader, scope arn.Scope, hooks []ecsapi.DeploymentLifecycleHook) error {
	for _, h := range hooks {
		if h.HookTargetArn == nil || api.Val(h.TargetType) == ecsapi.DeploymentLifecycleHookTargetTypePause {
			continue
		}
		if _, err := runnable(r, scope, *h.HookTargetArn); err != nil {
			return fmt.Errorf("lifecycle hook %s: %w", *h.HookTargetArn, err)
		}
	}
	return nil
}

// hookOverrides tell a hook what it is for.
func hookOverrides(definition Definition, d Deployment, st DeploymentStatus) *ecsapi.TaskOverride {
	var all []ecsapi.ContainerOverride
	for _, c := range definition.Definition.ContainerDefinitions {
		all = append(all, ecsapi.ContainerOverride{Name: c.Name, Environment: []ecsapi.KeyValuePair{
			{Name: api.Ptr("ECS_LIFECYCLE_STAGE"), Value: &st.Stage},
			{Name: api.Ptr("ECS_SERVICE_REVISION"), Value: &d.ID},
			{Name: api.Ptr("ECS_TASK_DEFINITION"), Value: &d.TaskDefinition},
		}})
	}
	return &ecsapi.TaskOverride{ContainerOverrides: all}
}
