package elbv2

import (
	"context"
	"strconv"
	"strings"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
	"apex/internal/arn"
	"apex/internal/awsid"
	"apex/internal/store"
)

const (
	maxRules    = 100 // of a load balancer, without the default ones
	maxPriority = 50_000
)

func (s *Service) createRule(ctx context.Context, call *api.Call, in *elbv2api.CreateRuleInput) (*elbv2api.CreateRuleOutput, error) {
	listener := keyOf(api.Val(in.ListenerArn))
	tags, err := newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	conditions, err := normalConditions(in.Conditions)
	if err != nil {
		return nil, err
	}
	if err := checkTransforms(in.Transforms); err != nil {
		return nil, err
	}
	priority := int(api.Val(in.Priority))
	if err := checkPriority(priority); err != nil {
		return nil, err
	}
	var made Rule
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		l, ok := Listeners.Get(tx, listener)
		if !ok {
			return listenerNotFound(api.Val(in.ListenerArn))
		}
		if err := roomForRule(tx, l, priority); err != nil {
			return err
		}
		actions, err := s.actionCheck(tx, &l, nil).normal(in.Actions)
		if err != nil {
			return err
		}
		made = Rule{Key: ruleKey(listener), Spec: RuleSpec{
			Listener: listener, Priority: priority, Conditions: conditions, Transforms: in.Transforms, Actions: actions, Tags: tags,
		}}
		Rules.Put(tx, made)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &elbv2api.CreateRuleOutput{Rules: []elbv2api.Rule{describeRule(&made)}}, nil
}

func ruleKey(listener string) string {
	scope, resource := arn.SplitKey(listener)
	return scope.Key("listener-rule/" + strings.TrimPrefix(resource, "listener/") + "/" + awsid.Hex(16))
}

func (s *Service) actionCheck(r store.Reader, l *Listener, old []elbv2api.Action) actionCheck {
	return actionCheck{
		r: r, balancer: l.Spec.LoadBalancer, secure: l.Spec.Protocol == elbv2api.ProtocolEnumHttps,
		sealer: s.env.Sealer, old: old,
	}
}

func checkPriority(priority int) error {
	if priority < 1 || priority > maxPriority {
		return invalid("Priority '%d' must be from 1 to %d", priority, maxPriority)
	}
	return nil
}

func roomForRule(r store.Reader, l Listener, priority int) error {
	for _, other := range rulesOf(r, l.Key) {
		if other.Spec.Priority == priority {
			return elbv2api.NewPriorityInUseException("Priority '%d' is currently in use", priority)
		}
	}
	count := 0
	for _, other := range listenersOf(r, l.Spec.LoadBalancer) {
		count += len(rulesOf(r, other.Key))
	}
	if count >= maxRules {
		return elbv2api.NewTooManyRulesException("%d rules are the most of a load balancer", maxRules)
	}
	return nil
}

func (s *Service) modifyRule(ctx context.Context, call *api.Call, in *elbv2api.ModifyRuleInput) (*elbv2api.ModifyRuleOutput, error) {
	key := keyOf(api.Val(in.RuleArn))
	err := s.env.Store.Update(ctx, func(tx *store.Tx) error {
		rule, ok := Rules.Get(tx, key)
		if !ok {
			return s.noRule(tx, key, api.Val(in.RuleArn))
		}
		spec, err := s.modifiedRule(tx, rule.Spec, in)
		if err != nil {
			return err
		}
		Rules.Modify(tx, key, func(r *Rule) { r.Spec = spec })
		return nil
	})
	if err != nil {
		return nil, err
	}
	rule, _ := Rules.Get(s.env.Store.Snapshot(), key)
	return &elbv2api.ModifyRuleOutput{Rules: []elbv2api.Rule{describeRule(&rule)}}, nil
}

// modifiedRule is a rule after the call: what it does not name stays.
func (s *Service) modifiedRule(r store.Reader, spec RuleSpec, in *elbv2api.ModifyRuleInput) (RuleSpec, error) {
	var err error
	if len(in.Conditions) > 0 {
		if spec.Conditions, err = normalConditions(in.Conditions); err != nil {
			return spec, err
		}
	}
	switch reset := api.Val(in.ResetTransforms); {
	case reset && len(in.Transforms) > 0:
		return spec, invalid("Transforms cannot be specified and reset at the same time")
	case reset:
		spec.Transforms = nil
	case len(in.Transforms) > 0:
		if err := checkTransforms(in.Transforms); err != nil {
			return spec, err
		}
		spec.Transforms = in.Transforms
	}
	if len(in.Actions) > 0 {
		l, _ := Listeners.Get(r, spec.Listener)
		spec.Actions, err = s.actionCheck(r, &l, spec.Actions).normal(in.Actions)
	}
	return spec, err
}

