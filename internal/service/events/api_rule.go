package events

import (
	"context"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/eventsapi"
	"apex/internal/service/sns/filter"
	"apex/internal/service/target"
	"apex/internal/service/timetable"
	"apex/internal/store"
)

func (s *Service) putRule(ctx context.Context, call *api.Call, in *eventsapi.PutRuleRequest) (*eventsapi.PutRuleResponse, error) {
	if err := checkRule(in); err != nil {
		return nil, err
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	out := &eventsapi.PutRuleResponse{}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		bus, err := findBus(tx, scopeOf(call), busName(in.EventBusName))
		if err != nil {
			return err
		}
		key := bus.Key + "/" + *in.Name
		out.RuleArn = api.Ptr(ruleARN(key))
		rule, known := Rules.Get(tx, key)
		if !known {
			rule = Rule{Key: key, Spec: RuleSpec{Bus: bus.Spec.Name, Name: *in.Name, Tags: tags, Created: call.Now}}
		}
		state := api.Or(in.State, eventsapi.RuleStateEnabled)
		if !known || rule.Spec.Schedule != api.Val(in.ScheduleExpression) || rule.Spec.State != state {
			rule.Spec.Scheduled = call.Now
		}
		rule.Spec.Pattern, rule.Spec.Schedule = api.Val(in.EventPattern), api.Val(in.ScheduleExpression)
		rule.Spec.Description, rule.Spec.Role = in.Description, in.RoleArn
		rule.Spec.State, rule.Spec.Disabled = state, state == eventsapi.RuleStateDisabled
		Rules.Put(tx, rule)
		return nil
	})
}

// checkRule refuses what a rule cannot be.
func checkRule(in *eventsapi.PutRuleRequest) error {
	pattern, schedule := api.Val(in.EventPattern), api.Val(in.ScheduleExpression)
	switch {
	case !isName(*in.Name):
		return invalid("1 validation error detected: Value '%s' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+", *in.Name)
	case pattern == "" && schedule == "":
		return invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.")
	case schedule != "" && busName(in.EventBusName) != defaultBus:
		return invalid("ScheduleExpression is supported only on the default event bus.")
	}
	if pattern != "" {
		if _, err := filter.Parse(pattern); err != nil {
			return eventsapi.NewInvalidEventPatternException("Event pattern is not valid. Reason: %v", err)
		}
		if object, ok := decode(pattern).(map[string]any); !ok || len(object) == 0 {
			return eventsapi.NewInvalidEventPatternException("Event pattern is not valid. Reason: it is empty.")
		}
	}
	if schedule != "" {
		if when, err := timetable.Parse(schedule, time.UTC); err != nil || when.Once() {
			return invalid("Parameter ScheduleExpression is not valid.")
		}
	}
	return nil
}

// deleteRule deletes a rule; gone is no error.
func (s *Service) deleteRule(ctx context.Context, call *api.Call, in *eventsapi.DeleteRuleRequest) (*eventsapi.DeleteRuleOutput, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		bus, err := findBus(tx, scopeOf(call), busName(in.EventBusName))
		if err != nil {
			return err
		}
		rule, ok := Rules.Get(tx, bus.Key+"/"+*in.Name)
		if ok && len(rule.Spec.Targets) > 0 {
			return invalid("Rule can't be deleted since it has targets.")
		}
		Rules.Delete(tx, rule.Key)
		if ok {
			target.Forget(tx, deliveryPrefix(rule.Key))
		}
		return nil
	})
}

func (s *Service) describeRule(_ context.Context, call *api.Call, in *eventsapi.DescribeRuleRequest) (*eventsapi.DescribeRuleResponse, error) {
	rule, err := findRule(s.store.Snapshot(), scopeOf(call), in.EventBusName, *in.Name)
	if err != nil {
		return nil, err
	}
	r := shownRule(rule)
	return &eventsapi.DescribeRuleResponse{
		Name: r.Name, Arn: r.Arn, EventPattern: r.EventPattern, ScheduleExpression: r.ScheduleExpression, State: r.State,
		Description: r.Description, RoleArn: r.RoleArn, EventBusName: r.EventBusName, CreatedBy: api.Ptr(call.Account),
	}, nil
}

func shownRule(rule Rule) eventsapi.Rule {
	out := eventsapi.Rule{
		Name: api.Ptr(rule.Spec.Name), Arn: api.Ptr(ruleARN(rule.Key)), State: api.Ptr(rule.Spec.State),
		Description: rule.Spec.Description, RoleArn: rule.Spec.Role, EventBusName: api.Ptr(rule.Spec.Bus),
	}
	if rule.Spec.Pattern != "" {
		out.EventPattern = api.Ptr(rule.Spec.Pattern)
	}
	if rule.Spec.Schedule != "" {
		out.ScheduleExpression = api.Ptr(rule.Spec.Schedule)
	}
	return out
}

func (s *Service) enableRule(ctx context.Context, call *api.Call, in *eventsapi.EnableRuleRequest) (*eventsapi.EnableRuleOutput, error) {
	return nil, s.setState(ctx, call, in.EventBusName, *in.Name, eventsapi.RuleStateEnabled)
}

func (s *Service) disableRule(ctx context.Context, call *api.Call, in *eventsapi.DisableRuleRequest) (*eventsapi.DisableRuleOutput, error) {
	return nil, s.setState(ctx, call, in.EventBusName, *in.Name, eventsapi.RuleStateDisabled)
}

func (s *Service) setState(ctx context.Context, call *api.Call, bus *string, name, state string) error {
	return s.changeRule(ctx, call, bus, name, func(rule *Rule) error {
		rule.Spec.State, rule.Spec.Disabled, rule.Spec.Scheduled = state, state == eventsapi.RuleStateDisabled, call.Now
		return nil
	})
}

func (s *Service) changeRule(ctx context.Context, call *api.Call, bus *string, name string, edit func(*Rule) error) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		rule, err := findRule(tx, scopeOf(call), bus, name)
		if err != nil {
			return err
		}
		if err := edit(&rule); err != nil {
			return err
		}
		Rules.Put(tx, rule)
		return nil
	})
}

func (s *Service) listRules(_ context.Context, call *api.Call, in *eventsapi.ListRulesRequest) (*eventsapi.ListRulesResponse, error) {
	snap := s.store.Snapshot()
	bus, err := findBus(snap, scopeOf(call), busName(in.EventBusName))
	if err != nil {
		return nil, err
	}
	rules := []eventsapi.Rule{}
	for _, rule := range Rules.Prefix(snap, bus.Key+"/"+api.Val(in.NamePrefix)) {
		rules = append(rules, shownRule(rule))
	}
	rules, next, err := page(rules, in.Limit, in.NextToken)
	return &eventsapi.ListRulesResponse{Rules: rules, NextToken: next}, err
}

func (s *Service) listRuleNamesByTarget(_ context.Context, call *api.Call, in *eventsapi.ListRuleNamesByTargetRequest) (*eventsapi.ListRuleNamesByTargetResponse, error) {
	snap := s.store.Snapshot()
	bus, err := findBus(snap, scopeOf(call), busName(in.EventBusName))
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, rule := range Rules.Prefix(snap, bus.Key+"/") {
		for _, t := range rule.Spec.Targets {
			if strings.EqualFold(*t.Arn, *in.TargetArn) {
				names = append(names, rule.Spec.Name)
				break
			}
		}
	}
	names, next, err := page(names, in.Limit, in.NextToken)
	return &eventsapi.ListRuleNamesByTargetResponse{RuleNames: names, NextToken: next}, err
}
