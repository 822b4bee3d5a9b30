package elbv2

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"apex/internal/api"
)

// An attribute is a named setting of a resource, its default, and what it may
// be set to. Values that nothing acts on are refused.
type attribute struct {
	key, def string
	check    func(value string) *api.Error
}

func oneOf(values ...string) func(string) *api.Error {
	return func(v string) *api.Error {
		if slices.Contains(values, v) {
			return nil
		}
		return invalid("The value '%s' must be one of %s", v, strings.Join(values, ", "))
	}
}

func number(low, high int) func(string) *api.Error {
	return func(v string) *api.Error {
		if n, err := strconv.Atoi(v); err != nil || n < low || n > high {
			return invalid("The value '%s' must be a number from %d to %d", v, low, high)
		}
		return nil
	}
}

// only accepts the given values; others of AWS's are not built.
func only(values ...string) func(string) *api.Error {
	return func(v string) *api.Error {
		if slices.Contains(values, v) {
			return nil
		}
		return notBuilt("the value '%s'", v)
	}
}

func text(string) *api.Error { return nil }

var boolean = oneOf("true", "false")

// loadBalancerAttributes are those of an application load balancer.
var loadBalancerAttributes = []attribute{
	{"access_logs.s3.enabled", "false", boolean},
	{"access_logs.s3.bucket", "", text},
	{"access_logs.s3.prefix", "", text},
	{"client_keep_alive.seconds", "3600", number(60, 604800)},
	{"connection_logs.s3.enabled", "false", boolean},
	{"connection_logs.s3.bucket", "", text},
	{"connection_logs.s3.prefix", "", text},
	{"deletion_protection.enabled", "false", boolean},
	{"health_check_logs.s3.enabled", "false", only("false")},
	{"health_check_logs.s3.bucket", "", text},
	{"health_check_logs.s3.prefix", "", text},
	{"idle_timeout.timeout_seconds", "60", number(1, 4000)},
	{"ipv6.deny_all_igw_traffic", "false", only("false")},
	{"load_balancing.cross_zone.enabled", "true", only("true")},
	{"routing.http.desync_mitigation_mode", "defensive", oneOf("monitor", "defensive", "strictest")},
	{"routing.http.drop_invalid_header_fields.enabled", "false", boolean},
	{"routing.http.preserve_host_header.enabled", "false", boolean},
	{"routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false", boolean},
	{"routing.http.xff_client_port.enabled", "false", boolean},
	{"routing.http.xff_header_processing.mode", "append", oneOf("append", "preserve", "remove")},
	{"routing.http2.enabled", "true", boolean},
	{"waf.fail_open.enabled", "false", only("false")},
	{"zonal_shift.config.enabled", "false", only("false")},
}

// compression is an attribute of ours: an ALB has none. Responses of text are
// compressed for clients that take gzip. It is given back only where it was set.
const compression = "apex.compression.enabled"

var balancerExtensions = []attribute{{compression, "false", boolean}}

// valueOf returns what is set, or the default.
func valueOf(known []attribute, set map[string]string, key string) string {
	if v, ok := set[key]; ok {
		return v
	}
	i := slices.IndexFunc(known, func(a attribute) bool { return a.key == key })
	return known[i].def
}

func intOf(known []attribute, set map[string]string, key string) int {
	n, _ := strconv.Atoi(valueOf(known, set, key)) // checked when it was set
	return n
}

func seconds(known []attribute, set map[string]string, key string) time.Duration {
	return time.Duration(intOf(known, set, key)) * time.Second
}

// withAttribute returns the settings with one more.
func withAttribute(known []attribute, set map[string]string, key, value string) (map[string]string, *api.Error) {
	i := slices.IndexFunc(known, func(a attribute) bool { return a.key == key })
	if i < 0 {
		return nil, invalid("Attribute key '%s' is not recognized", key)
	}
	if err := known[i].check(value); err != nil {
		err.Message = key + ": " + err.Message
		return nil, err
	}
	out := map[string]string{key: value}
	for k, v := range set {
		if k != key {
			out[k] = v
		}
	}
	return out, nil
}
