package release

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// A watcher follows one deployment of a service.
type watcher struct {
	*Client
	name       string
	deployment string // its id; empty until it is known
	definition string
	goal       Goal
	since      time.Time

	told map[string]bool // events that were said
	last string
}

func (w *watcher) watch(ctx context.Context) error {
	if w.goal == Started {
		return nil
	}
	w.told = map[string]bool{}
	for {
		s, err := w.Service(ctx, w.name)
		if err != nil {
			return err
		}
		w.tell(s)
		done, err := w.judge(s)
		if done || err != nil {
			return err
		}
		if err := w.pause(ctx); err != nil {
			if errors.Is(err, context.DeadlineExceeded) {
				return fmt.Errorf("service %s: not done in time: %w", w.name, err)
			}
			return err
		}
	}
}

// judge says whether the goal is reached, or never will be.
func (w *watcher) judge(s types.Service) (done bool, err error) {
	mine := -1
	for i, d := range s.Deployments {
		if aws.ToString(d.Id) == w.deployment {
			mine = i
		}
	}
	if mine < 0 {
		return true, fmt.Errorf("service %s: the deployment was replaced by another: %w", w.name, ErrRolledBack)
	}
	d := s.Deployments[mine]
	switch {
	case d.RolloutState == types.DeploymentRolloutStateFailed:
		return w.failed(s, d)
	case aws.ToString(d.Status) != "PRIMARY":
		return false, nil // it gives way: wait for what is said of it
	case d.RolloutState != types.DeploymentRolloutStateCompleted:
		return false, nil
	case w.goal == Stable:
		return len(s.Deployments) == 1 && s.RunningCount == s.DesiredCount, nil
	}
	return true, nil
}

// failed waits until the deployment that came before serves again.
func (w *watcher) failed(s types.Service, d types.Deployment) (bool, error) {
	reason := aws.ToString(d.RolloutStateReason)
	for _, other := range s.Deployments {
		if aws.ToString(other.Status) == "PRIMARY" && aws.ToString(other.Id) != w.deployment {
			if other.RolloutState != types.DeploymentRolloutStateCompleted {
				return false, nil
			}
			return true, fmt.Errorf("service %s: %s: %w", w.name, reason, ErrRolledBack)
		}
	}
	return true, fmt.Errorf("service %s: the deployment failed: %s", w.name, reason)
}

// tell says what is new: events of the service, then how far it is.
func (w *watcher) tell(s types.Service) {
	events := slices.Clone(s.Events)
	slices.Reverse(events) // the newest come first
	for _, e := range events {
		id := aws.ToString(e.Id)
		if w.told[id] || aws.ToTime(e.CreatedAt).Before(w.since.Truncate(time.Second)) {
			continue
		}
		w.told[id] = true
		w.say("%s", strings.TrimSuffix(aws.ToString(e.Message), "."))
	}
	if line := w.summary(s); line != w.last {
		w.last = line
		w.say("%s", line)
	}
}

func (w *watcher) summary(s types.Service) string {
	var parts []string
	for _, d := range s.Deployments {
		parts = append(parts, fmt.Sprintf("%s %d of %d", Short(aws.ToString(d.TaskDefinition)), d.RunningCount, d.DesiredCount))
	}
	return w.name + ": " + strings.Join(parts, ", ")
}
