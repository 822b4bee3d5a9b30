package cloudwatch

import (
	"context"
	"strings"

	"apex/internal/api"
	"apex/internal/api/cloudwatchapi"
	"apex/internal/arn"
	"apex/internal/service/cloudwatch/rule"
	"apex/internal/store"
)

func (s *Service) putCompositeAlarm(ctx context.Context, call *api.Call, in *cloudwatchapi.PutCompositeAlarmInput) (*cloudwatchapi.PutCompositeAlarmOutput, error) {
	if in.ActionsSuppressor == nil && (in.ActionsSuppressorWaitPeriod != nil || in.ActionsSuppressorExtensionPeriod != nil) ||
		in.ActionsSuppressor != nil && (in.ActionsSuppressorWaitPeriod == nil || in.ActionsSuppressorExtensionPeriod == nil) {
		return nil, invalid("ActionsSuppressor, ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod must be given together.")
	}
	wait, extension := api.Val(in.ActionsSuppressorWaitPeriod), api.Val(in.ActionsSuppressorExtensionPeriod)
	if wait < 0 || extension < 0 {
		return nil, invalid("ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod must not be less than 0.")
	}
	return nil, s.putChecked(ctx, call, AlarmSpec{
		Name: *in.AlarmName, Description: api.Val(in.AlarmDescription), ActionsEnabled: api.Or(in.ActionsEnabled, true),
		OKActions: in.OKActions, AlarmActions: in.AlarmActions, InsufficientActions: in.InsufficientDataActions,
		Tags: tagsOf(in.Tags),
		Composite: &CompositeRule{
			Rule: *in.AlarmRule, Suppressor: api.Val(in.ActionsSuppressor), Wait: int(wait), Extension: int(extension),
		},
	})
}

// nameOf returns the name of an alarm that is named by it or by its ARN.
func nameOf(scope arn.Scope, alarm string) string {
	return strings.TrimPrefix(alarm, AlarmARN(scope, ""))
}

// checkComposite refuses a rule that does not read, asks for alarms that are not
// there, or asks in a circle.
func checkComposite(r store.Reader, scope arn.Scope, spec AlarmSpec) error {
	parsed, err := rule.Parse(spec.Composite.Rule)
	if err != nil {
		return invalid("AlarmRule: %v", err)
	}
	asked := parsed.Alarms()
	if spec.Composite.Suppressor != "" {
		asked = append(asked, spec.Composite.Suppressor)
	}
	for _, alarm := range asked {
		name := nameOf(scope, alarm)
		if _, ok := Alarms.Get(r, scope.Key(name)); !ok && name != spec.Name {
			return invalid("Unable to detect alarm '%s': the alarm does not exist.", alarm)
		}
		if leadsTo(r, scope, name, spec.Name, map[string]bool{}) {
			return invalid("The alarm %s would depend upon itself by way of %s.", spec.Name, name)
		}
	}
	return nil
}

// leadsTo tells whether an alarm is, or depends upon, the one searched for.
func leadsTo(r store.Reader, scope arn.Scope, from, to string, seen map[string]bool) bool {
	if from == to {
		return true
	}
	if seen[from] {
		return false
	}
	seen[from] = true
	alarm, _ := Alarms.Get(r, scope.Key(from))
	for _, child := range childrenOf(scope, alarm) {
		if leadsTo(r, scope, child, to, seen) {
			return true
		}
	}
	return false
}

// childrenOf returns the names of the alarms that a composite alarm asks for.
func childrenOf(scope arn.Scope, alarm Alarm) []string {
	if alarm.Spec.Composite == nil {
		return nil
	}
	parsed, err := rule.Parse(alarm.Spec.Composite.Rule)
	if err != nil {
		return nil // the API lets none in that does not read
	}
	var names []string
	for _, child := range parsed.Alarms() {
		names = append(names, nameOf(scope, child))
	}
	if alarm.Spec.Composite.Suppressor != "" {
		names = append(names, nameOf(scope, alarm.Spec.Composite.Suppressor))
	}
	return names
}

// parentsOf returns the names of the composite alarms that ask for an alarm.
func parentsOf(r store.Reader, scope arn.Scope, name string) []string {
	var parents []string
	for _, alarm := range Alarms.Prefix(r, scope.Prefix()) {
		for _, child := range childrenOf(scope, alarm) {
			if child == name {
				parents = append(parents, alarm.Spec.Name)
				break
			}
		}
	}
	return parents
}
