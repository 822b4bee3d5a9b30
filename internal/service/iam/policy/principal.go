package policy

import (
	"slices"
	"strings"
)

// A Principal is who asks, for resource-based policies.
type Principal struct {
	Account string
	// ARNs are the principal's names: its own, then that of the role it is a
	// session of.
	ARNs      []string
	ID        string // the unique id of the user or role, which policies may name too
	Service   string // "ecs-tasks.amazonaws.com"
	Federated string // an identity provider's ARN or name
}

// A reach is how a statement comes to speak of a principal.
type reach int

// The ways, from the loosest to the closest. They decide what else must allow
// (IAM user guide, Policy evaluation logic: resource-based policies).
const (
	unnamed   reach = iota
	byAccount       // its account: the principal's own policies must allow as well
	byRole          // its role, or anyone: boundary and session policies still limit
	byName          // itself: nothing else limits but a deny
)

// reaches tells how the principals include someone.
func (p *Principals) reaches(who *Principal) reach {
	switch {
	case who.Service != "" && slices.Contains(p.Service, who.Service),
		who.Federated != "" && slices.Contains(p.Federated, who.Federated):
		return byName
	}
	best := unnamed
	if p.Anyone {
		best = who.asRole()
	}
	for _, name := range p.AWS {
		best = max(best, who.called(name))
	}
	return best
}

// called tells how one name of a policy speaks of the principal.
func (who *Principal) called(name string) reach {
	switch i := slices.Index(who.ARNs, name); {
	case i == 0:
		return byName
	case i > 0:
		return byRole
	case who.ID != "" && name == who.ID:
		return who.asRole()
	case who.Account != "" && accountOf(name) == who.Account:
		return byAccount
	}
	return unnamed
}

// asRole is how what names a principal from afar reaches it: a user directly, a
// role's session as its role would be.
func (who *Principal) asRole() reach {
	if len(who.ARNs) > 1 {
		return byRole
	}
	return byName
}

// accountOf returns the account that a principal's name stands for, if it stands
// for one: its number, or the ARN of its root.
func accountOf(name string) string {
	if rest, ok := strings.CutPrefix(name, "arn:aws:iam::"); ok {
		account, _ := strings.CutSuffix(rest, ":root")
		return account
	}
	return name
}

// excuses tells whether NotPrincipal spares someone. A deny spares only whom it
// names with the account and, for a session, with the role (IAM user guide,
// NotPrincipal); an allow leaves out everyone it names in any way.
func (p *Principals) excuses(who *Principal, effect string) bool {
	if effect == Allow || who.Account == "" || p.Anyone {
		return p.reaches(who) != unnamed
	}
	named := slices.ContainsFunc(p.AWS, func(name string) bool { return accountOf(name) == who.Account })
	for _, name := range who.ARNs {
		named = named && slices.Contains(p.AWS, name)
	}
	return named
}
