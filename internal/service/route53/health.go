package route53

import (
	"fmt"

	"apex/internal/api"
	"apex/internal/api/route53api"
	"apex/internal/arn"
	"apex/internal/service/cloudwatch"
	"apex/internal/store"
)

// A verdict is what a health check says.
type verdict struct {
	healthy bool
	report  string
}

// healthOf decides a health check now. Checks of endpoints say what was seen
// last; calculated ones follow their children, and those of alarms the alarm.
func healthOf(r store.Reader, scope arn.Scope, id string, depth int) verdict {
	check, ok := HealthChecks.Get(r, scope.Key(id))
	if !ok {
		return verdict{true, "Success: the health check is gone"}
	}
	config := &check.Spec.Config
	if api.Val(config.Disabled) {
		return verdict{true, "Success: the health check is disabled"}
	}
	v := judge(r, scope, &check, depth)
	if api.Val(config.Inverted) {
		v.healthy = !v.healthy
		v.report += " (inverted)"
	}
	return v
}

func judge(r store.Reader, scope arn.Scope, check *HealthCheck, depth int) verdict {
	config := &check.Spec.Config
	switch *config.Type {
	case route53api.HealthCheckTypeCalculated:
		return calculated(r, scope, config, depth)
	case route53api.HealthCheckTypeCloudwatchMetric:
		return byAlarm(r, scope, config)
	}
	return verdict{true, "Success: endpoints are not probed in this region"}
}

func calculated(r store.Reader, scope arn.Scope, config *route53api.HealthCheckConfig, depth int) verdict {
	if depth >= deepest {
		return verdict{true, "Success: health checks are nested too deeply"}
	}
	well := int64(0)
	for _, child := range config.ChildHealthChecks {
		if healthOf(r, scope, child, depth+1).healthy {
			well++
		}
	}
	report := fmt.Sprintf("%d of %d child health checks are healthy", well, len(config.ChildHealthChecks))
	return said(well >= api.Val(config.HealthThreshold), report)
}

func byAlarm(r store.Reader, scope arn.Scope, config *route53api.HealthCheckConfig) verdict {
	alarm := config.AlarmIdentifier
	state, ok := cloudwatch.StateOf(r, arn.Scope{Account: scope.Account, Region: api.Val(alarm.Region)}, api.Val(alarm.Name))
	if !ok {
		state = cloudwatch.StateInsufficient
	}
	report := "the alarm is in the state " + state
	switch state {
	case cloudwatch.StateOK:
		return said(true, report)
	case cloudwatch.StateAlarm:
		return said(false, report)
	}
	return said(api.Val(config.InsufficientDataHealthStatus) != route53api.InsufficientDataHealthStatusUnhealthy, report)
}

func said(healthy bool, report string) verdict {
	if healthy {
		return verdict{true, "Success: " + report}
	}
	return verdict{false, "Failure: " + report}
}
