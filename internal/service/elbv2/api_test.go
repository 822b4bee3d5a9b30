package elbv2_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/google/go-cmp/cmp"

	"apex/internal/service/ec2"
	"apex/internal/service/servicetest"
)

func TestLoadBalancerLifeCycle(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	b := w.balancer("web", "sg-open")
	if !strings.HasPrefix(*b.LoadBalancerArn, "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/web/") ||
		!strings.HasPrefix(*b.DNSName, "web-") || !strings.HasSuffix(*b.DNSName, ".us-east-1.elb.amazonaws.com") {
		t.Errorf("names %s %s", *b.LoadBalancerArn, *b.DNSName)
	}
	if b.State.Code != types.LoadBalancerStateEnumProvisioning || len(b.AvailabilityZones) != 2 || b.Scheme != "internet-facing" {
		t.Errorf("load balancer %+v", b)
	}
	if again := w.balancer("web", "sg-open"); *again.LoadBalancerArn != *b.LoadBalancerArn {
		t.Error("a repeated call made another one")
	}
	snap := w.env.Store.Snapshot()
	if n := ec2.NetworkInterfaces.Len(snap); n != 2 {
		t.Errorf("%d interfaces", n)
	}
	if n := ec2.Names.Len(snap); n != 1 {
		t.Errorf("%d names", n)
	}
	for range 2 { // deleting what is gone is no error
		if _, err := w.client.DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerArn: b.LoadBalancerArn}); err != nil {
			t.Fatal(err)
		}
	}
	snap = w.env.Store.Snapshot()
	if n := ec2.NetworkInterfaces.Len(snap) + ec2.Names.Len(snap); n != 0 {
		t.Errorf("%d rows are left", n)
	}
	_, err := w.client.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{Names: []string{"web"}})
	if code := servicetest.Code(err); code != "LoadBalancerNotFound" {
		t.Errorf("code %s", code)
	}
}

func TestLoadBalancerRefusals(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	w.balancer("taken", "sg-open")
	for want, in := range map[string]*elb.CreateLoadBalancerInput{
		"ValidationError":              {Name: aws.String("-bad")},
		"ValidationError ":             {Name: aws.String("one"), Subnets: []string{"subnet-a"}},
		"SubnetNotFound":               {Name: aws.String("gone"), Subnets: []string{"subnet-a", "subnet-q"}},
		"InvalidConfigurationRequest":  {Name: aws.String("zone"), Subnets: []string{"subnet-a", "subnet-a2"}},
		"InvalidConfigurationRequest ": {Name: aws.String("nlb"), Type: types.LoadBalancerTypeEnumNetwork, Subnets: []string{"subnet-a", "subnet-b"}},
		"InvalidSubnet":                {Name: aws.String("inner"), Subnets: []string{"subnet-x", "subnet-y"}},
		"InvalidSecurityGroup":         {Name: aws.String("sg"), Subnets: []string{"subnet-a", "subnet-b"}, SecurityGroups: []string{"sg-q"}},
		"DuplicateLoadBalancerName":    {Name: aws.String("taken"), Scheme: types.LoadBalancerSchemeEnumInternal, Subnets: []string{"subnet-a", "subnet-b"}},
	} {
		_, err := w.client.CreateLoadBalancer(ctx, in)
		if code := servicetest.Code(err); code != strings.TrimSpace(want) {
			t.Errorf("%s: %s (%v), want %s", *in.Name, code, err, want)
		}
	}
}

func TestDeletionProtection(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	b := w.balancer("web", "sg-open")
	protect := func(value string) {
		_, err := w.client.ModifyLoadBalancerAttributes(ctx, &elb.ModifyLoadBalancerAttributesInput{
			LoadBalancerArn: b.LoadBalancerArn,
			Attributes:      []types.LoadBalancerAttribute{{Key: aws.String("deletion_protection.enabled"), Value: &value}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	protect("true")
	_, err := w.client.DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerArn: b.LoadBalancerArn})
	if code := servicetest.Code(err); code != "OperationNotPermitted" {
		t.Errorf("code %s", code)
	}
	protect("false")
	if _, err := w.client.DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerArn: b.LoadBalancerArn}); err != nil {
		t.Error(err)
	}
}

