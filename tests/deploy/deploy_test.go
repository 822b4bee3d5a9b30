package deploy

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"apex/internal/regiontest"
)

func TestRolling(t *testing.T) {
	s := open(t, 2, "{strategy: rolling}")
	before := s.running(t)

	l := startLoad(t, s.url())
	s.deploy(t, "broken")
	s.awaitStatus(t, types.ServiceDeploymentStatusRollbackSuccessful)
	d := s.newest(t)
	if d.DeploymentCircuitBreaker.Status != types.ServiceDeploymentRollbackMonitorsStatusTriggered || d.Rollback == nil {
		t.Errorf("the breaker did not trip: %+v", d)
	}
	if after := s.running(t); after != before {
		t.Errorf("the old set was touched: %s are %s", before, after)
	}

	s.deploy(t, "two")
	regiontest.Await(t, "a task of the new version answers", func() bool { return l.lastAnswer() == "two" })
	if s.newest(t).Status == types.ServiceDeploymentStatusInProgress { // else it was too quick to be stopped
		s.goBack(t)
		s.awaitStatus(t, types.ServiceDeploymentStatusRollbackSuccessful)
		l.share("")
		regiontest.Await(t, "requests are answered after it", func() bool { _, n := l.share("one"); return n > 0 })
		if n, of := l.share("two"); n > 0 {
			t.Errorf("the version that went back answers %d of %d", n, of)
		}
	}
	s.deploy(t, "three")
	s.deploy(t, "four") // supersedes it
	s.awaitStatus(t, types.ServiceDeploymentStatusSuccessful)
	l.mustNotFail(t)
}

func TestScaleInAndRegionKilledLoseNoRequest(t *testing.T) {
	s := open(t, 3, "{strategy: rolling}")
	l := startLoad(t, s.url()+"slow")
	regiontest.Await(t, "requests are answered", func() bool { return l.lastAnswer() == "one" })
	s.scale(t, 1)
	s.awaitRunning(t, 1)
	s.awaitStopped(t)
	s.scale(t, 2)
	s.awaitRunning(t, 2)

	s.deploy(t, "two")
	s.Kill(t) // in the middle of the deployment
	s.StartDaemon(t)
	s.awaitStatus(t, types.ServiceDeploymentStatusSuccessful)
	s.awaitStopped(t)
	regiontest.Await(t, "the new version answers", func() bool { return l.lastAnswer() == "two" })
	l.mustNotFail(t)
}

func TestBlueGreenGoesBackAtOnceWhileItBakes(t *testing.T) {
	s := open(t, 2, "{strategy: blue-green, bake: 5 minutes}")
	before := s.running(t)
	l := startLoad(t, s.url())
	s.deploy(t, "two")
	regiontest.Await(t, "it bakes", func() bool { return s.newest(t).LifecycleStage == types.ServiceDeploymentLifecycleStageBakeTime })
	regiontest.Await(t, "the new version answers", func() bool { return l.lastAnswer() == "two" })
	s.goBack(t)
	s.awaitStatus(t, types.ServiceDeploymentStatusRollbackSuccessful)
	if after := s.running(t); after != before {
		t.Errorf("it went back to other tasks: %s are %s", before, after)
	}
	regiontest.Await(t, "the old version answers", func() bool { return l.lastAnswer() == "one" })
	s.deploy(t, "three")
	s.awaitStatus(t, types.ServiceDeploymentStatusSuccessful)
	l.mustNotFail(t)
}

func TestCanary(t *testing.T) {
	s := open(t, 2, "{strategy: canary, step: 20%, pause: 5 minutes, bake: 0 minutes}")
	l := startLoad(t, s.url())
	s.deploy(t, "two")
	regiontest.Await(t, "the canary answers", func() bool { return l.lastAnswer() == "two" })
	l.share("")
	regiontest.Await(t, "there are enough answers to count", func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.answers["one"]+l.answers["two"] >= 100
	})
	if n, of := l.share("two"); n < of/20 || n > of/2 {
		t.Errorf("the canary answered %d of %d requests, want about a fifth", n, of)
	}
	s.awaitStatus(t, types.ServiceDeploymentStatusSuccessful)
	l.mustNotFail(t)
	s.describe(t, 2, "{strategy: canary, step: 20%, pause: 5 minutes, bake: 0 minutes}")
	if out := s.Apex(t, "up", "--file", s.file(), "--output", "json"); out == "" { // version one again, by its own rules
		t.Error("apex up says nothing")
	}
}
