package elbv2

import (
	"maps"
	"slices"
	"time"

	"apex/internal/arn"
	"apex/internal/dataplane/balancer"
	"apex/internal/dataplane/series"
)

// space is the namespace of CloudWatch that load balancers report to.
const space = "AWS/ApplicationELB"

// A figure is one metric with its dimensions, and its samples of one moment.
type figure struct {
	id      series.ID
	unit    string
	samples []series.Sample
}

// A sheet collects the figures of one load balancer at one moment.
type sheet struct {
	scope    string
	balancer string // "app/name/0123456789abcdef"
	at       time.Time
	all      []figure
}

// figures are what CloudWatch is told of what happened between two looks at a
// balancer. Counts are told where they are not zero, as AWS does it, but for
// those that scaling follows.
func figures(key string, before, now *balancer.State, at time.Time) []figure {
	scope, resource := arn.SplitKey(key)
	s := &sheet{scope: scope.Prefix(), balancer: resource[len("loadbalancer/"):], at: at}
	s.own(&before.Counters, &now.Counters)
	earlier := map[string]*balancer.GroupState{}
	for i := range before.Groups {
		earlier[before.Groups[i].ID] = &before.Groups[i]
	}
	zones := map[string]*zone{}
	for i := range now.Groups {
		g := &now.Groups[i]
		old := earlier[g.ID]
		if old == nil {
			old = &balancer.GroupState{}
		}
		s.group(old, g, zones)
	}
	s.targets(zones)
	return s.all
}

func (s *sheet) add(name, unit string, value float64, labels ...string) {
	s.sample(name, unit, []series.Sample{{At: s.at, Value: value}}, labels...)
}

func (s *sheet) sample(name, unit string, samples []series.Sample, labels ...string) {
	id := series.NewID(s.scope, space, name, labels...)
	s.all = append(s.all, figure{id: id, unit: unit, samples: samples})
}

// count adds a count of the load balancer, unless it is zero.
func (s *sheet) count(name string, n int64) {
	if n != 0 {
		s.add(name, "Count", float64(n), "LoadBalancer", s.balancer)
	}
}

// own adds what the balancer counts for itself.
func (s *sheet) own(before, now *balancer.Counters) {
	for name, n := range map[string]int64{
		"NewConnectionCount":                              now.NewConnections - before.NewConnections,
		"RejectedConnectionCount":                         now.RejectedConnections - before.RejectedConnections,
		"ClientTLSNegotiationErrorCount":                  now.TLSErrors - before.TLSErrors,
		"RuleEvaluations":                                 now.RuleEvaluations - before.RuleEvaluations,
		"NonStickyRequestCount":                           now.NonSticky - before.NonSticky,
		"HTTP_Fixed_Response_Count":                       now.FixedResponses - before.FixedResponses,
		"HTTP_Redirect_Count":                             now.Redirects - before.Redirects,
		"HTTP_Redirect_Url_Limit_Exceeded_Count":          now.RedirectsTooLong - before.RedirectsTooLong,
		"DesyncMitigationMode_NonCompliant_Request_Count": now.NonCompliant - before.NonCompliant,
		"DroppedInvalidHeaderRequestCount":                now.HeadersDropped - before.HeadersDropped,
		"ForwardedInvalidHeaderRequestCount":              now.HeadersPassed - before.HeadersPassed,
		"IPv6RequestCount":                                now.IPv6Requests - before.IPv6Requests,
		"GrpcRequestCount":                                now.GRPCRequests - before.GRPCRequests,
		"ELBAuthSuccess":                                  now.Logins - before.Logins,
		"ELBAuthFailure":                                  now.LoginFailures - before.LoginFailures,
		"ELBAuthError":                                    now.LoginErrors - before.LoginErrors,
		"ELBAuthUserClaimsSizeExceeded":                   now.LoginsTooLarge - before.LoginsTooLarge,
		"ELBAuthRefreshTokenSuccess":                      now.LoginRefreshes - before.LoginRefreshes,
	} {
		s.count(name, n)
	}
	if n := now.ReceivedBytes + now.SentBytes - before.ReceivedBytes - before.SentBytes; n != 0 {
		s.add("ProcessedBytes", "Bytes", float64(n), "LoadBalancer", s.balancer)
	}
	if n := now.LoginNanos - before.LoginNanos; n != 0 {
		s.add("ELBAuthLatency", "Milliseconds", float64(n)/1e6, "LoadBalancer", s.balancer)
	}
	var fives int64
	for class, n := range now.ByStatus {
		n -= before.ByStatus[class]
		if class[0] == '5' {
			fives += n
		}
		if class != "5XX" {
			s.count("HTTPCode_ELB_"+class+"_Count", n)
		}
	}
	s.count("HTTPCode_ELB_5XX_Count", fives)
}