func TestSetSubnets(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	b := w.balancer("web", "sg-open")
	interfaces := func() map[string]string { // by subnet
		out := map[string]string{}
		for _, i := range ec2.NetworkInterfaces.All(w.env.Store.Snapshot()) {
			out[i.Spec.SubnetID] = i.ID()
		}
		return out
	}
	before := interfaces()
	out, err := w.client.SetSubnets(ctx, &elb.SetSubnetsInput{LoadBalancerArn: b.LoadBalancerArn, Subnets: []string{"subnet-b", "subnet-a2"}})
	if err != nil || len(out.AvailabilityZones) != 2 {
		t.Fatalf("%+v %v", out, err)
	}
	after := interfaces()
	if len(after) != 2 || after["subnet-b"] != before["subnet-b"] || after["subnet-a2"] == "" {
		t.Errorf("interfaces %v, before %v", after, before)
	}
	for _, n := range ec2.Names.All(w.env.Store.Snapshot()) {
		if len(n.Spec.Addresses) != 2 || strings.HasSuffix(n.Spec.Addresses[0].String(), ".4") {
			t.Errorf("name %+v", n.Spec)
		}
	}
	_, err = w.client.SetSubnets(ctx, &elb.SetSubnetsInput{LoadBalancerArn: b.LoadBalancerArn, Subnets: []string{"subnet-x", "subnet-y"}})
	if code := servicetest.Code(err); code != "InvalidSubnet" {
		t.Errorf("another VPC: %s", code)
	}
}

