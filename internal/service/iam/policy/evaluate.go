package policy

import (
	"slices"
	"strings"
)

// A Request is one action that somebody wants to take on one resource.
type Request struct {
	Action    string // "ecs:UpdateService"
	Resource  string // an ARN, or "*" for actions on no resource
	Principal Principal
	// Context gives the values of condition keys; nil knows none.
	Context Context
	lower   string // the action in lower case
}

// A Context knows the condition keys of a request.
type Context interface {
	// Values returns what a key, in lower case, has: "aws:sourceip".
	Values(key string) []string
}

// Keys are a context whose values are all there.
type Keys map[string][]string

// Values returns what a key has.
func (k Keys) Values(key string) []string { return k[key] }

func (r *Request) values(key string) []string {
	if r.Context == nil {
		return nil
	}
	return r.Context.Values(key)
}

// A Kind is what sort of policy speaks, in the words of AWS's errors.
type Kind string

// The kinds of policies.
const (
	OfIdentity Kind = "identity-based policy"
	OfResource Kind = "resource-based policy"
	OfBoundary Kind = "permissions boundary"
	OfSession  Kind = "session policy"
)

// A Decision says whether a request is allowed and which statement said so.
type Decision struct {
	Allowed  bool
	Explicit bool // a statement denied it
	// Kind is the sort of policy that decided or, for a denial without a
	// statement, that would have had to allow.
	Kind Kind
	// By is the statement that decided; nil if none did.
	By *Match
}

// A Match is a statement that applies to a request.
type Match struct {
	Kind      Kind
	Policy    *Named
	Statement int // its place in the document, from 0
	reach     reach
}

// A Named document is one with a name for explanations.
type Named struct {
	Name string
	// Type is whose it is: "role", "user", "group", "user-managed", "aws-managed",
	// "resource"; Owner the name of the identity it lies in, if it lies in one.
	Type, Owner string
	*Document
}

// An Identity is all that speaks for a principal's own rights.
type Identity struct {
	Policies []Named
	Boundary *Named  // the most that the policies may allow; nil is no limit
	Session  []Named // the most that this session may do; nil is no limit
}

// A Resource is what a resource itself says.
type Resource struct {
	Account string // whose it is; empty is the principal's
	Policy  *Named // nil if it has none
	// Required says that nothing is allowed against the policy's will: identity
	// policies count only where it gives its account the right (KMS key policies,
	// role trust policies).
	Required bool
}

// Evaluate decides by identity policies alone.
func (id *Identity) Evaluate(r Request) Decision { return Decide(id, Resource{}, r) }

// Decide decides on a request. An explicit deny anywhere wins. Within an account
// either side may allow; across accounts both must.
func Decide(id *Identity, on Resource, r Request) Decision {
	r.prepare()
	if m := id.find(Deny, on, &r); m != nil {
		return Decision{Explicit: true, Kind: m.Kind, By: m}
	}
	granted := strongest(on.Policy, &r)
	if r.Principal.Service != "" { // a service has no policies of its own: the resource lets it in or not
		return Decision{Allowed: granted != nil, Kind: OfResource, By: granted}
	}
	if on.Account != "" && on.Account != r.Principal.Account {
		return id.acrossAccounts(granted, &r)
	}
	switch {
	case granted != nil && granted.reach == byName:
		return Decision{Allowed: true, Kind: OfResource, By: granted}
	case granted != nil && granted.reach == byRole:
		return id.within(granted, &r)
	case granted == nil && on.Required:
		return Decision{Kind: OfResource}
	}
	return id.own(&r)
}

// acrossAccounts needs the resource's word and the principal's own.
func (id *Identity) acrossAccounts(granted *Match, r *Request) Decision {
	own := id.own(r)
	if own.Allowed && granted == nil {
		return Decision{Kind: OfResource}
	}
	return own
}

// own decides by what the principal's account gave it.
func (id *Identity) own(r *Request) Decision {
	m := first(Allow, OfIdentity, id.Policies, r)
	if m == nil {
		return Decision{Kind: OfIdentity}
	}
	return id.within(m, r)
}

// within holds what is allowed to the boundary and the session's policies.
func (id *Identity) within(allowed *Match, r *Request) Decision {
	if id.Boundary != nil && first(Allow, OfBoundary, []Named{*id.Boundary}, r) == nil {
		return Decision{Kind: OfBoundary}
	}
	if id.Session != nil && first(Allow, OfSession, id.Session, r) == nil {
		return Decision{Kind: OfSession}
	}
	return Decision{Allowed: true, Kind: allowed.Kind, By: allowed}
}

// find returns the first statement of the effect in any policy.
func (id *Identity) find(effect string, on Resource, r *Request) *Match {
	if m := first(effect, OfIdentity, id.Policies, r); m != nil {
		return m
	}
	if on.Policy != nil {
		if m := first(effect, OfResource, []Named{*on.Policy}, r); m != nil {
			return m
		}
	}
	if id.Boundary != nil {
		if m := first(effect, OfBoundary, []Named{*id.Boundary}, r); m != nil {
			return m
		}
	}
	return first(effect, OfSession, id.Session, r)
}

// EvaluateResource decides by a resource's own policy, whose statements name
// their principals: for callers that have no policies of their own.
func EvaluateResource(p Named, r Request) Decision {
	r.prepare()
	if m := first(Deny, OfResource, []Named{p}, &r); m != nil {
		return Decision{Explicit: true, Kind: OfResource, By: m}
	}
	m := first(Allow, OfResource, []Named{p}, &r)
	return Decision{Allowed: m != nil, Kind: OfResource, By: m}
}

// first returns the first statement of the effect that applies.
func first(effect string, kind Kind, policies []Named, r *Request) *Match {
	for i := range policies {
		for n := range policies[i].Statements {
			s := &policies[i].Statements[n]
			if s.Effect != effect || !s.applies(r) {
				continue
			}
			if at := s.reaches(r, kind); at != unnamed {
				return &Match{Kind: kind, Policy: &policies[i], Statement: n, reach: at}
			}
		}
	}
	return nil
}

// strongest returns the statement of a resource's policy that allows the
// principal the most directly.
func strongest(p *Named, r *Request) (best *Match) {
	if p == nil {
		return nil
	}
	for n := range p.Statements {
		s := &p.Statements[n]
		if s.Effect != Allow || !s.applies(r) {
			continue
		}
		if at := s.reaches(r, OfResource); at != unnamed && (best == nil || at > best.reach) {
			best = &Match{Kind: OfResource, Policy: p, Statement: n, reach: at}
		}
	}
	return best
}

// reaches tells how a statement speaks of the principal. Policies of an identity
// need not name it.
func (s *Statement) reaches(r *Request, kind Kind) reach {
	switch {
	case kind != OfResource:
		return byName
	case s.Principal != nil:
		return s.Principal.reaches(&r.Principal)
	case s.NotPrincipal != nil && !s.NotPrincipal.excuses(&r.Principal, s.Effect):
		return r.Principal.asRole()
	}
	return unnamed
}

func (s *Statement) applies(r *Request) bool {
	switch {
	case len(s.Action) > 0 && !matchesAny(s.Action, r.lower),
		len(s.NotAction) > 0 && matchesAny(s.NotAction, r.lower),
		len(s.Resource) > 0 && !s.resourceMatches(s.Resource, r),
		len(s.NotResource) > 0 && s.resourceMatches(s.NotResource, r):
		return false
	}
	return !slices.ContainsFunc(s.Conditions, func(c Condition) bool { return !c.holds(r) })
}

func (r *Request) prepare() { r.lower = strings.ToLower(r.Action) }
