package xray

import (
	"maps"
	"slices"

	"apex/internal/api"
	"apex/internal/api/xrayapi"
)

// A node is a service of the graph.
type node struct {
	name  string
	root  bool
	stats stats
	edges map[string]*stats // by the name of whom it calls
}

// stats add up what segments say.
type stats struct {
	ok, failed, throttled, faulty, total int64
	seconds, first, last                 float64
}

func (s *stats) add(d document) {
	s.total++
	s.seconds += d.duration()
	if s.first == 0 || d.Start < s.first {
		s.first = d.Start
	}
	s.last = max(s.last, d.End, d.Start)
	switch {
	case d.Fault:
		s.faulty++
	case d.Throttle:
		s.throttled++
	case d.Error:
		s.failed++
	default:
		s.ok++
	}
}

// graphOf is who calls whom in the given traces.
func graphOf(all []trace) []xrayapi.Service {
	nodes := map[string]*node{}
	of := func(name string) *node {
		if nodes[name] == nil {
			nodes[name] = &node{name: name, edges: map[string]*stats{}}
		}
		return nodes[name]
	}
	for _, t := range all {
		owners := map[string]string{} // of segments and subsegments, by id
		for _, d := range t.documents {
			d.each(func(inner document) { owners[inner.ID] = d.Name })
		}
		for _, d := range t.documents {
			if d.Type == "subsegment" {
				continue
			}
			n := of(d.Name)
			n.stats.add(d)
			caller, called := owners[d.ParentID]
			n.root = n.root || !called
			if called && caller != d.Name {
				edges := of(caller).edges
				if edges[d.Name] == nil {
					edges[d.Name] = &stats{}
				}
				edges[d.Name].add(d)
			}
		}
	}
	return shown(nodes)
}

func shown(nodes map[string]*node) []xrayapi.Service {
	names := slices.Sorted(maps.Keys(nodes))
	out := []xrayapi.Service{}
	for i, name := range names {
		n := nodes[name]
		service := xrayapi.Service{
			ReferenceId: api.Ptr(int64(i)), Name: api.Ptr(name), Names: []string{name}, Root: api.Ptr(n.root), State: api.Ptr("active"),
			StartTime: api.Ptr(at(n.stats.first)), EndTime: api.Ptr(at(n.stats.last)), Edges: []xrayapi.Edge{},
			SummaryStatistics: &xrayapi.ServiceStatistics{
				OkCount: &n.stats.ok, TotalCount: &n.stats.total, TotalResponseTime: &n.stats.seconds,
				ErrorStatistics: n.stats.errors(), FaultStatistics: n.stats.faults(),
			},
		}
		for _, called := range slices.Sorted(maps.Keys(n.edges)) {
			e := n.edges[called]
			service.Edges = append(service.Edges, xrayapi.Edge{
				ReferenceId: api.Ptr(int64(slices.Index(names, called))), StartTime: api.Ptr(at(e.first)), EndTime: api.Ptr(at(e.last)),
				SummaryStatistics: &xrayapi.EdgeStatistics{
					OkCount: &e.ok, TotalCount: &e.total, TotalResponseTime: &e.seconds, ErrorStatistics: e.errors(), FaultStatistics: e.faults(),
				},
			})
		}
		out = append(out, service)
	}
	return out
}

func (s *stats) errors() *xrayapi.ErrorStatistics {
	return &xrayapi.ErrorStatistics{ThrottleCount: &s.throttled, OtherCount: &s.failed, TotalCount: api.Ptr(s.throttled + s.failed)}
}

func (s *stats) faults() *xrayapi.FaultStatistics {
	return &xrayapi.FaultStatistics{OtherCount: &s.faulty, TotalCount: &s.faulty}
}
