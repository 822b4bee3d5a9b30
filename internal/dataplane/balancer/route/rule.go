package route

import (
	"cmp"
	"net/netip"
	"slices"
)

// A Rule sends requests that meet all its conditions to its action.
type Rule struct {
	ID         string
	Priority   int // lower goes first
	Conditions []Condition
	Action     Action
}

// A Field names what a condition looks at.
type Field string

// The fields of a request that conditions can look at.
const (
	PathPattern   Field = "path-pattern"
	HostHeader    Field = "host-header"
	HTTPHeader    Field = "http-header"
	RequestMethod Field = "http-request-method"
	QueryString   Field = "query-string"
	SourceIP      Field = "source-ip"
)

// A Condition holds if any of its values matches.
type Condition struct {
	Field   Field
	Header  string         `json:",omitempty"` // of HTTPHeader: the field's name
	Values  []string       `json:",omitempty"`
	Query   []Pair         `json:",omitempty"` // of QueryString
	Sources []netip.Prefix `json:",omitempty"` // of SourceIP
}

// A Pair is a pattern for one query parameter; an empty Key matches any.
type Pair struct {
	Key   string `json:",omitempty"`
	Value string
}

// An Action is what becomes of a request: exactly one member is set.
type Action struct {
	Forward  *Forward  `json:",omitempty"`
	Redirect *Redirect `json:",omitempty"`
	Fixed    *Fixed    `json:",omitempty"`
}

// Forward spreads requests over target groups by weight.
type Forward struct {
	Groups []Weighted
}

// Weighted is a target group's share.
type Weighted struct {
	Group  string
	Weight int // 0 to 999
}

// Fixed answers by itself.
type Fixed struct {
	Status      int
	ContentType string `json:",omitempty"`
	Body        string `json:",omitempty"`
}

// Choose returns the group for a number r that is random in [0, 1); false if no
// group has weight.
func (f *Forward) Choose(r float64) (string, bool) {
	total := 0
	for _, g := range f.Groups {
		total += g.Weight
	}
	at := int(r * float64(total))
	for _, g := range f.Groups {
		if at < g.Weight {
			return g.Group, true
		}
		at -= g.Weight
	}
	return "", false
}

// A Table is a listener's rules, ready to be matched.
type Table struct {
	rules []Rule
	def   Rule
}

// NewTable sorts the rules by priority; def is the action if none matches.
func NewTable(rules []Rule, def Action) *Table {
	sorted := slices.Clone(rules)
	slices.SortStableFunc(sorted, func(a, b Rule) int { return cmp.Compare(a.Priority, b.Priority) })
	return &Table{rules: sorted, def: Rule{ID: "default", Action: def}}
}

// Match returns the first rule that matches, else the default one, and how many
// rules it looked at.
func (t *Table) Match(r *Request) (rule *Rule, evaluated int) {
	for i := range t.rules {
		if t.rules[i].matches(r) {
			return &t.rules[i], i + 1
		}
	}
	return &t.def, len(t.rules)
}

func (r *Rule) matches(req *Request) bool {
	for i := range r.Conditions {
		if !r.Conditions[i].Matches(req) {
			return false
		}
	}
	return true
}
