package sts

import (
	"fmt"

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

func trusts(role iam.Role, request policy.Request) bool {
	document, err := policy.Compiled(role.Spec.Trust)
	if err != nil {
		return false // IAM takes no document that does not parse
	}
	return policy.EvaluateResource(policy.Named{Name: role.Spec.Name, Document: document}, request).Allowed
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
