package iam

import (
	"context"
	"net/http"

	"apex/internal/api"
	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/service/iam/policy"
	"apex/internal/store"
)

// actionPrefixes are the services whose actions are not named by their signing
// name (Service authorization reference).
var actionPrefixes = map[string]string{"monitoring": "cloudwatch"}

// open are the actions that every caller may take (STS API reference).
var open = map[string]bool{"sts:GetCallerIdentity": true, "sts:GetSessionToken": true, "sts:GetAccessKeyInfo": true}

// byToken are the actions that a caller may take who signs nothing: the links in
// what SNS sends carry a token, or the name of a subscription that nobody guesses;
// a web identity brings a token of its own.
var byToken = map[string]bool{
	"sns:ConfirmSubscription": true, "sns:Unsubscribe": true, "sts:AssumeRoleWithWebIdentity": true, "sts:AssumeRoleWithSAML": true,
}

// acrossAccounts are the services whose resources other accounts can reach: there
// the administrator, too, needs the owner's word.
var acrossAccounts = map[string]bool{"s3": true}

// passRole is the action of handing a role to a service.
const passRole = "iam:PassRole"

// Authorize answers AWS's access-denied error unless the policies that speak on
// the call allow it: the caller's, its boundary's, its session's and the
// resource's. The account's administrator may do everything.
func (s *Service) Authorize(_ context.Context, call *api.Call, in any) error {
	action := actionOf(call.Route)
	if call.Principal.Root && !acrossAccounts[call.Route.Service.SigningName] || open[action] || call.Principal.ARN == "" && byToken[action] {
		return nil
	}
	snap := s.store.Snapshot()
	c, err := callerOf(snap, call.Principal)
	ring := keyring{call: call, in: in, caller: &c}
	if err != nil {
		return s.refuse(call, denial{call.Principal.ARN, action, anyResource, policy.Decision{Kind: policy.OfIdentity}})
	}
	for _, d := range demandsOf(snap, call, action, in) {
		ring.extra = d.keys
		if decision, resource := s.decide(snap, &c, d, &ring); !decision.Allowed {
			return s.refuse(call, denial{call.Principal.ARN, d.action, resource, decision})
		}
	}
	for _, role := range passedRoles(snap, call, in) {
		ring.extra = map[string][]string{"iam:passedtoservice": {passedToService(call)}}
		d := demand{action: passRole, resource: role}
		if decision, resource := s.decide(snap, &c, d, &ring); !decision.Allowed {
			return s.refuse(call, denial{call.Principal.ARN, passRole, resource, decision})
		}
	}
	return nil
}

// decide decides on one demand and returns the resource's full name.
func (s *Service) decide(r store.Reader, c *caller, d demand, ring *keyring) (policy.Decision, string) {
	found := s.find(r, d.resource, d.action)
	ring.resource, ring.action = &found, d.action
	on := policy.Resource{Account: found.Account, Required: found.Required}
	if found.Policy != "" {
		document, err := policy.Compiled(found.Policy)
		if err != nil {
			return policy.Decision{Kind: policy.OfResource}, found.ARN // a deny could be in it
		}
		on.Policy = &policy.Named{Name: found.ARN, Document: document}
	}
	if ring.call.Principal.Root && (on.Account == "" || on.Account == c.principal.Account) {
		return policy.Decision{Allowed: true}, found.ARN // no policy restricts the administrator
	}
	request := policy.Request{Action: d.action, Resource: found.ARN, Principal: c.principal, Context: ring}
	return policy.Decide(&c.identity, on, request), found.ARN
}

// find returns what is known of the resource that a demand names.
func (s *Service) find(r store.Reader, name, action string) service.Resource {
	if name == anyResource || action == "s3:CreateBucket" { // a bucket that is to be is nobody's
		return service.Resource{ARN: name}
	}
	a, err := arn.Parse(name)
	if err != nil {
		return service.Resource{ARN: name}
	}
	var found service.Resource
	if finder := s.finders[a.Service]; finder != nil {
		found, _ = finder(r, a)
	} else if a.Service == "iam" {
		found = findIdentity(r, a, action)
	}
	if found.ARN == "" {
		found.ARN = name
	}
	if found.Account == "" && a.Account != awsAccount {
		found.Account = a.Account
	}
	return found
}

// Allowed answers AWS's access-denied error unless a service may do what it asks
// with a role's rights, or in its own name.
func (s *Service) Allowed(r store.Reader, ask service.Ask) error {
	call := &api.Call{Account: ask.Account, Region: ask.Region, Principal: ask.Principal, Now: s.now()}
	who, c := ask.Principal.ARN, caller{}
	if ask.Service != "" {
		who, c.principal = ask.Service, policy.Principal{Service: ask.Service}
	} else {
		var err error
		if c, err = callerOf(r, ask.Principal); err != nil {
			return accessDenied(denial{who, ask.Action, ask.Resource, policy.Decision{Kind: policy.OfIdentity}})
		}
	}
	ring := keyring{call: call, caller: &c, extra: ask.Keys, service: ask.Service}
	decision, resource := s.decide(r, &c, demand{action: ask.Action, resource: ask.Resource}, &ring)
	if decision.Allowed {
		return nil
	}
	return accessDenied(denial{who, ask.Action, resource, decision})
}

func accessDenied(d denial) *api.Error {
	return api.Errorf("AccessDeniedException", http.StatusBadRequest, "%s", d)
}

func actionOf(op api.OperationInfo) string {
	prefix := op.Service.SigningName
	if p, ok := actionPrefixes[prefix]; ok {
		prefix = p
	}
	return prefix + ":" + op.Name
}
