package route

import (
	"net/netip"
	"testing"

	"apex/internal/dataplane/balancer/http1"
)

func request(method, host, target string) *Request {
	var r http1.Request
	head := method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\nX-Tier: Gold\r\n\r\n"
	if err := r.Parse([]byte(head)); err != nil {
		panic(err)
	}
	return &Request{
		Method: r.Method, Host: r.Host, Path: r.Path, Query: r.Query, Fields: r.Fields,
		Source: netip.MustParseAddr("10.0.0.9"),
	}
}

func forward(group string) Action {
	return Action{Forward: &Forward{Groups: []Weighted{{Group: group, Weight: 1}}}}
}

// The three rules of the seed's architecture.
func TestSeedRules(t *testing.T) {
	path := func(p string) []Condition { return []Condition{{Field: PathPattern, Values: []string{p}}} }
	table := NewTable([]Rule{
		{ID: "socket", Priority: 2, Conditions: path("/socket.io/*"), Action: forward("server")},
		{ID: "api", Priority: 1, Conditions: path("/api/*"), Action: forward("server")},
	}, forward("studio"))
	for target, want := range map[string]string{
		"/api/v1/people": "api", "/api/": "api", "/api/?x=1": "api",
		"/api": "default", "/api?x": "default", "/API/x": "default", "/": "default",
		"/socket.io/?EIO=4&transport=websocket": "socket", "/socket.io": "default",
		"/x?y=/api/z": "default",
	} {
		if rule, _ := table.Match(request("GET", "crm.example.com", target)); rule.ID != want {
			t.Errorf("%s: rule %s, want %s", target, rule.ID, want)
		}
	}
}

func TestConditions(t *testing.T) {
	r := request("POST", "Shop.Example.com:8080", "/a/b?Color=Red&size=XL&q=a%20b&flag")
	for name, tt := range map[string]struct {
		c    Condition
		want bool
	}{
		"host without port":      {Condition{Field: HostHeader, Values: []string{"shop.example.com"}}, true},
		"host wildcard":          {Condition{Field: HostHeader, Values: []string{"x.org", "*.example.com"}}, true},
		"other host":             {Condition{Field: HostHeader, Values: []string{"example.com"}}, false},
		"method":                 {Condition{Field: RequestMethod, Values: []string{"GET", "POST"}}, true},
		"method is exact":        {Condition{Field: RequestMethod, Values: []string{"post"}}, false},
		"header":                 {Condition{Field: HTTPHeader, Header: "x-tier", Values: []string{"g?ld"}}, true},
		"header absent":          {Condition{Field: HTTPHeader, Header: "X-Other", Values: []string{"*"}}, false},
		"query pair":             {Condition{Field: QueryString, Query: []Pair{{"color", "red"}}}, true},
		"query value alone":      {Condition{Field: QueryString, Query: []Pair{{"", "x*"}}}, true},
		"query decoded":          {Condition{Field: QueryString, Query: []Pair{{"q", "a b"}}}, true},
		"query key of other":     {Condition{Field: QueryString, Query: []Pair{{"size", "red"}}}, false},
		"source":                 {Condition{Field: SourceIP, Sources: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")}}, true},
		"source elsewhere":       {Condition{Field: SourceIP, Sources: []netip.Prefix{netip.MustParsePrefix("10.0.1.0/24")}}, false},
		"path ignores the query": {Condition{Field: PathPattern, Values: []string{"/a/b"}}, true},
		"unknown field":          {Condition{Field: "moon-phase", Values: []string{"*"}}, false},
	} {
		if got := tt.c.Matches(r); got != tt.want {
			t.Errorf("%s: %t, want %t", name, got, tt.want)
		}
	}
}

func TestAllConditionsMustHold(t *testing.T) {
	rule := Rule{Conditions: []Condition{
		{Field: PathPattern, Values: []string{"/a/*"}},
		{Field: RequestMethod, Values: []string{"GET"}},
	}}
	rule.compile()
	if rule.matches(request("POST", "h.io", "/a/b")) || !rule.matches(request("GET", "h.io", "/a/b")) {
		t.Error("conditions are not joined by and")
	}
}

func TestChooseFollowsWeights(t *testing.T) {
	f := Forward{Groups: []Weighted{{"a", 1}, {"none", 0}, {"b", 3}}}
	count := map[string]int{}
	for i := range 400 {
		g, ok := f.Choose(float64(i) / 400)
		if !ok {
			t.Fatal("no group")
		}
		count[g]++
	}
	if count["a"] != 100 || count["b"] != 300 || count["none"] != 0 {
		t.Errorf("shares %v", count)
	}
	if _, ok := (&Forward{Groups: []Weighted{{"a", 0}}}).Choose(0.5); ok {
		t.Error("a group without weight was chosen")
	}
}

func TestLocation(t *testing.T) {
	o := Origin{Protocol: "http", Host: "crm.example.com", Port: 80, Path: "/a/b", Query: "x=1"}
	for want, r := range map[string]Redirect{
		"https://crm.example.com:443/a/b?x=1": {Protocol: "HTTPS", Port: "443", Host: "#{host}", Path: "/#{path}", Query: "#{query}"},
		"http://www.example.com:80/new":       {Host: "www.example.com", Path: "/new"},
		"http://crm.example.com:80/v2/a/b":    {Path: "/v2/#{path}"},
	} {
		if got := r.Location(o); got != want {
			t.Errorf("%+v:\n got %s\nwant %s", r, got, want)
		}
	}
}
