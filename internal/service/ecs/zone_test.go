package ecs

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"apex/internal/service/elbv2"
	"apex/internal/store"
)

// inZones counts the healthy tasks of the service by zone.
func inZones(s store.Snapshot) map[string]int {
	count := map[string]int{}
	for _, t := range tasksIn(s, "web") {
		if last(t) == statusRunning && t.Status.Verdict == verdictHealthy && t.Spec.Stop == nil {
			count[t.Spec.Zone]++
		}
	}
	return count
}

func TestZoneIsCutOffAndComesBack(t *testing.T) {
	w := newWorld(t)
	var cut atomic.Bool
	w.health = func(target elbv2.Target) string {
		if cut.Load() && strings.HasPrefix(target.IP.String(), "10.0.11.") {
			return "unhealthy"
		}
		return "healthy"
	}
	w.run()
	w.cluster()
	w.create("web", w.define("web", "await 0"), 2, func(in *ecs.CreateServiceInput) {
		behindBalancer(in)
		in.AvailabilityZoneRebalancing = types.AvailabilityZoneRebalancingEnabled
	})
	w.await("one runs in each zone", func(s store.Snapshot) bool {
		n := inZones(s)
		return n["us-east-1a"] == 1 && n["us-east-1b"] == 1
	})
	cut.Store(true)
	w.await("both run in the zone that is left", func(s store.Snapshot) bool { return inZones(s)["us-east-1a"] == 2 })
	cut.Store(false)
	w.await("one runs in each zone again", func(s store.Snapshot) bool {
		n := inZones(s)
		return n["us-east-1a"] == 1 && n["us-east-1b"] == 1
	})
	if !said(w.env.Store.Snapshot(), "AZ Rebalancing in progress") {
		t.Error("no event tells of the rebalancing")
	}
}
