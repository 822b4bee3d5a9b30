package graph

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"apex/internal/stack"
)

// A LoadBalancer takes requests from outside.
type LoadBalancer struct {
	Meta
	Subnets, Groups []ID
	Gateway         ID   // without an InternetGateway nobody could reach it
	Gzip            bool // an extension: AWS's own does not compress
}

// A TargetGroup is the tasks of one service, and how their health is seen.
type TargetGroup struct {
	Meta
	VPC    ID
	Port   int
	Health string // a path
	Drain  int    // seconds
}

// A Listener is a port of a load balancer. What no rule takes is answered 404.
type Listener struct {
	Meta
	LoadBalancer ID
	Port         int
}

// A Rule sends one path pattern to a target group.
type Rule struct {
	Meta
	Listener ID
	Priority int
	Pattern  string
	Target   ID
}

// balancer adds the load balancer, if any service wants requests.
func (b *builder) balancer() {
	var claims []claim
	for name, s := range sorted(b.stack.Services) {
		if s.HTTP == nil {
			continue
		}
		b.targets[name] = b.add(TargetGroup{b.meta("TargetGroup", name), b.vpc, s.Port, s.HTTP.Health, int(s.HTTP.Drain)})
		for _, pattern := range s.HTTP.Paths {
			claims = append(claims, claim{name, pattern})
		}
	}
	if len(claims) == 0 {
		return
	}
	lb := b.add(LoadBalancer{b.meta("LoadBalancer", ""), b.public, []ID{b.balancerGroup}, b.gateway, b.stack.Balancer.Compression == stack.CompressionGzip})
	listener := b.add(Listener{b.meta("Listener", "http"), lb, 80})
	slices.SortStableFunc(claims, moreSpecific)
	count := map[string]int{}
	for i, c := range claims {
		count[c.service]++
		rule := b.add(Rule{
			Meta: b.meta("Rule", fmt.Sprintf("%s-%d", c.service, count[c.service])), Listener: listener,
			Priority: (i + 1) * 10, Pattern: c.pattern, Target: b.targets[c.service],
		})
		b.rules[c.service] = append(b.rules[c.service], rule)
	}
}

// A claim is a path pattern that a service answers.
type claim struct{ service, pattern string }

// moreSpecific puts the pattern first that says more before its first wildcard,
// then the one that says more at all.
func moreSpecific(a, b claim) int {
	return cmp.Or(
		cmp.Compare(literal(b.pattern), literal(a.pattern)),
		cmp.Compare(len(b.pattern), len(a.pattern)),
		strings.Compare(a.pattern, b.pattern),
	)
}

// literal is how far a pattern goes before its first wildcard; one without any
// goes furthest.
func literal(pattern string) int {
	if i := strings.IndexAny(pattern, "*?"); i >= 0 {
		return i
	}
	return 1 << 10
}
