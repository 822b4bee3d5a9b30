package task

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"apex/internal/dataplane/task/cgroup"
	"apex/internal/dataplane/task/container"
)

// errStopping is why a container does not start any more.
var errStopping = errors.New("the task is stopping")

// keep takes one container from its dependencies to its end, which comes when ctx
// ends if not before.
func (s *supervisor) keep(ctx context.Context, c Container) {
	if err := s.awaitDependencies(ctx, c); err != nil {
		s.neverRan(c, err)
		return
	}
	if err := s.runContainer(ctx, c); err != nil {
		s.neverRan(c, fmt.Errorf("CannotStartContainerError: %w", err))
	}
}

// neverRan records a container that did not start.
func (s *supervisor) neverRan(c Container, err error) {
	stopping := errors.Is(err, errStopping)
	if c.Essential && !stopping { // before the container is stopped, so that the cause is there with it
		s.halt(CauseStart, err.Error())
	}
	s.note(s.board.container(c.Name, func(state *ContainerState) {
		state.Status, state.FinishedAt = Stopped, time.Now()
		if !stopping {
			state.Error = err.Error()
		}
	}))
}

// awaitDependencies waits until the container may start.
func (s *supervisor) awaitDependencies(ctx context.Context, c Container) error {
	timeout := c.StartTimeout
	if timeout == 0 {
		timeout = defaultStartTimeout
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("dependencies not met within %s", timeout))
	defer cancel()
	for _, d := range c.DependsOn {
		var verdict error
		err := s.board.wait(ctx, func(state State) bool {
			met, err := d.met(state.Container(d.Container))
			verdict = err
			return met || err != nil
		})
		if err := errors.Join(err, verdict); err != nil {
			return fmt.Errorf("dependency on %s (%s): %w", d.Container, d.Condition, err)
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// met reports whether the condition holds, or an error if it never will.
func (d Dependency) met(on ContainerState) (bool, error) {
	ended := on.Status == Stopped
	succeeded := ended && on.Exit != nil && *on.Exit == 0
	switch d.Condition {
	case Complete:
		return ended, nil
	case Success:
		if ended && !succeeded {
			return false, errors.New("it did not end with code 0")
		}
		return succeeded, nil
	case Healthy:
		if ended || on.Health == HealthBad {
			return false, errors.New("it is not healthy")
		}
		return on.Health == HealthOK, nil
	}
	if ended && on.StartedAt.IsZero() {
		return false, errors.New("it did not start")
	}
	return !on.StartedAt.IsZero(), nil
}

// runContainer runs a container, again if its policy says so, and returns when it
// ended, or why it did not start.
func (s *supervisor) runContainer(ctx context.Context, c Container) error {
	group := s.group.Below(c.Name)
	limits := cgroup.Limits{Shares: c.CPU, Memory: c.Memory << 20, Reserve: c.Reserve << 20}
	if err := group.Create(limits); err != nil {
		return err
	}
	for {
		began := time.Now()
		exit, err := s.runOnce(ctx, c, group)
		if err != nil {
			return err
		}
		if ctx.Err() != nil || !c.Restart.wants(exit.Code, time.Since(began)) {
			s.ended(c, exit, group)
			return nil
		}
		s.note(s.board.container(c.Name, func(state *ContainerState) { state.Restarts++ }))
	}
}

// runOnce runs a container from its start to its end.
func (s *supervisor) runOnce(ctx context.Context, c Container, group cgroup.Group) (container.Exit, error) {
	out, err := openOutput(c)
	if err != nil {
		return container.Exit{}, err
	}
	spec, err := specOf(s.config, c)
	if err != nil {
		return container.Exit{}, errors.Join(err, out.finish())
	}
	running, err := container.Start(ctx, spec, container.Options{
		Init: append([]string{s.config.Executable}, s.config.InitArgs...), Namespace: s.namespace,
		Stdout: out.stdout.file, Stderr: out.stderr.file, Place: group.Add,
	})
	out.started()
	if err != nil {
		s.note(out.finish())
		return container.Exit{}, err
	}
	s.note(s.board.container(c.Name, func(state *ContainerState) {
		state.Status, state.PID, state.StartedAt = Running, running.PID(), time.Now()
		if c.Health != nil {
			state.Health = HealthUnknown
		}
	}))
	s.runs(c.Name, running)
	s.attend(ctx, c, running)
	s.runs(c.Name, nil)
	s.note(out.finish())
	return running.Wait(), nil
}

// attend checks the health of a running container and stops it when it is time.
func (s *supervisor) attend(ctx context.Context, c Container, running *container.Container) {
	checking, cancel := context.WithCancel(context.WithoutCancel(ctx)) // also while it stops
	var checks sync.WaitGroup
	if c.Health != nil {
		checks.Go(func() { s.checkHealth(checking, c, running) })
	}
	select {
	case <-running.Ended():
	case <-ctx.Done():
		s.stop(c, running)
	}
	cancel()
	checks.Wait()
}

// stop ends a container once those that depend on it have ended.
func (s *supervisor) stop(c Container, running *container.Container) {
	_ = s.board.wait(context.Background(), func(state State) bool {
		for _, other := range s.config.Containers {
			depends := slices.ContainsFunc(other.DependsOn, func(d Dependency) bool { return d.Container == c.Name })
			if depends && state.Container(other.Name).Status != Stopped {
				return false
			}
		}
		return true
	})
	signal, timeout := c.StopSignal, c.StopTimeout
	if signal == 0 {
		signal = syscall.SIGTERM
	}
	if timeout == 0 {
		timeout = defaultStopTimeout
	}
	s.note(running.Signal(signal))
	select {
	case <-running.Ended():
	case <-time.After(timeout):
		running.Kill()
		<-running.Ended()
	}
}

// ended records how a container ended. The task's cause is set before, so that
// whoever sees the container stopped sees why the task stops.
func (s *supervisor) ended(c Container, exit container.Exit, group cgroup.Group) {
	stats, err := group.Stats()
	s.note(err)
	if c.Essential {
		s.halt(CauseEssential, "essential container "+c.Name+" exited")
	}
	s.note(s.board.container(c.Name, func(state *ContainerState) {
		state.Status, state.PID, state.FinishedAt = Stopped, 0, time.Now()
		state.Exit = &exit.Code
		state.OOM = stats.OOMKills > 0 && exit.Signal == syscall.SIGKILL
	}))
}

// defaultOpenFiles is what a container may open unless it says otherwise, as on
// Fargate; less where the machine allows less.
const defaultOpenFiles = 65535

func withOpenFiles(limits []container.Rlimit) []container.Rlimit {
	if slices.ContainsFunc(limits, func(l container.Rlimit) bool { return l.Resource == unix.RLIMIT_NOFILE }) {
		return limits
	}
	most := uint64(defaultOpenFiles)
	var own unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &own); err == nil {
		most = min(most, own.Max)
	}
	return append(slices.Clip(limits), container.Rlimit{Resource: unix.RLIMIT_NOFILE, Soft: most, Hard: most})
}

// specOf says what package container shall build.
func specOf(config Config, c Container) (container.Spec, error) {
	work := filepath.Join(config.Dir, "containers", c.Name)
	if err := os.MkdirAll(work, 0o700); err != nil {
		return container.Spec{}, err
	}
	mounts := nameMounts(config.Dir)
	for _, m := range c.Mounts {
		if !filepath.IsAbs(m.Source) {
			m.Source = filepath.Join(config.Dir, "volumes", filepath.Clean("/"+m.Source))
			if err := os.MkdirAll(m.Source, 0o755); err != nil {
				return container.Spec{}, err
			}
		}
		mounts = append(mounts, container.Mount(m))
	}
	return container.Spec{
		Layers: c.Layers, Work: work, ReadonlyRoot: c.ReadonlyRoot, Hostname: config.Hostname,
		Mounts: mounts, Tmpfs: c.Tmpfs, SharedMemory: c.SharedMemory, Limits: withOpenFiles(c.Limits),
		AddCapabilities: c.AddCapabilities, DropCapabilities: c.DropCapabilities, Sysctls: c.Sysctls,
		Process: container.Process{Args: c.Args, Env: c.Env, Dir: c.Dir, User: c.User},
	}, nil
}
