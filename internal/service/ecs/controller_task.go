package ecs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/dataplane/task"
	"apex/internal/service/ec2"
	"apex/internal/service/elbv2"
	"apex/internal/store"
)

// keptStopped is how long a task that ended is still described, unless maxStopped
// newer ones of its cluster have ended since.
const (
	keptStopped = time.Hour
	maxStopped  = 1000
)

func (s *Service) taskController() controller.Controller {
	return controller.New(controller.Spec[Task, TaskStatus]{
		Name: "ecs/task", Table: Tasks, Workers: 8, Every: 5 * time.Second,
		Status:    func(t *Task) *TaskStatus { return &t.Status },
		Reconcile: s.reconcileTask,
		Start:     s.pruneDirs,
		Watch: []controller.Trigger{
			controller.On(Signals, func(_ store.Snapshot, key string) []string { return []string{key} }),
			controller.On(ec2.NetworkInterfaces, withInterface),
			controller.On(elbv2.Registrations, withTarget),
		},
	})
}

// withInterface returns the task that an interface was made for.
func withInterface(snap store.Snapshot, key string) (keys []string) {
	scope, id := arn.SplitKey(key)
	for k, t := range Tasks.Prefix(snap, scope.Prefix()) {
		if t.Spec.Interface == id && last(t) != statusStopped {
			keys = append(keys, k)
		}
	}
	return keys
}

// withTarget returns the tasks that a registration is of: its key ends with
// address and port.
func withTarget(snap store.Snapshot, key string) (keys []string) {
	scope, rest := arn.SplitKey(key)
	address := rest[strings.LastIndexByte(rest, '|')+1:]
	for k, t := range Tasks.Prefix(snap, scope.Prefix()) {
		if t.Status.Address != "" && strings.HasPrefix(address, t.Status.Address+":") && last(t) != statusStopped {
			keys = append(keys, k)
		}
	}
	return keys
}

// reconcileTask takes a task at most one step further.
func (s *Service) reconcileTask(ctx context.Context, snap store.Snapshot, key string) (TaskStatus, error) {
	t, ok := Tasks.Get(snap, key)
	if !ok {
		_, id := arn.SplitKey(key)
		return TaskStatus{}, s.forget(ctx, key, id[strings.IndexByte(id, '/')+1:])
	}
	scope, _ := arn.SplitKey(key)
	u := &taskUpdate{Service: s, snap: snap, scope: scope, t: t, now: s.now()}
	u.t.Status.Containers = append([]ContainerStatus(nil), t.Status.Containers...)
	err := u.step(ctx)
	if last(u.t) != last(t) {
		u.t.Status.Version++
	}
	if err != nil { // also around what only asks for another look: the runner unwraps
		err = fmt.Errorf("task %s: %s: %w", t.Spec.ID, last(t), err)
	}
	return u.t.Status, err
}

// A taskUpdate is one reconciliation of one task.
type taskUpdate struct {
	*Service
	snap  store.Snapshot
	scope arn.Scope
	t     Task // its Status is what will be written
	now   time.Time
}

func (u *taskUpdate) step(ctx context.Context) error {
	switch last(u.t) {
	case statusProvisioning:
		return u.provision(ctx)
	case statusPending:
		return u.launch(ctx)
	case statusActivating:
		return u.activate(ctx)
	case statusRunning:
		return u.watch(ctx)
	case statusDeactivating:
		return u.deactivate(ctx)
	case statusStopping:
		return u.end(ctx)
	case statusDeprovisioning:
		return u.deprovision(ctx)
	}
	if left := u.t.Status.Stopped.Add(keptStopped).Sub(u.now); left > 0 {
		return controller.Again(left)
	}
	return controller.Remove
}

// provision waits for the network interface. Meanwhile it unpacks the images.
func (u *taskUpdate) provision(ctx context.Context) error {
	st := &u.t.Status
	if stop := u.t.Spec.Stop; stop != nil {
		u.halt(stop.Code, stop.Reason)
		st.Last = statusDeprovisioning
		return nil
	}
	eni, ok := ec2.NetworkInterfaces.Get(u.snap, u.scope.Key(u.t.Spec.Interface))
	if !ok {
		u.halt(ecsapi.TaskStopCodeTaskFailedToStart, "Unexpected EC2 error while attempting to attach network interface: it was deleted")
		st.Last = statusDeprovisioning
		return nil
	}
	if !eni.Status.Ready {
		if definition, err := findDefinition(u.snap, u.scope, u.t.Spec.Definition); err == nil {
			_, role := rolesOf(u.t, definition.Definition)
			_, _ = u.pull(ctx, u.executionOf(role), definition) // what is wrong is told when the task is launched
		}
		return nil
	}
	st.Connected, st.Last = u.now, statusPending
	return nil
}

// launch hands the task to its supervisor, or ends it if it cannot start.
func (u *taskUpdate) launch(ctx context.Context) error {
	st := &u.t.Status
	if stop := u.t.Spec.Stop; stop != nil {
		u.halt(stop.Code, stop.Reason)
		st.Last = statusStopping // the supervisor may have it already
		return nil
	}
	st.PullStarted = u.now
	config, err := u.config(ctx)
	if err == nil {
		st.PullEnded = u.Service.now()
		err = task.Apply(ctx, config)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		u.halt(ecsapi.TaskStopCodeTaskFailedToStart, err.Error())
		st.Last = statusStopping
		return nil
	}
	st.Last = statusActivating
	return u.activate(ctx) // a quick task may run or have ended already
}

