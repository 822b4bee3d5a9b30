package policy

import (
	"maps"
	"slices"
	"strings"
)

const null = "null"

// The prefixes of operators that compare sets (IAM user guide, Multivalued
// context keys).
const (
	forAll = "ForAllValues"
	forAny = "ForAnyValue"
)

// conditions reads a condition block in a fixed order.
func conditions(block map[string]map[string]oneOrMore[scalar], literal bool) ([]Condition, error) {
	var out []Condition
	for _, name := range slices.Sorted(maps.Keys(block)) {
		c := Condition{Operator: name, literal: literal}
		if set, rest, ok := strings.Cut(name, ":"); ok {
			switch {
			case strings.EqualFold(set, forAll):
				c.Set = forAll
			case strings.EqualFold(set, forAny):
				c.Set = forAny
			default:
				return nil, malformed("Invalid Condition type : %s.", name)
			}
			c.Operator = rest
		}
		c.Operator, c.IfExists = strings.CutSuffix(c.Operator, "IfExists")
		low := strings.ToLower(c.Operator)
		c.compare = operators[low]
		if low != null && c.compare.match == nil {
			return nil, malformed("Invalid Condition type : %s.", name)
		}
		for _, key := range slices.Sorted(maps.Keys(block[name])) {
			if !strings.Contains(key, ":") {
				return nil, malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
			}
			c := c
			c.Key = strings.ToLower(key)
			for _, v := range block[name][key] {
				c.Values = append(c.Values, string(v))
			}
			out = append(out, c)
		}
	}
	return out, nil
}

// holds reports whether the request satisfies the condition.
func (c *Condition) holds(r *Request) bool {
	have := r.values(c.Key)
	if c.compare.match == nil { // Null
		for _, v := range c.Values {
			if strings.EqualFold(v, "true") == (len(have) == 0) {
				return true
			}
		}
		return false
	}
	if len(have) == 0 {
		return c.IfExists || c.Set == forAll || c.compare.not && c.Set == ""
	}
	if c.Set == forAll || c.compare.not && c.Set == "" {
		return !slices.ContainsFunc(have, func(h string) bool { return !c.one(h, r) })
	}
	return slices.ContainsFunc(have, func(h string) bool { return c.one(h, r) })
}

// one compares one value of the request with all of the policy's.
func (c *Condition) one(have string, r *Request) bool {
	for _, w := range c.Values {
		if c.compare.wild {
			w = r.pattern(w, c.literal)
		} else {
			w = r.text(w, c.literal)
		}
		if c.compare.match(have, w) {
			return !c.compare.not
		}
	}
	return c.compare.not
}
