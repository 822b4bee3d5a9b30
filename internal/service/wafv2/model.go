// Package wafv2 serves AWS WAF: web ACLs with their rules, rule groups, IP sets and
// sets of regular expressions. All of them are kept and given back, with the
// capacity that their rules use and the lock tokens that guard changes; no traffic
// is inspected yet.
package wafv2

import (
	"apex/internal/api/wafv2api"
	"apex/internal/store"
	"apex/internal/tag"
)

// The service's tables.
var (
	// Items are web ACLs, rule groups and sets. A key is scope, "REGIONAL/webacl/"
	// and the id.
	Items = store.NewTable("wafv2.items", func(i *Item) string { return i.Key })
	// Associations say which web ACL guards a resource, by the resource's ARN.
	Associations = store.NewTable("wafv2.associations", func(a *Association) string { return a.Key })
	// Loggings are the logging configurations, by the web ACL's ARN.
	Loggings = store.NewTable("wafv2.loggings", func(l *Logging) string { return l.Key })
)

// Tables returns the service's tables.
func Tables() []store.AnyTable { return []store.AnyTable{Items, Associations, Loggings} }

// A Kind is what an item is, as ARNs name it.
type Kind string

// The kinds of items.
const (
	KindACL   Kind = "webacl"
	KindGroup Kind = "rulegroup"
	KindIPSet Kind = "ipset"
	KindRegex Kind = "regexpatternset"
)

// An Item is a web ACL, a rule group or a set.
type Item struct {
	Key  string
	Spec ItemSpec
}

// An ItemSpec is what the API says of an item; one of the last four is there.
type ItemSpec struct {
	Kind        Kind
	ARN         string
	Scope       string // REGIONAL or CLOUDFRONT
	ID, Name    string
	Description *string
	Lock        string // the token that the next change must bring
	Tags        tag.Tags
	Policy      string // of a rule group
	ACL         *wafv2api.WebACL
	Group       *wafv2api.RuleGroup
	IPSet       *wafv2api.IPSet
	Regex       *wafv2api.RegexPatternSet
}

// An Association ties a resource to its web ACL.
type Association struct{ Key, ACL string }

// A Logging is the logging configuration of a web ACL.
type Logging struct {
	Key  string
	Spec wafv2api.LoggingConfiguration
}