// activate waits until the containers have started and registers the targets.
func (u *taskUpdate) activate(ctx context.Context) error {
	state, err := u.observe()
	if err != nil {
		return err
	}
	st := &u.t.Status
	if u.stopping(state) || state.Status == task.Pending {
		return nil
	}
	if len(u.t.Spec.LoadBalancers)+len(u.t.Spec.Registries) > 0 {
		if err := u.store.Update(ctx, func(tx *store.Tx) error { register(tx, u.t); return nil }); err != nil {
			return err
		}
		st.Registered = true
	}
	st.Started, st.Last = u.now, statusRunning
	return u.judge()
}

// watch looks after a running task.
func (u *taskUpdate) watch(context.Context) error {
	state, err := u.observe()
	if err != nil || u.stopping(state) {
		return err
	}
	return u.judge()
}

// stopping reports whether the task ended or shall end, and begins that.
func (u *taskUpdate) stopping(state task.State) bool {
	switch stop := u.t.Spec.Stop; {
	case state.ID == "" && stop == nil:
		u.halt(ecsapi.TaskStopCodeTerminationNotice, "The region was stopped")
	case state.Status == task.Stopped || state.Cause != "" && state.Cause != task.CauseRequested:
		u.halt(why(state))
	case stop != nil:
		u.halt(stop.Code, stop.Reason)
	default:
		return false
	}
	u.t.Status.Last = statusDeactivating
	return true
}

// halt records why a task ends; the first reason stands.
func (u *taskUpdate) halt(code, reason string) {
	st := &u.t.Status
	if st.Code != "" {
		return
	}
	st.Code, st.Reason, st.Stopping = code, reason, u.now
	lasted := !st.Healthy.IsZero() && u.now.Sub(st.Healthy) >= u.profile.BackOff
	st.Failed = (u.t.Spec.Stop == nil || u.t.Spec.Stop.Fault) && !lasted && code != ecsapi.TaskStopCodeTerminationNotice
}

// judge renews the verdict that the task's service goes by.
func (u *taskUpdate) judge() error {
	st := &u.t.Status
	checked := map[string]bool{}
	if definition, err := findDefinition(u.snap, u.scope, u.t.Spec.Definition); err == nil {
		for _, c := range definition.Definition.ContainerDefinitions {
			if api.Val(c.Essential) && c.HealthCheck != nil {
				checked[api.Val(c.Name)] = true
			}
		}
	}
	var again time.Time
	st.Verdict, st.VerdictReason, again = assess(u.snap, u.t, checked, u.profile.Check(settle), u.now)
	if st.Verdict == verdictHealthy && st.Healthy.IsZero() {
		st.Healthy = u.now
	}
	if again.IsZero() {
		return nil
	}
	return controller.Again(max(again.Sub(u.now), time.Millisecond))
}

// deactivate takes the task's targets out and waits for the last requests, as
// long as there is somebody to serve them.
func (u *taskUpdate) deactivate(ctx context.Context) error {
	state, err := u.observe()
	if err != nil {
		return err
	}
	if u.t.Status.Registered {
		if err := u.store.Update(ctx, func(tx *store.Tx) error { deregister(tx, u.t); return nil }); err != nil {
			return err
		}
		if state.Status != task.Stopped && !drained(u.store.Snapshot(), u.t) {
			if left, bounded := u.noticeLeft(); bounded && left > 0 {
				return controller.Again(left)
			} else if !bounded {
				return nil // the registrations' rows wake it
			}
		}
	}
	u.t.Status.Last = statusStopping
	return u.end(ctx)
}

// noticeLeft is how long an interrupted task may still drain.
func (u *taskUpdate) noticeLeft() (left time.Duration, bounded bool) {
	stop := u.t.Spec.Stop
	if stop == nil || stop.Deadline.IsZero() {
		return 0, false
	}
	return stop.Deadline.Sub(u.now), true
}

// end stops the containers.
func (u *taskUpdate) end(ctx context.Context) error {
	dir := u.taskDir(u.t.Spec.ID)
	if err := task.Stop(ctx, dir, u.t.Status.Reason); err != nil {
		return err
	}
	state, err := u.observe()
	if err != nil || state.Status != task.Stopped {
		return err
	}
	if state.ID == "" {
		u.neverRan()
	}
	u.t.Status.Ended, u.t.Status.Last = u.now, statusDeprovisioning
	return u.deprovision(ctx)
}

// deprovision gives back all that the task had.
func (u *taskUpdate) deprovision(ctx context.Context) error {
	if err := task.Remove(ctx, u.taskDir(u.t.Spec.ID)); err != nil {
		return err
	}
	err := u.store.Update(ctx, func(tx *store.Tx) error {
		ec2.ReleaseInterface(tx, u.scope, u.t.Spec.Interface)
		forgetOldest(tx, u.scope, u.t.Spec.Cluster, maxStopped)
		return nil
	})
	if err != nil {
		return err
	}
	u.neverRan()
	u.t.Status.Stopped, u.t.Status.Last = u.now, statusStopped
	return nil
}

// forgetOldest deletes the tasks of a cluster that ended first while more than
// most have ended.
func forgetOldest(tx *store.Tx, scope arn.Scope, cluster string, most int) {
	var ended []Task
	for _, t := range Tasks.Prefix(tx, scope.Key(cluster+"/")) {
		if last(t) == statusStopped {
			ended = append(ended, t)
		}
	}
	if len(ended) <= most {
		return
	}
	slices.SortFunc(ended, func(a, b Task) int { return a.Status.Stopped.Compare(b.Status.Stopped) })
	for _, t := range ended[:len(ended)-most] {
		Tasks.Delete(tx, t.Key)
	}
}

// neverRan ends the containers of which nobody has heard.
func (u *taskUpdate) neverRan() {
	for i := range u.t.Status.Containers {
		if c := &u.t.Status.Containers[i]; c.Last != statusStopped {
			c.Last = statusStopped
		}
	}
}
