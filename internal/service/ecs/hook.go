package ecs

import (
	"fmt"
	"slices"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
)

// defaultHookTimeout is how long a paused deployment waits for an answer.
const defaultHookTimeout = 1440 // minutes

// A hook is one lifecycle hook at one stage and step.
type hook struct {
	id     string
	status string
	ends   time.Time
	action string // when the time is over
}

// hooksOf says how the hooks of a deployment stand at a stage.
func hooksOf(d Deployment, st DeploymentStatus, now time.Time) func(stage string, step int) hookState {
	if len(d.Rollout.LifecycleHooks) == 0 {
		return nil
	}
	return func(stage string, step int) hookState {
		state := hooksDone
		since := now
		if stage == st.Stage && step == st.Step {
			since = st.StageAt
		}
		for _, h := range hooksAt(d, stage, step, since, now) {
			switch h.status {
			case ecsapi.DeploymentLifecycleHookStatusFailed:
				return hooksFailed
			case ecsapi.DeploymentLifecycleHookStatusAwaitingAction:
				state = hooksPending
			}
		}
		return state
	}
}

// hooksAt are the hooks of a stage that began at a time.
func hooksAt(d Deployment, stage string, step int, since, now time.Time) (all []hook) {
	for i, h := range d.Rollout.LifecycleHooks {
		if !slices.Contains(h.LifecycleStages, stage) {
			continue
		}
		one := hook{
			id: fmt.Sprintf("%s-%s-%d-%d", d.Name, stage, step, i), action: ecsapi.DeploymentLifecycleHookActionRollback,
			status: ecsapi.DeploymentLifecycleHookStatusAwaitingAction, ends: since.Add(defaultHookTimeout * time.Minute),
		}
		if t := h.TimeoutConfiguration; t != nil {
			one.ends = since.Add(time.Duration(api.Or(t.TimeoutInMinutes, defaultHookTimeout)) * time.Minute)
			one.action = api.Or(t.Action, one.action)
		}
		answer := one.action
		if j := slices.IndexFunc(d.Answers, func(a HookAnswer) bool { return a.Hook == one.id }); j >= 0 {
			answer = d.Answers[j].Action
		} else if now.Before(one.ends) {
			answer = ""
		}
		switch answer {
		case ecsapi.DeploymentLifecycleHookActionContinue:
			one.status = ecsapi.DeploymentLifecycleHookStatusSucceeded
		case ecsapi.DeploymentLifecycleHookActionRollback:
			one.status = ecsapi.DeploymentLifecycleHookStatusFailed
		}
		all = append(all, one)
	}
	return all
}
