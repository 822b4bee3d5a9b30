package ecs

import (
	"slices"

	"apex/internal/api"
	"apex/internal/arn"
	"apex/internal/service/cloudwatch"
	"apex/internal/store"
)

// triggered are the deployment alarms that are in ALARM. One that does not exist
// says nothing.
func (u *serviceUpdate) triggered(r store.Reader, d Deployment) (names []string) {
	a := d.Rollout.Alarms
	if a == nil || !api.Val(a.Enable) {
		return nil
	}
	for _, name := range a.AlarmNames {
		if state, ok := cloudwatch.StateOf(r, u.scope, name); ok && state == cloudwatch.StateAlarm {
			names = append(names, name)
		}
	}
	return names
}

// watchersOf returns the services whose running deployment goes by an alarm.
func watchersOf(snap store.Snapshot, alarm string) (keys []string) {
	scope, name := arn.SplitKey(alarm)
	for key, row := range Services.Prefix(snap, scope.Prefix()) {
		d := row.Spec.Deployments[row.current()]
		if a := d.Rollout.Alarms; a != nil && slices.Contains(a.AlarmNames, name) && !final(row.Status.deployment(d.ID).State) {
			keys = append(keys, key)
		}
	}
	return keys
}
