package policy

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An operator compares the request's value with one of the policy's.
type operator struct {
	match func(have, want string) bool
	not   bool // holds when no value of the policy matches
}

var operators = map[string]operator{
	"stringequals":              {match: func(h, w string) bool { return h == w }},
	"stringnotequals":           {match: func(h, w string) bool { return h == w }, not: true},
	"stringequalsignorecase":    {match: strings.EqualFold},
	"stringnotequalsignorecase": {match: strings.EqualFold, not: true},
	"stringlike":                {match: func(h, w string) bool { return glob(w, h) }},
	"stringnotlike":             {match: func(h, w string) bool { return glob(w, h) }, not: true},
	"numericequals":             {match: number(func(c int) bool { return c == 0 })},
	"numericnotequals":          {match: number(func(c int) bool { return c == 0 }), not: true},
	"numericlessthan":           {match: number(func(c int) bool { return c < 0 })},
	"numericlessthanequals":     {match: number(func(c int) bool { return c <= 0 })},
	"numericgreaterthan":        {match: number(func(c int) bool { return c > 0 })},
	"numericgreaterthanequals":  {match: number(func(c int) bool { return c >= 0 })},
	"dateequals":                {match: date(func(c int) bool { return c == 0 })},
	"datenotequals":             {match: date(func(c int) bool { return c == 0 }), not: true},
	"datelessthan":              {match: date(func(c int) bool { return c < 0 })},
	"datelessthanequals":        {match: date(func(c int) bool { return c <= 0 })},
	"dategreaterthan":           {match: date(func(c int) bool { return c > 0 })},
	"dategreaterthanequals":     {match: date(func(c int) bool { return c >= 0 })},
	"bool":                      {match: strings.EqualFold},
	"ipaddress":                 {match: inNetwork},
	"notipaddress":              {match: inNetwork, not: true},
	"arnequals":                 {match: arnLike},
	"arnlike":                   {match: arnLike},
	"arnnotequals":              {match: arnLike, not: true},
	"arnnotlike":                {match: arnLike, not: true},
}

const null = "null"

// conditions reads a condition block in a fixed order.
func conditions(block map[string]map[string]oneOrMore[scalar]) ([]Condition, error) {
	var out []Condition
	for _, name := range slices.Sorted(maps.Keys(block)) {
		c := Condition{Operator: name}
		if set, rest, ok := strings.Cut(name, ":"); ok {
			if set != "ForAllValues" && set != "ForAnyValue" {
				return nil, fmt.Errorf("condition operator %q: unknown prefix", name)
			}
			c.Set, c.Operator = set, rest
		}
		c.Operator, c.IfExists = strings.CutSuffix(c.Operator, "IfExists")
		if low := strings.ToLower(c.Operator); low != null && operators[low].match == nil {
			return nil, fmt.Errorf("condition operator %q: unknown", name)
		}
		for _, key := range slices.Sorted(maps.Keys(block[name])) {
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
func (c Condition) holds(r Request) bool {
	have, present := r.Context[c.Key]
	present = present && len(have) > 0
	name := strings.ToLower(c.Operator)
	if name == null {
		return slices.ContainsFunc(c.Values, func(v string) bool { return strings.EqualFold(v, "true") == !present })
	}
	op := operators[name]
	if !present {
		return c.IfExists || op.not || c.Set == "ForAllValues"
	}
	one := func(h string) bool {
		return slices.ContainsFunc(c.Values, func(w string) bool { return op.match(h, r.expand(w)) }) != op.not
	}
	if c.Set == "ForAllValues" || (op.not && c.Set == "") {
		return !slices.ContainsFunc(have, func(h string) bool { return !one(h) })
	}
	return slices.ContainsFunc(have, one)
}

func number(ok func(int) bool) func(have, want string) bool {
	return func(have, want string) bool {
		h, err1 := strconv.ParseFloat(have, 64)
		w, err2 := strconv.ParseFloat(want, 64)
		if err1 != nil || err2 != nil {
			return false
		}
		switch {
		case h < w:
			return ok(-1)
		case h > w:
			return ok(1)
		}
		return ok(0)
	}
}

func date(ok func(int) bool) func(have, want string) bool {
	return func(have, want string) bool {
		h, err1 := instant(have)
		w, err2 := instant(want)
		return err1 == nil && err2 == nil && ok(h.Compare(w))
	}
}

// instant reads an ISO 8601 time or seconds since 1970.
func instant(s string) (time.Time, error) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return time.Unix(n, 0), nil
	}
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, nil
	}
	return time.Parse(time.RFC3339, s)
}

func inNetwork(have, want string) bool {
	ip, err := netip.ParseAddr(have)
	if err != nil {
		return false
	}
	if p, err := netip.ParsePrefix(want); err == nil {
		return p.Contains(ip.Unmap())
	}
	w, err := netip.ParseAddr(want)
	return err == nil && w == ip
}

// arnLike compares ARNs part by part, each with wildcards.
func arnLike(have, want string) bool {
	h, w := strings.SplitN(have, ":", 6), strings.SplitN(want, ":", 6)
	if len(h) != 6 || len(w) != 6 {
		return want == "*"
	}
	for i := range h {
		if !glob(w[i], h[i]) {
			return false
		}
	}
	return true
}
