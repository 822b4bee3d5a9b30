package route

import (
	"net/netip"
	"regexp"
)

// A Rule sends requests that meet all its conditions to its action.
type Rule struct {
	ID         string
	Priority   int // lower goes first
	Conditions []Condition
	Transforms []Transform `json:",omitempty"` // of the request that is forwarded
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
	Values  []string       `json:",omitempty"` // patterns with "*" and "?"; of RequestMethod: exact
	Regex   []string       `json:",omitempty"` // of PathPattern, HostHeader and HTTPHeader: expressions of RE2
	Query   []Pair         `json:",omitempty"` // of QueryString
	Sources []netip.Prefix `json:",omitempty"` // of SourceIP

	compiled []*regexp.Regexp // of Regex
}

// A Pair is a pattern for one query parameter; an empty Key matches any.
type Pair struct {
	Key   string `json:",omitempty"`
	Value string
}

// An Action is what becomes of a request: exactly one of Forward, Redirect and
// Fixed is set, and what stands before it must let the request through.
type Action struct {
	Token    *Token    `json:",omitempty"` // a valid bearer token is needed
	Login    *Login    `json:",omitempty"` // the user has to have logged in
	Forward  *Forward  `json:",omitempty"`
	Redirect *Redirect `json:",omitempty"`
	Fixed    *Fixed    `json:",omitempty"`
}

// Fixed answers by itself.
type Fixed struct {
	Status      int
	ContentType string `json:",omitempty"`
	Body        string `json:",omitempty"`
}
