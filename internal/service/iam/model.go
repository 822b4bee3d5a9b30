// Package iam is Identity and Access Management: users, groups and roles, their
// keys and policies, and the decision whether a call may be made. Its resources
// belong to an account and to no region.
package iam

import (
	"strings"
	"time"

	"apex/internal/arn"
	"apex/internal/store"
	"apex/internal/tag"
)

// An Identity is what users, groups and roles have in common.
type Identity struct {
	Name, Path, ID, ARN string
	Created             time.Time
	Tags                tag.Tags
	Boundary            string            // the ARN of the permissions boundary, or empty
	Inline              map[string]string // documents by policy name
	Attached            []string          // ARNs of managed policies
}

// A User is a person or program with keys of its own.
type User struct {
	Key  string
	Spec UserSpec
}

// UserSpec is what is known of a user.
type UserSpec struct {
	Identity
	Groups []string // names
	Login  *Login   // nil without a password
}

// A Login says that a user has a password; the region keeps none.
type Login struct {
	Created time.Time
	Reset   bool // it must be changed at the next sign-in
}

// A Group gives its policies to its users.
type Group struct {
	Key  string
	Spec Identity
}

// A Role is taken on for a time by whom its trust policy names.
type Role struct {
	Key  string
	Spec RoleSpec
}

// RoleSpec is what is known of a role.
type RoleSpec struct {
	Identity
	Trust       string // the assume-role policy document
	Description string
	MaxSession  int64 // seconds
}

// A Policy is a managed policy with up to five versions.
type Policy struct {
	Key  string
	Spec PolicySpec
}

// PolicySpec is what is known of a managed policy.
type PolicySpec struct {
	Name, Path, ID, ARN, Description string
	Versions                         []PolicyVersion
	Default                          string // the id of the version in force
	Last                             int    // the number of the newest version
	Created, Updated                 time.Time
	Tags                             tag.Tags
}

// A PolicyVersion is one document of a managed policy.
type PolicyVersion struct {
	ID, Document string
	Created      time.Time
}

// An AccessKey signs calls. Its row lies under its id, for the account is not
// known before the key is found.
type AccessKey struct {
	ID   string
	Spec AccessKeySpec
}

// AccessKeySpec is what is known of an access key.
type AccessKeySpec struct {
	Account string
	User    string // empty for the account's administrator
	Active  bool
	Sealed  []byte // the secret, sealed for the key's id
	Created time.Time
}

// An InstanceProfile holds a role for an instance.
type InstanceProfile struct {
	Key  string
	Spec InstanceProfileSpec
}

// InstanceProfileSpec is what is known of an instance profile.
type InstanceProfileSpec struct {
	Name, Path, ID, ARN string
	Role                string // a name, or empty
	Created             time.Time
	Tags                tag.Tags
}

// A Provider is an OpenID Connect identity provider.
type Provider struct {
	Key  string
	Spec ProviderSpec
}

// ProviderSpec is what is known of an identity provider.
type ProviderSpec struct {
	ARN, URL    string
	Clients     []string
	Thumbprints []string
	Created     time.Time
	Tags        tag.Tags
}

// The service's tables. Names are unique without regard to case.
var (
	Users            = store.NewTable("iam.users", func(u *User) string { return u.Key })
	Groups           = store.NewTable("iam.groups", func(g *Group) string { return g.Key })
	Roles            = store.NewTable("iam.roles", func(r *Role) string { return r.Key })
	Policies         = store.NewTable("iam.policies", func(p *Policy) string { return p.Key })
	AccessKeys       = store.NewTable("iam.access_keys", func(k *AccessKey) string { return k.ID })
	InstanceProfiles = store.NewTable("iam.instance_profiles", func(p *InstanceProfile) string { return p.Key })
	Providers        = store.NewTable("iam.oidc_providers", func(p *Provider) string { return p.Key })
	Accounts         = store.NewTable("iam.accounts", func(a *Account) string { return a.Key })
)

// Tables returns the service's tables.
func Tables() []store.AnyTable {
	return []store.AnyTable{Users, Groups, Roles, Policies, AccessKeys, InstanceProfiles, Providers, Accounts}
}

// key returns the store key of a named resource of an account.
func key(account, name string) string {
	return arn.Scope{Account: account}.Key(strings.ToLower(name))
}

// arnOf names a resource of an account: kind "role", path "/", name "x".
func arnOf(account, kind, path, name string) string {
	return arn.Scope{Account: account}.ARN("iam", kind+path+name)
}