// A zone is what the targets of one zone did.
type zone struct{ counters, before balancer.TargetCounters }

// group adds what a target group did, and its targets' part to their zones.
func (s *sheet) group(before, now *balancer.GroupState, zones map[string]*zone) {
	_, name := arn.SplitKey(now.ID)
	labels := []string{"TargetGroup", name, "LoadBalancer", s.balancer}
	s.served(before.Counters, now.Counters, labels...)
	s.health(now, labels)
	requests := float64(now.Counters.Requests - before.Counters.Requests)
	healthy := 0
	for _, t := range now.Targets {
		if t.Health == balancer.Healthy {
			healthy++
		}
	}
	if len(now.Targets) > 0 {
		each := requests / float64(max(healthy, 1))
		s.add("RequestCountPerTarget", "Count", each, labels...)
		s.add("RequestCountPerTarget", "Count", each, "TargetGroup", name)
	}
	if now.Open && requests > 0 {
		s.add("UnhealthyRoutingRequestCount", "Count", requests, labels...)
	}
	s.byZone(before, now, labels, zones)
}

// byZone splits a group's figures by where its targets are.
func (s *sheet) byZone(before, now *balancer.GroupState, labels []string, zones map[string]*zone) {
	parts := map[string]*zone{}
	hosts := map[string]*balancer.GroupState{}
	for _, t := range now.Targets {
		if parts[t.Zone] == nil {
			parts[t.Zone], hosts[t.Zone] = &zone{}, &balancer.GroupState{Open: now.Open}
		}
		hosts[t.Zone].Targets = append(hosts[t.Zone].Targets, t)
		old := counted(before, t)
		parts[t.Zone].add(old, t.Counters)
		if zones[t.Zone] == nil {
			zones[t.Zone] = &zone{}
		}
		zones[t.Zone].add(old, t.Counters)
	}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		in := append(slices.Clip(labels), "AvailabilityZone", name)
		s.served(parts[name].before, parts[name].counters, in...)
		s.health(hosts[name], in)
	}
}

func (z *zone) add(before, now balancer.TargetCounters) {
	z.before, z.counters = z.before.Plus(before), z.counters.Plus(now)
}

// counted returns what a target had counted at the earlier look: nothing if it
// was not there, or was another one at the same address.
func counted(g *balancer.GroupState, t balancer.TargetState) balancer.TargetCounters {
	for _, old := range g.Targets {
		if old.Addr == t.Addr && old.Counters.Requests <= t.Counters.Requests {
			return old.Counters
		}
	}
	return balancer.TargetCounters{}
}

// targets adds the load balancer's sums over all targets, as a whole and by zone.
func (s *sheet) targets(zones map[string]*zone) {
	all := &zone{}
	for _, name := range slices.Sorted(maps.Keys(zones)) {
		z := zones[name]
		all.add(z.before, z.counters)
		s.served(z.before, z.counters, "LoadBalancer", s.balancer, "AvailabilityZone", name)
	}
	s.served(all.before, all.counters, "LoadBalancer", s.balancer)
}