// noRule says why a rule cannot be changed: it is a default one, or none.
func (s *Service) noRule(r store.Reader, key, name string) error {
	for _, l := range listenersOf(r, balancerOfListener(key)) {
		if l.Spec.DefaultRule == key {
			return elbv2api.NewOperationNotPermittedException("Default rule '%s' cannot be modified", name)
		}
	}
	return ruleNotFound(name)
}

func (s *Service) deleteRule(ctx context.Context, call *api.Call, in *elbv2api.DeleteRuleInput) (*elbv2api.DeleteRuleOutput, error) {
	return nil, s.env.Store.Update(ctx, func(tx *store.Tx) error {
		if key := keyOf(api.Val(in.RuleArn)); !Rules.Delete(tx, key) {
			return s.noRule(tx, key, api.Val(in.RuleArn))
		}
		return nil
	})
}

// setRulePriorities gives several rules new places at once, so that two can
// change theirs.
func (s *Service) setRulePriorities(ctx context.Context, call *api.Call, in *elbv2api.SetRulePrioritiesInput) (*elbv2api.SetRulePrioritiesOutput, error) {
	out := &elbv2api.SetRulePrioritiesOutput{Rules: []elbv2api.Rule{}}
	err := s.env.Store.Update(ctx, func(tx *store.Tx) error {
		listeners := map[string]bool{}
		for _, p := range in.RulePriorities {
			key, priority := keyOf(api.Val(p.RuleArn)), int(api.Val(p.Priority))
			if err := checkPriority(priority); err != nil {
				return err
			}
			if !Rules.Modify(tx, key, func(r *Rule) { r.Spec.Priority = priority }) {
				return s.noRule(tx, key, api.Val(p.RuleArn))
			}
			rule, _ := Rules.Get(tx, key)
			listeners[rule.Spec.Listener] = true
			out.Rules = append(out.Rules, describeRule(&rule))
		}
		for l := range listeners {
			if err := distinctPriorities(rulesOf(tx, l)); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func distinctPriorities(rules []Rule) error {
	for i := 1; i < len(rules); i++ {
		if p := rules[i].Spec.Priority; p == rules[i-1].Spec.Priority {
			return elbv2api.NewPriorityInUseException("Priority '%d' is currently in use", p)
		}
	}
	return nil
}

func describeRule(r *Rule) elbv2api.Rule {
	return elbv2api.Rule{
		RuleArn: api.Ptr(r.ARN()), Priority: api.Ptr(strconv.Itoa(r.Spec.Priority)), IsDefault: api.Ptr(false),
		Conditions: r.Spec.Conditions, Transforms: r.Spec.Transforms, Actions: shownActions(r.Spec.Actions),
	}
}

func describeDefault(l *Listener) elbv2api.Rule {
	return elbv2api.Rule{
		RuleArn: api.Ptr(arnOf(l.Spec.DefaultRule)), Priority: api.Ptr("default"), IsDefault: api.Ptr(true),
		Conditions: []elbv2api.RuleCondition{}, Actions: shownActions(l.Spec.Actions),
	}
}

func (s *Service) describeRules(_ context.Context, call *api.Call, in *elbv2api.DescribeRulesInput) (*elbv2api.DescribeRulesOutput, error) {
	snap := s.env.Store.Snapshot()
	var found []elbv2api.Rule
	switch {
	case in.ListenerArn != nil && len(in.RuleArns) > 0:
		return nil, invalid("A listener ARN and rule ARNs cannot be specified at the same time")
	case in.ListenerArn != nil:
		l, ok := Listeners.Get(snap, keyOf(*in.ListenerArn))
		if !ok {
			return nil, listenerNotFound(*in.ListenerArn)
		}
		for _, rule := range rulesOf(snap, l.Key) {
			found = append(found, describeRule(&rule))
		}
		found = append(found, describeDefault(&l))
	case len(in.RuleArns) == 0:
		return nil, invalid("Either a listener ARN or rule ARNs must be specified")
	}
	for _, name := range in.RuleArns {
		rule, ok := ruleNamed(snap, keyOf(name))
		if !ok {
			return nil, ruleNotFound(name)
		}
		found = append(found, rule)
	}
	part, next, err := page(found, func(r *elbv2api.Rule) string { return api.Val(r.RuleArn) }, in.Marker, in.PageSize)
	if err != nil {
		return nil, err
	}
	return &elbv2api.DescribeRulesOutput{Rules: append([]elbv2api.Rule{}, part...), NextMarker: next}, nil
}

// ruleNamed finds a rule, be it a listener's default one.
func ruleNamed(r store.Reader, key string) (elbv2api.Rule, bool) {
	if rule, ok := Rules.Get(r, key); ok {
		return describeRule(&rule), true
	}
	for _, l := range listenersOf(r, balancerOfListener(key)) {
		if l.Spec.DefaultRule == key {
			return describeDefault(&l), true
		}
	}
	return elbv2api.Rule{}, false
}
