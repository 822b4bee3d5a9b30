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

// A Certificate says that the load balancer is who its names say.
type Certificate struct {
	Meta
	Domain string
	Also   []string
}

// A Listener is a port of a load balancer. What no rule takes is answered 404,
// or sent to another port over HTTPS.
type Listener struct {
	Meta
	LoadBalancer ID
	Port         int
	Certificate  ID  // of a listener that speaks HTTPS
	Redirect     int // the port that everything is sent to; 0 is none
}

// A Rule sends path patterns to a target group.
type Rule struct {
	Meta
	Listener ID
	Priority int
	Patterns []string
	Target   ID
	// Alternate is the target group that traffic shifts to in a deployment, and
	// back in the next; empty of services that replace task by task.
	Alternate ID
}

// balancer adds the load balancer, if any service wants requests.
func (b *builder) balancer() {
	var claims []claim
	for name, s := range sorted(b.stack.Services) {
		if s.HTTP == nil {
			continue
		}
		b.targets[name] = b.add(TargetGroup{b.meta("TargetGroup", name), b.vpc, s.Port, s.HTTP.Health, int(s.HTTP.Drain)})
		if s.Deploy.Strategy.Shifts() {
			b.alternates[name] = b.add(TargetGroup{b.meta("TargetGroup", name+"-2"), b.vpc, s.Port, s.HTTP.Health, int(s.HTTP.Drain)})
			claims = append(claims, claim{name, slices.SortedFunc(slices.Values(s.HTTP.Paths), patternsBySpecificity)})
			continue
		}
		for _, pattern := range s.HTTP.Paths {
			claims = append(claims, claim{name, []string{pattern}})
		}
	}
	if len(claims) == 0 {
		return
	}
	lb := b.add(LoadBalancer{b.meta("LoadBalancer", ""), b.public, []ID{b.balancerGroup}, b.gateway, b.stack.Balancer.Compression == stack.CompressionGzip})
	b.loadBalancer = lb
	slices.SortStableFunc(claims, moreSpecific)
	plain := Listener{Meta: b.meta("Listener", "http"), LoadBalancer: lb, Port: 80}
	if https := b.stack.HTTPS; https != nil {
		certificate := b.add(Certificate{b.meta("Certificate", ""), https.Domain, https.Also})
		secure := b.add(Listener{Meta: b.meta("Listener", "https"), LoadBalancer: lb, Port: 443, Certificate: certificate})
		b.claims(secure, "-https", claims)
		if https.Redirect {
			plain.Redirect = 443
		}
	}
	if listener := b.add(plain); plain.Redirect == 0 {
		b.claims(listener, "", claims)
	}
}

// claims adds the rules of a listener.
func (b *builder) claims(listener ID, infix string, claims []claim) {
	count := map[string]int{}
	for i, c := range claims {
		count[c.service]++
		rule := b.add(Rule{
			Meta: b.meta("Rule", fmt.Sprintf("%s%s-%d", c.service, infix, count[c.service])), Listener: listener,
			Priority: (i + 1) * 10, Patterns: c.patterns, Target: b.targets[c.service], Alternate: b.alternates[c.service],
		})
		b.rules[c.service] = append(b.rules[c.service], rule)
	}
}

// A claim is what one rule sends to a service: one path pattern, or all of a
// service whose traffic shifts, the most specific first.
type claim struct {
	service  string
	patterns []string
}

// moreSpecific puts the claim first whose widest pattern says more.
func moreSpecific(a, b claim) int {
	return patternsBySpecificity(a.patterns[len(a.patterns)-1], b.patterns[len(b.patterns)-1])
}

// patternsBySpecificity puts the pattern first that says more before its first
// wildcard, then the one that says more at all.
func patternsBySpecificity(a, b string) int {
	return cmp.Or(cmp.Compare(literal(b), literal(a)), cmp.Compare(len(b), len(a)), strings.Compare(a, b))
}

// literal is how far a pattern goes before its first wildcard; one without any
// goes furthest.
func literal(pattern string) int {
	if i := strings.IndexAny(pattern, "*?"); i >= 0 {
		return i
	}
	return 1 << 10
}
