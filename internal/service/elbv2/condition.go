package elbv2

import (
	"net/netip"
	"regexp"
	"strings"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
	"apex/internal/dataplane/balancer/route"
)

// Quotas of a rule.
const (
	maxValues       = 5
	maxPerCondition = 5 // the guide says three in one place; AWS takes the rule's five
	maxWildcards    = 5
	maxPattern      = 128
	maxMethod       = 40
)

// normalConditions checks a rule's conditions and writes them as Describe gives
// them back: a path or host condition carries its values twice.
func normalConditions(conditions []elbv2api.RuleCondition) ([]elbv2api.RuleCondition, error) {
	if len(conditions) == 0 {
		return nil, invalid("A condition must be specified")
	}
	out := make([]elbv2api.RuleCondition, 0, len(conditions))
	values, wildcards, seen := 0, 0, map[string]bool{}
	for _, c := range conditions {
		n, err := normalCondition(c)
		if err != nil {
			return nil, err
		}
		field := api.Val(n.Field)
		if seen[field] && field != string(route.HTTPHeader) && field != string(route.QueryString) {
			return nil, invalid("A rule can have one condition on '%s' only", field)
		}
		seen[field] = true
		patterns := patternsOf(n)
		values += len(patterns) + len(n.RegexValues)
		for _, p := range patterns {
			wildcards += strings.Count(p, "*") + strings.Count(p, "?")
		}
		out = append(out, n)
	}
	if values > maxValues {
		return nil, invalid("A rule can have %d condition values at most", maxValues)
	}
	if wildcards > maxWildcards {
		return nil, invalid("A rule can have %d wildcards at most", maxWildcards)
	}
	return out, nil
}

func normalCondition(c elbv2api.RuleCondition) (elbv2api.RuleCondition, error) {
	field := route.Field(api.Val(c.Field))
	n := elbv2api.RuleCondition{Field: c.Field}
	n.RegexValues = regexOf(c)
	for _, e := range n.RegexValues {
		if err := checkRegex(e, maxPattern); err != nil {
			return n, err
		}
	}
	var check func(string) error
	switch field {
	case route.PathPattern:
		n.Values = valuesOf(c.Values, c.PathPatternConfig, func(p *elbv2api.PathPatternConditionConfig) []string { return p.Values })
		n.PathPatternConfig = &elbv2api.PathPatternConditionConfig{Values: n.Values, RegexValues: n.RegexValues}
		check = checkPath
	case route.HostHeader:
		n.Values = valuesOf(c.Values, c.HostHeaderConfig, func(h *elbv2api.HostHeaderConditionConfig) []string { return h.Values })
		n.HostHeaderConfig = &elbv2api.HostHeaderConditionConfig{Values: n.Values, RegexValues: n.RegexValues}
		check = checkHost
	case route.RequestMethod:
		n.HttpRequestMethodConfig, check = c.HttpRequestMethodConfig, checkMethod
	case route.SourceIP:
		n.SourceIpConfig, check = c.SourceIpConfig, checkSource
	case route.HTTPHeader:
		n.HttpHeaderConfig, check = c.HttpHeaderConfig, checkLength
		if c.HttpHeaderConfig == nil || !headerName.MatchString(api.Val(c.HttpHeaderConfig.HttpHeaderName)) {
			return n, invalid("An http-header condition needs a valid header name")
		}
	case route.QueryString:
		n.QueryStringConfig, check = c.QueryStringConfig, checkLength
	default:
		return n, invalid("Condition field '%s' must be one of '[path-pattern, host-header, http-header, http-request-method, query-string, source-ip]'", field)
	}
	if len(n.RegexValues) > 0 && field != route.PathPattern && field != route.HostHeader && field != route.HTTPHeader {
		return n, invalid("Condition field '%s' does not take regular expressions", field)
	}
	if len(n.RegexValues) > 0 && len(patternsOf(n)) > 0 {
		return n, invalid("A condition takes either values or regular expressions")
	}
	return n, checkAll(field, patternsOf(n), len(n.RegexValues), check)
}

