package iam

import (
	"fmt"
	"strings"

	"apex/internal/api"
	"apex/internal/arn"
	"apex/internal/service/iam/policy"
	"apex/internal/store"
	"apex/internal/tag"
)

// A caller is who asks, and all that speaks for it.
type caller struct {
	principal policy.Principal
	identity  policy.Identity
	kind      string // aws:PrincipalType
	tags      tag.Tags
	session   *api.Session
	source    string // what aws:PrincipalArn is: the user's or the role's ARN
	name      string // of a user
}

// everything is what the administrator's own rights are.
const everything = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`

// callerOf gathers what speaks for a principal: a user with groups, or the role
// that a session was made from.
func callerOf(r store.Reader, p api.Principal) (caller, error) {
	a, err := arn.Parse(p.ARN)
	if err != nil {
		return caller{}, err
	}
	c := caller{session: p.Session, principal: policy.Principal{Account: a.Account, ARNs: []string{p.ARN}}, source: p.ARN}
	c.principal.ID, _, _ = strings.Cut(p.ID, ":")
	kind, name, _ := strings.Cut(a.Resource, "/")
	switch kind {
	case "root":
		c.kind = "Account"
		err = c.asRoot()
	case "user":
		c.kind = "User"
		err = c.asUser(r, a.Account, name[strings.LastIndex(name, "/")+1:])
	case "federated-user":
		c.kind = "FederatedUser"
		if err = c.asFederated(r, a.Account); err == nil {
			c.name = ""
		}
	case "role":
		c.kind = "AssumedRole"
		err = c.asRole(r, a.Account, name[strings.LastIndex(name, "/")+1:])
	case "assumed-role":
		c.kind = "AssumedRole"
		role, _, _ := strings.Cut(name, "/")
		err = c.asRole(r, a.Account, role)
	default:
		err = fmt.Errorf("principal %s: neither user nor role", p.ARN)
	}
	if err == nil {
		err = c.limit()
	}
	return c, err
}

func (c *caller) asRoot() error {
	all, err := policy.Compiled(everything)
	c.identity.Policies = []policy.Named{{Name: "root", Document: all}}
	return err
}

func (c *caller) asUser(r store.Reader, account, name string) error {
	u, ok := Users.Get(r, key(account, name))
	if !ok {
		return fmt.Errorf("user %s: not found", name)
	}
	c.tags, c.name = u.Spec.Tags, u.Spec.Name
	err := c.add(r, account, &u.Spec.Identity)
	for _, group := range u.Spec.Groups {
		if g, ok := Groups.Get(r, key(account, group)); ok && err == nil {
			err = c.add(r, account, &g.Spec)
		}
	}
	return err
}

func (c *caller) asFederated(r store.Reader, account string) error {
	if c.session == nil {
		return fmt.Errorf("federated user without a session")
	}
	if c.session.User == "" {
		return c.asRoot()
	}
	return c.asUser(r, account, c.session.User)
}

func (c *caller) asRole(r store.Reader, account, name string) error {
	role, ok := Roles.Get(r, key(account, name))
	if !ok {
		return fmt.Errorf("role %s: not found", name)
	}
	c.tags, c.source = role.Spec.Tags, role.Spec.ARN
	if c.principal.ARNs[0] == role.Spec.ARN {
		c.principal.ARNs[0] = arn.Scope{Account: account}.ARN("sts", "assumed-role/"+role.Spec.Name+"/any")
	}
	c.principal.ARNs = append(c.principal.ARNs, role.Spec.ARN)
	return c.add(r, account, &role.Spec.Identity)
}

// add reads an identity's policies and its boundary. One that does not parse
// stops the evaluation: a deny could be in it.
func (c *caller) add(r store.Reader, account string, id *Identity) error {
	add := func(p policy.Named, text string) error {
		var err error
		if p.Document, err = policy.Compiled(text); err != nil {
			return fmt.Errorf("policy %s of %s: %w", p.Name, id.ARN, err)
		}
		c.identity.Policies = append(c.identity.Policies, p)
		return nil
	}
	for _, name := range inlineNames(*id) {
		if err := add(policy.Named{Name: name, Type: nounOf(*id), Owner: id.Name}, id.Inline[name]); err != nil {
			return err
		}
	}
	for _, name := range id.Attached {
		p, err := managed(r, account, name)
		if err != nil {
			continue // deleted meanwhile: it allows nothing
		}
		if err := add(p.named(), p.inForce()); err != nil {
			return err
		}
	}
	if id.Boundary == "" {
		return nil
	}
	p, err := managed(r, account, id.Boundary)
	if err != nil {
		return err
	}
	limit := p.named()
	limit.Document, err = policy.Compiled(p.inForce())
	c.identity.Boundary = &limit
	return err
}

// nounOf tells what an identity is by its unique id.
func nounOf(id Identity) string {
	for _, noun := range [][2]string{{users.prefix, users.noun}, {groups.prefix, groups.noun}} {
		if strings.HasPrefix(id.ID, noun[0]) {
			return noun[1]
		}
	}
	return roles.noun
}

// named returns a managed policy's name for explanations.
func (p Policy) named() policy.Named {
	kind := "user-managed"
	if strings.HasPrefix(p.Spec.ARN, awsManagedPrefix) {
		kind = "aws-managed"
	}
	return policy.Named{Name: p.Spec.Name, Type: kind}
}

// limit puts the session's policies upon the caller's.
func (c *caller) limit() error {
	if c.session == nil {
		return nil
	}
	if len(c.session.Tags) > 0 {
		c.tags = c.tags.With(c.session.Tags)
	}
	if !c.session.Limited {
		return nil
	}
	c.identity.Session = []policy.Named{}
	for _, text := range c.session.Policies {
		doc, err := policy.Compiled(text)
		if err != nil {
			return err
		}
		c.identity.Session = append(c.identity.Session, policy.Named{Name: "session policy", Document: doc})
	}
	return nil
}
