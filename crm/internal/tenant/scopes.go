package tenant

import "strings"

// Scopes are what an API key is for: "people:read deals:write *:read",
// parted by spaces. Who may write may also read.
type Scopes string

// The two things that may be done to a resource.
const (
	Reading = "read"
	Writing = "write"
)

// May says whether the tenant may do something to a resource such as
// "people". A session's user may do whatever the role allows.
func (t Tenant) May(resource, do string) bool {
	return t.Key.IsZero() || t.Scopes.Include(resource, do)
}

// Include says whether a scope among them covers doing that.
func (s Scopes) Include(resource, do string) bool {
	for scope := range strings.FieldsSeq(string(s)) {
		of, allowed, _ := strings.Cut(scope, ":")
		if (of == resource || of == "*") && (allowed == do || allowed == Writing) {
			return true
		}
	}
	return false
}
