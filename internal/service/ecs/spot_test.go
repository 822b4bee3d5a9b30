package ecs

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"apex/internal/service/elbv2"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

func TestSpotInterruption(t *testing.T) {
	w := newWorld(t)
	w.run()
	_, err := w.client.CreateCluster(t.Context(), &ecs.CreateClusterInput{
		ClusterName: aws.String("main"), CapacityProviders: []string{"FARGATE", "FARGATE_SPOT"},
		DefaultCapacityProviderStrategy: []types.CapacityProviderStrategyItem{
			{CapacityProvider: aws.String("FARGATE"), Base: 1, Weight: 0}, {CapacityProvider: aws.String("FARGATE_SPOT"), Weight: 1},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	one := w.define("web", "await 0")
	w.create("web", one, 2, func(in *ecs.CreateServiceInput) {
		behindBalancer(in)
		in.LaunchType = ""
	})
	w.await("two run", func(s store.Snapshot) bool { return active(s, "web", one) == 2 })
	var spot, steady Task
	for _, task := range tasksIn(w.env.Store.Snapshot(), "web") {
		if task.Spec.Provider == providerSpot {
			spot = task
		} else {
			steady = task
		}
	}
	if spot.Key == "" || steady.Spec.Provider != providerFargate {
		t.Fatalf("the strategy was not followed: %+v", tasksIn(w.env.Store.Snapshot(), "web"))
	}
	interrupt := func(task Task) error {
		_, err := w.client.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: aws.String("main"), Task: &task.Spec.ARN, Reason: aws.String(spotReason + ": drill")})
		return err
	}
	if err := interrupt(steady); servicetest.Code(err) != "InvalidParameterException" {
		t.Errorf("a task that is not on Spot: %v", err)
	}
	if err := interrupt(spot); err != nil {
		t.Fatal(err)
	}
	w.await("it ends and another takes its place", func(s store.Snapshot) bool {
		gone, _ := Tasks.Get(s, spot.Key)
		return last(gone) == statusStopped && active(s, "web", one) == 2
	})
	gone, _ := Tasks.Get(w.env.Store.Snapshot(), spot.Key)
	if gone.Status.Code != "SpotInterruption" || gone.Spec.Stop.Deadline.Sub(gone.Spec.Stop.At) > 2*time.Minute {
		t.Errorf("stopped as %s, %+v", gone.Status.Code, gone.Spec.Stop)
	}
	if _, reason := elbv2.TargetHealth(w.env.Store.Snapshot(), targetGroupARN, targets(gone)[0]); reason != "Target.NotRegistered" {
		t.Errorf("its target: %s", reason)
	}
	if !said(w.env.Store.Snapshot(), "received a Spot interruption notice") {
		t.Error("no event tells of it")
	}
}
