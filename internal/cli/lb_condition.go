package cli

import (
	"net/netip"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"apex/internal/dataplane/balancer/route"
)

// routeCondition is a rule's condition as the balancer matches it.
func routeCondition(c types.RuleCondition) route.Condition {
	out := route.Condition{Field: route.Field(aws.ToString(c.Field)), Values: valuesOf(c)}
	if h := c.HttpHeaderConfig; h != nil {
		out.Header = aws.ToString(h.HttpHeaderName)
	}
	if q := c.QueryStringConfig; q != nil {
		for _, v := range q.Values {
			out.Query = append(out.Query, route.Pair{Key: aws.ToString(v.Key), Value: aws.ToString(v.Value)})
		}
	}
	if s := c.SourceIpConfig; s != nil {
		for _, v := range s.Values {
			if p, err := netip.ParsePrefix(v); err == nil {
				out.Sources = append(out.Sources, p)
			}
		}
	}
	return out
}

// valuesOf are the patterns of a condition, wherever the API put them.
func valuesOf(c types.RuleCondition) []string {
	switch {
	case c.PathPatternConfig != nil:
		return c.PathPatternConfig.Values
	case c.HostHeaderConfig != nil:
		return c.HostHeaderConfig.Values
	case c.HttpHeaderConfig != nil:
		return c.HttpHeaderConfig.Values
	case c.HttpRequestMethodConfig != nil:
		return c.HttpRequestMethodConfig.Values
	case c.SourceIpConfig != nil:
		return c.SourceIpConfig.Values
	}
	return c.Values
}

func conditionsText(all []types.RuleCondition) string {
	var texts []string
	for _, c := range all {
		texts = append(texts, conditionText(c))
	}
	return strings.Join(texts, " and ")
}

// conditionText is a condition in words: "path-pattern /api/* or /socket.io/*".
func conditionText(c types.RuleCondition) string {
	values := valuesOf(c)
	if q := c.QueryStringConfig; q != nil {
		values = nil
		for _, v := range q.Values {
			values = append(values, strings.TrimPrefix(aws.ToString(v.Key)+"="+aws.ToString(v.Value), "="))
		}
	}
	name := aws.ToString(c.Field)
	if h := c.HttpHeaderConfig; h != nil {
		name += " " + aws.ToString(h.HttpHeaderName)
	}
	return name + " " + strings.Join(values, " or ")
}