func TestListenersAndRules(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	b, server, studio := w.balancer("web", "sg-open"), w.targetGroup("server"), w.targetGroup("studio")
	l := w.listener(*b.LoadBalancerArn, 80, *studio.TargetGroupArn)
	if a := l.DefaultActions[0]; *a.TargetGroupArn != *studio.TargetGroupArn || *a.ForwardConfig.TargetGroups[0].Weight != 1 {
		t.Errorf("action %+v", a)
	}
	_, err := w.client.CreateListener(ctx, &elb.CreateListenerInput{
		LoadBalancerArn: b.LoadBalancerArn, Port: aws.Int32(80),
		Protocol: types.ProtocolEnumHttp, DefaultActions: forward(*studio.TargetGroupArn),
	})
	if code := servicetest.Code(err); code != "DuplicateListener" {
		t.Errorf("second listener: %s", code)
	}
	first, err := w.rule(*l.ListenerArn, 1, "/api/*", *server.TargetGroupArn)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.rule(*l.ListenerArn, 1, "/x", *server.TargetGroupArn); servicetest.Code(err) != "PriorityInUse" {
		t.Errorf("same priority: %v", err)
	}
	second, err := w.rule(*l.ListenerArn, 2, "/socket.io/*", *server.TargetGroupArn)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.client.SetRulePriorities(ctx, &elb.SetRulePrioritiesInput{RulePriorities: []types.RulePriorityPair{
		{RuleArn: first.RuleArn, Priority: aws.Int32(2)}, {RuleArn: second.RuleArn, Priority: aws.Int32(1)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	out, err := w.client.DescribeRules(ctx, &elb.DescribeRulesInput{ListenerArn: l.ListenerArn})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range out.Rules {
		line := *r.Priority
		for _, c := range r.Conditions {
			line += " " + *c.Field + " " + strings.Join(c.PathPatternConfig.Values, ",")
		}
		got = append(got, line)
	}
	if diff := cmp.Diff([]string{"1 path-pattern /socket.io/*", "2 path-pattern /api/*", "default"}, got); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	_, err = w.client.DeleteRule(ctx, &elb.DeleteRuleInput{RuleArn: out.Rules[2].RuleArn})
	if code := servicetest.Code(err); code != "OperationNotPermitted" {
		t.Errorf("deleting the default rule: %s", code)
	}
	if _, err := w.client.DeleteTargetGroup(ctx, &elb.DeleteTargetGroupInput{TargetGroupArn: server.TargetGroupArn}); servicetest.Code(err) != "ResourceInUse" {
		t.Errorf("deleting a used target group: %v", err)
	}
	if _, err := w.client.DeleteListener(ctx, &elb.DeleteListenerInput{ListenerArn: l.ListenerArn}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.client.DeleteTargetGroup(ctx, &elb.DeleteTargetGroupInput{TargetGroupArn: server.TargetGroupArn}); err != nil {
		t.Error(err)
	}
}

func TestTargetGroupServesOneLoadBalancer(t *testing.T) {
	w := newWorld(t)
	a, b, g := w.balancer("a", "sg-open"), w.balancer("b", "sg-open"), w.targetGroup("g")
	w.listener(*a.LoadBalancerArn, 80, *g.TargetGroupArn)
	_, err := w.client.CreateListener(t.Context(), &elb.CreateListenerInput{
		LoadBalancerArn: b.LoadBalancerArn, Port: aws.Int32(80),
		Protocol: types.ProtocolEnumHttp, DefaultActions: forward(*g.TargetGroupArn),
	})
	if code := servicetest.Code(err); code != "TargetGroupAssociationLimit" {
		t.Errorf("code %s", code)
	}
	out, err := w.client.DescribeTargetGroups(t.Context(), &elb.DescribeTargetGroupsInput{LoadBalancerArn: a.LoadBalancerArn})
	if err != nil || len(out.TargetGroups) != 1 || out.TargetGroups[0].LoadBalancerArns[0] != *a.LoadBalancerArn {
		t.Errorf("target groups %+v %v", out, err)
	}
}

func TestRuleRefusals(t *testing.T) {
	w := newWorld(t)
	b, g := w.balancer("web", "sg-open"), w.targetGroup("g")
	l := w.listener(*b.LoadBalancerArn, 80, *g.TargetGroupArn)
	condition := func(field string, values ...string) types.RuleCondition {
		return types.RuleCondition{Field: &field, Values: values}
	}
	redirect := func(c types.RedirectActionConfig) []types.Action {
		return []types.Action{{Type: types.ActionTypeEnumRedirect, RedirectConfig: &c}}
	}
	good := []types.RuleCondition{condition("path-pattern", "/a")}
	for name, tt := range map[string]struct {
		conditions []types.RuleCondition
		actions    []types.Action
		want       string
	}{
		"six values":        {[]types.RuleCondition{condition("path-pattern", "/1", "/2", "/3", "/4", "/5", "/6")}, forward(*g.TargetGroupArn), "ValidationError"},
		"two paths":         {[]types.RuleCondition{condition("path-pattern", "/1"), condition("path-pattern", "/2")}, forward(*g.TargetGroupArn), "ValidationError"},
		"bad path":          {[]types.RuleCondition{condition("path-pattern", "/a b")}, forward(*g.TargetGroupArn), "ValidationError"},
		"bad host":          {[]types.RuleCondition{condition("host-header", "localhost")}, forward(*g.TargetGroupArn), "ValidationError"},
		"unknown field":     {[]types.RuleCondition{condition("colour", "red")}, forward(*g.TargetGroupArn), "ValidationError"},
		"bad source":        {[]types.RuleCondition{{Field: aws.String("source-ip"), SourceIpConfig: &types.SourceIpConditionConfig{Values: []string{"10.0.0.1/8"}}}}, forward(*g.TargetGroupArn), "ValidationError"},
		"expression":        {[]types.RuleCondition{{Field: aws.String("path-pattern"), RegexValues: []string{"^/(?=a)"}}}, forward(*g.TargetGroupArn), "ValidationError"},
		"no such group":     {good, forward(strings.Replace(*g.TargetGroupArn, "/g/", "/h/", 1)), "TargetGroupNotFound"},
		"redirect in place": {good, redirect(types.RedirectActionConfig{StatusCode: "HTTP_301"}), "InvalidLoadBalancerAction"},
		"bad status":        {good, []types.Action{{Type: types.ActionTypeEnumFixedResponse, FixedResponseConfig: &types.FixedResponseActionConfig{StatusCode: aws.String("302")}}}, "ValidationError"},
		"authentication":    {good, []types.Action{{Type: types.ActionTypeEnumAuthenticateCognito, AuthenticateCognitoConfig: &types.AuthenticateCognitoActionConfig{UserPoolArn: aws.String("a"), UserPoolClientId: aws.String("b"), UserPoolDomain: aws.String("c")}}}, "InvalidConfigurationRequest"},
	} {
		_, err := w.client.CreateRule(t.Context(), &elb.CreateRuleInput{ListenerArn: l.ListenerArn, Priority: aws.Int32(5), Conditions: tt.conditions, Actions: tt.actions})
		if code := servicetest.Code(err); code != tt.want {
			t.Errorf("%s: %s (%v), want %s", name, code, err, tt.want)
		}
	}
}

func TestTargetGroupDefaultsAndRefusals(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	g := w.targetGroup("g")
	if *g.HealthCheckIntervalSeconds != 30 || *g.HealthCheckTimeoutSeconds != 5 || *g.HealthyThresholdCount != 5 || *g.UnhealthyThresholdCount != 2 ||
		*g.HealthCheckPath != "/" || *g.Matcher.HttpCode != "200" || *g.HealthCheckPort != "traffic-port" {
		t.Errorf("defaults %+v", g)
	}
	out, err := w.client.ModifyTargetGroup(ctx, &elb.ModifyTargetGroupInput{
		TargetGroupArn: g.TargetGroupArn, HealthCheckPath: aws.String("/health"),
		Matcher: &types.Matcher{HttpCode: aws.String("200-299")},
	})
	if err != nil || *out.TargetGroups[0].HealthCheckPath != "/health" || *out.TargetGroups[0].HealthCheckIntervalSeconds != 30 {
		t.Errorf("modified %+v %v", out, err)
	}
	base := elb.CreateTargetGroupInput{Name: aws.String("h"), Protocol: types.ProtocolEnumHttp, Port: aws.Int32(80), VpcId: aws.String("vpc-1"), TargetType: types.TargetTypeEnumIp}
	for want, change := range map[string]func(*elb.CreateTargetGroupInput){
		"InvalidConfigurationRequest":  func(in *elb.CreateTargetGroupInput) { in.TargetType = types.TargetTypeEnumInstance },
		"InvalidConfigurationRequest ": func(in *elb.CreateTargetGroupInput) { in.Protocol = types.ProtocolEnumTcp },
		"ValidationError":              func(in *elb.CreateTargetGroupInput) { in.VpcId = aws.String("vpc-q") },
		"ValidationError ":             func(in *elb.CreateTargetGroupInput) { in.HealthCheckTimeoutSeconds = aws.Int32(60) },
		"ValidationError  ":            func(in *elb.CreateTargetGroupInput) { in.Matcher = &types.Matcher{HttpCode: aws.String("500")} },
		"DuplicateTargetGroupName":     func(in *elb.CreateTargetGroupInput) { in.Name = aws.String("g"); in.Port = aws.Int32(81) },
	} {
		in := base
		change(&in)
		_, err := w.client.CreateTargetGroup(ctx, &in)
		if code := servicetest.Code(err); code != strings.TrimSpace(want) {
			t.Errorf("%s (%v), want %s", code, err, want)
		}
	}
}

func TestAttributesComeBackInFull(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	b, g := w.balancer("web", "sg-open"), w.targetGroup("g")
	l := w.listener(*b.LoadBalancerArn, 80, *g.TargetGroupArn)
	_, err := w.client.ModifyTargetGroupAttributes(ctx, &elb.ModifyTargetGroupAttributesInput{
		TargetGroupArn: g.TargetGroupArn,
		Attributes:     []types.TargetGroupAttribute{{Key: aws.String("deregistration_delay.timeout_seconds"), Value: aws.String("30")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	groups, err := w.client.DescribeTargetGroupAttributes(ctx, &elb.DescribeTargetGroupAttributesInput{TargetGroupArn: g.TargetGroupArn})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, a := range groups.Attributes {
		got[*a.Key] = *a.Value
	}
	if got["deregistration_delay.timeout_seconds"] != "30" || got["stickiness.enabled"] != "false" || len(got) < 14 {
		t.Errorf("attributes %v", got)
	}
	balancers, err := w.client.DescribeLoadBalancerAttributes(ctx, &elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: b.LoadBalancerArn})
	if err != nil || len(balancers.Attributes) < 20 {
		t.Errorf("%v %v", balancers, err)
	}
	listeners, err := w.client.DescribeListenerAttributes(ctx, &elb.DescribeListenerAttributesInput{ListenerArn: l.ListenerArn})
	if err != nil || len(listeners.Attributes) < 11 {
		t.Errorf("%v %v", listeners, err)
	}
	for key, value := range map[string]string{"idle_timeout.timeout_seconds": "0", "no.such.key": "1", "health_check_logs.s3.enabled": "true"} {
		_, err := w.client.ModifyLoadBalancerAttributes(ctx, &elb.ModifyLoadBalancerAttributesInput{
			LoadBalancerArn: b.LoadBalancerArn,
			Attributes:      []types.LoadBalancerAttribute{{Key: &key, Value: &value}},
		})
		if err == nil {
			t.Errorf("%s=%s was accepted", key, value)
		}
	}
}

func TestTags(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	b, g := w.balancer("web", "sg-open"), w.targetGroup("g")
	arns := []string{*b.LoadBalancerArn, *g.TargetGroupArn}
	if _, err := w.client.AddTags(ctx, &elb.AddTagsInput{ResourceArns: arns, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}, {Key: aws.String("b")}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.client.RemoveTags(ctx, &elb.RemoveTagsInput{ResourceArns: arns, TagKeys: []string{"b"}}); err != nil {
		t.Fatal(err)
	}
	out, err := w.client.DescribeTags(ctx, &elb.DescribeTagsInput{ResourceArns: arns})
	if err != nil || len(out.TagDescriptions) != 2 || len(out.TagDescriptions[1].Tags) != 1 || *out.TagDescriptions[0].Tags[0].Value != "1" {
		t.Errorf("tags %+v %v", out, err)
	}
	_, err = w.client.AddTags(ctx, &elb.AddTagsInput{ResourceArns: arns, Tags: []types.Tag{{Key: aws.String("a")}, {Key: aws.String("a")}}})
	if code := servicetest.Code(err); code != "DuplicateTagKeys" {
		t.Errorf("code %s", code)
	}
}

func TestPaging(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	for _, n := range []string{"a", "b", "c"} {
		w.targetGroup(n)
	}
	var names []string
	pages := elb.NewDescribeTargetGroupsPaginator(w.client, &elb.DescribeTargetGroupsInput{PageSize: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range page.TargetGroups {
			names = append(names, *g.TargetGroupName)
		}
	}
	if got := strings.Join(names, ""); got != "abc" {
		t.Errorf("names %s", got)
	}
}

func TestStaticLists(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	limits, err := w.client.DescribeAccountLimits(ctx, &elb.DescribeAccountLimitsInput{})
	if err != nil || len(limits.Limits) == 0 {
		t.Errorf("limits %v %v", limits, err)
	}
	policies, err := w.client.DescribeSSLPolicies(ctx, &elb.DescribeSSLPoliciesInput{Names: []string{"ELBSecurityPolicy-TLS13-1-2-2021-06"}})
	if err != nil || len(policies.SslPolicies) != 1 || len(policies.SslPolicies[0].Ciphers) != 9 {
		t.Errorf("policies %v %v", policies, err)
	}
	b := w.balancer("web", "sg-open")
	if _, err := w.client.DescribeCapacityReservation(ctx, &elb.DescribeCapacityReservationInput{LoadBalancerArn: b.LoadBalancerArn}); err != nil {
		t.Error(err)
	}
}
