package policy

import (
	"encoding/base64"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// An operator compares the request's value with one of the policy's.
type operator struct {
	match func(have, want string) bool
	not   bool // holds when no value of the policy matches
	wild  bool // the policy's values may hold wildcards
}

// operators by lower-case name (IAM user guide, Condition operators).
var operators = map[string]operator{
	"stringequals":              {match: equal},
	"stringnotequals":           {match: equal, not: true},
	"stringequalsignorecase":    {match: strings.EqualFold},
	"stringnotequalsignorecase": {match: strings.EqualFold, not: true},
	"stringlike":                {match: like, wild: true},
	"stringnotlike":             {match: like, not: true, wild: true},
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
	"binaryequals":              {match: sameBytes},
	"ipaddress":                 {match: inNetwork},
	"notipaddress":              {match: inNetwork, not: true},
	"arnequals":                 {match: arnLike, wild: true},
	"arnlike":                   {match: arnLike, wild: true},
	"arnnotequals":              {match: arnLike, not: true, wild: true},
	"arnnotlike":                {match: arnLike, not: true, wild: true},
}

func equal(have, want string) bool { return have == want }

func like(have, want string) bool { return glob(want, have) }

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
		case h == w:
			return ok(0)
		}
		return false // not a number
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
	return err == nil && w == ip.Unmap()
}

// sameBytes compares values in base 64.
func sameBytes(have, want string) bool {
	h, err1 := base64.StdEncoding.DecodeString(have)
	w, err2 := base64.StdEncoding.DecodeString(want)
	return err1 == nil && err2 == nil && string(h) == string(w)
}

// arnLike compares ARNs part by part, each with wildcards.
func arnLike(have, want string) bool {
	for range 5 {
		h, hs, ok1 := strings.Cut(have, ":")
		w, ws, ok2 := strings.Cut(want, ":")
		if !ok1 || !ok2 {
			return want == "*"
		}
		if !glob(w, h) {
			return false
		}
		have, want = hs, ws
	}
	return glob(want, have)
}
