package elbv2

import (
	"slices"
	"strconv"
	"strings"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
	"apex/internal/dataplane/balancer/route"
	"apex/internal/store"
)

const (
	maxGroupsPerAction = 5
	maxFixedBody       = 1024
)

// normalActions checks the actions of a rule or listener and writes out what AWS
// fills in, as Describe gives it back.
func normalActions(r store.Reader, balancer string, actions []elbv2api.Action) ([]elbv2api.Action, error) {
	if len(actions) == 0 {
		return nil, invalid("An action must be specified")
	}
	if len(actions) > 1 {
		return nil, notBuilt("several actions in one rule, which only authentication needs")
	}
	a := actions[0]
	var err error
	switch api.Val(a.Type) {
	case elbv2api.ActionTypeEnumForward:
		a, err = normalForward(r, balancer, a)
	case elbv2api.ActionTypeEnumRedirect:
		a, err = normalRedirect(a)
	case elbv2api.ActionTypeEnumFixedResponse:
		err = checkFixed(a.FixedResponseConfig)
	case elbv2api.ActionTypeEnumAuthenticateOidc, elbv2api.ActionTypeEnumAuthenticateCognito, elbv2api.ActionTypeEnumJwtValidation:
		err = notBuilt("action %s", api.Val(a.Type))
	default:
		err = invalid("Action type '%s' is not valid", api.Val(a.Type))
	}
	if err != nil {
		return nil, err
	}
	return []elbv2api.Action{a}, nil
}

func normalForward(r store.Reader, balancer string, a elbv2api.Action) (elbv2api.Action, error) {
	if a.ForwardConfig == nil && a.TargetGroupArn == nil {
		return a, invalid("A target group ARN must be specified for a forward action")
	}
	var config elbv2api.ForwardActionConfig
	if a.ForwardConfig != nil {
		config = *a.ForwardConfig
	}
	if len(config.TargetGroups) == 0 {
		config.TargetGroups = []elbv2api.TargetGroupTuple{{TargetGroupArn: a.TargetGroupArn}}
	}
	config.TargetGroups = slices.Clone(config.TargetGroups)
	if len(config.TargetGroups) > maxGroupsPerAction {
		return a, elbv2api.NewTooManyTargetGroupsException("An action can forward to %d target groups at most", maxGroupsPerAction)
	}
	for i := range config.TargetGroups {
		if err := checkTuple(r, balancer, &config.TargetGroups[i]); err != nil {
			return a, err
		}
	}
	if sticky := config.TargetGroupStickinessConfig; sticky != nil && api.Val(sticky.Enabled) {
		return a, notBuilt("stickiness between target groups")
	}
	config.TargetGroupStickinessConfig = &elbv2api.TargetGroupStickinessConfig{Enabled: api.Ptr(false)}
	a.ForwardConfig, a.TargetGroupArn = &config, nil
	if len(config.TargetGroups) == 1 {
		a.TargetGroupArn = config.TargetGroups[0].TargetGroupArn
	}
	return a, nil
}

// checkTuple checks one target group of a forward action. A group serves one
// load balancer only.
func checkTuple(r store.Reader, balancer string, t *elbv2api.TargetGroupTuple) error {
	name := api.Val(t.TargetGroupArn)
	group, ok := TargetGroups.Get(r, keyOf(name))
	if !ok {
		return groupNotFound(name)
	}
	t.Weight = api.Ptr(api.Or(t.Weight, 1))
	if *t.Weight < 0 || *t.Weight > 999 {
		return invalid("Weight '%d' must be from 0 to 999", *t.Weight)
	}
	if other := balancerOf(r, group.Key); other != "" && other != balancer {
		return elbv2api.NewTargetGroupAssociationLimitException("Target group '%s' is in use by another load balancer", name)
	}
	b, ok := LoadBalancers.Get(r, balancer)
	if ok && b.Spec.VPCID != group.Spec.VPCID {
		return elbv2api.NewInvalidConfigurationRequestException("Target group '%s' is in another VPC than the load balancer", name)
	}
	return nil
}

func normalRedirect(a elbv2api.Action) (elbv2api.Action, error) {
	if a.RedirectConfig == nil {
		return a, invalid("A redirect action needs a RedirectConfig")
	}
	c := *a.RedirectConfig
	if s := api.Val(c.StatusCode); s != elbv2api.RedirectActionStatusCodeEnumHttp301 && s != elbv2api.RedirectActionStatusCodeEnumHttp302 {
		return a, invalid("Redirect status code '%s' is not valid", s)
	}
	c.Protocol = api.Ptr(api.Or(c.Protocol, "#{protocol}"))
	c.Host = api.Ptr(api.Or(c.Host, "#{host}"))
	c.Port = api.Ptr(api.Or(c.Port, "#{port}"))
	c.Path = api.Ptr(api.Or(c.Path, "/#{path}"))
	c.Query = api.Ptr(api.Or(c.Query, "#{query}"))
	if *c.Protocol == "#{protocol}" && *c.Host == "#{host}" && *c.Port == "#{port}" && *c.Path == "/#{path}" {
		return a, elbv2api.NewInvalidLoadBalancerActionException("The redirect would lead to itself: change the protocol, host, port or path")
	}
	if !strings.HasPrefix(*c.Path, "/") {
		return a, invalid("Redirect path '%s' must begin with /", *c.Path)
	}
	a.RedirectConfig = &c
	return a, nil
}

func checkFixed(c *elbv2api.FixedResponseActionConfig) error {
	if c == nil {
		return invalid("A fixed-response action needs a FixedResponseConfig")
	}
	status, err := strconv.Atoi(api.Val(c.StatusCode))
	if class := status / 100; err != nil || class != 2 && class != 4 && class != 5 {
		return invalid("Fixed response status code '%s' must be 2XX, 4XX or 5XX", api.Val(c.StatusCode))
	}
	if len(api.Val(c.MessageBody)) > maxFixedBody {
		return invalid("The message body must have at most %d characters", maxFixedBody)
	}
	types := []string{"text/plain", "text/css", "text/html", "application/javascript", "application/json"}
	if t := api.Val(c.ContentType); t != "" && !slices.Contains(types, t) {
		return invalid("Content type '%s' must be one of %s", t, strings.Join(types, ", "))
	}
	return nil
}

// routeAction turns a checked action into the balancer's.
func routeAction(actions []elbv2api.Action) route.Action {
	a := actions[len(actions)-1]
	switch {
	case a.ForwardConfig != nil:
		var f route.Forward
		for _, t := range a.ForwardConfig.TargetGroups {
			f.Groups = append(f.Groups, route.Weighted{Group: keyOf(api.Val(t.TargetGroupArn)), Weight: int(api.Val(t.Weight))})
		}
		return route.Action{Forward: &f}
	case a.RedirectConfig != nil:
		c := a.RedirectConfig
		status := 301
		if api.Val(c.StatusCode) == elbv2api.RedirectActionStatusCodeEnumHttp302 {
			status = 302
		}
		return route.Action{Redirect: &route.Redirect{
			Status: status, Protocol: *c.Protocol, Host: *c.Host, Port: *c.Port, Path: *c.Path, Query: *c.Query,
		}}
	default:
		c := a.FixedResponseConfig
		status, _ := strconv.Atoi(api.Val(c.StatusCode)) // checked when it was set
		return route.Action{Fixed: &route.Fixed{
			Status: status, ContentType: api.Or(c.ContentType, "text/plain"), Body: api.Val(c.MessageBody),
		}}
	}
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
