package wafv2

import (
	"apex/internal/api"
	"apex/internal/api/wafv2api"
	"apex/internal/store"
)

// maxCapacity is how many capacity units a web ACL or rule group may use.
const maxCapacity = 5000

// capacityOf adds up what rules use, in web ACL capacity units (WAF developer
// guide, Rule statements).
func capacityOf(r store.Reader, rules []wafv2api.Rule) (units int64, err error) {
	for _, rule := range rules {
		n, err := statementUnits(r, rule.Statement)
		if err != nil {
			return 0, err
		}
		units += n
	}
	return units, nil
}

func statementUnits(r store.Reader, s *wafv2api.Statement) (int64, error) {
	switch {
	case s == nil:
		return 0, nil
	case s.AndStatement != nil:
		return allUnits(r, s.AndStatement.Statements)
	case s.OrStatement != nil:
		return allUnits(r, s.OrStatement.Statements)
	case s.NotStatement != nil:
		return statementUnits(r, s.NotStatement.Statement)
	case s.RateBasedStatement != nil:
		n, err := statementUnits(r, s.RateBasedStatement.ScopeDownStatement)
		return n + 2 + 30*int64(len(s.RateBasedStatement.CustomKeys)), err
	case s.ManagedRuleGroupStatement != nil:
		return managedUnits(r, s.ManagedRuleGroupStatement)
	case s.RuleGroupReferenceStatement != nil:
		group, err := findARN(r, *s.RuleGroupReferenceStatement.ARN)
		if err != nil || group.Spec.Group == nil {
			return 0, missing()
		}
		return api.Val(group.Spec.Group.Capacity), nil
	case s.IPSetReferenceStatement != nil:
		_, err := findARN(r, *s.IPSetReferenceStatement.ARN)
		return 1, err
	case s.RegexPatternSetReferenceStatement != nil:
		set := s.RegexPatternSetReferenceStatement
		_, err := findARN(r, *set.ARN)
		return inspected(25, set.FieldToMatch, set.TextTransformations), err
	}
	return matchUnits(s), nil
}

func allUnits(r store.Reader, statements []wafv2api.Statement) (units int64, err error) {
	for i := range statements {
		n, err := statementUnits(r, &statements[i])
		if err != nil {
			return 0, err
		}
		units += n
	}
	return units, nil
}

func managedUnits(r store.Reader, s *wafv2api.ManagedRuleGroupStatement) (int64, error) {
	group, ok := managedGroup(*s.VendorName, *s.Name)
	if !ok {
		return 0, badParameter("You have used an illegal combination of managed rule group vendor and name: %s %s., field: MANAGED_RULE_SET", *s.VendorName, *s.Name)
	}
	n, err := statementUnits(r, s.ScopeDownStatement)
	return n + group.units, err
}

// matchUnits are those of statements that look at a request alone.
func matchUnits(s *wafv2api.Statement) int64 {
	switch {
	case s.ByteMatchStatement != nil:
		base := int64(2)
		if p := api.Val(s.ByteMatchStatement.PositionalConstraint); p == "CONTAINS" || p == "CONTAINS_WORD" {
			base = 10
		}
		return inspected(base, s.ByteMatchStatement.FieldToMatch, s.ByteMatchStatement.TextTransformations)
	case s.RegexMatchStatement != nil:
		return inspected(3, s.RegexMatchStatement.FieldToMatch, s.RegexMatchStatement.TextTransformations)
	case s.SqliMatchStatement != nil:
		base := int64(20)
		if api.Val(s.SqliMatchStatement.SensitivityLevel) == "HIGH" {
			base = 30
		}
		return inspected(base, s.SqliMatchStatement.FieldToMatch, s.SqliMatchStatement.TextTransformations)
	case s.XssMatchStatement != nil:
		return inspected(40, s.XssMatchStatement.FieldToMatch, s.XssMatchStatement.TextTransformations)
	case s.SizeConstraintStatement != nil:
		return inspected(1, s.SizeConstraintStatement.FieldToMatch, s.SizeConstraintStatement.TextTransformations)
	}
	return 1 // a country, a label
}

// inspected adds what reading a request's part costs.
func inspected(base int64, field *wafv2api.FieldToMatch, changes []wafv2api.TextTransformation) int64 {
	if field != nil && field.AllQueryArguments != nil {
		base += 10
	}
	if field != nil && field.JsonBody != nil {
		base *= 2
	}
	for _, change := range changes {
		if *change.Type != "NONE" {
			base += 10
		}
	}
	return base
}
