package iam

import (
	"strings"

	"apex/internal/api"
	"apex/internal/service/iam/policy"
	"apex/internal/store"
)

// TrustsCaller tells whether a role lets the one who calls take it on by an
// action such as "sts:AssumeRole", with the tags and ids that the call gives.
func TrustsCaller(r store.Reader, role Role, action string, call *api.Call, in any) bool {
	c, err := callerOf(r, call.Principal)
	if err != nil {
		return false
	}
	return trusts(r, role, action, call, in, c, nil)
}

// TrustsFederated tells whether a role lets somebody take it on whom an identity
// provider vouches for. The keys are what the provider says, in lower case.
func TrustsFederated(r store.Reader, role Role, action string, call *api.Call, in any, provider string, keys map[string][]string) bool {
	c := caller{principal: policy.Principal{Federated: provider}}
	return trusts(r, role, action, call, in, c, keys)
}

func trusts(r store.Reader, role Role, action string, call *api.Call, in any, c caller, keys map[string][]string) bool {
	document, err := policy.Compiled(role.Spec.Trust)
	if err != nil {
		return false // IAM takes no document that does not parse
	}
	account, _, _ := strings.Cut(role.Key, "/")
	found := findRole(role, action)
	found.Account = account
	ring := &keyring{call: call, in: in, caller: &c, action: action, resource: &found, extra: keys}
	request := policy.Request{Action: action, Resource: role.Spec.ARN, Principal: c.principal, Context: ring}
	return policy.EvaluateResource(policy.Named{Name: role.Spec.Name, Document: document}, request).Allowed
}
