package elbv2

import (
	"maps"
	"slices"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
	"apex/internal/arn"
	"apex/internal/store"
)

// CheckShift reports why Shift could not use a rule for the target groups: the
// rule or a group does not exist, the rule does not forward, or a group serves
// another load balancer.
func CheckShift(r store.Reader, ruleARN string, groups ...string) error {
	forward, _, err := forwardOf(r, ruleARN)
	if err != nil {
		return err
	}
	for _, name := range groups {
		if err := checkTuple(r, balancerOfListener(keyOf(ruleARN)), &elbv2api.TargetGroupTuple{TargetGroupArn: &name}); err != nil {
			return err
		}
	}
	return checkForward(forward, ruleARN)
}

// Shift sets which target groups a rule forwards to, and with which weights from
// 0 to 999. The rule may be the one that stands for a listener's default action.
// A group of weight 0 takes no requests but its targets are checked. What else
// the rule says stays. A rule that already says so is not touched.
func Shift(tx *store.Tx, ruleARN string, weights map[string]int64) error {
	actions, set, err := forwardOf(tx, ruleARN)
	if err != nil {
		return err
	}
	if err := checkForward(actions, ruleARN); err != nil {
		return err
	}
	config := *actions[len(actions)-1].ForwardConfig
	if says(config, weights) {
		return nil
	}
	config.TargetGroups = nil
	for _, name := range slices.Sorted(maps.Keys(weights)) {
		config.TargetGroups = append(config.TargetGroups, elbv2api.TargetGroupTuple{TargetGroupArn: &name, Weight: api.Ptr(weights[name])})
	}
	actions = slices.Clone(actions)
	last := &actions[len(actions)-1]
	last.ForwardConfig, last.TargetGroupArn = &config, nil
	if len(config.TargetGroups) == 1 {
		last.TargetGroupArn = config.TargetGroups[0].TargetGroupArn
	}
	set(tx, actions)
	return nil
}

// says reports whether a forward action has these weights already.
func says(config elbv2api.ForwardActionConfig, weights map[string]int64) bool {
	have := map[string]int64{}
	for _, t := range config.TargetGroups {
		have[api.Val(t.TargetGroupArn)] = api.Val(t.Weight)
	}
	return len(have) == len(config.TargetGroups) && maps.Equal(have, weights)
}

func checkForward(actions []elbv2api.Action, ruleARN string) error {
	if len(actions) == 0 || actions[len(actions)-1].ForwardConfig == nil {
		return invalid("Rule '%s' does not forward to target groups", ruleARN)
	}
	return nil
}

// forwardOf returns the actions of a rule and how to set them. The ARN of a
// listener means its default rule.
func forwardOf(r store.Reader, name string) ([]elbv2api.Action, func(*store.Tx, []elbv2api.Action), error) {
	key := keyOf(name)
	if rule, ok := Rules.Get(r, key); ok {
		return rule.Spec.Actions, func(tx *store.Tx, actions []elbv2api.Action) {
			Rules.Modify(tx, key, func(r *Rule) { r.Spec.Actions = actions })
		}, nil
	}
	scope, _ := arn.SplitKey(key)
	for k, l := range Listeners.Prefix(r, scope.Prefix()) {
		if key != "" && (k == key || l.Spec.DefaultRule == key) {
			return l.Spec.Actions, func(tx *store.Tx, actions []elbv2api.Action) {
				Listeners.Modify(tx, k, func(l *Listener) { l.Spec.Actions = actions })
			}, nil
		}
	}
	return nil, nil, elbv2api.NewRuleNotFoundException("One or more rules not found: '%s'", name)
}
