package elbv2

import (
	"regexp"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
	"apex/internal/dataplane/balancer"
)

// The protocol versions of target groups.
const (
	versionHTTP1 = "HTTP1"
	versionHTTP2 = "HTTP2"
	versionGRPC  = "GRPC"
)

var grpcMatcherForm = regexp.MustCompile(`^[0-9]{1,2}(-[0-9]{1,2})?(,[0-9]{1,2}(-[0-9]{1,2})?)*$`)

// versionOf is how a version is kept: HTTP1 is what groups have that say nothing.
func versionOf(asked *string) string {
	if v := api.Val(asked); v != versionHTTP1 {
		return v
	}
	return ""
}

// defaultCheck is the health check of a group that says nothing of it.
func defaultCheck(version string) HealthCheck {
	c := HealthCheck{
		Enabled: true, Protocol: elbv2api.ProtocolEnumHttp, Port: trafficPort, Path: "/",
		Interval: 30, Timeout: 5, Healthy: 5, Unhealthy: 2, Matcher: "200",
	}
	if version == versionGRPC {
		c.Path, c.Matcher = "/AWS.ALB/healthcheck", "12"
	}
	return c
}

// checkMatcher refuses a matcher of the wrong kind or form.
func (c *HealthCheck) checkMatcher(version string, asked *elbv2api.Matcher) error {
	switch {
	case version == versionGRPC && asked != nil && asked.HttpCode != nil:
		return invalid("The matcher of a target group of protocol version GRPC must be a gRPC code")
	case version != versionGRPC && asked != nil && asked.GrpcCode != nil:
		return invalid("gRPC codes can be specified for target groups of protocol version GRPC only")
	case version == versionGRPC && !grpcMatcherForm.MatchString(c.Matcher):
		return invalid("Health check matcher gRPC code '%s' must be within 0 to 99", c.Matcher)
	case version != versionGRPC && !matcherForm.MatchString(c.Matcher):
		return invalid("Health check matcher HTTP code '%s' must be within 200 to 499", c.Matcher)
	}
	return nil
}

func matcherOf(version, matcher string) *elbv2api.Matcher {
	if version == versionGRPC {
		return &elbv2api.Matcher{GrpcCode: &matcher}
	}
	return &elbv2api.Matcher{HttpCode: &matcher}
}

// speech is how a balancer speaks to the group's targets.
func (g *TargetGroup) speech() balancer.Speech {
	return balancer.Speech{Version: balancer.Version(g.Spec.Version), Secure: g.Spec.Protocol == elbv2api.ProtocolEnumHttps}
}

// checkSpeech is how they are spoken to in health checks.
func (g *TargetGroup) checkSpeech() balancer.Speech {
	return balancer.Speech{Version: balancer.Version(g.Spec.Version), Secure: g.Spec.Check.Protocol == elbv2api.ProtocolEnumHttps}
}

// checkVersions refuses to send gRPC through a listener that cannot carry it.
func (c actionCheck) checkVersions(a *elbv2api.Action) error {
	for _, t := range a.ForwardConfig.TargetGroups {
		g, ok := TargetGroups.Get(c.r, keyOf(api.Val(t.TargetGroupArn)))
		if ok && g.Spec.Version == versionGRPC && !c.secure {
			return elbv2api.NewInvalidConfigurationRequestException("Listener protocol 'HTTP' is not supported with a target group with the protocol-version 'GRPC'")
		}
	}
	return nil
}