// regexOf returns a condition's expressions, wherever they are given.
func regexOf(c elbv2api.RuleCondition) []string {
	switch {
	case c.PathPatternConfig != nil && len(c.PathPatternConfig.RegexValues) > 0:
		return c.PathPatternConfig.RegexValues
	case c.HostHeaderConfig != nil && len(c.HostHeaderConfig.RegexValues) > 0:
		return c.HostHeaderConfig.RegexValues
	case c.HttpHeaderConfig != nil && len(c.HttpHeaderConfig.RegexValues) > 0:
		return c.HttpHeaderConfig.RegexValues
	}
	return c.RegexValues
}

func valuesOf[C any](values []string, config *C, of func(*C) []string) []string {
	if config != nil {
		return of(config)
	}
	return values
}

func checkAll(field route.Field, values []string, expressions int, check func(string) error) error {
	if len(values)+expressions > maxPerCondition {
		return invalid("A condition can have %d values at most", maxPerCondition)
	}
	if len(values)+expressions == 0 {
		return invalid("A condition value must be specified for '%s'", field)
	}
	for _, v := range values {
		if err := check(v); err != nil {
			return err
		}
	}
	return nil
}

var (
	pathPattern = regexp.MustCompile(`^[A-Za-z0-9_\-.$/~"'@:+&*?]+$`)
	hostPattern = regexp.MustCompile(`^[A-Za-z0-9\-.*?]+$`)
	topLevel    = regexp.MustCompile(`\.[A-Za-z*?][A-Za-z0-9\-*?]*$`)
	method      = regexp.MustCompile(`^[A-Z\-_]+$`)
	headerName  = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+\\-.^_`|~]{1,40}$")
)

func checkLength(v string) error {
	if v == "" || len(v) > maxPattern {
		return invalid("Condition value '%s' must have 1 to %d characters", v, maxPattern)
	}
	return nil
}

func checkPath(v string) error {
	if !pathPattern.MatchString(v) {
		return invalid("Path pattern '%s' contains characters that are not valid", v)
	}
	return checkLength(v)
}

func checkHost(v string) error {
	if !hostPattern.MatchString(v) || !topLevel.MatchString(v) {
		return invalid("Host '%s' is not a valid host name", v)
	}
	return checkLength(v)
}

func checkMethod(v string) error {
	if !method.MatchString(v) || len(v) > maxMethod {
		return invalid("Request method '%s' is not valid", v)
	}
	return nil
}

func checkSource(v string) error {
	p, err := netip.ParsePrefix(v)
	if err != nil || v == "255.255.255.255/32" || p != p.Masked() {
		return invalid("Source IP '%s' is not a valid CIDR block", v)
	}
	return nil
}

// patternsOf returns all values of a condition.
func patternsOf(c elbv2api.RuleCondition) []string {
	switch {
	case c.HttpRequestMethodConfig != nil:
		return c.HttpRequestMethodConfig.Values
	case c.SourceIpConfig != nil:
		return c.SourceIpConfig.Values
	case c.HttpHeaderConfig != nil:
		return c.HttpHeaderConfig.Values
	case c.QueryStringConfig != nil:
		var values []string
		for _, p := range c.QueryStringConfig.Values {
			values = append(values, api.Val(p.Value))
		}
		return values
	}
	return c.Values
}

// routeConditions turns checked conditions into the balancer's.
func routeConditions(conditions []elbv2api.RuleCondition) (out []route.Condition) {
	for _, c := range conditions {
		rc := route.Condition{Field: route.Field(api.Val(c.Field))}
		switch {
		case c.SourceIpConfig != nil:
			for _, v := range c.SourceIpConfig.Values {
				rc.Sources = append(rc.Sources, netip.MustParsePrefix(v)) // checked when it was set
			}
		case c.QueryStringConfig != nil:
			for _, p := range c.QueryStringConfig.Values {
				rc.Query = append(rc.Query, route.Pair{Key: api.Val(p.Key), Value: api.Val(p.Value)})
			}
		default:
			rc.Values = patternsOf(c)
		}
		if c.HttpHeaderConfig != nil {
			rc.Header = api.Val(c.HttpHeaderConfig.HttpHeaderName)
		}
		rc.Regex = c.RegexValues
		out = append(out, rc)
	}
	return out
}
