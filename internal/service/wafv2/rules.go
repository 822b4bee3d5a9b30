package wafv2

import (
	"apex/internal/api/wafv2api"
	"apex/internal/store"
)

// checkRules refuses rules that cannot stand beside each other, and returns the
// capacity that they use.
func checkRules(r store.Reader, rules []wafv2api.Rule) (int64, error) {
	names, priorities := map[string]bool{}, map[int64]bool{}
	for _, rule := range rules {
		group := rule.Statement.ManagedRuleGroupStatement != nil || rule.Statement.RuleGroupReferenceStatement != nil
		switch {
		case names[*rule.Name]:
			return 0, badParameter("You have used the rule name more than once., field: RULE, parameter: %s", *rule.Name)
		case priorities[*rule.Priority]:
			return 0, badParameter("You have used the rule priority more than once., field: RULE, parameter: %d", *rule.Priority)
		case group && (rule.Action != nil || rule.OverrideAction == nil), !group && (rule.Action == nil || rule.OverrideAction != nil):
			return 0, badParameter("A reference in your rule statement is not valid: rule groups take an OverrideAction and other statements an Action., field: RULE, parameter: %s", *rule.Name)
		case statements(rule.Statement) != 1:
			return 0, badParameter("You have used none or multiple values for a field that requires exactly one value., field: STATEMENT, parameter: Statement")
		}
		names[*rule.Name], priorities[*rule.Priority] = true, true
	}
	units, err := capacityOf(r, rules)
	if err == nil && units > maxCapacity {
		err = wafv2api.NewWAFLimitsExceededException("AWS WAF couldn’t perform the operation because you exceeded your resource limit., field: WEB_ACL_CAPACITY")
	}
	return units, err
}

// statements counts what a statement says: it must be one thing.
func statements(s *wafv2api.Statement) int {
	n := 0
	for _, there := range []bool{
		s.ByteMatchStatement != nil, s.SqliMatchStatement != nil, s.XssMatchStatement != nil, s.SizeConstraintStatement != nil,
		s.GeoMatchStatement != nil, s.RuleGroupReferenceStatement != nil, s.IPSetReferenceStatement != nil,
		s.RegexPatternSetReferenceStatement != nil, s.RateBasedStatement != nil, s.AndStatement != nil, s.OrStatement != nil,
		s.NotStatement != nil, s.ManagedRuleGroupStatement != nil, s.LabelMatchStatement != nil, s.RegexMatchStatement != nil,
	} {
		if there {
			n++
		}
	}
	return n
}

// references are the ARNs that rules refer to.
func references(rules []wafv2api.Rule) (arns []string) {
	for _, rule := range rules {
		arns = append(arns, referred(rule.Statement)...)
	}
	return arns
}

func referred(s *wafv2api.Statement) (arns []string) {
	switch {
	case s == nil:
	case s.RuleGroupReferenceStatement != nil:
		arns = append(arns, *s.RuleGroupReferenceStatement.ARN)
	case s.IPSetReferenceStatement != nil:
		arns = append(arns, *s.IPSetReferenceStatement.ARN)
	case s.RegexPatternSetReferenceStatement != nil:
		arns = append(arns, *s.RegexPatternSetReferenceStatement.ARN)
	case s.NotStatement != nil:
		arns = referred(s.NotStatement.Statement)
	case s.RateBasedStatement != nil:
		arns = referred(s.RateBasedStatement.ScopeDownStatement)
	case s.ManagedRuleGroupStatement != nil:
		arns = referred(s.ManagedRuleGroupStatement.ScopeDownStatement)
	case s.AndStatement != nil:
		for i := range s.AndStatement.Statements {
			arns = append(arns, referred(&s.AndStatement.Statements[i])...)
		}
	case s.OrStatement != nil:
		for i := range s.OrStatement.Statements {
			arns = append(arns, referred(&s.OrStatement.Statements[i])...)
		}
	}
	return arns
}
