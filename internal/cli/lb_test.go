package cli

import (
	"bytes"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// crmRules are those of the seed: the API and sockets to the server, all else to
// the studio.
func crmRules() []types.Rule {
	path := func(priority, pattern, group string) types.Rule {
		return types.Rule{
			Priority:   &priority,
			Conditions: []types.RuleCondition{{Field: aws.String("path-pattern"), PathPatternConfig: &types.PathPatternConditionConfig{Values: []string{pattern}}}},
			Actions:    []types.Action{{Type: types.ActionTypeEnumForward, TargetGroupArn: aws.String("arn:x:targetgroup/" + group + "/0123456789abcdef")}},
		}
	}
	byDefault := types.Rule{Priority: aws.String("default"), Actions: []types.Action{{
		Type: types.ActionTypeEnumFixedResponse, FixedResponseConfig: &types.FixedResponseActionConfig{StatusCode: aws.String("404")},
	}}}
	return []types.Rule{byDefault, path("30", "/*", "studio"), path("20", "/api/*", "server"), path("10", "/socket.io/*", "server")}
}

func TestFollowFindsTheRule(t *testing.T) {
	for text, want := range map[string]string{
		"/api/v1/people":                        "server",
		"/api":                                  "studio",
		"/API/x":                                "studio",
		"/api?x=/api/":                          "studio",
		"/socket.io/?EIO=4&transport=websocket": "server",
		"/socket.io":                            "studio",
		"https://crm.example.com/":              "studio",
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		req, err := newProbeRequest("GET", u, nil, "127.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		trail := follow(crmRules(), req)
		if len(trail.Targets) != 1 || trail.Targets[0].Name != want || trail.Action != "forward" {
			t.Errorf("%s goes to %+v by %s, want %s", text, trail.Targets, trail.Action, want)
		}
	}
}

func TestTrailSaysWhyNot(t *testing.T) {
	req, err := newProbeRequest("POST", &url.URL{Path: "/x"}, map[string]string{"X-Beta": "1", "Host": "a.example.com"}, "10.0.0.9")
	if err != nil {
		t.Fatal(err)
	}
	beta := types.Rule{Priority: aws.String("5"), Conditions: []types.RuleCondition{
		{Field: aws.String("http-header"), HttpHeaderConfig: &types.HttpHeaderConditionConfig{HttpHeaderName: aws.String("X-Beta"), Values: []string{"1"}}},
		{Field: aws.String("http-request-method"), HttpRequestMethodConfig: &types.HttpRequestMethodConditionConfig{Values: []string{"GET", "HEAD"}}},
	}}
	var out bytes.Buffer
	if err := follow(append(crmRules(), beta), req).print(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"http-header X-Beta 1 and http-request-method GET or HEAD   no: http-request-method GET or HEAD",
		"path-pattern /*", "takes it", "studio",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
	if _, err := newProbeRequest("GET", &url.URL{}, nil, "nobody"); err == nil {
		t.Error("a source that is no address was taken")
	}
}