// served adds what targets answered.
func (s *sheet) served(before, now balancer.TargetCounters, labels ...string) {
	s.add("RequestCount", "Count", float64(now.Requests-before.Requests), labels...)
	for i, name := range []string{"", "2XX", "3XX", "4XX", "5XX"} {
		if n := now.ByClass[i] - before.ByClass[i]; n > 0 && name != "" {
			s.add("HTTPCode_Target_"+name+"_Count", "Count", float64(n), labels...)
		}
	}
	if n := now.ConnectErrors - before.ConnectErrors; n > 0 {
		s.add("TargetConnectionErrorCount", "Count", float64(n), labels...)
	}
	if n := now.TLSErrors - before.TLSErrors; n > 0 {
		s.add("TargetTLSNegotiationErrorCount", "Count", float64(n), labels...)
	}
	var times []series.Sample
	for i, n := range now.ResponseTime {
		if i < len(before.ResponseTime) {
			n -= before.ResponseTime[i]
		}
		if n > 0 {
			times = append(times, series.Sample{At: s.at, Value: middle(i).Seconds(), Count: float64(n)})
		}
	}
	if len(times) > 0 {
		s.sample("TargetResponseTime", "Seconds", times, labels...)
	}
}

// middle is what the times in a bucket are taken for.
func middle(bucket int) time.Duration {
	if bucket == 0 {
		return balancer.BucketLimit(0) / 2
	}
	return (balancer.BucketLimit(bucket-1) + balancer.BucketLimit(bucket)) / 2
}

// health adds how many targets are well, and whether too few are.
func (s *sheet) health(g *balancer.GroupState, labels []string) {
	var healthy, unhealthy, anomalous, mitigated float64
	for _, t := range g.Targets {
		switch t.Health {
		case balancer.Healthy:
			healthy++
		case balancer.Unhealthy:
			unhealthy++
		}
		if t.Anomalous {
			anomalous++
		}
		if t.Mitigated {
			mitigated++
		}
	}
	if len(g.Targets) == 0 {
		return
	}
	open := 0.0
	if g.Open {
		open = 1
	}
	for name, v := range map[string]float64{
		"HealthyHostCount": healthy, "UnHealthyHostCount": unhealthy,
		"AnomalousHostCount": anomalous, "MitigatedHostCount": mitigated,
		"HealthyStateRouting": 1 - open, "UnhealthyStateRouting": open,
		"HealthyStateDNS": 1 - open, "UnhealthyStateDNS": open,
	} {
		s.add(name, "Count", v, labels...)
	}
}

// The measures of a capacity unit, of which the largest counts (AWS's price list).
const (
	lcuConnections = 25   // new ones, a second
	lcuActive      = 3000 // a minute
	lcuBytes       = 1e9  // an hour
	lcuRules       = 1000 // evaluations, a second
)

// minutely adds what is told once a minute: a sum over seconds would mean
// nothing.
func minutely(key string, before, now *balancer.State, at time.Time) []figure {
	scope, resource := arn.SplitKey(key)
	s := &sheet{scope: scope.Prefix(), balancer: resource[len("loadbalancer/"):], at: at}
	a, b := &before.Counters, &now.Counters
	if b.ActiveConnections > 0 {
		s.add("ActiveConnectionCount", "Count", float64(b.ActiveConnections), "LoadBalancer", s.balancer)
	}
	bytes := float64(b.ReceivedBytes + b.SentBytes - a.ReceivedBytes - a.SentBytes)
	s.add("ConsumedLCUs", "Count", max(
		float64(b.NewConnections-a.NewConnections)/60/lcuConnections, float64(b.ActiveConnections)/lcuActive,
		bytes*60/lcuBytes, float64(b.RuleEvaluations-a.RuleEvaluations)/60/lcuRules,
	), "LoadBalancer", s.balancer)
	return s.all
}
