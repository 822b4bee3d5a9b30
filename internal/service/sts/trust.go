package sts

import (
	"fmt"
	"net/netip"

	"apex/internal/api"
	"apex/internal/arn"
	"apex/internal/service/iam"
	"apex/internal/service/iam/policy"
	"apex/internal/store"
)

// TrustsService answers an error unless the role lets an AWS service, such as
// "ecs-tasks.amazonaws.com", take it on for the sake of a resource: a role that
// names another resource or account in its conditions is not lent to it (the
// confused deputy).
func TrustsService(r store.Reader, roleARN, service, source string) error {
	role, ok := roleOf(r, roleARN)
	if !ok {
		return fmt.Errorf("assume role %s: there is no such role", roleARN)
	}
	if !trusts(role, policy.Request{Action: "sts:AssumeRole", Principal: policy.Principal{Service: service}, Context: sourceKeys(source)}) {
		return fmt.Errorf("assume role %s: its trust policy does not allow %s", roleARN, service)
	}
	return nil
}

// trustsCaller tells whether the role lets the caller take it on.
func trustsCaller(r store.Reader, role iam.Role, call *api.Call, context map[string][]string) bool {
	return trusts(role, policy.Request{
		Action:    "sts:AssumeRole",
		Principal: policy.Principal{Account: call.Account, ARNs: callerARNs(r, call)},
		Context:   policy.Keys(context),
	})
}

func trusts(role iam.Role, request policy.Request) bool {
	document, err := policy.Compiled(role.Spec.Trust)
	if err != nil {
		return false // IAM takes no document that does not parse
	}
	return policy.EvaluateResource(policy.Named{Name: role.Spec.Name, Document: document}, request).Allowed
}

// contextOf returns the condition keys of an AssumeRole call.
func contextOf(call *api.Call, externalID, session string) map[string][]string {
	keys := map[string][]string{
		"aws:principalarn":     {call.Principal.ARN},
		"aws:principalaccount": {call.Account},
		"aws:userid":           {call.Principal.ID},
		"sts:rolesessionname":  {session},
	}
	if externalID != "" {
		keys["sts:externalid"] = []string{externalID}
	}
	if call.SourceIP != (netip.Addr{}) {
		keys["aws:sourceip"] = []string{call.SourceIP.String()}
	}
	return keys
}

// sourceKeys are the condition keys of a call that a service makes for the sake of
// a resource.
func sourceKeys(source string) policy.Keys {
	a, err := arn.Parse(source)
	if err != nil {
		return nil
	}
	return policy.Keys{"aws:sourcearn": {source}, "aws:sourceaccount": {a.Account}, "aws:principalisawsservice": {"true"}}
}
