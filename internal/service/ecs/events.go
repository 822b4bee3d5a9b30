package ecs

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/service/elbv2"
	"apex/internal/store"
)

// startEvents says what was started, in AWS's words.
func startEvents(svc ServiceSpec, started []string, fault error) (events []string) {
	if len(started) > 0 {
		events = append(events, fmt.Sprintf("(service %s) has started %d tasks: %s.", svc.Name, len(started), taskList(started)))
	}
	if fault != nil {
		events = append(events, fmt.Sprintf("(service %s) was unable to place a task. Reason: %v.", svc.Name, fault))
	}
	return events
}

// stopEvents says what was stopped, and of each task that failed why.
func stopEvents(r store.Reader, svc ServiceSpec, stopped []Task) (events []string) {
	var ids []string
	for _, t := range stopped {
		ids = append(ids, t.Spec.ID)
		if t.Spec.Stop.Fault {
			events = append(events, faultEvent(r, svc, t))
		}
	}
	if len(ids) > 0 {
		events = append(events, fmt.Sprintf("(service %s) has stopped %d running tasks: %s.", svc.Name, len(ids), taskList(ids)))
	}
	return events
}

func faultEvent(r store.Reader, svc ServiceSpec, t Task) string {
	for i, lb := range t.Spec.LoadBalancers {
		target := targets(t)[i]
		if state, _ := elbv2.TargetHealth(r, api.Val(lb.TargetGroupArn), target); strings.HasPrefix(state, "unhealthy") {
			return fmt.Sprintf("(service %s) (port %d) is unhealthy in (target-group %s) due to (reason %s).",
				svc.Name, target.Port, api.Val(lb.TargetGroupArn), elbv2.TargetProblem(r, api.Val(lb.TargetGroupArn), target))
		}
	}
	return fmt.Sprintf("(service %s) (task %s) failed container health checks.", svc.Name, t.Spec.ID)
}

func taskList(ids []string) string { return "(task " + strings.Join(ids, ") (task ") + ")" }

// targetEvents tells of the tasks whose targets came or left since it was told
// last, and returns those that are registered now.
func targetEvents(svc ServiceSpec, tasks []Task, told []string) (events, registered []string) {
	came, left := map[string]int{}, map[string]int{}
	draining := 0
	for _, t := range tasks {
		is := t.Status.Registered && last(t) == statusRunning
		was := slices.Contains(told, t.Spec.ID)
		if is {
			registered = append(registered, t.Spec.ID)
		}
		if was && !is {
			draining++
		}
		for _, lb := range t.Spec.LoadBalancers {
			switch {
			case is && !was:
				came[api.Val(lb.TargetGroupArn)]++
			case was && !is:
				left[api.Val(lb.TargetGroupArn)]++
			}
		}
	}
	for _, group := range slices.Sorted(maps.Keys(came)) {
		events = append(events, fmt.Sprintf("(service %s) registered %d targets in (target-group %s)", svc.Name, came[group], group))
	}
	for _, group := range slices.Sorted(maps.Keys(left)) {
		events = append(events, fmt.Sprintf("(service %s) deregistered %d targets in (target-group %s)", svc.Name, left[group], group))
	}
	if draining > 0 {
		events = append(events, fmt.Sprintf("(service %s) has begun draining connections on %d tasks.", svc.Name, draining))
	}
	return events, registered
}

// The two things that are told of the balance over zones.
const (
	balanced   = "is AZ balanced with "
	unbalanced = "is not AZ balanced with "
)

// zoneEvent tells that tasks begin to move to other zones, or that they have.
func zoneEvent(in rolloutInput, steps []step, told []Event) string {
	count := perZone(in.Tasks)
	var parts []string
	for _, z := range in.Zones {
		parts = append(parts, fmt.Sprintf("%d tasks in %s", count[z], z))
	}
	spread := strings.Join(parts, ", ") + "."
	moving := len(steps) == 1 && steps[0].Start && len(in.Tasks) == in.Desired && skew(in.Zones, in.Tasks) > 1
	switch {
	case !in.Rebalance || !final(in.Status.State):
	case moving:
		return fmt.Sprintf("(service %s) %s%s AZ Rebalancing in progress.", in.Service, unbalanced, spread)
	case len(steps) == 0 && len(in.Tasks) == in.Desired && skew(in.Zones, in.Tasks) < 2 && wasUnbalanced(told):
		return fmt.Sprintf("(service %s) %s%s", in.Service, balanced, spread)
	}
	return ""
}

// wasUnbalanced reports what was told last of the balance.
func wasUnbalanced(told []Event) bool {
	for _, e := range told {
		if strings.Contains(e.Message, unbalanced) || strings.Contains(e.Message, balanced) {
			return strings.Contains(e.Message, unbalanced)
		}
	}
	return false
}

// spotEvents tells of the tasks that got an interruption notice.
func spotEvents(svc ServiceSpec, tasks []Task, told []Event) (events []string) {
	for _, t := range tasks {
		if t.Spec.Stop == nil || t.Spec.Stop.Code != ecsapi.TaskStopCodeSpotInterruption {
			continue
		}
		what := "(service " + svc.Name + ") (task " + t.Spec.ID + ") received a Spot interruption notice."
		if !slices.ContainsFunc(told, func(e Event) bool { return e.Message == what }) {
			events = append(events, what)
		}
	}
	return events
}
