package policy

// The effects of a statement.
const (
	Allow = "Allow"
	Deny  = "Deny"
)

// A Document is one policy.
type Document struct {
	Version    string
	ID         string
	Statements []Statement
}

// A Statement allows or denies some actions on some resources under some
// conditions.
type Statement struct {
	SID                     string
	Effect                  string
	Principal, NotPrincipal *Principals
	Action, NotAction       []string
	Resource, NotResource   []string
	Conditions              []Condition
}

// Principals are whom a resource-based statement speaks of.
type Principals struct {
	Anyone                  bool // "*"
	AWS, Service, Federated []string
}

// A Condition compares one key of the request's context with values.
type Condition struct {
	Operator string // "StringEquals", without prefix or suffix
	IfExists bool   // the key may be missing
	Set      string // "ForAllValues", "ForAnyValue" or empty
	Key      string // lower case
	Values   []string
}
