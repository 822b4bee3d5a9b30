package elbv2_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"apex/internal/service/elbv2"
	"apex/internal/service/servicetest"
)

// As many rules and targets as AWS allows, and not one more; requests are served
// meanwhile, and reach the last rule.
func TestAsMuchAsAllowed(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	w.run()
	b, g, big := w.balancer("web", "sg-open"), w.targetGroup("g"), w.targetGroup("big")
	l := w.listener(*b.LoadBalancerArn, 80, *g.TargetGroupArn)
	one := w.echo(10)
	w.register(*g.TargetGroupArn, one)
	w.awaitHealth(*g.TargetGroupArn, one, "healthy")
	for i := range 99 {
		if _, err := w.rule(*l.ListenerArn, int32(i+1), fmt.Sprintf("/tenant-%d/*", i), *g.TargetGroupArn); err != nil {
			t.Fatal(err)
		}
	}
	last, err := w.rule(*l.ListenerArn, 50_000, "/last/*", *big.TargetGroupArn)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.rule(*l.ListenerArn, 49_999, "/more", *g.TargetGroupArn); servicetest.Code(err) != "TooManyRules" {
		t.Errorf("rule 101: %v", err)
	}
	register := func(from, n int) error {
		in := elb.RegisterTargetsInput{TargetGroupArn: big.TargetGroupArn}
		for i := range n {
			in.Targets = append(in.Targets, types.TargetDescription{Id: aws.String(one.IP.String()), Port: aws.Int32(int32(from + i))})
		}
		_, err := w.client.RegisterTargets(ctx, &in)
		return err
	}
	if err := register(20_000, 999); err != nil {
		t.Fatal(err)
	}
	if code := servicetest.Code(register(30_000, 1)); code != "TooManyTargets" {
		t.Errorf("target 1,001 of the load balancer: %s", code)
	}
	w.await("999 targets are found to refuse", func() bool {
		n := 0
		for _, r := range elbv2.Registrations.All(w.env.Store.Snapshot()) {
			if r.Status.State == string(types.TargetHealthStateEnumUnhealthy) {
				n++
			}
		}
		return n == 999
	})
	out, err := w.client.DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: big.TargetGroupArn})
	if err != nil || len(out.TargetHealthDescriptions) != 999 {
		t.Fatalf("%d targets, %v", len(out.TargetHealthDescriptions), err)
	}
	if got := w.get("/tenant-98/x"); got != "/tenant-98/x" {
		t.Errorf("rule 99: %s", got)
	}
	if got := w.get("/last/x"); got != "502 Bad Gateway" {
		t.Errorf("a group whose targets all refuse: %s", got)
	}
	if _, err := w.client.ModifyRule(ctx, &elb.ModifyRuleInput{RuleArn: last.RuleArn, Actions: forward(*g.TargetGroupArn)}); err != nil {
		t.Fatal(err)
	}
	w.await("the changed rule", func() bool { return w.get("/last/x") == "/last/x" })
}
