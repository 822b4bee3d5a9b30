package elbv2_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"apex/internal/dataplane/series"
	"apex/internal/service/elbv2"
	"apex/internal/service/servicetest"
)

func (w *world) setGroup(group string, pairs ...string) error {
	in := elb.ModifyTargetGroupAttributesInput{TargetGroupArn: &group}
	for i := 0; i < len(pairs); i += 2 {
		in.Attributes = append(in.Attributes, types.TargetGroupAttribute{Key: &pairs[i], Value: &pairs[i+1]})
	}
	_, err := w.client.ModifyTargetGroupAttributes(w.t.Context(), &in)
	return err
}

func TestGroupAttributesDependOnEachOther(t *testing.T) {
	w := newWorld(t)
	n := 0
	for name, tt := range map[string]struct {
		pairs []string
		want  string
	}{
		"slow start beside others":   {[]string{"load_balancing.algorithm.type", "least_outstanding_requests", "slow_start.duration_seconds", "30"}, "InvalidConfigurationRequest"},
		"mitigation without weights": {[]string{"load_balancing.algorithm.anomaly_mitigation", "on"}, "InvalidConfigurationRequest"},
		"no cookie name":             {[]string{"stickiness.enabled", "true", "stickiness.type", "app_cookie"}, "InvalidConfigurationRequest"},
		"reserved cookie":            {[]string{"stickiness.app_cookie.cookie_name", "AWSALBTG"}, "ValidationError"},
		"slow start too short":       {[]string{"slow_start.duration_seconds", "29"}, "ValidationError"},
		"percentage":                 {[]string{"target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "101"}, "ValidationError"},
		"dns failover":               {[]string{"target_group_health.dns_failover.minimum_healthy_targets.count", "2"}, "InvalidConfigurationRequest"},
		"weights with mitigation":    {[]string{"load_balancing.algorithm.type", "weighted_random", "load_balancing.algorithm.anomaly_mitigation", "on"}, ""},
		"cookie":                     {[]string{"stickiness.enabled", "true", "stickiness.type", "app_cookie", "stickiness.app_cookie.cookie_name", "sid"}, ""},
		"longest":                    {[]string{"stickiness.lb_cookie.duration_seconds", "604800"}, ""},
	} {
		n++
		group := *w.targetGroup(fmt.Sprint("g", n)).TargetGroupArn
		if code := servicetest.Code(w.setGroup(group, tt.pairs...)); code != tt.want {
			t.Errorf("%s: %q, want %q", name, code, tt.want)
		}
	}
}

func TestListenerHeaderAttributes(t *testing.T) {
	w := newWorld(t)
	b, g := w.balancer("web", "sg-open"), w.targetGroup("g")
	l := w.listener(*b.LoadBalancerArn, 80, *g.TargetGroupArn)
	set := func(key, value string) error {
		_, err := w.client.ModifyListenerAttributes(t.Context(), &elb.ModifyListenerAttributesInput{
			ListenerArn: l.ListenerArn, Attributes: []types.ListenerAttribute{{Key: &key, Value: &value}},
		})
		return err
	}
	const prefix, suffix = "routing.http.response.", ".header_value"
	for key, values := range map[string][2]string{ // good and bad
		"strict_transport_security":        {"max-age=31536000; includeSubDomains", "always"},
		"access_control_allow_methods":     {"GET,POST", "FETCH"},
		"access_control_allow_credentials": {"true", "yes"},
		"access_control_max_age":           {"86400", "86401"},
		"content_security_policy":          {"default-src 'self'", "a\r\nb"},
		"x_content_type_options":           {"nosniff", "sniff"},
		"x_frame_options":                  {"SAMEORIGIN", "MAYBE"},
		"access_control_allow_origin":      {"https://example.com", "\x7f"},
	} {
		if err := set(prefix+key+suffix, values[0]); err != nil {
			t.Errorf("%s: %v", key, err)
		}
		if servicetest.Code(set(prefix+key+suffix, values[1])) != "ValidationError" {
			t.Errorf("%s: %q was accepted", key, values[1])
		}
	}
	if err := set("routing.http.response.server.enabled", "false"); err != nil {
		t.Error(err)
	}
}

// Our own attribute is there for who sets it, and else hidden.
func TestCompressionAttribute(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	b := w.balancer("web", "sg-open")
	shown := func() string {
		out, err := w.client.DescribeLoadBalancerAttributes(ctx, &elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: b.LoadBalancerArn})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range out.Attributes {
			if *a.Key == "apex.compression.enabled" {
				return *a.Value
			}
		}
		return "hidden"
	}
	if got := shown(); got != "hidden" {
		t.Errorf("before it was set: %s", got)
	}
	_, err := w.client.ModifyLoadBalancerAttributes(ctx, &elb.ModifyLoadBalancerAttributesInput{
		LoadBalancerArn: b.LoadBalancerArn,
		Attributes:      []types.LoadBalancerAttribute{{Key: aws.String("apex.compression.enabled"), Value: aws.String("true")}},
	})
	if got := shown(); err != nil || got != "true" {
		t.Errorf("after: %s, %v", got, err)
	}
}

// One rule with everything comes back as it was given, is served, and is changed
// in place.
func TestRuleWithTransforms(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	w.run()
	b, g, idle := w.balancer("web", "sg-open"), w.targetGroup("g"), w.targetGroup("idle")
	l := w.listener(*b.LoadBalancerArn, 80, *idle.TargetGroupArn)
	made, err := w.client.CreateRule(ctx, &elb.CreateRuleInput{
		ListenerArn: l.ListenerArn, Priority: aws.Int32(1),
		Conditions: []types.RuleCondition{{Field: aws.String("path-pattern"), PathPatternConfig: &types.PathPatternConditionConfig{RegexValues: []string{"^/v[0-9]+/"}}}},
		Transforms: []types.RuleTransform{{
			Type:             types.TransformTypeEnumUrlRewrite,
			UrlRewriteConfig: &types.UrlRewriteConfig{Rewrites: []types.RewriteConfig{{Regex: aws.String("^/v([0-9]+)/(.*)$"), Replace: aws.String("/$2?version=$1")}}},
		}},
		Actions: forward(*g.TargetGroupArn),
	})
	if err != nil {
		t.Fatal(err)
	}
	if tr := made.Rules[0].Transforms; len(tr) != 1 || *tr[0].UrlRewriteConfig.Rewrites[0].Replace != "/$2?version=$1" {
		t.Errorf("transforms %+v", tr)
	}
	if c := made.Rules[0].Conditions[0]; len(c.RegexValues) != 1 || len(c.PathPatternConfig.RegexValues) != 1 {
		t.Errorf("condition %+v", c)
	}
	target := w.echo(10)
	w.register(*g.TargetGroupArn, target)
	w.awaitHealth(*g.TargetGroupArn, target, "healthy")
	if got := w.get("/v7/items"); got != "/items?version=7" {
		t.Errorf("the target saw %s", got)
	}
	if _, err := w.client.ModifyRule(ctx, &elb.ModifyRuleInput{RuleArn: made.Rules[0].RuleArn, ResetTransforms: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	w.await("the rule without transforms", func() bool { return w.get("/v7/items") == "/v7/items" })
	for name, transforms := range map[string][]types.RuleTransform{
		"no rewrite":   {{Type: types.TransformTypeEnumUrlRewrite}},
		"other's":      {{Type: types.TransformTypeEnumUrlRewrite, HostHeaderRewriteConfig: &types.HostHeaderRewriteConfig{}}},
		"lookbehind":   {{Type: types.TransformTypeEnumUrlRewrite, UrlRewriteConfig: &types.UrlRewriteConfig{Rewrites: []types.RewriteConfig{{Regex: aws.String("(?<=a)b"), Replace: aws.String("")}}}}},
		"class":        {{Type: types.TransformTypeEnumUrlRewrite, UrlRewriteConfig: &types.UrlRewriteConfig{Rewrites: []types.RewriteConfig{{Regex: aws.String(`\p{L}`), Replace: aws.String("")}}}}},
		"one too many": {made.Rules[0].Transforms[0], made.Rules[0].Transforms[0]},
	} {
		_, err := w.client.ModifyRule(ctx, &elb.ModifyRuleInput{RuleArn: made.Rules[0].RuleArn, Transforms: transforms})
		if code := servicetest.Code(err); code != "ValidationError" {
			t.Errorf("%s: %s (%v)", name, code, err)
		}
	}
}

// Cookies mean the same to the next process of the balancer.
func TestStickinessSurvivesTheBalancer(t *testing.T) {
	w := newWorld(t)
	w.run()
	b, g := w.balancer("web", "sg-open"), w.targetGroup("g")
	if err := w.setGroup(*g.TargetGroupArn, "stickiness.enabled", "true"); err != nil {
		t.Fatal(err)
	}
	w.listener(*b.LoadBalancerArn, 80, *g.TargetGroupArn)
	targets := []elbv2.Target{w.target("a", 10), w.target("b", 11), w.target("c", 12)}
	w.register(*g.TargetGroupArn, targets...)
	for _, target := range targets {
		w.awaitHealth(*g.TargetGroupArn, target, "healthy")
	}
	jar, _ := cookiejar.New(nil)
	client := http.Client{Jar: jar}
	ask := func() string {
		resp, err := client.Get("http://127.0.0.1:" + w.port() + "/")
		if err != nil {
			return err.Error()
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		return string(body)
	}
	first := ask()
	w.killBalancer()
	for range 6 {
		if again := ask(); again != first {
			t.Fatalf("moved from %s to %s", first, again)
		}
	}
	home, _ := url.Parse("http://127.0.0.1:" + w.port())
	if c := jar.Cookies(home); len(c) == 0 || !strings.HasPrefix(c[0].Name, "AWSALB") || strings.Contains(c[0].Value, "127") {
		t.Errorf("cookies %v", c)
	}
}

// What is served shows in CloudWatch's series.
func TestFiguresAreMeasured(t *testing.T) {
	w := newWorld(t)
	w.run()
	b, g := w.balancer("web", "sg-open"), w.targetGroup("g")
	w.listener(*b.LoadBalancerArn, 80, *g.TargetGroupArn)
	target := w.target("a", 10)
	w.register(*g.TargetGroupArn, target)
	w.awaitHealth(*g.TargetGroupArn, target, "healthy")
	_, group, _ := strings.Cut(*g.TargetGroupArn, ":targetgroup/")
	_, lb, _ := strings.Cut(*b.LoadBalancerArn, ":loadbalancer/")
	id := func(name string) series.ID {
		return series.NewID(scope.Prefix(), "AWS/ApplicationELB", name, "TargetGroup", "targetgroup/"+group, "LoadBalancer", lb)
	}
	sum := func(name string) (total float64) {
		for _, slot := range w.env.Metrics.Read(id(name), time.Now().Add(-time.Hour), time.Now().Add(time.Minute), time.Second) {
			total += slot.Sum
		}
		return total
	}
	w.await("the first look", func() bool { return sum("HealthyHostCount") > 0 })
	for range 5 {
		w.get("/")
	}
	w.await("five requests", func() bool { return sum("HTTPCode_Target_2XX_Count") == 5 })
	if n := sum("RequestCountPerTarget"); n != 5 {
		t.Errorf("%v requests for each target", n)
	}
	if s := sum("TargetResponseTime"); s <= 0 || s > 60 {
		t.Errorf("response times of %v s", s)
	}
}
