package ecs

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"apex/internal/service/servicetest"
	"apex/internal/store"
)

func TestProtectedTaskIsSpared(t *testing.T) {
	w := newWorld(t)
	w.run()
	w.cluster()
	one := w.define("web", "await 0")
	w.create("web", one, 3, nil)
	w.await("three run", func(s store.Snapshot) bool { return active(s, "web", one) == 3 })
	var arns []string
	for _, task := range tasksIn(w.env.Store.Snapshot(), "web")[:2] {
		arns = append(arns, task.Spec.ARN)
	}
	protect := func(on bool) *ecs.UpdateTaskProtectionOutput {
		out, err := w.client.UpdateTaskProtection(t.Context(), &ecs.UpdateTaskProtectionInput{Cluster: aws.String("main"), Tasks: arns, ProtectionEnabled: on})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if out := protect(true); len(out.ProtectedTasks) != 2 || out.ProtectedTasks[0].ExpirationDate == nil {
		t.Errorf("protected %+v", out)
	}
	w.update(func(tx *store.Tx) {
		if err := SetDesired(tx, serviceKey(scope, "main", "web"), 1); err != nil {
			t.Error(err)
		}
	})
	w.await("the one that may go has gone", func(s store.Snapshot) bool { return active(s, "web", one) == 2 })
	got, err := w.client.GetTaskProtection(t.Context(), &ecs.GetTaskProtectionInput{Cluster: aws.String("main"), Tasks: arns})
	if err != nil || len(got.ProtectedTasks) != 2 || !got.ProtectedTasks[1].ProtectionEnabled {
		t.Errorf("%+v, %v", got, err)
	}
	protect(false)
	w.await("one is left", func(s store.Snapshot) bool { return active(s, "web", one) == 1 })

	out, err := w.client.UpdateTaskProtection(t.Context(), &ecs.UpdateTaskProtectionInput{Cluster: aws.String("main"), Tasks: []string{"0123456789abcdef0123456789abcdef"}})
	if err != nil || len(out.Failures) != 1 || *out.Failures[0].Reason != "MISSING" {
		t.Errorf("a task that is not there: %+v, %v", out, err)
	}
	_, err = w.client.UpdateTaskProtection(t.Context(), &ecs.UpdateTaskProtectionInput{Cluster: aws.String("main"), Tasks: arns, ExpiresInMinutes: aws.Int32(2881)})
	if servicetest.Code(err) != "InvalidParameterException" {
		t.Errorf("too long: %v", err)
	}
}
