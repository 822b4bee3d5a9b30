package route

import (
	"errors"
	"strings"
	"testing"
)

func TestRewrite(t *testing.T) {
	host := func(regex, replace string) Transform {
		return Transform{Kind: RewriteHost, Regex: regex, Replace: replace}
	}
	url := func(regex, replace string) Transform {
		return Transform{Kind: RewriteURL, Regex: regex, Replace: replace}
	}
	for name, tt := range map[string]struct {
		transforms   []Transform
		host, target string // what becomes of site-eu.example.com:8080 and /api/v1/items?id=7
	}{
		"none":             {nil, "site-eu.example.com:8080", "/api/v1/items?id=7"},
		"host":             {[]Transform{host(`^site-(.+)\.example\.com$`, "internal.$1.example.net")}, "internal.eu.example.net", "/api/v1/items?id=7"},
		"host any case":    {[]Transform{host(`^SITE-`, "x-")}, "x-eu.example.com", "/api/v1/items?id=7"},
		"no match":         {[]Transform{host(`^shop`, "x"), url(`^/web/`, "/")}, "site-eu.example.com:8080", "/api/v1/items?id=7"},
		"path":             {[]Transform{url(`^/api/v1/(.*)$`, "/$1")}, "site-eu.example.com:8080", "/items?id=7"},
		"query to path":    {[]Transform{url(`^/api/(v\d)/items\?id=(\d+)$`, "/$1/items/$2")}, "site-eu.example.com:8080", "/v1/items/7"},
		"group and text":   {[]Transform{url(`^/api/(v\d)`, "/$1_old")}, "site-eu.example.com:8080", "/v1_old/items?id=7"},
		"path keeps case":  {[]Transform{url(`^/API`, "/x")}, "site-eu.example.com:8080", "/api/v1/items?id=7"},
		"lonely dollar":    {[]Transform{url(`items`, "$price")}, "site-eu.example.com:8080", "/api/v1/$price?id=7"},
		"both":             {[]Transform{host(`.*`, "a.io"), url(`\?.*`, "")}, "a.io", "/api/v1/items"},
		"bad path":         {[]Transform{url(`^/api/`, "api")}, "", ""},
		"bad host":         {[]Transform{host(`^.*$`, "a b")}, "", ""},
		"host with a line": {[]Transform{host(`^.*$`, "a\r\nX: y")}, "", ""},
		"line in path":     {[]Transform{url(`items`, "x y")}, "", ""},
		"empty host":       {[]Transform{host(`^.*$`, "")}, "", ""},
		"too long":         {[]Transform{url(`items`, strings.Repeat("x", maxRewritten))}, "", ""},
	} {
		rule := Rule{Transforms: tt.transforms}
		rule.compile()
		h, target, err := rule.Rewrite([]byte("site-eu.example.com:8080"), []byte("/api/v1/items?id=7"))
		if string(h) != tt.host || string(target) != tt.target || (err != nil) != (tt.host == "") || errors.Is(err, ErrHost) != strings.Contains(name, "host") && tt.host == "" {
			t.Errorf("%s: %s %s %v", name, h, target, err)
		}
	}
}

func TestCheckNamesBadExpressions(t *testing.T) {
	for name, r := range map[string]Rule{
		"lookahead":     {Conditions: []Condition{{Field: PathPattern, Regex: []string{`^/(?!a)`}}}},
		"backreference": {Conditions: []Condition{{Field: HostHeader, Regex: []string{`(a)\1`}}}},
		"transform":     {Transforms: []Transform{{Kind: RewriteURL, Regex: `(`}}},
		"kind":          {Transforms: []Transform{{Kind: "body-rewrite"}}},
	} {
		if err := r.Check(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	good := Rule{Conditions: []Condition{{Field: PathPattern, Regex: []string{`^/api/v\d+/`}}}}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
}

func TestRegexConditions(t *testing.T) {
	table := NewTable([]Rule{
		{ID: "path", Priority: 1, Conditions: []Condition{{Field: PathPattern, Regex: []string{`^/v[0-9]+/items$`}}}},
		{ID: "host", Priority: 2, Conditions: []Condition{{Field: HostHeader, Regex: []string{`^[a-z]+\.shop\.io$`}}}},
		{ID: "header", Priority: 3, Conditions: []Condition{{Field: HTTPHeader, Header: "x-tier", Regex: []string{`^(gold|silver)$`}}}},
	}, forward("default"))
	for _, tt := range []struct{ host, target, want string }{
		{"a.io", "/v12/items?x", "path"},
		{"a.io", "/V12/items", "header"}, // X-Tier: Gold, in any case
		{"EU.shop.io:8080", "/", "host"},
		{"1.shop.io", "/", "header"},
	} {
		if rule, _ := table.Match(request("GET", tt.host, tt.target)); rule.ID != tt.want {
			t.Errorf("%s%s: %s, want %s", tt.host, tt.target, rule.ID, tt.want)
		}
	}
}

func TestStickyGroupsNeedWeight(t *testing.T) {
	f := Forward{Groups: []Weighted{{"blue", 0}, {"green", 1}}}
	if f.Has("blue") || !f.Has("green") || f.Has("red") {
		t.Error("only a group that gets requests keeps its clients")
	}
}
