package elbv2

import (
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
	"apex/internal/arn"
	"apex/internal/store"
)

// listenersOf returns a load balancer's listeners, by port.
func listenersOf(r store.Reader, balancer string) (listeners []Listener) {
	scope, resource := arn.SplitKey(balancer)
	prefix := scope.Key("listener/" + strings.TrimPrefix(resource, "loadbalancer/") + "/")
	for _, l := range Listeners.Prefix(r, prefix) {
		listeners = append(listeners, l)
	}
	slices.SortFunc(listeners, func(a, b Listener) int { return a.Spec.Port - b.Spec.Port })
	return listeners
}

// rulesOf returns a listener's rules, by priority.
func rulesOf(r store.Reader, listener string) (rules []Rule) {
	scope, resource := arn.SplitKey(listener)
	prefix := scope.Key("listener-rule/" + strings.TrimPrefix(resource, "listener/") + "/")
	for _, rule := range Rules.Prefix(r, prefix) {
		rules = append(rules, rule)
	}
	slices.SortFunc(rules, func(a, b Rule) int { return a.Spec.Priority - b.Spec.Priority })
	return rules
}

// groupsUsedBy returns the keys of the target groups that a load balancer
// forwards to, in order.
func groupsUsedBy(r store.Reader, balancer string) (groups []string) {
	for _, l := range listenersOf(r, balancer) {
		groups = append(groups, groupsOf(l.Spec.Actions)...)
		for _, rule := range rulesOf(r, l.Key) {
			groups = append(groups, groupsOf(rule.Spec.Actions)...)
		}
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}

// balancerOf returns the key of the load balancer that forwards to a group, or "".
func balancerOf(r store.Reader, group string) string {
	scope, _ := arn.SplitKey(group)
	name := arnOf(group)
	for _, l := range Listeners.Prefix(r, scope.Prefix()) {
		if forwardsTo(l.Spec.Actions, name) {
			return l.Spec.LoadBalancer
		}
	}
	for key, rule := range Rules.Prefix(r, scope.Prefix()) {
		if forwardsTo(rule.Spec.Actions, name) {
			return balancerOfListener(key)
		}
	}
	return ""
}

func forwardsTo(actions []elbv2api.Action, group string) bool {
	for _, a := range actions {
		if a.ForwardConfig != nil && slices.ContainsFunc(a.ForwardConfig.TargetGroups, func(t elbv2api.TargetGroupTuple) bool {
			return api.Val(t.TargetGroupArn) == group
		}) {
			return true
		}
	}
	return false
}

// registrationsOf returns a group's registrations.
func registrationsOf(r store.Reader, group string) (regs []Registration) {
	for _, reg := range Registrations.Prefix(r, group+"|") {
		regs = append(regs, reg)
	}
	return regs
}

// balancerOfListener returns the key of the load balancer that a listener or a
// rule belongs to.
func balancerOfListener(key string) string {
	scope, resource := arn.SplitKey(key)
	parts := strings.Split(resource, "/") // listener[-rule], app, name, load balancer, …
	if len(parts) < 4 {
		return ""
	}
	return scope.Key("loadbalancer/" + strings.Join(parts[1:4], "/"))
}
