package ecs

import (
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
)

// spotReason begins the reason of a StopTask that stands for AWS taking a Spot
// task's capacity back. It is an extension of this region: on AWS nobody can ask
// for that.
const spotReason = "apex:spot-interruption"

// spotNotice is the time between the warning and the end of a Spot task.
const spotNotice = 2 * time.Minute

// stopOf is what a StopTask asks for.
func (s *Service) stopOf(t Task, reason *string, now time.Time) (*Stop, error) {
	if !strings.HasPrefix(api.Val(reason), spotReason) {
		return &Stop{Code: ecsapi.TaskStopCodeUserInitiated, Reason: api.Or(reason, "Task stopped by user"), At: now}, nil
	}
	if t.Spec.Provider != providerSpot {
		return nil, invalid("The task %s is not on %s: only tasks of that capacity provider are interrupted.", t.Spec.ID, providerSpot)
	}
	return &Stop{
		Code: ecsapi.TaskStopCodeSpotInterruption, Reason: "Your Spot Task was interrupted.",
		At: now, Deadline: now.Add(s.profile.DrainFor(spotNotice)),
	}, nil
}
