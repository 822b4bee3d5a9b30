// Package xray serves AWS X-Ray: trace segments that clients send, what traces and
// which services they show, sampling rules, groups and policies.
//
// Segments are rows of the store, the oldest of which go when there are too many:
// a trace is a help in development here, and no archive.
package xray

import (
	"time"

	"apex/internal/api/xrayapi"
	"apex/internal/store"
	"apex/internal/tag"
)

// The service's tables. The key of a segment is scope, trace id, "/" and its own
// id: trace ids begin with their time, so that the keys lie in its order.
var (
	Segments   = store.NewTable("xray.segments", func(s *Segment) string { return s.Key })
	Rules      = store.NewTable("xray.rules", func(r *Rule) string { return r.Key })
	Groups     = store.NewTable("xray.groups", func(g *Group) string { return g.Key })
	settings   = store.NewTable("xray.settings", func(s *setting) string { return s.Key })
	policies   = store.NewTable("xray.policies", func(p *policy) string { return p.Key })
	statistics = store.NewTable("xray.statistics", func(s *statistic) string { return s.Key })
)

// Tables returns the service's tables.
func Tables() []store.AnyTable {
	return []store.AnyTable{Segments, Rules, Groups, settings, policies, statistics}
}

// maxSegments is how many segments are kept in all.
const maxSegments = 20_000

// A Segment is what one service did for one request, as it told it.
type Segment struct {
	Key      string
	Document string
}

// A Rule is a sampling rule.
type Rule struct {
	Key               string // scope and name
	Spec              xrayapi.SamplingRule
	Tags              tag.Tags
	Created, Modified time.Time
}

// A Group is a filter with a name.
type Group struct {
	Key  string // scope and name
	Spec xrayapi.Group
	Tags tag.Tags
}

// A setting is how a scope's traces are encrypted.
type setting struct {
	Key         string // scope's prefix
	Type, KeyID string
}

// A policy is a resource policy.
type policy struct {
	Key                string // scope and name
	Document, Revision string
	Updated            time.Time
}

// A statistic is what clients told last of a rule.
type statistic struct {
	Key                         string // scope and name
	Requests, Borrowed, Sampled int64
	At                          time.Time
}
