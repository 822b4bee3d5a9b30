package scheduler

import (
	"strings"

	"apex/internal/api"
	"apex/internal/api/schedulerapi"
	"apex/internal/arn"
	"apex/internal/service/sts"
	"apex/internal/service/target"
	"apex/internal/store"
)

// What a target's retry policy is that says nothing (Scheduler API reference).
const (
	defaultRetries = 185
	defaultAge     = 86400
)

var bad = schedulerapi.NewValidationException

// isName tells the names of schedules and groups.
func isName(name string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
	return name != "" && strings.Trim(name, letters) == ""
}

// check refuses what a schedule cannot be.
func check(r store.Reader, key string, spec ScheduleSpec) error {
	if !isName(spec.Name) {
		return bad("1 validation error detected: Value '%s' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[0-9a-zA-Z-_.]+$", spec.Name)
	}
	when, err := spec.table()
	switch {
	case err != nil && strings.HasPrefix(err.Error(), "time zone"):
		return bad("Invalid ScheduleExpressionTimezone %s.", spec.Timezone)
	case err != nil:
		return bad("Invalid Schedule Expression %s: %v.", spec.Expression, err)
	case spec.Start != nil && spec.End != nil && spec.End.Before(*spec.Start):
		return bad("The StartDate must be before the EndDate.")
	case spec.End != nil && spec.End.Before(spec.Modified):
		return bad("The EndDate must be a time in the future.")
	case when.Once() && (spec.Start != nil || spec.End != nil):
		return bad("The StartDate and EndDate of a one-time schedule are not used: leave them out.")
	}
	if err := checkWindow(spec.Window); err != nil {
		return err
	}
	return checkTarget(r, key, spec.Target)
}

func checkWindow(w *schedulerapi.FlexibleTimeWindow) error {
	flexible := api.Val(w.Mode) == schedulerapi.FlexibleTimeWindowModeFlexible
	switch {
	case flexible && w.MaximumWindowInMinutes == nil:
		return bad("MaximumWindowInMinutes must be provided when FlexibleTimeWindow Mode is FLEXIBLE.")
	case !flexible && w.MaximumWindowInMinutes != nil:
		return bad("MaximumWindowInMinutes must not be provided when FlexibleTimeWindow Mode is OFF.")
	}
	return nil
}

func checkTarget(r store.Reader, key string, t schedulerapi.Target) error {
	if err := target.Check(*t.Arn); err != nil {
		return bad("Provided Arn is not in correct format: %v.", err)
	}
	name, _ := arn.Parse(*t.Arn) // checked
	fifo := name.Service == "sqs" && strings.HasSuffix(name.Resource, ".fifo")
	switch {
	case name.Service == "logs":
		return bad("Provided Arn is not in correct format: a log group is no target of a schedule.")
	case name.Service == "ecs" && t.EcsParameters == nil:
		return bad("EcsParameters must be provided for an ECS target.")
	case name.Service != "ecs" && t.EcsParameters != nil:
		return bad("EcsParameters are of ECS targets alone.")
	case name.Service == "events" && t.EventBridgeParameters == nil:
		return bad("EventBridgeParameters must be provided for an EventBridge target.")
	case fifo && (t.SqsParameters == nil || t.SqsParameters.MessageGroupId == nil):
		return bad("SqsParameters with a MessageGroupId must be provided for a FIFO queue.")
	case t.KinesisParameters != nil || t.SageMakerPipelineParameters != nil:
		return bad("Targets of Kinesis and SageMaker are not built.")
	}
	if t.DeadLetterConfig != nil && t.DeadLetterConfig.Arn != nil {
		if queue, err := arn.Parse(*t.DeadLetterConfig.Arn); err != nil || queue.Service != "sqs" {
			return bad("The dead-letter queue %s is no SQS queue.", *t.DeadLetterConfig.Arn)
		}
	}
	if role, err := arn.Parse(*t.RoleArn); err != nil || role.Service != "iam" || !strings.HasPrefix(role.Resource, "role/") {
		return bad("Provided RoleArn is not in correct format.")
	}
	if _, err := sts.ServiceSession(r, *t.RoleArn, principal, scheduleARN(key), "check"); err != nil {
		return bad("The execution role you provide must allow AWS EventBridge Scheduler to assume the role.")
	}
	return nil
}
