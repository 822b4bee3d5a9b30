package elbv2

import (
	"apex/internal/api/elbv2api"
	"apex/internal/store"
)

// RegisterTarget puts a target into a group. One that is draining there is
// taken back.
func RegisterTarget(tx *store.Tx, targetGroupARN string, t Target) error {
	group, ok := TargetGroups.Get(tx, keyOf(targetGroupARN))
	if !ok {
		return groupNotFound(targetGroupARN)
	}
	if t.Port == 0 {
		t.Port = group.Spec.Port
	}
	key := registrationKey(group.Key, t)
	spec := RegistrationSpec{Group: group.Key, Target: t}
	if have, ok := Registrations.Get(tx, key); ok {
		if have.Spec.Deregistered {
			Registrations.Modify(tx, key, func(r *Registration) { r.Spec = spec })
		}
		return nil
	}
	Registrations.Put(tx, Registration{Key: key, Spec: spec})
	return nil
}

// DeregisterTarget takes a target out of a group: its row goes when the requests
// in flight have ended, at the latest after the group's deregistration delay. A
// target that is not registered is no error.
func DeregisterTarget(tx *store.Tx, targetGroupARN string, t Target) error {
	group, ok := TargetGroups.Get(tx, keyOf(targetGroupARN))
	if !ok {
		return groupNotFound(targetGroupARN)
	}
	if t.Port == 0 {
		t.Port = group.Spec.Port
	}
	key := registrationKey(group.Key, t)
	if have, ok := Registrations.Get(tx, key); ok && !have.Spec.Deregistered {
		Registrations.Modify(tx, key, func(r *Registration) { r.Spec.Deregistered = true })
	}
	return nil
}

// TargetHealth returns a target's state and reason as DescribeTargetHealth says
// them: "healthy" and "", "draining" and "Target.DeregistrationInProgress".
func TargetHealth(r store.Reader, targetGroupARN string, t Target) (state, reason string) {
	group, ok := TargetGroups.Get(r, keyOf(targetGroupARN))
	if ok && t.Port == 0 {
		t.Port = group.Spec.Port
	}
	reg, ok := Registrations.Get(r, registrationKey(group.Key, t))
	if !ok {
		return elbv2api.TargetHealthStateEnumUnused, elbv2api.TargetHealthReasonEnumTargetNotRegistered
	}
	status := reg.statusNow()
	return status.State, status.Reason
}

// statusNow is the row's status, or what is true before the controller saw it.
func (r *Registration) statusNow() RegistrationStatus {
	switch {
	case r.Spec.Deregistered:
		return draining(r.Status.DrainUntil)
	case r.Status.State == "", !r.Status.DrainUntil.IsZero():
		return registering()
	}
	return r.Status
}

func registrationKey(group string, t Target) string { return group + "|" + t.Addr().String() }
