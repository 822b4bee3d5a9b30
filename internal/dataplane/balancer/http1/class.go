package http1

// A Class says how a request keeps to the standard, as AWS's desync mitigation
// does (github.com/aws/http-desync-guardian).
type Class uint8

// The classes.
const (
	Compliant  Class = iota
	Acceptable       // against the standard, but no known risk
	Ambiguous        // other servers may see other borders of it
	Severe           // malformed, or made to be misunderstood
)

// String returns AWS's word; it has none for a compliant request.
func (c Class) String() string { return [...]string{"", "Acceptable", "Ambiguous", "Severe"}[c] }
