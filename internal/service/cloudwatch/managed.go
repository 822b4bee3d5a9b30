package cloudwatch

import (
	"reflect"
	"time"

	"apex/internal/arn"
	"apex/internal/store"
)

// PutManagedAlarm puts an alarm for another service, as PutMetricAlarm does for a
// caller, and returns its ARN. An alarm that is as spec says is left alone, so it
// may be called at any time. The spec needs a Name and a Metric; its times, tags
// and Forced are the table's own.
//
// Target tracking names its alarms
// "TargetTracking-service/<cluster>/<service>-AlarmHigh-<uuid>".
func PutManagedAlarm(tx *store.Tx, scope arn.Scope, now time.Time, spec AlarmSpec) string {
	key := scope.Key(spec.Name)
	old, known := Alarms.Get(tx, key)
	if known {
		spec.Created, spec.Updated = old.Spec.Created, old.Spec.Updated
		spec.Tags, spec.Forced = old.Spec.Tags, old.Spec.Forced
		if reflect.DeepEqual(old.Spec, spec) {
			return AlarmARN(scope, spec.Name)
		}
	}
	putAlarm(tx, key, spec, now)
	return AlarmARN(scope, spec.Name)
}

// DeleteManagedAlarm deletes an alarm that PutManagedAlarm put. Gone is no error.
func DeleteManagedAlarm(tx *store.Tx, scope arn.Scope, now time.Time, name string) {
	if alarm, ok := Alarms.Get(tx, scope.Key(name)); ok {
		deleteAlarm(tx, alarm, now)
	}
}

// putAlarm writes an alarm's Spec and its history. An alarm that was there keeps
// its state.
func putAlarm(tx *store.Tx, key string, spec AlarmSpec, now time.Time) {
	alarm, known := Alarms.Get(tx, key)
	spec.Updated = now
	if !known {
		spec.Created = now
		alarm = Alarm{Key: key, Spec: spec}
		Alarms.Put(tx, alarm)
		recordConfiguration(tx, alarm, "created", "Create", now)
		return
	}
	spec.Created, spec.Tags, spec.Forced = alarm.Spec.Created, alarm.Spec.Tags, alarm.Spec.Forced
	alarm.Spec = spec
	Alarms.Put(tx, alarm)
	recordConfiguration(tx, alarm, "updated", "Update", now)
}

func deleteAlarm(tx *store.Tx, alarm Alarm, now time.Time) {
	Alarms.Delete(tx, alarm.Key)
	recordConfiguration(tx, alarm, "deleted", "Delete", now)
}
