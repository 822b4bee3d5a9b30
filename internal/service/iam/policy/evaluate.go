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
	// Context holds the condition keys by lower-case name: "aws:sourceip".
	Context map[string][]string
}

// A Principal is who asks, for resource-based policies.
type Principal struct {
	Account   string
	ARNs      []string // the session's and its role's, or the user's
	Service   string   // "ecs-tasks.amazonaws.com"
	Federated string   // an identity provider's ARN or name
}

// A Decision says whether a request is allowed and which statement said so.
type Decision struct {
	Allowed  bool
	Explicit bool // a statement denied it
	Policy   string
	SID      string
}

// A Named document is one with a name for explanations.
type Named struct {
	Name string
	Document
}

// An Identity is all that speaks for a principal's own rights.
type Identity struct {
	Policies []Named
	Boundary *Named // the most that the policies may allow; nil is no limit
	Session  *Named // the most that this session may do; nil is no limit
}

// Evaluate decides by identity policies: an explicit deny anywhere wins, and
// otherwise the policies, the boundary and the session policy must each allow.
func (id Identity) Evaluate(r Request) Decision {
	all := slices.Clone(id.Policies)
	for _, limit := range []*Named{id.Boundary, id.Session} {
		if limit != nil {
			all = append(all, *limit)
		}
	}
	if d, ok := find(Deny, all, r); ok {
		return Decision{Explicit: true, Policy: d.Policy, SID: d.SID}
	}
	for _, limit := range []*Named{id.Boundary, id.Session} {
		if limit == nil {
			continue
		}
		if _, ok := find(Allow, []Named{*limit}, r); !ok {
			return Decision{Policy: limit.Name}
		}
	}
	d, ok := find(Allow, id.Policies, r)
	d.Allowed = ok
	return d
}

// EvaluateResource decides by a resource's own policy, whose statements name
// their principals.
func EvaluateResource(p Named, r Request) Decision {
	if d, ok := find(Deny, []Named{p}, r); ok {
		return Decision{Explicit: true, Policy: d.Policy, SID: d.SID}
	}
	d, ok := find(Allow, []Named{p}, r)
	d.Allowed = ok
	return d
}

// find returns the first statement of the effect that applies.
func find(effect string, policies []Named, r Request) (Decision, bool) {
	for _, p := range policies {
		for _, s := range p.Statements {
			if s.Effect == effect && s.applies(r) {
				return Decision{Policy: p.Name, SID: s.SID}, true
			}
		}
	}
	return Decision{}, false
}

func (s Statement) applies(r Request) bool {
	switch {
	case len(s.Action) > 0 && !actionMatches(s.Action, r.Action),
		len(s.NotAction) > 0 && actionMatches(s.NotAction, r.Action),
		len(s.Resource) > 0 && !r.resourceMatches(s.Resource),
		len(s.NotResource) > 0 && r.resourceMatches(s.NotResource),
		s.Principal != nil && !s.Principal.include(r.Principal),
		s.NotPrincipal != nil && s.NotPrincipal.include(r.Principal):
		return false
	}
	return !slices.ContainsFunc(s.Conditions, func(c Condition) bool { return !c.holds(r) })
}

func (p Principals) include(who Principal) bool {
	if p.Anyone {
		return true
	}
	if who.Service != "" && slices.Contains(p.Service, who.Service) ||
		who.Federated != "" && slices.Contains(p.Federated, who.Federated) {
		return true
	}
	return slices.ContainsFunc(p.AWS, func(name string) bool {
		account := strings.TrimSuffix(strings.TrimPrefix(name, "arn:aws:iam::"), ":root")
		return who.Account != "" && account == who.Account || slices.Contains(who.ARNs, name)
	})
}
