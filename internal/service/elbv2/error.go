package elbv2

import (
	"apex/internal/api"
	"apex/internal/api/elbv2api"
)

func groupNotFound(arn string) *api.Error {
	return elbv2api.NewTargetGroupNotFoundException("Target group '%s' not found", arn)
}

func balancerNotFound(arn string) *api.Error {
	return elbv2api.NewLoadBalancerNotFoundException("Load balancer '%s' not found", arn)
}

func listenerNotFound(arn string) *api.Error {
	return elbv2api.NewListenerNotFoundException("Listener '%s' not found", arn)
}

func ruleNotFound(arn string) *api.Error {
	return elbv2api.NewRuleNotFoundException("Rule '%s' not found", arn)
}

func invalid(format string, args ...any) *api.Error {
	return api.Invalid("ValidationError", format, args...)
}

// notBuilt refuses what AWS has and this region does not do, rather than to keep
// it and do nothing.
func notBuilt(what string, args ...any) *api.Error {
	return elbv2api.NewInvalidConfigurationRequestException("not built in this region: "+what, args...)
}
