package policy

// The effects of a statement.
const (
	Allow = "Allow"
	Deny  = "Deny"
)

// latest is the version of the policy language that has variables.
const latest = "2012-10-17"

// A Document is one policy.
type Document struct {
	Version    string
	ID         string
	Statements []Statement
	// Text is the document as it was given; explanations point into it.
	Text string
}

// A Statement allows or denies some actions on some resources under some
// conditions.
type Statement struct {
	SID                     string
	Effect                  string
	Principal, NotPrincipal *Principals
	Action, NotAction       []string // as given, in lower case
	Resource, NotResource   []string
	Conditions              []Condition
	// Literal says that ${…} is no variable: the document's version has none.
	Literal bool
}

// Principals are whom a resource-based statement speaks of.
type Principals struct {
	Anyone                  bool // "*"
	AWS, Service, Federated []string
	CanonicalUser           []string
}

// A Condition compares one key of the request's context with values.
type Condition struct {
	Operator string // "StringEquals", without prefix or suffix
	IfExists bool   // the key may be missing
	Set      string // "ForAllValues", "ForAnyValue" or empty
	Key      string // lower case
	Values   []string
	compare  operator
	literal  bool
}
