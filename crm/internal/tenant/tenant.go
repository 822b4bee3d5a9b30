// Package tenant says on whose behalf, and in which workspace, work is done.
//
// Every function that touches a workspace's rows takes a Tenant, so a query
// without a workspace cannot be written by forgetting it.
package tenant

import (
	"fmt"

	"apexai/crm/internal/id"
)

// A Tenant is an authenticated user acting in one workspace, in a browser's
// session or by an API key.
type Tenant struct {
	Workspace uint32
	User      id.ID
	Role      Role
	Session   string // the session's public id; "" with a key
	Key       id.ID  // the API key; zero in a session
	Scopes    Scopes // what the key is for
	Zone      string // where "today" is, a name of IANA's; "" is UTC
}

// A Role says what a member may do; each includes those before it.
type Role int

// The roles, least first.
const (
	Nobody Role = iota
	Viewer      // reads
	Member      // writes records
	Admin       // settings, members, keys
	Owner       // deletes or hands over the workspace
)

var names = [...]string{"nobody", "viewer", "member", "admin", "owner"}

// String returns the role's name as stored and shown.
func (r Role) String() string { return names[r] }

// MarshalText gives JSON and MySQL the role's name.
func (r Role) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads a role's name.
func (r *Role) UnmarshalText(text []byte) error {
	for i, name := range names {
		if name == string(text) {
			*r = Role(i)
			return nil
		}
	}
	return fmt.Errorf("role %q: unknown", text)
}

// Scan reads a role's name from MySQL.
func (r *Role) Scan(src any) error {
	text, ok := src.([]byte)
	if !ok {
		return fmt.Errorf("role: scan %T: want text", src)
	}
	return r.UnmarshalText(text)
}
