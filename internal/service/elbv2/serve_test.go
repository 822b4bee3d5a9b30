package elbv2_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"apex/internal/dataplane/balancer"
	"apex/internal/service/ec2"
	"apex/internal/service/elbv2"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

func (w *world) register(group string, targets ...elbv2.Target) {
	w.t.Helper()
	w.update(func(tx *store.Tx) error {
		for _, t := range targets {
			if err := elbv2.RegisterTarget(tx, group, t); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *world) awaitHealth(group string, t elbv2.Target, want string) {
	w.t.Helper()
	servicetest.Await(w.t, w.env, want, func(s store.Snapshot) bool {
		state, reason := elbv2.TargetHealth(s, group, t)
		return strings.TrimSpace(state+" "+reason) == want
	})
}

func (w *world) awaitState(want string) {
	w.t.Helper()
	servicetest.Await(w.t, w.env, want, func(s store.Snapshot) bool {
		for _, b := range elbv2.LoadBalancers.All(s) {
			return b.Status.State == want
		}
		return false
	})
}

func (w *world) get(path string) string {
	w.t.Helper()
	resp, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d%s", w.env.HTTPPort, path))
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != 200 {
		return resp.Status
	}
	return string(body)
}

// open reports whether the host listens for port 80.
func (w *world) open() bool {
	c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", w.env.HTTPPort))
	if err == nil {
		c.Close()
	}
	return err == nil
}

// The seed's three rules, served for real, on the host and at the interfaces.
func TestServe(t *testing.T) {
	w := newWorld(t)
	w.run()
	b, server, studio := w.balancer("web", "sg-open"), w.targetGroup("server"), w.targetGroup("studio")
	l := w.listener(*b.LoadBalancerArn, 80, *studio.TargetGroupArn)
	for i, path := range []string{"/api/*", "/socket.io/*"} {
		if _, err := w.rule(*l.ListenerArn, int32(i+1), path, *server.TargetGroupArn); err != nil {
			t.Fatal(err)
		}
	}
	first, second := w.target("server", 10), w.target("studio", 40)
	w.register(*server.TargetGroupArn, first)
	w.register(*studio.TargetGroupArn, second)
	w.awaitHealth(*server.TargetGroupArn, first, "healthy")
	w.awaitHealth(*studio.TargetGroupArn, second, "healthy")
	w.awaitState("active")
	for path, want := range map[string]string{"/": "studio", "/api": "studio", "/api/x": "server", "/socket.io/?EIO=4": "server", "/API/x": "studio"} {
		if got := w.get(path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	for _, eni := range ec2.NetworkInterfaces.All(w.env.Store.Snapshot()) {
		resp, err := http.Get(fmt.Sprintf("http://%s:80/api/", eni.Spec.PrivateIP))
		if err != nil || resp.StatusCode != 200 {
			t.Errorf("at interface %s: %v %v", eni.Spec.PrivateIP, resp, err)
		}
	}
	out, err := w.client.DescribeTargetHealth(t.Context(), &elb.DescribeTargetHealthInput{
		TargetGroupArn: server.TargetGroupArn,
		Targets:        []types.TargetDescription{{Id: aws.String(first.IP.String()), Port: aws.Int32(int32(first.Port))}, {Id: aws.String("10.9.9.9")}},
	})
	if err != nil || len(out.TargetHealthDescriptions) != 2 {
		t.Fatalf("%v %v", out, err)
	}
	if h := out.TargetHealthDescriptions; h[0].TargetHealth.State != "healthy" || h[1].TargetHealth.Reason != "Target.NotRegistered" {
		t.Errorf("health %+v %+v", h[0].TargetHealth, h[1].TargetHealth)
	}
}

// The host's port is open only while the security group admits the internet.
func TestSecurityGroupClosesThePort(t *testing.T) {
	w := newWorld(t)
	w.run()
	b, g := w.balancer("web", "sg-shut"), w.targetGroup("g")
	w.listener(*b.LoadBalancerArn, 80, *g.TargetGroupArn)
	w.awaitState("active")
	if w.open() {
		t.Fatal("the port is open though no rule admits the internet")
	}
	set := func(group string) {
		if _, err := w.client.SetSecurityGroups(t.Context(), &elb.SetSecurityGroupsInput{LoadBalancerArn: b.LoadBalancerArn, SecurityGroups: []string{group}}); err != nil {
			t.Fatal(err)
		}
	}
	addressed := func(n int) {
		t.Helper()
		servicetest.Await(t, w.env, fmt.Sprintf("%d host addresses", n), func(s store.Snapshot) bool {
			for _, b := range elbv2.LoadBalancers.All(s) {
				return len(b.Status.Addresses) == n
			}
			return false
		})
	}
	set("sg-open")
	addressed(1)
	if !w.open() {
		t.Error("the port is closed though a rule admits the internet")
	}
	set("sg-shut")
	addressed(0)
	if w.open() {
		t.Error("the port stayed open")
	}
}

func TestDeregistration(t *testing.T) {
	w := newWorld(t)
	w.run()
	b, g := w.balancer("web", "sg-open"), w.targetGroup("g")
	w.listener(*b.LoadBalancerArn, 80, *g.TargetGroupArn)
	old, fresh := w.target("old", 10), w.target("fresh", 11)
	if state, reason := elbv2.TargetHealth(w.env.Store.Snapshot(), *g.TargetGroupArn, old); state+" "+reason != "unused Target.NotRegistered" {
		t.Errorf("before: %s %s", state, reason)
	}
	w.register(*g.TargetGroupArn, old, fresh)
	w.awaitHealth(*g.TargetGroupArn, old, "healthy")
	w.awaitHealth(*g.TargetGroupArn, fresh, "healthy")
	w.update(func(tx *store.Tx) error {
		if err := elbv2.DeregisterTarget(tx, *g.TargetGroupArn, old); err != nil {
			return err
		}
		if state, reason := elbv2.TargetHealth(tx, *g.TargetGroupArn, old); state+" "+reason != "draining Target.DeregistrationInProgress" {
			t.Errorf("at once: %s %s", state, reason)
		}
		return nil
	})
	w.awaitHealth(*g.TargetGroupArn, old, "unused Target.NotRegistered")
	for range 4 {
		if got := w.get("/"); got != "fresh" {
			t.Errorf("answered by %q", got)
		}
	}
}

func TestHealthReasons(t *testing.T) {
	w := newWorld(t)
	w.run()
	g, idle := w.targetGroup("g"), w.targetGroup("idle")
	b := w.balancer("web", "sg-open")
	w.listener(*b.LoadBalancerArn, 80, *g.TargetGroupArn)
	if _, err := w.client.ModifyTargetGroup(t.Context(), &elb.ModifyTargetGroupInput{TargetGroupArn: g.TargetGroupArn, Matcher: &types.Matcher{HttpCode: aws.String("299")}}); err != nil {
		t.Fatal(err)
	}
	wrong, dead := w.target("wrong", 10), elbv2.Target{IP: w.target("gone", 11).IP, Port: 1}
	w.register(*g.TargetGroupArn, wrong, dead)
	w.register(*idle.TargetGroupArn, wrong)
	w.awaitHealth(*g.TargetGroupArn, wrong, "unhealthy Target.ResponseCodeMismatch")
	w.awaitHealth(*g.TargetGroupArn, dead, "unhealthy Target.FailedHealthChecks")
	w.awaitHealth(*idle.TargetGroupArn, wrong, "unused Target.NotInUse")
}

// A port that something else has is said in the load balancer's state.
func TestPortInUse(t *testing.T) {
	w := newWorld(t)
	squatter, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", w.env.HTTPPort))
	if err != nil {
		t.Fatal(err)
	}
	w.run()
	b, g := w.balancer("web", "sg-open"), w.targetGroup("g")
	w.listener(*b.LoadBalancerArn, 80, *g.TargetGroupArn)
	w.awaitState("failed")
	out, err := w.client.DescribeLoadBalancers(t.Context(), &elb.DescribeLoadBalancersInput{})
	if err != nil || !strings.Contains(aws.ToString(out.LoadBalancers[0].State.Reason), "address already in use") {
		t.Errorf("%+v %v", out, err)
	}
	squatter.Close()
	w.awaitState("active")
}

// process returns the process id of the only balancer.
func (w *world) process() int {
	w.t.Helper()
	dirs, err := filepath.Glob(filepath.Join(w.env.Home, "balancers", "*"))
	if err != nil || len(dirs) != 1 {
		w.t.Fatalf("balancers %v %v", dirs, err)
	}
	st, err := balancer.Observe(w.t.Context(), dirs[0])
	if err != nil {
		w.t.Fatal(err)
	}
	return st.PID
}

// The control plane may be gone: requests go on; a new one adopts the balancer.
func TestRestartAdopts(t *testing.T) {
	w := newWorld(t)
	var pid int
	t.Run("first", func(t *testing.T) {
		first := *w
		first.t = t
		ctl := first.service.Controllers()
		servicetest.Run(t, w.env, ctl...)
		b, g := w.balancer("web", "sg-open"), w.targetGroup("g")
		w.update(func(tx *store.Tx) error {
			for key := range ec2.NetworkInterfaces.All(tx) {
				ec2.NetworkInterfaces.Modify(tx, key, func(i *ec2.NetworkInterface) { i.Status.Ready = true })
			}
			return nil
		})
		w.listener(*b.LoadBalancerArn, 80, *g.TargetGroupArn)
		target := w.target("a", 10)
		w.register(*g.TargetGroupArn, target)
		w.awaitHealth(*g.TargetGroupArn, target, "healthy")
		pid = w.process()
	})
	if got := w.get("/"); got != "a" {
		t.Fatalf("without a control plane: %q", got)
	}
	w.run()
	w.awaitState("active")
	if now := w.process(); now != pid {
		t.Errorf("process %d was replaced by %d", pid, now)
	}
	if got := w.get("/"); got != "a" {
		t.Errorf("after: %q", got)
	}
	syscall.Kill(pid, syscall.SIGKILL)
	deadline := time.Now().Add(20 * time.Second)
	for w.get("/") != "a" {
		if time.Now().After(deadline) {
			t.Fatal("no new process")
		}
	}
}
