package sts

import (
	"apex/internal/api"
	"apex/internal/api/stsapi"
	"apex/internal/service/iam"
	"apex/internal/store"
)

// maxSessionPolicies is the most characters that a session's policies have
// together (API AssumeRole, Policy), and maxManaged how many may be named.
const (
	maxSessionPolicies = 2048
	maxManaged         = 10
)

// limit puts policies upon a session: it may do no more than one of them allows.
// It returns how full the room for them is, in per cent.
func limit(r store.Reader, session *api.Session, account string, inline *string, managed []stsapi.PolicyDescriptorType) (*int64, error) {
	if inline == nil && len(managed) == 0 {
		return nil, nil
	}
	if len(managed) > maxManaged {
		return nil, invalid("PolicyArns: a session has at most %d managed policies", maxManaged)
	}
	session.Limited = true
	size := 0
	if inline != nil {
		if err := iam.CheckSessionPolicy(*inline); err != nil {
			return nil, stsapi.NewMalformedPolicyDocumentException("%v", err)
		}
		session.Policies, size = append(session.Policies, *inline), len(*inline)
	}
	for _, p := range managed {
		document, err := iam.ManagedDocument(r, account, api.Val(p.Arn))
		if err != nil {
			return nil, invalid("Policy %s does not exist.", api.Val(p.Arn))
		}
		session.Policies, size = append(session.Policies, document), size+len(api.Val(p.Arn))
	}
	if size > maxSessionPolicies {
		return nil, stsapi.NewPackedPolicyTooLargeException("Packed size of session policies and tags consumes %d%% of allotted space.", size*100/maxSessionPolicies)
	}
	percent := int64(size * 100 / maxSessionPolicies)
	return &percent, nil
}
