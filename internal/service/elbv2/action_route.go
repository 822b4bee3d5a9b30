package elbv2

import (
	"strconv"
	"time"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
	"apex/internal/dataplane/balancer/route"
	"apex/internal/seal"
)

// routeAction turns checked actions into the balancer's.
func routeAction(sealer *seal.Sealer, balancer string, actions []elbv2api.Action) (out route.Action, err error) {
	for _, a := range actions {
		switch {
		case a.AuthenticateOidcConfig != nil:
			out.Login, err = routeLogin(sealer, balancer, a.AuthenticateOidcConfig)
		case a.JwtValidationConfig != nil:
			out.Token = routeToken(a.JwtValidationConfig)
		case a.ForwardConfig != nil:
			out.Forward = routeForward(a.ForwardConfig)
		case a.RedirectConfig != nil:
			out.Redirect = routeRedirect(a.RedirectConfig)
		default:
			out.Fixed = routeFixed(a.FixedResponseConfig)
		}
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

func routeForward(c *elbv2api.ForwardActionConfig) *route.Forward {
	var f route.Forward
	for _, t := range c.TargetGroups {
		f.Groups = append(f.Groups, route.Weighted{Group: keyOf(api.Val(t.TargetGroupArn)), Weight: int(api.Val(t.Weight))})
	}
	if s := c.TargetGroupStickinessConfig; s != nil && api.Val(s.Enabled) {
		f.Sticky = time.Duration(api.Val(s.DurationSeconds)) * time.Second
	}
	return &f
}

func routeRedirect(c *elbv2api.RedirectActionConfig) *route.Redirect {
	status := 301
	if api.Val(c.StatusCode) == elbv2api.RedirectActionStatusCodeEnumHttp302 {
		status = 302
	}
	return &route.Redirect{Status: status, Protocol: *c.Protocol, Host: *c.Host, Port: *c.Port, Path: *c.Path, Query: *c.Query}
}

func routeFixed(c *elbv2api.FixedResponseActionConfig) *route.Fixed {
	status, _ := strconv.Atoi(api.Val(c.StatusCode)) // checked when it was set
	return &route.Fixed{Status: status, ContentType: api.Or(c.ContentType, "text/plain"), Body: api.Val(c.MessageBody)}
}

// groupsOf returns the keys of the target groups that actions forward to.
func groupsOf(actions []elbv2api.Action) (keys []string) {
	for _, a := range actions {
		if a.ForwardConfig == nil {
			continue
		}
		for _, t := range a.ForwardConfig.TargetGroups {
			keys = append(keys, keyOf(api.Val(t.TargetGroupArn)))
		}
	}
	return keys
}
