package cloudwatch

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"apex/internal/arn"
	"apex/internal/service/sns"
	"apex/internal/store"
)

// actionsOf are the actions of a state.
func (spec *AlarmSpec) actionsOf(state string) []string {
	switch state {
	case StateOK:
		return spec.OKActions
	case StateAlarm:
		return spec.AlarmActions
	}
	return spec.InsufficientActions
}

// act carries out the actions of an alarm's state: it puts notices into the outbox
// of their topics. A scaling policy needs no notice: Application Auto Scaling
// watches the alarms themselves.
func act(tx *store.Tx, alarm Alarm, from string, now time.Time) {
	if !alarm.Spec.ActionsEnabled {
		return
	}
	for _, action := range alarm.Spec.actionsOf(alarm.Status.State) {
		name, err := arn.Parse(action)
		if err != nil {
			continue // the API lets none in that does not read
		}
		message, fault := "", error(nil)
		if name.Service == "sns" {
			message = notice(alarm, from)
			fault = sns.PublishTo(tx, action, sns.Message{Subject: subject(alarm), Body: message}, now)
		}
		recordAction(tx, alarm, action, message, fault, now)
	}
}

func recordAction(tx *store.Tx, alarm Alarm, action, message string, fault error, now time.Time) {
	summary, state := "Successfully executed action "+action, "Succeeded"
	data := map[string]any{
		"notificationResource": action, "stateUpdateTimestamp": alarm.Status.Updated.UnixMilli(), "publishedMessage": message,
	}
	if fault != nil {
		summary = fmt.Sprintf("Failed to execute action %s. Received error: %q", action, fault.Error())
		state, data["error"] = "Failed", fault.Error()
	}
	data["actionState"] = state
	record(tx, alarm, now, "Action", summary, data)
}

func subject(alarm Alarm) string {
	text := fmt.Sprintf("%s: %q in %s", alarm.Status.State, alarm.Spec.Name, regionName(scopeOfKey(alarm.Key).Region))
	return text[:min(len(text), 100)] // what a subject may hold
}

// regionName is a region's name in notices: the long one of the region that is the
// default here, else its code.
func regionName(code string) string {
	if code == "us-east-1" {
		return "US East (N. Virginia)"
	}
	return code
}

// notice writes the message of a state change, as CloudWatch sends it to SNS.
func notice(alarm Alarm, from string) string {
	scope, spec, status := scopeOfKey(alarm.Key), alarm.Spec, alarm.Status
	message := map[string]any{
		"AlarmName": spec.Name, "AlarmDescription": optional(spec.Description), "AWSAccountId": scope.Account,
		"AlarmConfigurationUpdatedTimestamp": javaTime(spec.Updated), "AlarmArn": AlarmARN(scope, spec.Name),
		"NewStateValue": status.State, "NewStateReason": status.Reason, "OldStateValue": from,
		"StateChangeTime": javaTime(status.Updated), "Region": regionName(scope.Region),
		"OKActions": list(spec.OKActions), "AlarmActions": list(spec.AlarmActions), "InsufficientDataActions": list(spec.InsufficientActions),
	}
	if spec.Composite != nil {
		message["AlarmRule"] = spec.Composite.Rule
	} else {
		message["Trigger"] = triggerOf(spec.Metric)
	}
	text, err := json.Marshal(message)
	if err != nil {
		return status.Reason
	}
	return string(text)
}

// triggerOf is the part of a notice that says what is watched.
func triggerOf(rule *MetricRule) map[string]any {
	out := map[string]any{
		"Period": rule.periodSeconds(), "EvaluationPeriods": rule.EvaluationPeriods, "DatapointsToAlarm": rule.needed(),
		"ComparisonOperator": rule.Comparison, "Threshold": javaNumber(rule.Threshold),
		"TreatMissingData": rule.Missing, "EvaluateLowSampleCountPercentile": rule.LowSamples,
	}
	if len(rule.Queries) > 0 {
		out["Metrics"] = describeQueries(rule.Queries)
		return out
	}
	type dimension struct {
		Value string `json:"value"`
		Name  string `json:"name"`
	}
	dimensions := []dimension{}
	for _, l := range rule.Stat.Dimensions {
		dimensions = append(dimensions, dimension{l.Value, l.Name})
	}
	out["MetricName"], out["Namespace"], out["Dimensions"] = rule.Stat.Name, rule.Stat.Namespace, dimensions
	out["Unit"] = optional(rule.Stat.Unit)
	if isSimple(rule.Stat.Statistic) {
		out["StatisticType"], out["Statistic"] = "Statistic", strings.ToUpper(rule.Stat.Statistic)
	} else {
		out["StatisticType"], out["ExtendedStatistic"] = "ExtendedStatistic", rule.Stat.Statistic
	}
	return out
}
