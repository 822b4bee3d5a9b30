package cli

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// verdictOf says in a sentence how it stands with a task, and the way on.
func verdictOf(t ecstypes.Task, story taskStory) (verdict, hint string) {
	if aws.ToString(t.DesiredStatus) == "STOPPED" {
		return stoppedVerdict(t)
	}
	switch status := aws.ToString(t.LastStatus); {
	case status != "RUNNING":
		return "It is starting: " + startingVerdict(status) + ".", ""
	case anyContains(story.Targets, ": unhealthy"):
		return "It runs, and the load balancer finds it unhealthy: no request goes to it.",
			"The health path must answer in time with a status that the target group's matcher takes; the service replaces it otherwise."
	case anyContains(story.Targets, ": initial"):
		return "It runs, and waits for its first health check.", ""
	case anyContains(story.Targets, ": draining"):
		return "It finishes its last requests and takes no new ones.", ""
	case t.HealthStatus == ecstypes.HealthStatusUnhealthy:
		return "It runs, and its container health check fails: the service will replace it.", "Run the check's command by hand: apex exec."
	}
	return "It runs and is well.", ""
}

func startingVerdict(status string) string {
	switch status {
	case "PROVISIONING":
		return "its network interface is being made"
	case "PENDING":
		return "its image is pulled, its secrets are read and its containers started"
	case "ACTIVATING":
		return "it registers with its target groups"
	}
	return strings.ToLower(status)
}

// stoppedVerdict reads what AWS says of a task that ended.
func stoppedVerdict(t ecstypes.Task) (verdict, hint string) {
	reason := aws.ToString(t.StoppedReason)
	verdict = fmt.Sprintf("It was stopped (%s): %s", t.StopCode, reason)
	for _, c := range t.Containers {
		text := aws.ToString(c.Reason)
		switch {
		case strings.Contains(text, "OutOfMemory"):
			return verdict, fmt.Sprintf("Container %s used more than its memory: give it more (memory in the stack file), or make it use less.", aws.ToString(c.Name))
		case aws.ToInt32(c.ExitCode) == 137:
			hint = fmt.Sprintf("Container %s was killed: by somebody, or because it did not end within its stop timeout after SIGTERM.", aws.ToString(c.Name))
		case aws.ToInt32(c.ExitCode) != 0:
			hint = fmt.Sprintf("Container %s ended by itself with code %d: its last words say why.", aws.ToString(c.Name), *c.ExitCode)
		}
	}
	for _, known := range []struct{ part, hint string }{
		{"CannotPull", "The image is not there, or the execution role may not pull it: apex deploy verifies that first."},
		{"ResourceInitializationError", "A secret could not be read: it must exist, have the key, and be allowed to the execution role."},
		{"failed ELB health checks", "The health path did not answer as the target group wants it: apex lb test shows the rules, the last words the program's side."},
		{"deployment", "A deployment replaced it: apex releases."},
		{"Scaling activity", "The service needed fewer tasks: apex explain scaling."},
	} {
		if strings.Contains(reason, known.part) {
			return verdict, known.hint
		}
	}
	return verdict, hint
}

func anyContains(lines []string, part string) bool {
	for _, l := range lines {
		if strings.Contains(l, part) {
			return true
		}
	}
	return false
}
