package ecs

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/dataplane/task"
	"apex/internal/store"
)

// observe takes over what the supervisor says. A task that was never handed to
// one reads as stopped, with no id.
func (u *taskUpdate) observe() (task.State, error) {
	state, err := task.Observe(u.taskDir(u.t.Spec.ID))
	if errors.Is(err, task.ErrNotFound) {
		return task.State{Status: task.Stopped, Cause: task.CauseLost}, nil
	}
	if err != nil {
		return state, err
	}
	for i := range u.t.Status.Containers {
		c := &u.t.Status.Containers[i]
		seen := state.Container(c.Name)
		c.Last, c.Reason, c.Health = containerStatus(seen.Status), containerReason(seen), string(seen.Health)
		c.Restarts = int64(seen.Restarts)
		if seen.Exit != nil {
			c.Exit = api.Ptr(int64(*seen.Exit))
		}
	}
	return state, nil
}

func containerStatus(s task.Status) string {
	switch s {
	case task.Running:
		return statusRunning
	case task.Stopped:
		return statusStopped
	}
	return statusPending
}

func containerReason(c task.ContainerState) string {
	switch {
	case c.OOM:
		return "OutOfMemoryError: container killed due to memory usage"
	case c.Error != "":
		return c.Error
	}
	return ""
}

// why says in AWS's words why the task ended by itself.
func why(s task.State) (code, reason string) {
	switch s.Cause {
	case task.CauseStart:
		return ecsapi.TaskStopCodeTaskFailedToStart, s.Reason
	case task.CauseLost:
		return ecsapi.TaskStopCodeEssentialContainerExited, "Essential container in task exited: the task's supervisor was killed"
	case task.CauseRequested:
		return ecsapi.TaskStopCodeUserInitiated, s.Reason
	}
	return ecsapi.TaskStopCodeEssentialContainerExited, "Essential container in task exited"
}

// signalController listens to supervisors as long as the region runs.
func (s *Service) signalController() controller.Controller {
	return controller.Loop("ecs/signal", func(ctx context.Context) error {
		return task.Listen(ctx, s.signalSocket(), func(id string) { s.signal(ctx, id) })
	})
}

// signal makes the task's controller look. What fails here is made good by its
// regular look at every task.
func (s *Service) signal(ctx context.Context, id string) {
	for key, t := range Tasks.All(s.store.Snapshot()) {
		if t.Spec.ID != id {
			continue
		}
		err := s.store.Update(ctx, func(tx *store.Tx) error {
			was, _ := Signals.Get(tx, key)
			Signals.Put(tx, Signal{Key: key, Count: was.Count + 1})
			return nil
		})
		if err != nil && ctx.Err() == nil {
			s.env.Log.WarnContext(ctx, "signal of a task not kept", "task", id, "error", err)
		}
	}
}

// pruneDirs removes what earlier regions left of tasks that are not in the store.
func (s *Service) pruneDirs(ctx context.Context, snap store.Snapshot) error {
	if err := os.MkdirAll(s.tasksDir(), 0o700); err != nil {
		return err
	}
	ids, err := s.dirs()
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for key := range Tasks.All(snap) {
		_, id := arn.SplitKey(key)
		known[id[len(id)-32:]] = true
	}
	for _, id := range ids {
		if !known[id] {
			if err := task.Remove(ctx, s.taskDir(id)); err != nil {
				return err
			}
		}
	}
	return nil
}

// dirs lists the tasks that have a directory.
func (s *Service) dirs() ([]string, error) {
	entries, err := os.ReadDir(s.tasksDir())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var ids []string
	for _, e := range entries {
		if e.IsDir() {
			ids = append(ids, e.Name())
		}
	}
	return ids, err
}

// forget clears what is left of a task whose row is gone.
func (s *Service) forget(ctx context.Context, key, id string) error {
	if !taskIDRule.MatchString(id) {
		return nil
	}
	if err := task.Remove(ctx, s.taskDir(id)); err != nil {
		return err
	}
	if _, ok := Signals.Get(s.store.Snapshot(), key); !ok {
		return nil
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		Signals.Delete(tx, key)
		return nil
	})
}

// Stop ends every task of the home and removes what it had but its row: the next
// region finds them stopped and services start others. It looks at the disk, so
// it also finds tasks of an earlier process.
func (s *Service) Stop(ctx context.Context) error {
	ids, err := s.dirs()
	errs := []error{err}
	for _, id := range ids {
		errs = append(errs, task.Stop(ctx, s.taskDir(id), "the region was stopped"))
	}
	for _, id := range ids {
		errs = append(errs, s.awaitEnd(ctx, id), task.Remove(ctx, s.taskDir(id)))
	}
	return errors.Join(errs...)
}
