package route53

import (
	"net/netip"
	"slices"

	"apex/internal/api"
	"apex/internal/api/route53api"
)

var httpTypes = []string{
	route53api.HealthCheckTypeHttp, route53api.HealthCheckTypeHttps,
	route53api.HealthCheckTypeHttpStrMatch, route53api.HealthCheckTypeHttpsStrMatch,
}

// checkHealthConfig refuses a health check whose members do not go together.
func checkHealthConfig(c *route53api.HealthCheckConfig) error {
	kind := *c.Type
	endpoint := slices.Contains(httpTypes, kind) || kind == route53api.HealthCheckTypeTcp
	matches := kind == route53api.HealthCheckTypeHttpStrMatch || kind == route53api.HealthCheckTypeHttpsStrMatch
	fault := func(format string, args ...any) error {
		return route53api.NewInvalidInput("Invalid parameter : "+format, args...)
	}
	switch {
	case kind == route53api.HealthCheckTypeRecoveryControl:
		return fault("RECOVERY_CONTROL health checks are not built")
	case endpoint && c.IPAddress == nil && c.FullyQualifiedDomainName == nil:
		return fault("Basic health checks must specify an IP address or a fully qualified domain name.")
	case endpoint && kind == route53api.HealthCheckTypeTcp && c.Port == nil:
		return fault("TCP health checks must specify a port.")
	case matches && api.Val(c.SearchString) == "":
		return fault("%s health checks must have a search string.", kind)
	case !matches && c.SearchString != nil && *c.SearchString != "":
		return fault("SearchString can only be used with string matching health checks.")
	case api.Val(c.RequestInterval) != 0 && *c.RequestInterval != 10 && *c.RequestInterval != 30:
		return fault("RequestInterval must be 10 or 30 seconds.")
	case kind == route53api.HealthCheckTypeCloudwatchMetric && c.AlarmIdentifier == nil:
		return fault("CLOUDWATCH_METRIC health checks must specify an alarm.")
	case kind == route53api.HealthCheckTypeCalculated && c.HealthThreshold == nil:
		return fault("Calculated health checks must specify a health threshold.")
	case !endpoint && (c.IPAddress != nil || c.Port != nil || c.RequestInterval != nil || c.FailureThreshold != nil):
		return fault("%s health checks have no endpoint.", kind)
	}
	if c.IPAddress != nil {
		if a, err := netip.ParseAddr(*c.IPAddress); err != nil || a.IsPrivate() || a.IsLoopback() || a.IsMulticast() || a.IsLinkLocalUnicast() {
			return fault("Invalid IP address %s: it is not a public address", *c.IPAddress)
		}
	}
	return nil
}

// fillHealthDefaults adds what Route 53 fills in at creation.
func fillHealthDefaults(c *route53api.HealthCheckConfig) {
	c.Inverted = api.Ptr(api.Val(c.Inverted))
	c.Disabled = api.Ptr(api.Val(c.Disabled))
	kind := *c.Type
	if slices.Contains(httpTypes, kind) || kind == route53api.HealthCheckTypeTcp {
		c.RequestInterval = api.Ptr(api.Or(c.RequestInterval, 30))
		c.FailureThreshold = api.Ptr(api.Or(c.FailureThreshold, 3))
		c.MeasureLatency = api.Ptr(api.Val(c.MeasureLatency))
	}
	if slices.Contains(httpTypes, kind) {
		secure := kind == route53api.HealthCheckTypeHttps || kind == route53api.HealthCheckTypeHttpsStrMatch
		port := int64(80)
		if secure {
			port = 443
		}
		c.Port = api.Ptr(api.Or(c.Port, port))
		c.EnableSNI = api.Ptr(api.Or(c.EnableSNI, secure))
	}
	if kind == route53api.HealthCheckTypeCloudwatchMetric {
		c.InsufficientDataHealthStatus = api.Ptr(api.Or(c.InsufficientDataHealthStatus, route53api.InsufficientDataHealthStatusLastKnownStatus))
	}
}

// amend lays the members of an update over a health check.
func amend(c *route53api.HealthCheckConfig, in *route53api.UpdateHealthCheckRequest) {
	for _, name := range in.ResetElements {
		switch name {
		case route53api.ResettableElementNameFullyQualifiedDomainName:
			c.FullyQualifiedDomainName = nil
		case route53api.ResettableElementNameRegions:
			c.Regions = nil
		case route53api.ResettableElementNameResourcePath:
			c.ResourcePath = nil
		case route53api.ResettableElementNameChildHealthChecks:
			c.ChildHealthChecks = nil
		}
	}
	over(&c.IPAddress, in.IPAddress)
	over(&c.Port, in.Port)
	over(&c.ResourcePath, in.ResourcePath)
	over(&c.FullyQualifiedDomainName, in.FullyQualifiedDomainName)
	over(&c.SearchString, in.SearchString)
	over(&c.FailureThreshold, in.FailureThreshold)
	over(&c.Inverted, in.Inverted)
	over(&c.Disabled, in.Disabled)
	over(&c.HealthThreshold, in.HealthThreshold)
	over(&c.EnableSNI, in.EnableSNI)
	over(&c.AlarmIdentifier, in.AlarmIdentifier)
	over(&c.InsufficientDataHealthStatus, in.InsufficientDataHealthStatus)
	if in.ChildHealthChecks != nil {
		c.ChildHealthChecks = in.ChildHealthChecks
	}
	if in.Regions != nil {
		c.Regions = in.Regions
	}
}

func over[T any](old **T, given *T) {
	if given != nil {
		*old = given
	}
}
