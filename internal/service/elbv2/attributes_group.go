package elbv2

import (
	"strconv"
	"strings"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
	"apex/internal/dataplane/balancer"
)

// The keys of target group attributes that depend on each other.
const (
	algorithmType   = "load_balancing.algorithm.type"
	mitigation      = "load_balancing.algorithm.anomaly_mitigation"
	slowStart       = "slow_start.duration_seconds"
	stickyEnabled   = "stickiness.enabled"
	stickyType      = "stickiness.type"
	appCookieName   = "stickiness.app_cookie.cookie_name"
	appCookieLasts  = "stickiness.app_cookie.duration_seconds"
	lbCookieLasts   = "stickiness.lb_cookie.duration_seconds"
	leastCount      = "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count"
	leastPercentage = "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage"
)

// targetGroupAttributes are those of a group of addresses behind an application
// load balancer.
var targetGroupAttributes = []attribute{
	{"deregistration_delay.timeout_seconds", "300", number(0, 3600)},
	{mitigation, "off", oneOf("on", "off")},
	{algorithmType, "round_robin", oneOf("round_robin", "least_outstanding_requests", "weighted_random")},
	{"load_balancing.cross_zone.enabled", "use_load_balancer_configuration", only("use_load_balancer_configuration", "true")},
	{slowStart, "0", numberOr("0", 30, 900)},
	{stickyEnabled, "false", boolean},
	{stickyType, "lb_cookie", oneOf("lb_cookie", "app_cookie")},
	{appCookieName, "", text},
	{appCookieLasts, "86400", number(1, 604800)},
	{lbCookieLasts, "86400", number(1, 604800)},
	{"target_group_health.dns_failover.minimum_healthy_targets.count", "1", only("1", "off")},
	{"target_group_health.dns_failover.minimum_healthy_targets.percentage", "off", only("off")},
	{leastCount, "1", number(1, maxTargets)},
	{leastPercentage, "off", numberOr("off", 1, 100)},
}

// numberOr takes one word or a number.
func numberOr(word string, low, high int) func(string) *api.Error {
	return func(v string) *api.Error {
		if v == word {
			return nil
		}
		return number(low, high)(v)
	}
}

// checkGroupAttributes checks what one attribute demands of another.
func checkGroupAttributes(set map[string]string) error {
	value := func(key string) string { return valueOf(targetGroupAttributes, set, key) }
	algorithm, cookie := value(algorithmType), value(appCookieName)
	switch {
	case value(slowStart) != "0" && algorithm != string(balancer.RoundRobin):
		return elbv2api.NewInvalidConfigurationRequestException("Slow start needs the algorithm round_robin, not %s", algorithm)
	case value(mitigation) == "on" && algorithm != string(balancer.WeightedRandom):
		return elbv2api.NewInvalidConfigurationRequestException("Anomaly mitigation needs the algorithm weighted_random, not %s", algorithm)
	case value(stickyEnabled) == "true" && value(stickyType) == string(balancer.AppCookie) && cookie == "":
		return elbv2api.NewInvalidConfigurationRequestException("Stickiness by app_cookie needs a cookie name")
	case cookie != "" && (!cookieName.MatchString(cookie) || strings.HasPrefix(cookie, "AWSALB")):
		return invalid("The cookie name '%s' is not valid: it must be a token that does not begin with AWSALB", cookie)
	}
	return nil
}

// balance sets how a group chooses among its targets.
func (p planner) balance(out *balancer.Group, set map[string]string) {
	value := func(key string) string { return valueOf(targetGroupAttributes, set, key) }
	out.Algorithm = balancer.Algorithm(value(algorithmType))
	out.Mitigate = value(mitigation) == "on"
	out.SlowStart = seconds(targetGroupAttributes, set, slowStart)
	out.Least.Count = intOf(targetGroupAttributes, set, leastCount)
	out.Least.Percent, _ = strconv.Atoi(value(leastPercentage)) // "off" is 0
	if value(stickyEnabled) != "true" {
		return
	}
	out.Sticky.Kind = balancer.StickyKind(value(stickyType))
	out.Sticky.Duration = seconds(targetGroupAttributes, set, lbCookieLasts)
	if out.Sticky.Kind == balancer.AppCookie {
		out.Sticky.Cookie = value(appCookieName)
		out.Sticky.Duration = seconds(targetGroupAttributes, set, appCookieLasts)
	}
}
