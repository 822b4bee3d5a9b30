package sts

import (
	"fmt"

	"apex/internal/api"
	"apex/internal/arn"
	"apex/internal/service/iam/policy"
	"apex/internal/store"
)

// ServiceSession returns who a service of AWS, such as "scheduler.amazonaws.com", is
// when it has taken on a role of its customer's for the resource source. It fails
// unless the role trusts it; trust policies often name the source or its account.
func ServiceSession(r store.Reader, roleARN, service, source, sessionName string) (api.Principal, error) {
	role, ok := roleOf(r, roleARN)
	if !ok {
		return api.Principal{}, fmt.Errorf("assume role %s: there is no such role", roleARN)
	}
	name, err := arn.Parse(source)
	if err != nil {
		return api.Principal{}, fmt.Errorf("assume role %s: %w", roleARN, err)
	}
	keys := policy.Keys{"aws:sourcearn": {source}, "aws:sourceaccount": {name.Account}}
	if !trusts(role, policy.Request{Action: "sts:AssumeRole", Principal: policy.Principal{Service: service}, Context: keys}) {
		return api.Principal{}, fmt.Errorf("assume role %s: its trust policy does not allow %s for %s", roleARN, service, source)
	}
	return api.Principal{ARN: sessionARN(role, name.Account, sessionName), ID: role.Spec.ID + ":" + sessionName}, nil
}
