package elbv2

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
	"apex/internal/seal"
	"apex/internal/store"
)

const (
	maxGroupsPerAction   = 5
	maxGroupsPerBalancer = 100
	maxFixedBody         = 1024
)

// An actionCheck is what actions are checked against.
type actionCheck struct {
	r        store.Reader
	balancer string // its key
	secure   bool   // the listener speaks HTTPS
	sealer   *seal.Sealer
	old      []elbv2api.Action // what the actions replace
}

// normal checks the actions of a rule or listener and writes out what AWS fills
// in, as Describe gives it back. A client secret is sealed in them.
func (c actionCheck) normal(actions []elbv2api.Action) ([]elbv2api.Action, error) {
	if len(actions) == 0 {
		return nil, invalid("An action must be specified")
	}
	actions, err := inOrder(actions)
	if err != nil {
		return nil, err
	}
	for i := range actions {
		last := i == len(actions)-1
		if err := c.fill(&actions[i], last); err != nil {
			return nil, err
		}
	}
	if len(actions) > 2 {
		return nil, elbv2api.NewTooManyActionsException("A rule can have one action before the last one")
	}
	all := append(groupsUsedBy(c.r, c.balancer), groupsOf(actions)...)
	slices.Sort(all)
	if len(slices.Compact(all)) > maxGroupsPerBalancer {
		return nil, elbv2api.NewTooManyUniqueTargetGroupsPerLoadBalancerException("%d target groups are the most of a load balancer", maxGroupsPerBalancer)
	}
	return actions, nil
}

// inOrder sorts actions as their Order says; several need one each.
func inOrder(actions []elbv2api.Action) ([]elbv2api.Action, error) {
	actions = slices.Clone(actions)
	slices.SortStableFunc(actions, func(a, b elbv2api.Action) int { return cmp.Compare(api.Val(a.Order), api.Val(b.Order)) })
	for i, a := range actions {
		if o := api.Or(a.Order, 1); o < 1 || o > 50_000 {
			return nil, invalid("Action order '%d' must be from 1 to 50000", o)
		}
		if i > 0 && (a.Order == nil || actions[i-1].Order == nil || *a.Order == *actions[i-1].Order) {
			return nil, invalid("Several actions need an order each")
		}
	}
	return actions, nil
}

// fill checks one action. The last one answers the request, the others let it
// through to there.
func (c actionCheck) fill(a *elbv2api.Action, last bool) (err error) {
	kind := api.Val(a.Type)
	switch kind {
	case elbv2api.ActionTypeEnumForward:
		if *a, err = normalForward(c.r, c.balancer, *a); err == nil {
			err = c.checkVersions(a)
		}
	case elbv2api.ActionTypeEnumRedirect:
		*a, err = normalRedirect(*a)
	case elbv2api.ActionTypeEnumFixedResponse:
		err = checkFixed(a.FixedResponseConfig)
	case elbv2api.ActionTypeEnumAuthenticateOidc, elbv2api.ActionTypeEnumJwtValidation:
		if last {
			return elbv2api.NewInvalidLoadBalancerActionException("The last action must be forward, redirect or fixed-response")
		}
		return c.fillGuard(a)
	case elbv2api.ActionTypeEnumAuthenticateCognito:
		err = notBuilt("action %s: use authenticate-oidc", kind)
	default:
		err = invalid("Action type '%s' is not valid", kind)
	}
	if err == nil && !last {
		err = elbv2api.NewInvalidLoadBalancerActionException("Action '%s' must be the last one", kind)
	}
	return err
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
	sticky, err := normalSticky(config.TargetGroupStickinessConfig)
	if err != nil {
		return a, err
	}
	config.TargetGroupStickinessConfig = sticky
	a.ForwardConfig, a.TargetGroupArn = &config, nil
	if len(config.TargetGroups) == 1 {
		a.TargetGroupArn = config.TargetGroups[0].TargetGroupArn
	}
	return a, nil
}

// maxSticky is the longest that a client can be kept with a group: seven days.
const maxSticky = 604_800

func normalSticky(c *elbv2api.TargetGroupStickinessConfig) (*elbv2api.TargetGroupStickinessConfig, error) {
	if c == nil || !api.Val(c.Enabled) {
		return &elbv2api.TargetGroupStickinessConfig{Enabled: api.Ptr(false)}, nil
	}
	if d := api.Val(c.DurationSeconds); d < 1 || d > maxSticky {
		return nil, invalid("Target group stickiness duration '%d' must be from 1 to %d seconds", d, maxSticky)
	}
	return c, nil
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
