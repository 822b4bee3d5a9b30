package iam

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/arn"
	"apex/internal/service/iam/policy"
	"apex/internal/store"
)

// actionPrefixes are the services whose actions are not named by their signing
// name (Service authorization reference).
var actionPrefixes = map[string]string{"monitoring": "cloudwatch"}

// open are the actions that every caller may take (STS API reference).
var open = map[string]bool{"sts:GetCallerIdentity": true, "sts:GetSessionToken": true, "sts:GetAccessKeyInfo": true}

// byToken are the actions that a caller may take who signs nothing: the links in
// what SNS sends carry a token, or the name of a subscription that nobody guesses.
var byToken = map[string]bool{"sns:ConfirmSubscription": true, "sns:Unsubscribe": true}

// passRole is the action of handing a role to a service.
const passRole = "iam:PassRole"

// Authorize answers AWS's access-denied error unless the caller's policies allow
// the call. The account's administrator may do everything.
func (s *Service) Authorize(_ context.Context, call *api.Call, in any) error {
	action := actionOf(call.Route)
	if call.Principal.Root || open[action] || call.Principal.ARN == "" && byToken[action] {
		return nil
	}
	snap := s.store.Snapshot()
	id, err := identityOf(snap, call.Principal)
	if err != nil {
		return denied(call, action, "*", policy.Decision{})
	}
	keys := contextOf(call)
	for _, resource := range resourcesOf(snap, call, in) {
		r := policy.Request{Action: action, Resource: resource, Context: keys}
		if d := id.Evaluate(r); !d.Allowed {
			return denied(call, action, resource, d)
		}
	}
	for _, role := range passedRoles(snap, call, in) {
		keys["iam:passedtoservice"] = []string{passedToService(call)}
		r := policy.Request{Action: passRole, Resource: role, Context: keys}
		if d := id.Evaluate(r); !d.Allowed {
			return denied(call, passRole, role, d)
		}
	}
	return nil
}

func actionOf(op api.OperationInfo) string {
	prefix := op.Service.SigningName
	if p, ok := actionPrefixes[prefix]; ok {
		prefix = p
	}
	return prefix + ":" + op.Name
}

// contextOf gathers the global condition keys of a call.
func contextOf(call *api.Call) map[string][]string {
	c := map[string][]string{
		"aws:currenttime":      {call.Now.UTC().Format(time.RFC3339)},
		"aws:epochtime":        {fmt.Sprint(call.Now.Unix())},
		"aws:principalarn":     {call.Principal.ARN},
		"aws:principalaccount": {call.Account},
		"aws:userid":           {call.Principal.ID},
		"aws:requestedregion":  {call.Region},
		"aws:useragent":        {call.UserAgent},
		"aws:securetransport":  {"false"},
	}
	if call.SourceIP.IsValid() {
		c["aws:sourceip"] = []string{call.SourceIP.String()}
	}
	if name := userName(call.Principal.ARN); name != "" {
		c["aws:username"] = []string{name}
		c["aws:principaltype"] = []string{"User"}
	}
	return c
}

// denied says what was not allowed and why, in the code of the service's protocol.
func denied(call *api.Call, action, resource string, d policy.Decision) error {
	because := "because no identity-based policy allows the " + action + " action"
	if d.Explicit {
		because = "with an explicit deny in an identity-based policy"
	}
	message := fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s %s", call.Principal.ARN, action, resource, because)
	code, status := "AccessDenied", http.StatusForbidden
	switch call.Route.Service.Protocol {
	case api.EC2Query:
		code, message = "UnauthorizedOperation", "You are not authorized to perform this operation. "+message
	case api.JSON, api.RPCv2CBOR, api.RestJSON:
		code, status = "AccessDeniedException", http.StatusBadRequest
	}
	return api.Errorf(code, status, "%s", message)
}

// identityOf gathers what speaks for a principal: a user with groups, or the role
// that a session was made from.
func identityOf(r store.Reader, p api.Principal) (policy.Identity, error) {
	a, err := arn.Parse(p.ARN)
	if err != nil {
		return policy.Identity{}, err
	}
	kind, name, _ := strings.Cut(a.Resource, "/")
	switch kind {
	case "user":
		return userIdentity(r, a.Account, userName(p.ARN))
	case "role":
		return roleIdentity(r, a.Account, name[strings.LastIndex(name, "/")+1:])
	case "assumed-role":
		role, _, _ := strings.Cut(name, "/")
		return roleIdentity(r, a.Account, role)
	}
	return policy.Identity{}, fmt.Errorf("principal %s: neither user nor role", p.ARN)
}

func userIdentity(r store.Reader, account, name string) (policy.Identity, error) {
	u, ok := Users.Get(r, key(account, name))
	if !ok {
		return policy.Identity{}, fmt.Errorf("user %s: not found", name)
	}
	id, err := documents(r, account, u.Spec.Identity)
	for _, group := range u.Spec.Groups {
		if g, ok := Groups.Get(r, key(account, group)); ok && err == nil {
			var more policy.Identity
			more, err = documents(r, account, g.Spec)
			id.Policies = append(id.Policies, more.Policies...)
		}
	}
	return id, err
}

func roleIdentity(r store.Reader, account, name string) (policy.Identity, error) {
	role, ok := Roles.Get(r, key(account, name))
	if !ok {
		return policy.Identity{}, fmt.Errorf("role %s: not found", name)
	}
	return documents(r, account, role.Spec.Identity)
}

// documents reads an identity's policies. One that does not parse stops the
// evaluation: a deny could be in it.
func documents(r store.Reader, account string, id Identity) (policy.Identity, error) {
	var out policy.Identity
	add := func(name, text string) error {
		doc, err := policy.Parse(text)
		if err != nil {
			return fmt.Errorf("policy %s of %s: %w", name, id.ARN, err)
		}
		out.Policies = append(out.Policies, policy.Named{Name: name, Document: doc})
		return nil
	}
	for _, name := range inlineNames(id) {
		if err := add(name, id.Inline[name]); err != nil {
			return out, err
		}
	}
	for _, name := range id.Attached {
		p, err := managed(r, account, name)
		if err != nil {
			continue // deleted meanwhile: it allows nothing
		}
		if err := add(name, p.inForce()); err != nil {
			return out, err
		}
	}
	if id.Boundary != "" {
		p, err := managed(r, account, id.Boundary)
		if err != nil {
			return out, err
		}
		doc, err := policy.Parse(p.inForce())
		out.Boundary = &policy.Named{Name: id.Boundary, Document: doc}
		return out, err
	}
	return out, nil
}
