package elbv2

import "apex/internal/store"

// TargetProblem says in words why a target is not healthy: "Health checks failed
// with these codes: [500]". It is empty of one that is healthy or not registered.
func TargetProblem(r store.Reader, targetGroupARN string, t Target) string {
	group, _ := TargetGroups.Get(r, keyOf(targetGroupARN))
	if t.Port == 0 {
		t.Port = group.Spec.Port
	}
	reg, ok := Registrations.Get(r, registrationKey(group.Key, t))
	if !ok {
		return ""
	}
	return reg.statusNow().Description
}
