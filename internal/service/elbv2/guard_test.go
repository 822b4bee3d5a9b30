package elbv2_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"apex/internal/service/elbv2"
	"apex/internal/service/servicetest"
)

func oidc(group string) []types.Action {
	return []types.Action{
		{Type: types.ActionTypeEnumAuthenticateOidc, Order: aws.Int32(1), AuthenticateOidcConfig: &types.AuthenticateOidcActionConfig{
			Issuer: aws.String("https://idp.example"), AuthorizationEndpoint: aws.String("https://idp.example/authorize"),
			TokenEndpoint: aws.String("https://idp.example/token"), UserInfoEndpoint: aws.String("https://idp.example/user"),
			ClientId: aws.String("client"), ClientSecret: aws.String("keep-me-secret"),
		}},
		{Type: types.ActionTypeEnumForward, Order: aws.Int32(2), TargetGroupArn: &group},
	}
}

// A login is served over HTTPS, its secret is kept sealed and never shown, and a
// change can keep it.
func TestLoginRule(t *testing.T) {
	w, ctx := newSecureWorld(t), t.Context()
	w.run()
	b, g := w.balancer("web", "sg-open"), w.targetGroup("g")
	l, err := w.secureListener(*b.LoadBalancerArn, w.certificate("crm.test"), *g.TargetGroupArn)
	if err != nil {
		t.Fatal(err)
	}
	made, err := w.client.CreateRule(ctx, &elb.CreateRuleInput{
		ListenerArn: l.ListenerArn, Priority: aws.Int32(1), Conditions: paths("/admin"), Actions: oidc(*g.TargetGroupArn),
	})
	if err != nil {
		t.Fatal(err)
	}
	c := made.Rules[0].Actions[0].AuthenticateOidcConfig
	if c.ClientSecret != nil || *c.SessionTimeout != 604800 || *c.Scope != "openid" || *c.SessionCookieName != "AWSELBAuthSessionCookie" || c.OnUnauthenticatedRequest != "authenticate" {
		t.Errorf("filled in %+v", c)
	}
	for _, r := range elbv2.Rules.All(w.env.Store.Snapshot()) {
		if text := fmt.Sprint(aws.ToString(r.Spec.Actions[0].AuthenticateOidcConfig.ClientSecret)); text == "" || strings.Contains(text, "keep-me") {
			t.Errorf("at rest: %q", text)
		}
	}
	client := w.client443("crm.test")
	w.await("the provider's address", func() bool {
		resp, err := client.Transport.RoundTrip(request(t, "https://127.0.0.1:"+fmt.Sprint(w.env.HTTPSPort)+"/admin"))
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		to, _ := url.Parse(resp.Header.Get("Location"))
		return resp.StatusCode == 302 && to.Host == "idp.example" && strings.HasPrefix(to.Query().Get("redirect_uri"), "https://127.0.0.1:") &&
			strings.Contains(resp.Header.Get("Set-Cookie"), "Secure; HttpOnly")
	})
	again := oidc(*g.TargetGroupArn)
	again[0].AuthenticateOidcConfig.ClientSecret, again[0].AuthenticateOidcConfig.UseExistingClientSecret = nil, aws.Bool(true)
	if _, err := w.client.ModifyRule(ctx, &elb.ModifyRuleInput{RuleArn: made.Rules[0].RuleArn, Actions: again}); err != nil {
		t.Errorf("with the secret it has: %v", err)
	}
}

// Without a token nothing is served, over HTTPS as AWS wants it.
func TestTokenRule(t *testing.T) {
	w := newSecureWorld(t)
	w.run()
	b, g := w.balancer("web", "sg-open"), w.targetGroup("g")
	l, err := w.secureListener(*b.LoadBalancerArn, w.certificate("crm.test"), *g.TargetGroupArn)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.client.CreateRule(t.Context(), &elb.CreateRuleInput{
		ListenerArn: l.ListenerArn, Priority: aws.Int32(1), Conditions: paths("/*"),
		Actions: []types.Action{
			{Type: types.ActionTypeEnumJwtValidation, Order: aws.Int32(1), JwtValidationConfig: &types.JwtValidationActionConfig{
				Issuer: aws.String("https://issuer.example"), JwksEndpoint: aws.String("http://127.0.0.1:1/keys"),
			}},
			{Type: types.ActionTypeEnumForward, Order: aws.Int32(2), TargetGroupArn: g.TargetGroupArn},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.awaitStatus(401)
}

func TestGuardRefusals(t *testing.T) {
	w := newSecureWorld(t)
	b, g := w.balancer("web", "sg-open"), w.targetGroup("g")
	plain := w.listener(*b.LoadBalancerArn, 80, *g.TargetGroupArn)
	secure, err := w.secureListener(*b.LoadBalancerArn, w.certificate("crm.test"), *g.TargetGroupArn)
	if err != nil {
		t.Fatal(err)
	}
	change := func(fn func([]types.Action) []types.Action) []types.Action { return fn(oidc(*g.TargetGroupArn)) }
	config := func(fn func(*types.AuthenticateOidcActionConfig)) []types.Action {
		return change(func(a []types.Action) []types.Action { fn(a[0].AuthenticateOidcConfig); return a })
	}
	for name, tt := range map[string]struct {
		listener types.Listener
		actions  []types.Action
		want     string
	}{
		"plain listener": {plain, oidc(*g.TargetGroupArn), "InvalidLoadBalancerAction"},
		"nothing after":  {secure, change(func(a []types.Action) []types.Action { return a[:1] }), "InvalidLoadBalancerAction"},
		"forward first":  {secure, change(func(a []types.Action) []types.Action { a[1].Order = aws.Int32(1); a[0].Order = aws.Int32(2); return a }), "InvalidLoadBalancerAction"},
		"no order":       {secure, change(func(a []types.Action) []types.Action { a[0].Order = nil; return a }), "ValidationError"},
		"plain provider": {secure, config(func(c *types.AuthenticateOidcActionConfig) { c.TokenEndpoint = aws.String("http://idp.example/token") }), "ValidationError"},
		"no secret":      {secure, config(func(c *types.AuthenticateOidcActionConfig) { c.ClientSecret = nil }), "ValidationError"},
		"long session":   {secure, config(func(c *types.AuthenticateOidcActionConfig) { c.SessionTimeout = aws.Int64(604801) }), "ValidationError"},
		"cookie name":    {secure, config(func(c *types.AuthenticateOidcActionConfig) { c.SessionCookieName = aws.String("a b") }), "ValidationError"},
	} {
		_, err := w.client.CreateRule(t.Context(), &elb.CreateRuleInput{ListenerArn: tt.listener.ListenerArn, Priority: aws.Int32(9), Conditions: paths("/x"), Actions: tt.actions})
		if code := servicetest.Code(err); code != tt.want {
			t.Errorf("%s: %s (%v), want %s", name, code, err, tt.want)
		}
	}
}
