package iam

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/iamapi"
	"apex/internal/arn"
	"apex/internal/awsid"
	"apex/internal/service/iam/policy"
	"apex/internal/store"
	"apex/internal/tag"
)

// maxAttached is the quota of managed policies attached to one identity (IAM
// quotas).
const maxAttached = 10

// A kind is users, groups or roles: what they share is written once for all.
type kind[T any] struct {
	noun     string // "user", in messages and ARNs
	prefix   string // of unique ids: "AIDA"
	table    *store.Table[T]
	identity func(*T) *Identity
}

var (
	users  = kind[User]{"user", "AIDA", Users, func(u *User) *Identity { return &u.Spec.Identity }}
	groups = kind[Group]{"group", "AGPA", Groups, func(g *Group) *Identity { return &g.Spec }}
	roles  = kind[Role]{"role", "AROA", Roles, func(r *Role) *Identity { return &r.Spec.Identity }}
)

var (
	validName = regexp.MustCompile(`^[\w+=,.@-]+$`)
	validPath = regexp.MustCompile(`^/([!-~]+/)?$`)
)

// create checks a new identity's name, path and tags and puts the object that
// build makes of it.
func (k kind[T]) create(tx *store.Tx, call *api.Call, name, path *string, tags []iamapi.Tag, boundary *string, build func(key string, id Identity) (T, error)) (T, error) {
	var zero T
	id := Identity{
		Name: *name, Path: api.Or(path, "/"), ID: uniqueID(k.prefix), Created: call.Now,
		Tags: tagsOf(tags), Boundary: api.Val(boundary),
	}
	if err := checkName(id.Name, id.Path, id.Tags); err != nil {
		return zero, err
	}
	if _, ok := k.get(tx, call, id.Name); ok {
		return zero, iamapi.NewEntityAlreadyExistsException("%s with name %s already exists.", capital(k.noun), id.Name)
	}
	if id.Boundary != "" {
		if _, err := managed(tx, call.Account, id.Boundary); err != nil {
			return zero, err
		}
	}
	id.ARN = arnOf(call.Account, k.noun, id.Path, id.Name)
	v, err := build(key(call.Account, id.Name), id)
	if err == nil {
		k.table.Put(tx, v)
	}
	return v, err
}

func (k kind[T]) get(r store.Reader, call *api.Call, name string) (T, bool) {
	return k.table.Get(r, key(call.Account, name))
}

// find is get with IAM's error when there is none.
func (k kind[T]) find(r store.Reader, call *api.Call, name string) (T, error) {
	v, ok := k.get(r, call, name)
	if !ok {
		return v, k.missing(name)
	}
	return v, nil
}

func (k kind[T]) missing(name string) error {
	return iamapi.NewNoSuchEntityException("The %s with name %s cannot be found.", k.noun, name)
}

// change edits one identity in a transaction of its own.
func (k kind[T]) change(ctx context.Context, s *store.Store, call *api.Call, name string, edit func(tx *store.Tx, v *T) error) error {
	return s.Update(ctx, func(tx *store.Tx) error {
		var err error
		if !k.table.Modify(tx, key(call.Account, name), func(v *T) { err = edit(tx, v) }) {
			return k.missing(name)
		}
		return err
	})
}

// checkDeletable refuses to delete an identity that still has policies, as IAM does.
func checkDeletable(id Identity) error {
	if len(id.Inline) > 0 || len(id.Attached) > 0 {
		return iamapi.NewDeleteConflictException("Cannot delete entity, must detach all policies first.")
	}
	return nil
}

func checkName(name, path string, tags tag.Tags) error {
	if !validName.MatchString(name) {
		return invalid("The specified value for name is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-")
	}
	if !validPath.MatchString(path) {
		return invalid("The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.")
	}
	if err := tags.Validate(); err != nil {
		return iamapi.NewInvalidInputException("%v", err)
	}
	return nil
}

func invalid(format string, args ...any) error {
	return api.Invalid("ValidationError", format, args...)
}

// checkDocument holds a policy of an identity to the language's rules.
func checkDocument(text string) error {
	if _, err := policy.ParseIdentity(text); err != nil {
		return iamapi.NewMalformedPolicyDocumentException("%v", err)
	}
	return nil
}

// checkTrust holds a role's trust policy to the language's rules, and to
// principals that are there.
func checkTrust(r store.Reader, account, text string) error {
	document, err := policy.ParseTrust(text)
	if err != nil {
		return iamapi.NewMalformedPolicyDocumentException("%v", err)
	}
	for _, s := range document.Statements {
		for _, p := range []*policy.Principals{s.Principal, s.NotPrincipal} {
			if p == nil {
				continue
			}
			for _, name := range p.AWS {
				if !exists(r, account, name) {
					return iamapi.NewMalformedPolicyDocumentException("Invalid principal in policy: \"AWS\":\"%s\"", name)
				}
			}
		}
	}
	return nil
}

// exists tells whether a principal of the account's own is there; of others' it
// knows nothing.
func exists(r store.Reader, account, name string) bool {
	a, err := arn.Parse(name)
	if err != nil || a.Account != account {
		return true
	}
	kind, path, _ := strings.Cut(a.Resource, "/")
	path = path[strings.LastIndex(path, "/")+1:]
	switch kind {
	case "user":
		u, ok := Users.Get(r, key(account, path))
		return ok && u.Spec.ARN == name
	case "role":
		role, ok := Roles.Get(r, key(account, path))
		return ok && role.Spec.ARN == name
	}
	return true
}

// uniqueID makes an id of IAM's form: a prefix of four letters and seventeen
// capitals and digits.
func uniqueID(prefix string) string { return prefix + strings.ToUpper(awsid.Hex(17)) }

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// putInline, getInline and the rest are the operations on an identity's policies.
func putInline(id *Identity, name, document string) error {
	if err := checkDocument(document); err != nil {
		return err
	}
	if id.Inline == nil {
		id.Inline = map[string]string{}
	}
	id.Inline[name] = document
	return nil
}

func getInline(id Identity, noun, name string) (string, error) {
	document, ok := id.Inline[name]
	if !ok {
		return "", iamapi.NewNoSuchEntityException("The %s policy with name %s cannot be found.", noun, name)
	}
	return document, nil
}

func deleteInline(id *Identity, noun, name string) error {
	if _, err := getInline(*id, noun, name); err != nil {
		return err
	}
	delete(id.Inline, name)
	return nil
}

func attach(tx *store.Tx, account string, id *Identity, name string) error {
	if _, err := managed(tx, account, name); err != nil {
		return err
	}
	if slices.Contains(id.Attached, name) {
		return nil
	}
	if len(id.Attached) >= maxAttached {
		return iamapi.NewLimitExceededException("Cannot exceed quota for PoliciesPerEntity: %d", maxAttached)
	}
	id.Attached = append(id.Attached, name)
	return nil
}

func detach(id *Identity, noun, name string) error {
	i := slices.Index(id.Attached, name)
	if i < 0 {
		return iamapi.NewNoSuchEntityException("Policy %s was not found attached to the %s %s.", name, noun, id.Name)
	}
	id.Attached = slices.Delete(id.Attached, i, i+1)
	return nil
}
